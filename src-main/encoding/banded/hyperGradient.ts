/**
 * The gradient of a target's validation error with respect to the logarithms δ of its kernel weights, and himalaya's step
 * (kernel_ridge/_hyper_gradient.py, `_compute_delta_gradient`). With K = Σ exp(δ_b) K_b on an inner fold's training
 * samples, w = (K + 1)⁻¹ y, residuals r = Σ exp(δ_b) K_b,val w − y_val of the loss |r|²/2:
 *   ∂/∂δ_b = exp(δ_b) (r' K_b,val w − v' K_b w),  v = (K + 1)⁻¹ Σ exp(δ_b) K_b,val' r.
 * The second term, the indirect gradient, is left out by the method `direct`.
 * Source: Dupré la Tour, Eickenberg, Nunez-Elizalde and Gallant (2022), NeuroImage 264:119728, 2.4 and appendix.
 */
import type { Gemm } from '../../linalg/gemm.ts'
import { zeros64, type Matrix64 } from '../../linalg/matrix.ts'
import { spectralRadius } from '../../linalg/spectralRadius.ts'
import { columnProducts, solveMixed, weighted, type KernelParts, type Precision } from './mixedKernel.ts'

export type GradientMethod = 'conjugate-gradient' | 'direct'

/** One inner fold of a batch of targets; what it holds is the start of the next solution. */
export interface InnerProblem {
  readonly parts: KernelParts
  /** [training, batch], [held out, batch] */
  readonly y: Matrix64
  readonly yHeldOut: Matrix64
  /** [training, batch]: dual weights, and v. */
  readonly w: Matrix64
  readonly v: Matrix64
}

interface Gradient {
  /** [bands, batch] */
  readonly gradient: Matrix64
  /** [batch]: 1 over the largest eigenvalue of the direct gradient's Hessian. */
  readonly step: Float64Array
  /** [batch]: mean squared error on the held-out samples. */
  readonly error: Float64Array
}

/** @param weights [bands, batch], exp(δ) */
export async function hyperGradient(
  { parts, y, yHeldOut, w, v }: InnerProblem,
  weights: Matrix64,
  how: { readonly method: GradientMethod; readonly precision: Precision },
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<Gradient> {
  await solveMixed(parts, y, weights, w, how.precision, gemm, pause)
  const { bands } = parts
  const { rows, cols } = yHeldOut
  const byBand = bandViews(await gemm.multiply(parts.below, w), bands)
  for (const [b, { data }] of byBand.entries())
    for (let k = 0; k < data.length; k++) data[k] *= weights.data[b * cols + (k % cols)]
  const residual: Matrix64 = { data: yHeldOut.data.map((value) => -value), rows, cols }
  for (const { data } of byBand) for (let k = 0; k < data.length; k++) residual.data[k] += data[k]
  const gradient = zeros64(bands, cols)
  for (const [b, { data }] of byBand.entries()) gradient.data.set(columnProducts(residual.data, data, cols), b * cols)
  const step = stepSizes(byBand, gradient)
  if (how.method === 'conjugate-gradient') {
    const right = await gemm.multiply(parts.below, weighted(residual, weights), { transposeA: true })
    await solveMixed(parts, right, weights, v, how.precision, gemm, pause)
    const onTraining = bandViews(await gemm.multiply(parts.beside, w, { transposeA: true }), bands)
    for (const [b, { data }] of onTraining.entries()) {
      const product = columnProducts(data, v.data, cols)
      for (let t = 0; t < cols; t++) gradient.data[b * cols + t] -= weights.data[b * cols + t] * product[t]
    }
  }
  const error = columnProducts(residual.data, residual.data, cols).map((square) => square / rows)
  return { gradient, step, error }
}

/** Blocks of rows, a band each. */
function bandViews(a: Matrix64, bands: number): Matrix64[] {
  const rows = a.rows / bands
  return Array.from({ length: bands }, (_, b) => ({
    data: a.data.subarray(b * rows * a.cols, (b + 1) * rows * a.cols),
    rows,
    cols: a.cols,
  }))
}

/** himalaya's: the Hessian of the direct gradient has the products of the bands' predictions, and it on the diagonal. */
function stepSizes(byBand: readonly Matrix64[], direct: Matrix64): Float64Array {
  const { cols } = direct
  const bands = byBand.length
  const products = byBand.map((a) => byBand.map((b) => columnProducts(a.data, b.data, cols)))
  const hessian = new Float64Array(bands * bands)
  return Float64Array.from({ length: cols }, (_, t) => {
    for (let a = 0; a < bands; a++) {
      for (let b = 0; b < bands; b++)
        hessian[a * bands + b] = products[a][b][t] + (a === b ? direct.data[a * cols + t] : 0)
    }
    return 1 / (spectralRadius(hessian, bands) + 1e-15)
  })
}
