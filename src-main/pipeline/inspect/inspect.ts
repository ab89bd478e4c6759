import { heldOutSets } from '../../encoding/protocol/heldOut.ts'
import { isCoupled } from '../../encoding/protocol/prepareEncoding.ts'
import { keptFor, scoreBy } from '../../encoding/protocol/scoreBy.ts'
import type { EncodingKeep } from '../../encoding/protocol/options.ts'
import { HeschlError } from '../../errors.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { meanOverFolds, pickMoments, ScoreParts } from '../../scoring/index.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext, StepResult } from '../context.ts'
import { stretchesOf } from '../encodingModel.ts'
import { foldsOf, regressorsOf, runLengths } from '../fits.ts'
import type { Computing } from '../fits.ts'
import { lagsOf } from '../lags.ts'
import { checkMemory } from '../memory.ts'
import { writtenOut } from '../../encoding/primal/prepareSolver.ts'
import type { ResponseCache } from '../responseCache.ts'
import type { FitTask, InspectTask } from '../tasks.ts'
import type { KeptRidges } from './keptRidges.ts'
import { readTargets } from './readTargets.ts'

/** Windows of each kind that are told. */
const moments = 6

/** What `computeInspect` says beside its arrays. */
export interface InspectFacts {
  /** Samples of each run. */
  readonly runs: readonly number[]
  /** Samples of a window, by run. */
  readonly windows: readonly number[]
  readonly moments: ReturnType<typeof pickMoments>
  /** Targets that have a score. */
  readonly scored: number
}

/**
 * Held-out predictions of some targets at the alphas that a fit has chosen, and which samples their score is made of. Of
 * several targets the means: of what was measured and predicted, of contributions and of what scores lose.
 *
 * Nothing is chosen anew: an inverse is computed for each alpha that a fold of these targets has, and kept (KeptRidges).
 * Products have the same width for any number of targets, so predictions have the bits that the fit's own had.
 *
 * Arrays: `measured`, `predicted` (NaN where no fold holds out), `contribution`, `drop` (of the window that begins there;
 * NaN where none does) and `fold` (−1: none) [n_samples]; `r` [targets] by the encoding model's measure; `foldScore` and
 * `foldSamples` [folds]; with `weights` also `weight` and `spread` (SD over samples) [n_features].
 *
 * @throws HeschlError OPTION_INVALID where it needs too much memory, or weights are asked for that there are not; as
 *   `computeFit`
 */
export async function computeInspect(
  task: InspectTask,
  kept: KeptRidges,
  responses: ResponseCache,
  computing: Computing,
  context: StepContext,
): Promise<StepResult> {
  const { fit, targets, alpha } = task
  const { encoding } = fit
  const weights = task.weights === true
  if (weights && encoding.pcaY !== 'none')
    throw new HeschlError(
      'OPTION_INVALID',
      'Weights of one vertex are not computed with components of the recordings',
      {
        expected: 'encoding.pcaY: none',
        found: `encoding.pcaY: ${encoding.pcaY}`,
        remedy: 'heschl export --what weights writes the weights of all vertices',
      },
    )
  const runs = runLengths(fit)
  const samples = runs.reduce((sum, length) => sum + length, 0)
  const folds = scoredSamples(fit, runs, samples)
  const coupled = isCoupled({ alpha: 'per-target', pcaY: encoding.pcaY })
  const y = await readTargets(fit, targets, responses, context)
  context.progress({ fraction: 0.1 })
  throwIfCancelled(context)
  const problem = await kept.get(fit, computing, context, weights)
  const watch = {
    cancelled: context.cancelled,
    onProgress: (share: number) => context.progress({ fraction: 0.1 + 0.85 * share }),
  }
  const keep: EncodingKeep = { ...keptFor(encoding.score), predictions: true, weights }
  let predicted: Float32Array
  let scores: Float32Array
  let weight: Float32Array | undefined
  try {
    if (coupled) {
      const found = await allTargets(task, kept, responses, context, (all) =>
        problem.score(all, watch, { ...keep, given: alpha }, fit.components),
      )
      predicted = pickColumns(found.predicted, samples, found.width, targets)
      scores = found.scores(y, predicted)
    } else {
      const given = columnsOfAlpha(alpha, folds.length, targets)
      const found = await problem.score(y, watch, { ...keep, given })
      predicted = found.predictions!
      scores = scoreBy(found, encoding.score)
      weight = found.weights
    }
  } finally {
    kept.trim(problem)
  }
  const parts = taken(task, { y, predicted, folds, runs })
  const arrays = [
    ...parts.arrays,
    { name: 'r', shape: [targets.length], data: meanOverFolds(scores, scores.length / targets.length) },
  ]
  if (weight) arrays.push(...weightArrays(task, weight, parts.usable))
  const facts: InspectFacts = { runs, windows: parts.windows, moments: parts.moments, scored: parts.usable.length }
  context.progress({ fraction: 1 })
  return { arrays, provenance: { ...facts } }
}

