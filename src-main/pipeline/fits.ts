import { HeschlError } from '../errors.ts'
import type { HeldOut } from '../encoding/protocol/heldOut.ts'
import type { EncodingProblem, EncodingScores } from '../encoding/protocol/options.ts'
import { FeatureLevels } from '../encoding/levels.ts'
import { isCoupled, prepareCumulative, prepareEncoding } from '../encoding/protocol/prepareEncoding.ts'
import { keptFor, scoreBy } from '../encoding/protocol/scoreBy.ts'
import type { ScoreBy } from '../encoding/protocol/scoreBy.ts'
import { logspace } from '../encoding/ridge.ts'
import type { Watch } from '../encoding/score.ts'
import type { RidgeOptions } from '../encoding/ridge.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { meanOverFolds } from '../scoring/index.ts'
import { shifted, shiftsOf } from './chance.ts'
import { trimRows } from './cleanRun.ts'
import { throwIfCancelled } from './context.ts'
import type { NamedArray, StepContext, StepResult } from './context.ts'
import { encodingOptions, gapSamples, heldOutOf, scaleByRun, stretchesOf } from './encodingModel.ts'
import { lagsOf } from './lags.ts'
import { bytesAtRest, defaultMemory } from './memory.ts'
import { Recordings } from './recordings.ts'
import { sideBySide } from './responses.ts'
import { stackRows } from './responseCache.ts'
import type { ResponseCache } from './responseCache.ts'
import { batchesOf, joinStripes, stripesOf, stripeWidth } from './stripes.ts'
import type { FitTask } from './tasks.ts'

/** What fits are computed with. */
export type Computing = Pick<RidgeOptions, 'gemm' | 'threads' | 'lazy'>

/** Bytes that folds prepared one by one may take, so that the next subject is scored without preparing them again. */
const keepBytes = 1e9

/** What depends on X alone, kept for the next subject who heard the same (DESIGN: idea 3), or for the next layer. */
export class SharedRidge {
  #key = ''
  #problem: EncodingProblem | undefined
  /** Of layers that are fitted together: those whose products are added up so far. */
  #levels: { readonly context: string; readonly names: string[]; readonly features: FeatureLevels } | undefined

  /** @param weights whether they will be asked for */
  async get(
    task: FitTask,
    computing: Computing,
    watch: { cancelled(): boolean },
    weights = false,
  ): Promise<EncodingProblem> {
    const { alphas: grid, ...said } = task.encoding
    const stimuli = task.recordings.map(({ stimulus }) => stimulus)
    const context = JSON.stringify([stimuli, task.encoding, weights])
    const key = `${task.designKey} ${context}`
    if (this.#problem && key === this.#key) return this.#problem
    this.#problem = undefined
    const runs = runLengths(task)
    const nSamples = runs.reduce((sum, length) => sum + length, 0)
    const options = encodingOptions(said, {
      folds: foldsOf(task, runs),
      alphas: logspace(grid.from, grid.to, grid.count),
      runs,
      weights,
    })
    const bounded = { ...computing, keepBytes }
    const levels = [...(task.before ?? []), task]
    const nFeatures = levels.reduce((sum, { designs }) => sum + designs[0].cols, 0)
    const added = () => this.#added(levels, context, task, computing, watch)
    if (levels.length > 1 && typeof said.hrf === 'string')
      this.#problem = await prepareCumulative(added, [nSamples, nFeatures], options, bounded, watch)
    if (!this.#problem) {
      const features = lagsOf(regressorsOf(task).x, said.hrf, runs, task.recordings)
      this.#problem = await prepareEncoding(features, options, bounded, watch)
    }
    this.#key = key
    return this.#problem
  }

  /** The sum of the layers' products; those that it has already, in this order, are not computed again. */
  async #added(
    levels: readonly Pick<FitTask, 'designKey' | 'designs'>[],
    context: string,
    { encoding }: FitTask,
    { gemm }: Computing,
    watch: { cancelled(): boolean },
  ): Promise<FeatureLevels> {
    const kept = this.#levels
    const goesOn =
      kept?.context === context &&
      kept.names.length <= levels.length &&
      kept.names.every((name, i) => name === levels[i].designKey)
    const now = goesOn ? kept : { context, names: [], features: new FeatureLevels(gemm, encoding.intercept) }
    // What is half added after a failure is not kept.
    this.#levels = undefined
    for (const { designKey, designs } of levels.slice(now.names.length)) {
      await now.features.add(regressorsOf({ designs, encoding }).x, watch)
      now.names.push(designKey)
    }
    this.#levels = now
    return now.features
  }

  /** What is kept may be gigabytes, and is of no use to other kinds of steps. */
  forget(): void {
    this.#problem = undefined
    this.#levels = undefined
  }
}

/** [runs]: the samples of each, trimmed. */
export function runLengths({ designs, encoding: { trim } }: FitTask): readonly number[] {
  return designs.map((run) => trimRows(run, trim).rows)
}

/**
 * The runs' regressors one after the other [samples, features], of all layers that are fitted together side by side;
 * trimmed, and scaled where runs are; and the runs' lengths.
 */
