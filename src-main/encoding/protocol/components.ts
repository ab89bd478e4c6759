/** Components of Y stand for its targets: fitted on a fold's training samples, predicted, and turned back. */
import { HeschlError } from '../../errors.ts'
import { foldComponents, type FoldComponents } from '../foldComponents.ts'
import { foldScore, keepPredicted, keeps } from '../foldScore.ts'
import { scoredPart, type Fold } from '../folds.ts'
import type { Gemm } from '../../linalg/gemm.ts'
import { zeros32, zeros64, type Matrix32, type Matrix64 } from '../../linalg/matrix.ts'
import type { RidgeProblem, RidgeScores } from '../ridge.ts'
import { pauser, type Watch } from '../score.ts'
import { createScores } from '../scoreJob.ts'
import type { Keep } from '../solver.ts'
import type { Arrangement } from './heldOut.ts'
import type { EncodingOptions } from './options.ts'
import { scoreRidge } from './sharedAlpha.ts'

/** Targets that are turned back at a time. */
const panel = 480
/** Share of a prediction's possible size below which its variation is rounding error. */
const resolution = 1e-6

/** Scores of targets; `alpha` [folds, components]; `weights` [n_features, n_targets], averaged over folds. */
interface ComponentScores {
  readonly targets: RidgeScores
  readonly alpha: Uint8Array
  readonly weights: Float32Array | undefined
}

/**
 * Components of each fold's training samples of the targets that can be scored.
 * @param y [n_samples, n_targets]
 * @param sets samples that each fold holds out
 * @throws HeschlError OPTION_INVALID, CANCELLED
 */
export function targetComponents(
  y: Matrix32,
  sets: readonly Uint32Array[],
  count: number,
  gemm: Gemm,
  watch: Watch,
): Promise<FoldComponents> {
  return foldComponents(without(y, scorable(y)), sets, count, gemm, pauser(watch), watch.onProgress)
}

/** What components are scored with. */
export interface ComponentScoring {
  readonly options: Pick<EncodingOptions, 'alpha' | 'alphas'>
  readonly gemm: Gemm
  readonly watch: Watch
  /** `given` [folds, components]. */
  readonly keep: Pick<Keep, 'r2' | 'moments' | 'predictions' | 'given'>
  /** [n_features, cols] of dual coefficients [n_samples, cols], where weights are asked for. */
  readonly primal?: (duals: Float64Array, cols: number) => Promise<Float32Array>
}

/**
 * Scores folds by way of principal components of Y: scikit-learn's PCA fitted on the training samples of the targets
 * that can be scored, a ridge a component, `inverse_transform` of the predictions, each target against its own samples.
 * The components of all folds are scored as targets of one problem, each in its own fold. Costs 2 · components
 * operations a sample, fold and target for the loadings, and as many a held-out sample for the predictions.
 *
 * @param problem of these folds
 * @param y [n_samples, n_targets] in the order of the problem
 * @param components of these folds, in the order of the recording
 */
