/** Sums over samples of features, of their products with one another and with targets: all that ridge needs of them. */
import type { Gemm } from '../../linalg/gemm.ts'
import { zeros64, type Matrix32, type Matrix64 } from '../../linalg/matrix.ts'
import type { Fold } from '../folds.ts'
import type { LaggedFeatures, RunPart } from './lagged.ts'

/** Bytes of the rows of a design matrix that are in memory at a time. */
export const panelBytes = 32e6

/** Sums over some samples, of features less their means over all samples (`LaggedFeatures.fill`). */
export interface Moments {
  readonly count: number
  /** [n_features] */
  readonly sums: Float64Array
  /** [n_features, n_features], Σ x xᵀ */
  readonly products: Matrix64
}

const sizeOf = (stretches: readonly Fold[]): number => stretches.reduce((sum, { start, end }) => sum + end - start, 0)

/** Rows of a panel: fixed by the features alone, so that sums are made in one order. */
const panelRows = ({ nFeatures }: LaggedFeatures): number =>
  Math.max(64, Math.min(4096, Math.floor(panelBytes / (8 * nFeatures))))

/** Design matrix panels of some stretches: at most `panelRows` rows of one run each, in order. */
export async function eachPanel(
  features: LaggedFeatures,
  stretches: readonly Fold[],
  pause: () => Promise<void>,
  use: (panel: Matrix64, part: RunPart) => Promise<void>,
): Promise<void> {
  const most = panelRows(features)
  const room = new Float64Array(most * features.nFeatures)
  for (const { run, start, end } of features.withinRuns(stretches)) {
    for (let first = start; first < end; first += most) {
      await pause()
      const rows = Math.min(most, end - first)
      const panel = { data: room.subarray(0, rows * features.nFeatures), rows, cols: features.nFeatures }
      features.fill(run, first, panel)
      await use(panel, { run, start: first, end: first + rows })
    }
  }
}

/**
 * Products of the units at the first lag with all features are summed over the samples; those at later lags are the same
 * sums one sample earlier: with S_lm the sum over t from a to b of x(t - l) x(t - m)ᵀ,
 *   S_(l+1)(m+1) = S_lm + x(a-1-l) x(a-1-m)ᵀ - x(b-l) x(b-m)ᵀ.
 */
export async function featureMoments(
  features: LaggedFeatures,
  stretches: readonly Fold[],
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<Moments> {
  const { units, nFeatures } = features
  const sums = new Float64Array(nFeatures)
  const products = zeros64(nFeatures, nFeatures)
  await eachPanel(features, stretches, pause, async (panel, { run, start }) => {
    for (let i = 0, at = 0; i < panel.rows; i++) for (let j = 0; j < nFeatures; j++, at++) sums[j] += panel.data[at]
    const here = features.lagCount === 1 ? panel : zeros64(panel.rows, units)
    if (here !== panel) features.fill(run, start, here)
    const product = await gemm.multiply(here, panel, { transposeA: true })
    for (let i = 0; i < product.data.length; i++) products.data[i] += product.data[i]
  })
  if (features.lagCount > 1) await laterLags(features, features.withinRuns(stretches), products, gemm, pause)
  mirrorUpper(products)
  return { count: sizeOf(stretches), sums, products }
}

async function laterLags(
  features: LaggedFeatures,
  parts: readonly RunPart[],
  products: Matrix64,
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<void> {
  const { units, nFeatures, lagCount } = features
  // A stretch gains the row before its first and loses its last; the losses' rows stand below the gains'.
  const edges = zeros64(2 * parts.length, nFeatures)
  for (const [i, { run, start, end }] of parts.entries()) {
    features.fill(run, start - 1, row(edges, i))
    features.fill(run, end - 1, row(edges, parts.length + i))
  }
  const left = zeros64(edges.rows, units)
  for (let lag = 0; lag + 1 < lagCount; lag++) {
    await pause()
    for (let i = 0; i < edges.rows; i++) {
      const sign = i < parts.length ? 1 : -1
      const at = i * nFeatures + lag * units
      for (let u = 0; u < units; u++) left.data[i * units + u] = sign * edges.data[at + u]
    }
    const change = await gemm.multiply(left, edges, { transposeA: true })
    for (let u = 0; u < units; u++) {
      const from = (lag * units + u) * nFeatures
      const to = ((lag + 1) * units + u) * nFeatures + units
      for (let j = lag * units; j < nFeatures - units; j++)
        products.data[to + j] = products.data[from + j] + change.data[u * nFeatures + j]
    }
  }
}

const row = (a: Matrix64, i: number): Matrix64 => ({
  data: a.data.subarray(i * a.cols, (i + 1) * a.cols),
  rows: 1,
  cols: a.cols,
})

function mirrorUpper(a: Matrix64): void {
  const n = a.rows
  // Tiles, so that the transposed writes stay within the cache.
  for (let top = 0; top < n; top += 64) {
    for (let left = top; left < n; left += 64) {
      for (let i = top; i < Math.min(top + 64, n); i++) {
        for (let j = Math.max(left, i + 1); j < Math.min(left + 64, n); j++) a.data[j * n + i] = a.data[i * n + j]
      }
    }
  }
}

/** Sums over some samples of a batch of targets, each less its mean over all samples. */
export interface TargetMoments {
  readonly count: number
  /** [batch] */
  readonly sums: Float64Array
  /** [batch], Σ y² */
  readonly squares: Float64Array
  /** [n_features, batch], Σ x yᵀ */
  readonly products: Matrix64
}

/** A batch of targets as solvers see them, a fixed number of columns, of which the last may be padding. */
export interface TargetBatch {
  readonly y: Matrix32
  /** Columns of `y`. */
  readonly targets: readonly number[]
  /** [batch] means over all samples. */
  readonly means: Float64Array
  readonly width: number
}

/** Rows of a batch, less the means. @param out [at least rows, width] */
export function fillTargets({ y, targets, means }: TargetBatch, first: number, out: Matrix64): void {
  for (let i = 0; i < out.rows; i++) {
    const from = (first + i) * y.cols
    for (let t = 0; t < targets.length; t++) out.data[i * out.cols + t] = y.data[from + targets[t]] - means[t]
  }
}

/** One pass over the samples for all batches. */
export async function targetMoments(
  features: LaggedFeatures,
  batches: readonly TargetBatch[],
  stretches: readonly Fold[],
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<readonly TargetMoments[]> {
  const count = sizeOf(stretches)
  const all = batches.map(({ width }) => ({
    count,
    sums: new Float64Array(width),
    squares: new Float64Array(width),
    products: zeros64(features.nFeatures, width),
  }))
  const room = zeros64(panelRows(features), batches[0]?.width ?? 0)
  await eachPanel(features, stretches, pause, async (panel, { start }) => {
    for (const [i, batch] of batches.entries()) {
      const { sums, squares, products } = all[i]
      const values = { data: room.data.subarray(0, panel.rows * room.cols), rows: panel.rows, cols: room.cols }
      fillTargets(batch, start, values)
      for (let row = 0, at = 0; row < values.rows; row++) {
        for (let t = 0; t < values.cols; t++, at++) {
          const value = values.data[at]
          sums[t] += value
          squares[t] += value * value
        }
      }
      const product = await gemm.multiply(panel, values, { transposeA: true })
      for (let at = 0; at < product.data.length; at++) products.data[at] += product.data[at]
    }
  })
  return all
}
