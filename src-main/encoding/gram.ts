import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { sharedMatrix64, zeros64, type Matrix32, type Matrix64 } from '../linalg/matrix.ts'
import { lowerTiles, mirrorNegated } from '../linalg/tiles.ts'

/** Features as they are, or centred over all samples, in float64, and the scale by which alphas are divided. */
export interface CentredFeatures {
  readonly nSamples: number
  readonly nFeatures: number
  /** Whether features are centred, and with them every fold's training features and targets: an intercept is fitted. */
  readonly centred: boolean
  /**
   * Mean squared norm of a sample: the Gram matrix divided by it has a mean eigenvalue of 1, so that all that
   * follows is free of the features' unit. 0 where every feature is constant (0 where none is centred).
   */
  readonly scale: number
  /** [n_samples, last - first], divided by sqrt(scale). */
  columns(first: number, last: number): Matrix64
}

/**
 * @param x [n_samples, n_features]
 * @param centred whether the features' means are taken out
 * @throws HeschlError NUMERICAL where a value is not finite
 */
export function centreFeatures(x: Matrix32, centred = true): CentredFeatures {
  const { data, rows, cols } = x
  const mean = new Float64Array(cols)
  // Relative to the first sample, so that the mean of a constant column is exact.
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) mean[j] += data[i * cols + j] - data[j]
  for (let j = 0; j < cols; j++) mean[j] = data[j] + mean[j] / rows
  const bad = mean.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) {
    throw new HeschlError('NUMERICAL', 'A feature has a value that is not finite', {
      expected: 'finite numbers throughout the design matrix',
      found: `NaN or infinity in column ${bad} (counted from 0)`,
      remedy: 'Look at the activations that it was made from',
    })
  }
  if (!centred) mean.fill(0)
  let sum = 0
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) sum += (data[i * cols + j] - mean[j]) ** 2
  }
  const scale = sum / rows
  const factor = scale > 0 ? 1 / Math.sqrt(scale) : 0
  return {
    nSamples: rows,
    nFeatures: cols,
    centred,
    scale,
    columns(first, last) {
      const out = zeros64(rows, last - first)
      for (let i = 0; i < rows; i++) {
        for (let j = first; j < last; j++) {
          out.data[i * out.cols + j - first] = (data[i * cols + j] - mean[j]) * factor
        }
      }
      return out
    },
  }
}

/** Features a product: bounds the float64 copy of X. */
const panel = 512
/**
 * K = X Xᵀ of the features, [n_samples, n_samples], with a mean eigenvalue of 1; in shared memory. Only its lower
 * triangle is computed.
 */
export async function gramMatrix(features: CentredFeatures, gemm: Gemm, pause: () => Promise<void>): Promise<Matrix64> {
  const n = features.nSamples
  const rows = lowerTiles(n)
  for (const { data } of rows.flat()) data.fill(0)
  for (let first = 0; first < features.nFeatures; first += panel) {
    const part = features.columns(first, Math.min(first + panel, features.nFeatures))
    const samples = (from: number, count: number): Matrix64 => {
      return { data: part.data.subarray(from * part.cols, (from + count) * part.cols), rows: count, cols: part.cols }
    }
    for (const tile of rows.flat()) {
      await pause()
      const [own, others] = [samples(tile.top, tile.rows), samples(tile.first, tile.cols)]
      await gemm.multiply(own, others, { transposeB: true, subtract: true, out: tile })
    }
  }
  const k = sharedMatrix64(n, n)
  mirrorNegated(rows, k)
  return k
}