export async function scoreComponents(
  problem: RidgeProblem,
  y: Matrix32,
  { folds, order }: Arrangement,
  components: FoldComponents,
  { options, gemm, watch, keep, primal }: ComponentScoring,
): Promise<ComponentScores> {
  const pause = pauser(watch)
  const { count, sizes, vectors } = components
  if (vectors.cols !== y.rows || vectors.rows !== folds.length * count) {
    throw new HeschlError('SHAPE_MISMATCH', 'The components are not those of these responses', {
      expected: `${folds.length} folds of ${y.rows} volumes`,
      found: `${vectors.rows / count} folds of ${vectors.cols} volumes`,
      remedy: 'Run again: the plan is made anew',
    })
  }
  const scores = createScores(y, { folds, alphas: options.alphas }, keep)
  const columns = columnsOf(components, order)
  const own = Uint8Array.from(sizes, (_, column) => Math.floor(column / count))
  const given = keep.given && givenColumns(keep.given, own, columns.cols)
  const asked = { predictions: true, duals: primal !== undefined, own, ...(given && { given }) }
  const report = (fraction: number) => watch.onProgress?.(0.8 * fraction)
  const found = await scoreRidge(problem, columns, options, { ...watch, onProgress: report }, asked)
  const predicted = folds.map((fold, index) => heldOutPredictions(found, fold, index * count, count))
  // Nothing is fitted to components beyond a fold's rank.
  const duals = found.duals?.map((value) => (Number.isNaN(value) ? 0 : value))
  const featureWeights = primal && duals && (await primal(duals, columns.cols))
  const weights = featureWeights && new Float32Array((featureWeights.length / columns.cols) * y.cols)
  const rows = loadingRows(components, order)
  const usable = scorable(y)
  for (let from = 0; from < y.cols; from += panel) {
    const part = targetsOf(y, usable, from)
    const loadings = await gemm.multiply(rows, part.values)
    for (const [index, fold] of folds.entries()) {
      const ofFold = rowsOf(loadings, index * count, count)
      const means = trainingMeans(part, fold)
      await turnBack(
        { y, usable, from, fold, index, means, loadings: ofFold, predicted: predicted[index] },
        scores,
        gemm,
      )
      await pause()
    }
    if (weights) await addWeights(featureWeights, loadings, { y, usable, from }, weights, gemm)
    watch.onProgress?.(0.8 + (0.2 * Math.min(y.cols, from + panel)) / y.cols)
  }
  const alpha = new Uint8Array(folds.length * count)
  for (let i = 0; i < alpha.length; i++) alpha[i] = found.alpha[own[i] * columns.cols + i]
  return { targets: scores, alpha, weights }
}

/** [folds, cols] of alphas [folds, components], each column's in the fold that it is of. */
function givenColumns(alpha: Uint8Array, own: Uint8Array, cols: number): Uint8Array {
  const given = new Uint8Array((own.at(-1)! + 1) * cols).fill(255)
  for (const [column, fold] of own.entries()) given[fold * cols + column] = alpha[column]
  return given
}

/** A panel of targets, less their mean over all samples. */
interface Part {
  /** [n_samples, panel], zeros where a target cannot be used. */
  readonly values: Matrix64
  /** [panel] */
  readonly means: Float64Array
}

function targetsOf(y: Matrix32, usable: Uint8Array, from: number): Part {
  const values = zeros64(y.rows, panel)
  const means = new Float64Array(panel)
  const count = Math.min(panel, y.cols - from)
  for (let i = 0; i < y.rows; i++)
    for (let t = 0, at = i * y.cols + from; t < count; t++, at++) if (usable[from + t]) means[t] += y.data[at]
  for (let t = 0; t < count; t++) means[t] /= y.rows
  for (let i = 0; i < y.rows; i++)
    for (let t = 0, at = i * y.cols + from; t < count; t++, at++)
      if (usable[from + t]) values.data[i * panel + t] = y.data[at] - means[t]
  return { values, means }
}

/** [panel]: means over a fold's training samples. */
function trainingMeans({ values, means }: Part, { start, end }: Fold): Float64Array {
  const out = new Float64Array(panel)
  for (let i = 0; i < values.rows; i++) {
    if (i >= start && i < end) continue
    for (let t = 0; t < panel; t++) out[t] += values.data[i * panel + t]
  }
  return out.map((total, t) => means[t] + total / (values.rows - (end - start)))
}

/** One fold's predictions of a panel of targets. */
interface Turned {
  readonly y: Matrix32
  readonly usable: Uint8Array
  readonly from: number
  readonly fold: Fold
  readonly index: number
  /** [panel] over the training samples. */
  readonly means: Float64Array
  /** [count, panel] */
  readonly loadings: Matrix64
  /** [scored, count] */
  readonly predicted: Matrix64
}

/** Predictions of components as those of targets, and their scores. */
async function turnBack(
  { y, usable, from, fold, index, means, loadings, predicted }: Turned,
  scores: RidgeScores,
  gemm: Gemm,
): Promise<void> {
  const values = await gemm.multiply(loadings, predicted, { transposeA: true, transposeB: true })
  const largest = columnSizes(predicted)
  const resolutions = Float64Array.from({ length: panel }, (_, t) => {
    let square = 0
    for (let c = 0; c < loadings.rows; c++) square += (loadings.data[c * panel + t] * largest[c]) ** 2
    return resolution * Math.sqrt(square)
  })
  const { start, end } = scoredPart(fold)
  const held = new Float32Array(end - start)
  for (let target = from; target < Math.min(y.cols, from + panel); target++) {
    if (!usable[target]) continue
    const t = target - from
    for (let i = 0; i < held.length; i++) held[i] = y.data[(start + i) * y.cols + target]!
    scores.r[index * y.cols + target] = foldScore(held, { values, resolution: resolutions }, t, 0)
    if (keeps(scores))
      keepPredicted({ y, scores, fold, index }, target, (i) => means[t] + values.data[t * values.cols + i])
  }
}

