/**
 * The first convolution of a group-norm front end with its norm folded in.
 *
 * Group norm has a group a channel: γ (y − µ) / √(σ² + ε) + β, with µ and σ² over all frames. The convolution is linear
 * in patches of k samples, y_c = w_c · p + b_c, so µ_c = w_c · m + b_c and σ²_c = w_cᵀ C w_c with m and C the mean
 * and the covariance of the patches. They are summed in float64 (ONNX Runtime's InstanceNormalization sums float32 and
 * is off by 2e-4 SD at 27 s), and the norm becomes a weight and a bias: w'_c = g_c w_c, b'_c = β_c − g_c (w_c · m) with
 * g_c = γ_c / √(σ²_c + ε). The convolution's own bias cancels.
 */
import type { Affine } from './window.ts'

/** torch's default, which the norms of the convolutions use whatever `layer_norm_eps` says. */
export const convolutionNormEps = 1e-5

/** Of all patches of `kernel` samples, `stride` samples apart. */
export interface PatchStatistics {
  /** [kernel] */
  readonly mean: Float64Array
  /** [kernel, kernel], divided by the number of patches. */
  readonly covariance: Float64Array
}

/**
 * Time O(samples · kernel² / stride / 2), no copy.
 * @param samples finite, at least `kernel` of them
 * @param affine applied to each sample first
 */
export function patchStatistics(
  samples: Float32Array,
  kernel: number,
  stride: number,
  { mean: shift, scale }: Affine,
): PatchStatistics {
  const patches = Math.floor((samples.length - kernel) / stride) + 1
  const sums = new Float64Array(kernel)
  const products = new Float64Array(kernel * kernel)
  // Deviations from a sample's value keep the products small where the audio has an offset.
  const centre = samples.reduce((sum, x) => sum + x, 0) / samples.length
  const patch = new Float64Array(kernel)
  for (let start = 0, last = (patches - 1) * stride; start <= last; start += stride) {
    for (let i = 0; i < kernel; i++) patch[i] = samples[start + i] - centre
    for (let i = 0; i < kernel; i++) {
      const x = patch[i]
      sums[i] += x
      const row = i * kernel
      for (let j = i; j < kernel; j++) products[row + j] += x * patch[j]
    }
  }
  const mean = sums.map((sum) => sum / patches)
  const covariance = new Float64Array(kernel * kernel)
  for (let i = 0; i < kernel; i++) {
    for (let j = i; j < kernel; j++) {
      const value = (products[i * kernel + j] / patches - mean[i] * mean[j]) * scale * scale
      covariance[i * kernel + j] = value
      covariance[j * kernel + i] = value
    }
  }
  return { mean: mean.map((m) => (m + centre - shift) * scale), covariance }
}

/** Float32, as torch stores them. */
interface NormedConvolution {
  /** [units, kernel] */
  readonly weight: Float32Array
  /** The norm's weight [units]. */
  readonly gain: Float32Array
  /** The norm's bias [units]. */
  readonly offset: Float32Array
}

/** The weight [units, kernel] and bias [units] of the convolution that gives normed values. */
export function foldNorm(
  { weight, gain, offset }: NormedConvolution,
  { mean, covariance }: PatchStatistics,
): { readonly weight: Float32Array; readonly bias: Float32Array } {
  const kernel = mean.length
  const folded = new Float32Array(weight.length)
  const bias = new Float32Array(gain.length)
  for (let unit = 0; unit < gain.length; unit++) {
    const w = weight.subarray(unit * kernel, (unit + 1) * kernel)
    let variance = 0
    let average = 0
    for (let i = 0; i < kernel; i++) {
      average += w[i] * mean[i]
      let row = 0
      for (let j = 0; j < kernel; j++) row += covariance[i * kernel + j] * w[j]
      variance += w[i] * row
    }
    const scale = gain[unit] / Math.sqrt(Math.max(variance, 0) + convolutionNormEps)
    for (let i = 0; i < kernel; i++) folded[unit * kernel + i] = scale * w[i]
    bias[unit] = offset[unit] - scale * average
  }
  return { weight: folded, bias }
}
