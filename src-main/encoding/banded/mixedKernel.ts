/** Kernels that every target mixes with weights of its own, and the linear equations with them. */
import type { Gemm } from '../../linalg/gemm.ts'
import { zeros64, type Matrix64 } from '../../linalg/matrix.ts'

/**
 * Targets a product; the last ones are padded, so that a target's numbers do not depend on which others it is solved with.
 */
export const gradientBatch = 48

/** The parts of a kernel that an inner fold needs, for all bands. */
export interface KernelParts {
  readonly bands: number
  /** Indices, among the outer fold's training samples, of those that the inner fold trains on and holds out. */
  readonly training: Int32Array
  readonly heldOut: Int32Array
  /** [training, bands * training]: the bands' kernels side by side. */
  readonly beside: Matrix64
  /** [bands * held out, training]: the bands' kernels one below the other. */
  readonly below: Matrix64
}

/** @param kernels [samples, samples] a band, symmetric */
export function kernelParts(kernels: readonly Matrix64[], training: Int32Array, heldOut: Int32Array): KernelParts {
  const bands = kernels.length
  const beside = zeros64(training.length, bands * training.length)
  const below = zeros64(bands * heldOut.length, training.length)
  for (const [b, { data, cols }] of kernels.entries()) {
    for (const [i, row] of training.entries()) {
      const at = i * beside.cols + b * training.length
      for (const [j, col] of training.entries()) beside.data[at + j] = data[row * cols + col]
    }
    for (const [i, row] of heldOut.entries()) {
      const at = (b * heldOut.length + i) * below.cols
      for (const [j, col] of training.entries()) below.data[at + j] = data[row * cols + col]
    }
  }
  return { bands, training, heldOut, beside, below }
}

/** [bands * rows, batch]: a matrix once for each band, its columns times the band's weights. @param weights [bands, batch] */
export function weighted(a: Matrix64, weights: Matrix64): Matrix64 {
  const out = zeros64(weights.rows * a.rows, a.cols)
  for (let b = 0; b < weights.rows; b++) {
    for (let i = 0; i < a.rows; i++) {
      for (let t = 0; t < a.cols; t++) {
        out.data[(b * a.rows + i) * a.cols + t] = weights.data[b * a.cols + t] * a.data[i * a.cols + t]
      }
    }
  }
  return out
}

/** Most steps of conjugate gradients, and the residual relative to the right side at which a target is solved. */
export interface Precision {
  readonly steps: number
  readonly residual: number
}

/**
 * Solves (Σ_b weight_b K_b + 1) w = y for every target by conjugate gradients, from `start`, which is overwritten with
 * the solution. A target that is solved changes no more.
 * @param y [training, batch]
 * @param weights [bands, batch]
 * @param start [training, batch]
 * Source: Golub and Van Loan, Matrix Computations, 4th ed., 11.3.
 */
export async function solveMixed(
  { beside }: Pick<KernelParts, 'beside'>,
  y: Matrix64,
  weights: Matrix64,
  start: Matrix64,
  precision: Precision,
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<void> {
  const { rows, cols } = y
  const w = start.data
  const apply = async (p: Matrix64) => {
    const product = await gemm.multiply(beside, weighted(p, weights))
    for (let i = 0; i < product.data.length; i++) product.data[i] += p.data[i]
    await pause()
    return product.data
  }
  const product = await apply(start)
  const residual = y.data.map((value, i) => value - product[i])
  const p: Matrix64 = { data: residual.slice(), rows, cols }
  const squares = columnProducts(residual, residual, cols)
  const enough = columnProducts(y.data, y.data, cols).map((square) => square * precision.residual ** 2)
  for (let step = 0; step < precision.steps && squares.some((square, t) => square > enough[t]); step++) {
    const q = await apply(p)
    const curvature = columnProducts(p.data, q, cols)
    const move = squares.map((square, t) => (square > enough[t] ? square / curvature[t] : 0))
    for (let i = 0, k = 0; i < rows; i++) {
      for (let t = 0; t < cols; t++, k++) {
        w[k] += move[t] * p.data[k]
        residual[k] -= move[t] * q[k]
      }
    }
    const next = columnProducts(residual, residual, cols)
    for (let i = 0, k = 0; i < rows; i++) {
      for (let t = 0; t < cols; t++, k++)
        if (move[t] !== 0) p.data[k] = residual[k] + (next[t] / squares[t]) * p.data[k]
    }
    for (let t = 0; t < cols; t++) if (move[t] !== 0) squares[t] = next[t]
  }
}

/** [cols]: products of the columns of two matrices, row-major. */
export function columnProducts(a: Float64Array, b: Float64Array, cols: number): Float64Array {
  const out = new Float64Array(cols)
  for (let k = 0; k < a.length; k += cols) for (let t = 0; t < cols; t++) out[t] += a[k + t] * b[k + t]
  return out
}
