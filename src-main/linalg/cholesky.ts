/**
 * Inverse of the Cholesky factor of a symmetric positive definite matrix, float64, by recursion on halves: all that is
 * not a small diagonal block is a matrix product. For factors of up to a few hundred columns: `inverse.ts` has the rest.
 * Source: A = L Lᵀ block by block (Golub and Van Loan, Matrix Computations, 4th ed., 4.2.9).
 */
import { HeschlError } from '../errors.ts'
import type { Gemm } from './gemm.ts'
import { zeros64, type Matrix64 } from './matrix.ts'

/** Side of the blocks that are factored in plain TypeScript. */
const smallest = 64

/**
 * W = L⁻¹, lower triangular, where L Lᵀ = a.
 * @param a [n, n], symmetric positive definite; only its lower triangle is read, and it is left as it was
 * @throws HeschlError NUMERICAL where `a` is not positive definite to float64 precision, or not finite
 */
export async function inverseFactor(a: Matrix64, gemm: Gemm): Promise<Matrix64> {
  const n = a.rows
  if (n <= smallest) {
    // Below this a pivot is rounding error alone.
    const least = Float64Array.from({ length: n }, (_, j) => Number.EPSILON * Math.abs(a.data[j * n + j]))
    return invertSmallFactor({ ...a, data: Float64Array.from(a.data) }, least)
  }
  const half = halve(n)
  const w11 = await inverseFactor(block(a, 0, 0, half, half), gemm)
  const l21 = await gemm.multiply(block(a, half, 0, n - half, half), w11, { transposeB: true })
  const schur = block(a, half, half, n - half, n - half)
  const update = await gemm.multiply(l21, l21, { transposeB: true })
  for (let i = 0; i < update.data.length; i++) schur.data[i] -= update.data[i]
  const w22 = await inverseFactor(schur, gemm)
  const w21 = await gemm.multiply(w22, await gemm.multiply(l21, w11))
  const w = zeros64(n, n)
  place(w, w11, 0, 0)
  place(w, w22, half, half)
  for (let i = 0; i < w21.data.length; i++) w21.data[i] = -w21.data[i]
  place(w, w21, half, 0)
  return w
}

/** Multiples of 8 keep the vector units full. */
const halve = (n: number) => Math.ceil(n / 16) * 8

/**
 * L⁻¹ of a small matrix, in plain TypeScript.
 * @param a written over
 * @param least [n]: pivots must be above
 */
export function invertSmallFactor(a: Matrix64, least: Float64Array): Matrix64 {
  const n = a.rows
  const l = a.data
  const w = zeros64(n, n)
  for (let j = 0; j < n; j++) {
    let pivot = l[j * n + j]
    for (let k = 0; k < j; k++) pivot -= l[j * n + k] ** 2
    if (!(pivot > least[j]) || !Number.isFinite(pivot)) throw notPositiveDefinite()
    const root = Math.sqrt(pivot)
    l[j * n + j] = root
    for (let i = j + 1; i < n; i++) {
      let sum = l[i * n + j]
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k]
      l[i * n + j] = sum / root
    }
  }
  for (let j = 0; j < n; j++) {
    w.data[j * n + j] = 1 / l[j * n + j]
    for (let i = j + 1; i < n; i++) {
      let sum = 0
      for (let k = j; k < i; k++) sum -= l[i * n + k] * w.data[k * n + j]
      w.data[i * n + j] = sum / l[i * n + i]
    }
  }
  return w
}

function notPositiveDefinite(): HeschlError {
  return new HeschlError('NUMERICAL', 'A matrix that must be positive definite is not', {
    remedy: 'Check the features for values that are not finite, or raise the smallest alpha',
  })
}

function block(a: Matrix64, row: number, col: number, rows: number, cols: number): Matrix64 {
  const out = zeros64(rows, cols)
  for (let i = 0; i < rows; i++) {
    const start = (row + i) * a.cols + col
    out.data.set(a.data.subarray(start, start + cols), i * cols)
  }
  return out
}

function place(out: Matrix64, part: Matrix64, row: number, col: number): void {
  for (let i = 0; i < part.rows; i++) {
    out.data.set(part.data.subarray(i * part.cols, (i + 1) * part.cols), (row + i) * out.cols + col)
  }
}