/** Samples that each fold predicts: a gap about them is held out and not scored. */
function scoredSamples(fit: FitTask, runs: readonly number[], samples: number): readonly Uint32Array[] {
  return heldOutSets(foldsOf(fit, runs), samples).map(({ samples: all, scored }) =>
    scored ? all.filter((i) => i >= scored.start && i < scored.end) : all,
  )
}

/** [folds, targets] of the alphas of all of a fit's targets. */
function columnsOfAlpha(alpha: Uint8Array, folds: number, targets: Uint32Array): Uint8Array {
  const width = alpha.length / folds
  const out = new Uint8Array(folds * targets.length)
  for (let fold = 0; fold < folds; fold++)
    for (const [t, target] of targets.entries()) out[fold * targets.length + t] = alpha[fold * width + target]
  return out
}

/** Columns of [rows, width]. */
function pickColumns(data: Float32Array, rows: number, width: number, columns: Uint32Array): Float32Array {
  const out = new Float32Array(rows * columns.length)
  for (let i = 0; i < rows; i++)
    for (const [c, column] of columns.entries()) out[i * columns.length + c] = data[i * width + column]
  return out
}

/** Where targets hang together by components of the recordings, all are predicted, and kept for the next. */
async function allTargets(
  { fit, alpha }: InspectTask,
  kept: KeptRidges,
  responses: ResponseCache,
  context: StepContext,
  score: (y: Matrix32) => Promise<{ readonly predictions?: Float32Array }>,
) {
  const width = fit.vertices.left + fit.vertices.right
  const samples = runLengths(fit).reduce((sum, length) => sum + length, 0)
  checkMemory(
    'Predictions of all vertices',
    3 * 4 * width * samples,
    'Close other programs, or look at a shorter study',
  )
  const name = JSON.stringify([fit.designKey, fit.subject, fit.recordings, fit.encoding, [...alpha.subarray(0, 64)]])
  const predicted = await kept.predictions(name, async () => {
    const all = Uint32Array.from({ length: width }, (_, i) => i)
    const found = await score(await readTargets(fit, all, responses, context))
    return found.predictions!
  })
  const scores = (y: Matrix32, own: Float32Array) => scoresOf(fit, y, own)
  return { predicted, width, scores }
}

/** [1, targets] from predictions: what the fit's own scores are but for the rounding of predictions to float32. */
function scoresOf(fit: FitTask, y: Matrix32, predicted: Float32Array): Float32Array {
  const runs = runLengths(fit)
  const folds = scoredSamples(fit, runs, y.rows)
  return Float32Array.from({ length: y.cols }, (_, t) => {
    const column = (data: Float32Array) => Float32Array.from({ length: y.rows }, (__, i) => data[i * y.cols + t])
    const [measured, own] = [column(y.data), column(predicted)]
    if (own.every((value) => Number.isNaN(value))) return NaN
    return new ScoreParts({ measured, predicted: own, folds }, fit.encoding.score).score
  })
}