export function regressorsOf({ designs, before = [], encoding }: Pick<FitTask, 'designs' | 'before' | 'encoding'>): {
  readonly x: Matrix32
  readonly runs: readonly number[]
} {
  const whole = designs.map((own, run) => sideBySide([...before.map((layer) => layer.designs[run]), own]))
  const trimmed = whole.map((run) => trimRows(run, encoding.trim))
  const runs = trimmed.map(({ rows }) => rows)
  return { x: scaleByRun(stackRows(trimmed), encoding.standardizeX, runs), runs }
}

/**
 * What each of a subject's folds holds out.
 * @param runs samples of each run, trimmed
 */
export function foldsOf(
  { recordings, encoding: { folds, gap }, subject }: Pick<FitTask, 'recordings' | 'encoding' | 'subject'>,
  runs: readonly number[],
): readonly HeldOut[] {
  const stimuli = recordings.map(({ stimulus }) => stimulus)
  const held = typeof folds === 'object' ? heldOutStimuli(folds.splits, stimuli, runs, subject) : folds
  const nSamples = runs.reduce((sum, length) => sum + length, 0)
  return heldOutOf(held, nSamples, runs, gapSamples(gap, recordings[0].tr))
}

/** The samples of the stimuli that each fold holds out, every run of them. */
function heldOutStimuli(
  splits: readonly (readonly string[])[],
  stimuli: readonly string[],
  runs: readonly number[],
  subject: string,
): readonly (readonly number[])[] {
  const stretches = stretchesOf(runs)
  return splits.map((held, index) => {
    const missing = held.find((id) => !stimuli.includes(id))
    if (missing !== undefined)
      throw new HeschlError('STUDY_INVALID', `Fold ${index + 1} holds out a stimulus that this subject has not heard`, {
        where: { subject, stimulus: missing },
        expected: stimuli.join(', '),
        found: missing,
        remedy: 'Correct `encoding.folds`',
      })
    return stretches.flatMap(({ start, end }, run) =>
      held.includes(stimuli[run]) ? Array.from({ length: end - start }, (_, i) => start + i) : [],
    )
  })
}

/**
 * One layer on one subject: r [targets] (the mean over folds of the encoding model's score, or that over concatenated
 * predictions), alpha [folds, targets or components] (index), and of scores of chance, where they are asked for, their mean
 * over shifts [targets] (chance.ts). Targets are read as many at a time as fit the memory limit, scored a stripe at a time, and
 * kept a stripe at a time; all of them are one stripe where their scores depend on one another.
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
  const stripes = stripesOf(targets, isCoupled(task.encoding) ? targets : (width ?? stripeWidth(samples)))
  const { score, chance } = task.encoding
  const lengths = runLengths(task)
  const shifts = shiftsOf(chance, lengths, task.identity)
  const done = new Map(context.parts?.stored.map(({ place, arrays }) => [place, arrays]))
  const missing = stripes.filter(({ place }) => !done.has(place))
  const shiftedBytes = shifts.length === 0 ? 0 : 4 * samples * (stripes[0].to - stripes[0].from)
  const recordings = new Recordings(
    task,
    responses,
    (task.memory ?? defaultMemory()) - bytesAtRest - problem.bytes - shiftedBytes,
  )
  const began = performance.now()
  let scored = 0
  for (const batch of batchesOf(missing, recordings.most)) {
    const columns = await recordings.read({ from: batch[0].from, to: batch.at(-1)!.to }, context)
    for (const stripe of batch) {
      const { place, from, to } = stripe
      const start = performance.now()
      throwIfCancelled(context)
      const watch = (pass: number): Watch => ({
        onProgress: (part) => {
          const within = (pass + part) / (1 + shifts.length)
          const rate = (scored + within * (to - from)) / ((performance.now() - began) / 1000)
          const fraction = (from + within * (to - from)) / targets
          context.progress({ fraction, rate: `${Math.round(rate).toLocaleString('en')} vertices/s` })
        },
        cancelled: context.cancelled,
      })
      const y = columns(from, to)
      const scores = await problem.score(y, watch(0), keptFor(score), task.components)
      const moved: Float32Array[] = []
      for (const by of shifts) {
        const own = await problem.score(shifted(y, lengths, by), watch(moved.length + 1), keptFor(score))
        moved.push(meanScores(own, score))
      }
      const arrays = arraysOf(scores, score, moved)
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
      solvedFrom: problem.products,
      targets: mean.length,
      unscoredTargets: unscored,
      volumes: samples,
      stripes: { count: stripes.length, resumed: stripes.length - missing.length },
    },
  }
}

/** [n_targets], the mean over folds, or the score of all predictions together. */
export function meanScores(scores: EncodingScores, score: ScoreBy): Float32Array {
  const r = scoreBy(scores, score)
  return meanOverFolds(r, r.length / scores.nTargets)
}

/**
 * What is stored of a stripe: r [its targets], alpha [folds, its targets or components], chance [its targets].
 * @param moved of each shift, the scores of the responses moved in time
 */
function arraysOf(scores: EncodingScores, score: ScoreBy, moved: readonly Float32Array[]): readonly NamedArray[] {
  const { alpha, nTargets, nAlphas, heldOut } = scores
  const chance = Float32Array.from({ length: nTargets }, (_, t) => mean(moved.map((own) => own[t])))
  return [
    { name: 'r', shape: [nTargets], data: meanScores(scores, score) },
    { name: 'alpha', shape: [heldOut.length, nAlphas], data: alpha },
    ...(moved.length > 0 ? [{ name: 'chance', shape: [nTargets], data: chance }] : []),
  ]
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