/** Weights of a panel of targets, from those of components. @param weights [n_features, n_targets] */
async function addWeights(
  ofComponents: Float32Array,
  loadings: Matrix64,
  { y, usable, from }: Pick<Turned, 'y' | 'usable' | 'from'>,
  weights: Float32Array,
  gemm: Gemm,
): Promise<void> {
  const cols = loadings.rows
  const a: Matrix64 = { data: Float64Array.from(ofComponents), rows: ofComponents.length / cols, cols }
  const product = await gemm.multiply(a, loadings)
  for (let target = from; target < Math.min(y.cols, from + panel); target++)
    for (let j = 0; j < a.rows; j++)
      weights[j * y.cols + target] = usable[target] ? product.data[j * panel + target - from] : NaN
}

/** The components' scores [n_samples, folds · count] as targets of ridge, 0 where a fold holds out. */
function columnsOf({ vectors, sizes }: FoldComponents, order: Uint32Array | undefined): Matrix32 {
  const out = zeros32(vectors.cols, vectors.rows)
  for (let i = 0; i < out.rows; i++) {
    const sample = order?.[i] ?? i
    for (let c = 0; c < out.cols; c++) out.data[i * out.cols + c] = vectors.data[c * vectors.cols + sample] * sizes[c]
  }
  return out
}

/** [folds · count, n_samples]: times targets they are loadings. */
function loadingRows({ vectors, sizes }: FoldComponents, order: Uint32Array | undefined): Matrix64 {
  const out = zeros64(vectors.rows, vectors.cols)
  for (let c = 0; c < out.rows; c++) {
    if (sizes[c] === 0) continue
    for (let i = 0; i < out.cols; i++)
      out.data[c * out.cols + i] = vectors.data[c * out.cols + (order?.[i] ?? i)] / sizes[c]
  }
  return out
}

/** [scored, count]: 0 for components beyond the rank. */
function heldOutPredictions(
  { predictions, nTargets }: RidgeScores,
  fold: Fold,
  first: number,
  count: number,
): Matrix64 {
  const { start, end } = scoredPart(fold)
  const out = zeros64(end - start, count)
  for (let i = 0; i < out.rows; i++)
    for (let c = 0; c < count; c++) {
      const value = predictions![(start + i) * nTargets + first + c]
      out.data[i * count + c] = Number.isNaN(value) ? 0 : value
    }
  return out
}

const rowsOf = ({ data, cols }: Matrix64, first: number, rows: number): Matrix64 => ({
  ...{ data: data.subarray(first * cols, (first + rows) * cols), rows, cols },
})

/** Targets that are finite and not constant over the recording. */
function scorable({ data, rows, cols }: Matrix32): Uint8Array {
  const finite = new Uint8Array(cols).fill(1)
  const varies = new Uint8Array(cols)
  for (let i = 0; i < rows; i++) {
    for (let t = 0; t < cols; t++) {
      const value = data[i * cols + t]
      if (!Number.isFinite(value)) finite[t] = 0
      if (value !== data[t]) varies[t] = 1
    }
  }
  return finite.map((value, t) => value & varies[t])
}

/** Zeros where a target cannot be used. */
function without(y: Matrix32, usable: Uint8Array): Matrix32 {
  if (usable.every((value) => value === 1)) return y
  return { ...y, data: y.data.map((value, k) => (usable[k % y.cols] ? value : 0)) }
}

/** [cols]: largest distance from the first row. */
function columnSizes({ data, rows, cols }: Matrix64): Float64Array {
  const out = new Float64Array(cols)
  for (let i = 1; i < rows; i++)
    for (let c = 0; c < cols; c++) out[c] = Math.max(out[c], Math.abs(data[i * cols + c] - data[c]))
  return out
}
