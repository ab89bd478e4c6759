import { HeschlError } from '../errors.ts'
import { contiguousFolds } from '../encoding/folds.ts'
import type { Fold } from '../encoding/folds.ts'
import { logspace, prepareRidge } from '../encoding/ridge.ts'
import type { RidgeOptions, RidgeProblem, RidgeScores } from '../encoding/ridge.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { meanOverFolds, standardizeColumns } from '../scoring/index.ts'
import { trimRows } from './cleanRun.ts'
import { throwIfCancelled } from './context.ts'
import type { NamedArray, StepContext, StepResult } from './context.ts'
import { bytesAtRest, defaultMemory } from './memory.ts'
import { Recordings } from './recordings.ts'
import { stackRows } from './responseCache.ts'
import type { ResponseCache } from './responseCache.ts'
import { batchesOf, joinStripes, stripesOf, stripeWidth } from './stripes.ts'
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
 * One layer on one subject: r [targets] (mean of the folds' Pearson r) and alpha [folds, targets] (index). Targets are
 * read as many at a time as fit the memory limit, scored a stripe at a time, and kept a stripe at a time.
 * @param width targets of a stripe
 * @throws HeschlError SHAPE_MISMATCH, NUMERICAL where no target can be scored
 */
export async function computeFit(
  task: FitTask,
  shared: SharedRidge,
  responses: ResponseCache,
  computing: Computing,
  context: StepContext,
  width?: number,
): Promise<StepResult> {
  const problem = await shared.get(task, computing, context)
  throwIfCancelled(context)
  const { vertices } = task
  const targets = vertices.left + vertices.right
  const samples = problem.nSamples
  const stripes = stripesOf(targets, width ?? stripeWidth(samples))
  const done = new Map(context.parts?.stored.map(({ place, arrays }) => [place, arrays]))
  const missing = stripes.filter(({ place }) => !done.has(place))
  const recordings = new Recordings(task, responses, (task.memory ?? defaultMemory()) - bytesAtRest - problem.bytes)
  const began = performance.now()
  let scored = 0
  for (const batch of batchesOf(missing, recordings.most)) {
    const columns = await recordings.read({ from: batch[0].from, to: batch.at(-1)!.to }, context)
    for (const stripe of batch) {
      const { place, from, to } = stripe
      const start = performance.now()
      throwIfCancelled(context)
      const scores = await problem.score(columns(from, to), {
        onProgress: (within) => {
          const rate = (scored + within * (to - from)) / ((performance.now() - began) / 1000)
          const fraction = (from + within * (to - from)) / targets
          context.progress({ fraction, rate: `${Math.round(rate).toLocaleString('en')} vertices/s` })
        },
        cancelled: context.cancelled,
      })
      const arrays = arraysOf(scores)
      done.set(place, arrays)
      scored += to - from
      if (stripes.length > 1) context.parts?.keep({ place, arrays }, (performance.now() - start) / 1000)
    }
  }
  const arrays = joinStripes(
    stripes.map(({ place }) => done.get(place)!),
    targets,
  )
  const mean = arrays[0].data
  let unscored = 0
  for (const value of mean) if (Number.isNaN(value)) unscored++
  if (unscored === mean.length)
    throw new HeschlError('NUMERICAL', 'No vertex of this subject can be scored', {
      where: { subject: task.subject },
      expected: 'responses that vary over time',
      found: `${mean.length.toLocaleString('en')} vertices that are constant or hold NaN`,
      remedy: 'Look at the recording: it may be masked, empty or of another run',
    })
  return {
    arrays,
    provenance: {
      provider: computing.gemm.provider,
      targets: mean.length,
      unscoredTargets: unscored,
      volumes: samples,
      stripes: { count: stripes.length, resumed: stripes.length - missing.length },
    },
  }
}

/** What is stored of a stripe: r [its targets], alpha [folds, its targets]. */
function arraysOf({ r, alpha, nTargets }: RidgeScores): readonly NamedArray[] {
  const folds = r.length / nTargets
  return [
    { name: 'r', shape: [nTargets], data: meanOverFolds(r, folds) },
    { name: 'alpha', shape: [folds, nTargets], data: alpha },
  ]
}
