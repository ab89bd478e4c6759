/** Components of Y stand for its targets: fitted on a fold's training samples, predicted, and turned back. */
import { zeros64, type Matrix32, type Matrix64 } from '../../linalg/matrix.ts'
import type { Gemm } from '../../linalg/gemm.ts'
import { scoredPart, type Fold, type Stretch } from '../folds.ts'
import { foldScore, keepPredicted, keeps } from '../foldScore.ts'
import { fitPca, pcaScores, type Pca } from '../pca.ts'
import type { RidgeProblem, RidgeScores } from '../ridge.ts'
import { pauser, type Watch } from '../score.ts'
import { createScores } from '../scoreJob.ts'
import type { Keep } from '../solver.ts'
import type { EncodingOptions } from './options.ts'
import { scoreRidge } from './sharedAlpha.ts'

/** Targets that are turned back at a time. */
const panel = 480
/** Share of a prediction's possible size below which its variation is rounding error. */
const resolution = 1e-6

interface ComponentScores {
  /** Of targets, but for `alpha` and `duals`. */
  readonly targets: RidgeScores
  /** Of components: their alphas and dual coefficients. */
  readonly components: RidgeScores
  readonly pca: Pca | undefined
}

/**
 * Scores one fold by way of principal components of Y: scikit-learn's PCA fitted on the training samples of the targets
 * that can be scored, a ridge a component, `inverse_transform` of the predictions, each target against its own samples.
 * Costs the Gram matrix of the training samples over all targets, its leading eigenvectors, and 2 · components
 * operations a held-out sample and target.
 *
 * @param problem of that one fold
 * @param y [n_samples, n_targets]
 */
export async function scoreComponents(
  problem: RidgeProblem,
  y: Matrix32,
  { fold, count }: { readonly fold: Fold; readonly count: number },
  { options, gemm, watch }: { readonly options: EncodingOptions; readonly gemm: Gemm; readonly watch: Watch },
  keep: Keep,
): Promise<ComponentScores> {
  const pause = pauser(watch)
  const { duals, ...kept } = keep
  const scores = createScores(y, { folds: [fold], alphas: options.alphas }, kept)
  const usable = scorable(y)
  const clean = without(y, usable)
  const pca = await fitPca(clean, count, gemm, pause, fold)
  const components = await pcaScores(clean, pca, gemm)
  // All targets constant on the training samples: nothing is predicted but their means.
  const none = components.cols === 0
  const found = none
    ? createScores(components, { folds: [fold], alphas: options.alphas }, {})
    : await scoreRidge(problem, components, options, watch, { predictions: true, duals: duals === true })
  const scored = scoredPart(fold)
  const predicted = rowsOf64(found.predictions ?? new Float32Array(0), components.cols, scored)
  const largest = columnSizes(predicted)
  const held = new Float32Array(scored.end - scored.start)
  for (let from = 0; from < y.cols; from += panel) {
    const to = Math.min(y.cols, from + panel)
    const loadings = columnsOf(pca.components, from, panel)
    const values = await gemm.multiply(loadings, predicted, { transposeA: true, transposeB: true })
    const resolutions = Float64Array.from({ length: panel }, (_, t) => {
      let square = 0
      for (let c = 0; c < loadings.rows; c++) square += (loadings.data[c * panel + t] * largest[c]) ** 2
      return resolution * Math.sqrt(square)
    })
    for (let target = from; target < to; target++) {
      if (!usable[target]) continue
      const t = target - from
      for (let i = 0; i < held.length; i++) held[i] = y.data[(scored.start + i) * y.cols + target]!
      scores.r[target] = none ? 0 : foldScore(held, { values, resolution: resolutions }, t, 0)
      const mean = pca.mean[target]
      if (keeps(scores))
        keepPredicted(
          { y, scores, fold, index: 0 },
          target,
          (i) => mean + (none ? 0 : values.data[t * values.cols + i]),
        )
    }
    await pause()
  }
  return { targets: scores, components: found, pca: none ? undefined : pca }
}

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

/** Some rows of an array [n_samples, cols]. */
function rowsOf64(data: Float32Array, cols: number, { start, end }: Stretch): Matrix64 {
  return { data: Float64Array.from(data.subarray(start * cols, end * cols)), rows: end - start, cols }
}

/** [cols]: largest distance from the first row. */
function columnSizes({ data, rows, cols }: Matrix64): Float64Array {
  const out = new Float64Array(cols)
  for (let i = 1; i < rows; i++)
    for (let c = 0; c < cols; c++) out[c] = Math.max(out[c], Math.abs(data[i * cols + c] - data[c]))
  return out
}

/** `count` columns from `first` on, zeros beyond the last. */
function columnsOf(a: Matrix64, first: number, count: number): Matrix64 {
  const out = zeros64(a.rows, count)
  const to = Math.min(a.cols, first + count)
  for (let i = 0; i < a.rows; i++) out.data.set(a.data.subarray(i * a.cols + first, i * a.cols + to), i * count)
  return out
}
