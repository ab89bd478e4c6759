/** Principal components of samples, fitted on some and applied to others. */
import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { leadingEigen } from '../linalg/leadingEigen.ts'
import type { Matrix32, Matrix64 } from '../linalg/matrix.ts'
import { zeros32, zeros64 } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'

export interface Pca {
  /** [n_features] of the samples that it was fitted on. */
  readonly mean: Float64Array
  /** [n_components, n_features]: orthonormal rows, the first with the largest variance. */
  readonly components: Matrix64
  /** [n_components] of the scores, with n_samples − 1, as scikit-learn's `explained_variance_`. */
  readonly variance: Float64Array
}

/** Features that are turned to float64 at a time. */
const featuresAtOnce = 1024

/**
 * Centred principal components, exactly: what scikit-learn's `PCA(n_components, svd_solver='full')` gives, up to the
 * sign of each component. (Its default solver is a randomised one for large data, whose last components differ from
 * run to run.) Through the smaller of the Gram and the covariance matrix, in float64.
 *
 * @param x [n_samples, n_features]
 * @param count components; fewer come back where the samples have no more
 * @param heldOut samples that it is not fitted on
 * @throws HeschlError OPTION_INVALID, NUMERICAL for values that are not finite
 */
export async function fitPca(
  x: Matrix32,
  count: number,
  gemm: Gemm,
  pause: () => Promise<void> = () => Promise.resolve(),
  heldOut: Fold = { start: 0, end: 0 },
): Promise<Pca> {
  const { cols: d } = x
  const samples = Array.from({ length: x.rows }, (_, i) => i).filter((i) => i < heldOut.start || i >= heldOut.end)
  const n = samples.length
  if (!(Number.isInteger(count) && count >= 1 && n >= 2)) {
    throw new HeschlError('OPTION_INVALID', 'Principal components cannot be taken', {
      expected: 'at least one component and two samples',
      found: `${count} components, ${n} samples`,
      remedy: 'Lower the number of components',
    })
  }
  const mean = new Float64Array(d)
  for (const i of samples) for (let j = 0; j < d; j++) mean[j] += x.data[i * d + j]
  for (let j = 0; j < d; j++) mean[j] /= n
  const square = zeros64(Math.min(n, d), Math.min(n, d))
  const wide = n <= d
  if (wide) {
    for (let from = 0; from < d; from += featuresAtOnce) {
      const part = centred(x, mean, samples, from, Math.min(d, from + featuresAtOnce))
      add(square, await gemm.multiply(part, part, { transposeB: true }))
      await pause()
    }
  } else {
    const samplesAtOnce = Math.max(1, Math.ceil(2e6 / d))
    for (let from = 0; from < n; from += samplesAtOnce) {
      const part = centred(x, mean, samples.slice(from, from + samplesAtOnce), 0, d)
      add(square, await gemm.multiply(part, part, { transposeA: true }))
      await pause()
    }
  }
  const { values, vectors } = await leadingEigen(square, count, gemm, pause)
  const variance = values.map((value) => value / (n - 1))
  if (!wide) return { mean, components: vectors, variance }
  // U of X = U S Vᵀ was found; Vᵀ = S⁻¹ Uᵀ X.
  const components = zeros64(vectors.rows, d)
  for (let from = 0; from < d; from += featuresAtOnce) {
    const to = Math.min(d, from + featuresAtOnce)
    const part = await gemm.multiply(vectors, centred(x, mean, samples, from, to))
    for (let k = 0; k < part.rows; k++) {
      const scale = 1 / Math.sqrt(values[k])
      for (let j = from; j < to; j++) components.data[k * d + j] = part.data[k * part.cols + j - from] * scale
    }
  }
  return { mean, components, variance }
}

/**
 * Scores of samples: (x − mean) · componentsᵀ.
 * @param x [n_samples, n_features]
 * @returns [n_samples, n_components]
 */
export async function pcaScores(x: Matrix32, { mean, components }: Pca, gemm: Gemm): Promise<Matrix32> {
  const out = zeros32(x.rows, components.rows)
  const sums = zeros64(x.rows, components.rows)
  const samples = Array.from({ length: x.rows }, (_, i) => i)
  for (let from = 0; from < x.cols; from += featuresAtOnce) {
    const to = Math.min(x.cols, from + featuresAtOnce)
    const part = zeros64(components.rows, to - from)
    for (let k = 0; k < components.rows; k++)
      part.data.set(components.data.subarray(k * x.cols + from, k * x.cols + to), k * part.cols)
    add(sums, await gemm.multiply(centred(x, mean, samples, from, to), part, { transposeB: true }))
  }
  out.data.set(sums.data)
  return out
}

/**
 * Samples from their scores: scores · components + mean, scikit-learn's `inverse_transform`.
 * @param scores [n_samples, n_components]
 * @returns [n_samples, n_features]
 */
export async function fromPcaScores(scores: Matrix32, { mean, components }: Pca, gemm: Gemm): Promise<Matrix32> {
  const wide: Matrix64 = { ...scores, data: Float64Array.from(scores.data) }
  const product = await gemm.multiply(wide, components)
  const out = zeros32(product.rows, product.cols)
  for (let i = 0; i < out.rows; i++) {
    for (let j = 0; j < out.cols; j++) out.data[i * out.cols + j] = product.data[i * out.cols + j] + mean[j]
  }
  return out
}

/** Some samples of x less the mean, features `left` to `right`. */
function centred(x: Matrix32, mean: Float64Array, samples: readonly number[], left: number, right: number): Matrix64 {
  const out = zeros64(samples.length, right - left)
  for (let i = 0; i < out.rows; i++) {
    const at = samples[i] * x.cols + left
    for (let j = 0; j < out.cols; j++) out.data[i * out.cols + j] = x.data[at + j] - mean[left + j]
  }
  return out
}

function add(to: Matrix64, what: Matrix64): void {
  for (let i = 0; i < to.data.length; i++) to.data[i] += what.data[i]
}
