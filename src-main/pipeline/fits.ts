import { HeschlError } from '../errors.ts'
import { contiguousFolds } from '../encoding/folds.ts'
import type { Fold } from '../encoding/folds.ts'
import { logspace, prepareRidge } from '../encoding/ridge.ts'
import type { RidgeOptions, RidgeProblem } from '../encoding/ridge.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { meanOverFolds, standardizeColumns } from '../scoring/index.ts'
import { cleaningOf, trimRows } from './cleanRun.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { stackRows } from './responseCache.ts'
import type { ResponseCache } from './responseCache.ts'
import type { FitTask } from './tasks.ts'
import { notComputed } from './uncomputed.ts'

/** What fits are computed with. */
export type Computing = Pick<RidgeOptions, 'gemm' | 'threads'>

/** What depends on X alone, kept for the next subject who heard the same (DESIGN: idea 3). */
export class SharedRidge {
  #key = ''
  #problem: RidgeProblem | undefined

  async get(task: FitTask, computing: Computing, watch: { cancelled(): boolean }): Promise<RidgeProblem> {
    const { folds, alphas, selection, trim, standardizeX } = task.encoding
    const key = JSON.stringify([task.designKey, folds, alphas, selection, trim, standardizeX])
    if (this.#problem && key === this.#key) return this.#problem
    this.#problem = undefined
    const runs = task.designs.map((run) => trimRows(run, trim))
    const x = stackRows(standardizeX === 'per-run' ? runs.map((run) => standardizeColumns(run)) : runs)
    const grid = logspace(alphas.from, alphas.to, alphas.count)
    if (selection === 'runs') throw notComputed('selection', selection)
    const options = { folds: foldsOf(folds, runs), alphas: grid, selection, ...computing }
    this.#problem = await prepareRidge(x, options, watch)
    this.#key = key
    return this.#problem
  }
}

/** The held-out samples of each fold of the concatenated runs. */
function foldsOf(folds: FitTask['encoding']['folds'], runs: readonly Matrix32[]): readonly Fold[] {
  const total = runs.reduce((sum, { rows }) => sum + rows, 0)
  if (typeof folds === 'object') throw notComputed('folds', folds)
  if (folds !== 'runs') return contiguousFolds(total, folds)
  let end = 0
  return runs.map(({ rows }) => ({ start: end, end: (end += rows) }))
}

/**
 * One layer on one subject: r [targets] (mean of the folds' Pearson r) and alpha [folds, targets] (index).
 * @throws HeschlError SHAPE_MISMATCH, NUMERICAL where no target can be scored
 */
export async function computeFit(
  task: FitTask,
  shared: SharedRidge,
  responses: ResponseCache,
  computing: Computing,
  context: StepContext,
): Promise<StepResult> {
  const runs = await responses.runs(task.subject, task.recordings, task.vertices, cleaningOf(task.encoding))
  const { trim } = task.encoding
  for (const [i, run] of runs.entries())
    if (run.rows !== task.designs[i].rows - trim.start - trim.end)
      throw new HeschlError('SHAPE_MISMATCH', 'A recording changed length since it was planned', {
        where: { subject: task.subject, stimulus: task.recordings[i].stimulus },
        expected: `${task.designs[i].rows - trim.start - trim.end} volumes`,
        found: `${run.rows}`,
        remedy: 'Run again: the plan is made anew',
      })
  throwIfCancelled(context)
  const y = stackRows(runs)
  const problem = await shared.get(task, computing, context)
  throwIfCancelled(context)
  const began = performance.now()
  const { r, alpha } = await problem.score(y, {
    onProgress: (fraction) => {
      const rate = (fraction * y.cols) / ((performance.now() - began) / 1000)
      context.progress({ fraction, rate: `${Math.round(rate).toLocaleString('en')} vertices/s` })
    },
    cancelled: context.cancelled,
  })
  const folds = r.length / y.cols
  const mean = meanOverFolds(r, folds)
  const unscored = mean.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0)
  if (unscored === mean.length)
    throw new HeschlError('NUMERICAL', 'No vertex of this subject can be scored', {
      where: { subject: task.subject },
      expected: 'responses that vary over time',
      found: `${mean.length.toLocaleString('en')} vertices that are constant or hold NaN`,
      remedy: 'Look at the recording: it may be masked, empty or of another run',
    })
  return {
    arrays: [
      { name: 'r', shape: [mean.length], data: mean },
      { name: 'alpha', shape: [folds, mean.length], data: alpha },
    ],
    provenance: { provider: computing.gemm.provider, targets: mean.length, unscoredTargets: unscored, volumes: y.rows },
  }
}