interface Series {
  readonly y: Matrix32
  readonly predicted: Float32Array
  readonly folds: readonly Uint32Array[]
  readonly runs: readonly number[]
}

/** Means over the targets that have a score. */
function taken({ fit, window }: InspectTask, { y, predicted, folds, runs }: Series) {
  const n = y.rows
  const fold = new Int32Array(n).fill(-1)
  for (const [index, set] of folds.entries()) for (const i of set) fold[i] = index
  const windows = fit.recordings.map(({ tr }, run) => Math.min(runs[run], Math.max(1, Math.round(window / tr))))
  const runOf = stretchesOf(runs).flatMap(({ start, end }, run) => new Array<number>(end - start).fill(run))
  const ends = stretchesOf(runs).map(({ end }) => end)
  const measured = new Float64Array(n)
  const mean = new Float64Array(n)
  const contribution = new Float64Array(n)
  const drop = new Float64Array(n)
  const foldScore = new Float64Array(folds.length)
  const usable: number[] = []
  for (let t = 0; t < y.cols; t++) {
    const own = Float64Array.from({ length: n }, (_, i) => y.data[i * y.cols + t])
    const guess = Float64Array.from({ length: n }, (_, i) => predicted[i * y.cols + t])
    if (folds.every((set) => set.every((i) => Number.isNaN(guess[i])))) continue
    usable.push(t)
    const parts = new ScoreParts({ measured: own, predicted: guess, folds }, fit.encoding.score)
    const each = parts.contributions()
    for (let i = 0; i < n; i++) {
      measured[i] += own[i]
      mean[i] += guess[i]
      contribution[i] += each[i]
      const to = i + windows[runOf[i]]
      drop[i] += to <= ends[runOf[i]] ? parts.drop(i, to) : NaN
    }
    for (const [index, set] of folds.entries())
      foldScore[index] += new ScoreParts(
        { measured: own, predicted: guess, folds: [set] },
        { ...fit.encoding.score, over: 'folds' },
      ).score
  }
  const count = usable.length
  const over = (values: Float64Array) => values.map((value) => value / count)
  const drops = over(drop)
  const predictions = over(mean)
  const line = (name: string, data: Float32Array | Float64Array | Int32Array) => ({ name, shape: [data.length], data })
  return {
    usable,
    windows,
    moments: pickMoments(drops, (i) => windows[runOf[i]], moments),
    arrays: [
      line('measured', Float32Array.from(over(measured))),
      line(
        'predicted',
        Float32Array.from(predictions, (value, i) => (fold[i] < 0 ? NaN : value)),
      ),
      line('contribution', over(contribution)),
      line('drop', drops),
      line('fold', fold),
      line('foldScore', over(foldScore)),
      line(
        'foldSamples',
        Int32Array.from(folds, ({ length }) => length),
      ),
    ],
  }
}

/** Of the features as the regression has them, the mean over targets; and their SDs over samples. */
function weightArrays({ fit, targets }: InspectTask, weight: Float32Array, usable: readonly number[]) {
  const { x, runs } = regressorsOf(fit)
  const features = writtenOut(lagsOf(x, fit.encoding.hrf, runs, fit.recordings))
  const mean = new Float64Array(features.cols)
  for (let j = 0; j < features.cols; j++)
    for (const t of usable) mean[j] += weight[j * targets.length + t] / usable.length
  return [
    { name: 'weight', shape: [mean.length], data: mean },
    { name: 'spread', shape: [mean.length], data: columnSpreads(features) },
  ]
}

/** [n_features] population SD. */
function columnSpreads({ data, rows, cols }: Matrix32): Float64Array {
  const mean = new Float64Array(cols)
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) mean[j] += data[i * cols + j] / rows
  const square = new Float64Array(cols)
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) square[j] += (data[i * cols + j] - mean[j]) ** 2 / rows
  return square.map(Math.sqrt)
}
