/**
 * Inverse of a symmetric positive definite matrix, float64, by recursion on halves: all that is not a small diagonal
 * block is a matrix product.
 * Source: A = L Lᵀ block by block, W = L⁻¹, A⁻¹ = Wᵀ W (Golub and Van Loan, Matrix Computations, 4th ed., 4.2.9).
 */
import { HeschlError } from '../errors.ts'
import type { Gemm } from './gemm.ts'
import { zeros64, type Matrix64 } from './matrix.ts'

/** Side of the blocks that are factored in plain TypeScript. */
const smallest = 64

/**
 * @param a [n, n], symmetric positive definite; only its lower triangle is read, and it is left as it was
 * @returns [n, n], exactly symmetric
 * @throws HeschlError NUMERICAL where `a` is not positive definite to float64 precision, or not finite
 */
export async function invertPositiveDefinite(a: Matrix64, gemm: Gemm): Promise<Matrix64> {
  if (a.rows !== a.cols) {
    throw new HeschlError('SHAPE_MISMATCH', 'A matrix to invert is not square', { found: `${a.rows} x ${a.cols}` })
  }
  const inverse = zeros64(a.rows, a.cols)
  const w = await invertFactor(a, gemm)
  await gramOfLower(w, gemm, inverse, 0)
  mirrorLower(inverse)
  return inverse
}

/** W = L⁻¹, lower triangular, where L Lᵀ = a. */
async function invertFactor(a: Matrix64, gemm: Gemm): Promise<Matrix64> {
  const n = a.rows
  if (n <= smallest) return invertSmallFactor(a)
  const half = halve(n)
  const w11 = await invertFactor(block(a, 0, 0, half, half), gemm)
  const l21 = await gemm.multiply(block(a, half, 0, n - half, half), w11, { transposeB: true })
  const schur = block(a, half, half, n - half, n - half)
  const update = await gemm.multiply(l21, l21, { transposeB: true })
  for (let i = 0; i < update.data.length; i++) schur.data[i] -= update.data[i]
  const w22 = await invertFactor(schur, gemm)
  const w21 = await gemm.multiply(w22, await gemm.multiply(l21, w11))
  const w = zeros64(n, n)
  place(w, w11, 0, 0)
  place(w, w22, half, half)
  for (let i = 0; i < w21.data.length; i++) w21.data[i] = -w21.data[i]
  place(w, w21, half, 0)
  return w
}

/** Adds the lower triangle of Wᵀ W to `out` at (offset, offset). */
async function gramOfLower(w: Matrix64, gemm: Gemm, out: Matrix64, offset: number): Promise<void> {
  const n = w.rows
  if (n <= 2 * smallest) {
    add(out, await gemm.multiply(w, w, { transposeA: true }), offset, offset)
    return
  }
  const half = halve(n)
  const w21 = block(w, half, 0, n - half, half)
  const w22 = block(w, half, half, n - half, n - half)
  await gramOfLower(block(w, 0, 0, half, half), gemm, out, offset)
  add(out, await gemm.multiply(w21, w21, { transposeA: true }), offset, offset)
  add(out, await gemm.multiply(w22, w21, { transposeA: true }), offset + half, offset)
  await gramOfLower(w22, gemm, out, offset + half)
}

/** Multiples of 8 keep the vector units full. */
const halve = (n: number) => Math.ceil(n / 16) * 8

function invertSmallFactor(a: Matrix64): Matrix64 {
  const n = a.rows
  const l = Float64Array.from(a.data)
  const w = zeros64(n, n)
  for (let j = 0; j < n; j++) {
    let pivot = l[j * n + j]
    const diagonal = pivot
    for (let k = 0; k < j; k++) pivot -= l[j * n + k] ** 2
    // Below this the pivot is rounding error alone.
    if (!(pivot > Number.EPSILON * Math.abs(diagonal)) || !Number.isFinite(pivot)) throw notPositiveDefinite()
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

function add(out: Matrix64, part: Matrix64, row: number, col: number): void {
  for (let i = 0; i < part.rows; i++) {
    const start = (row + i) * out.cols + col
    for (let j = 0; j < part.cols; j++) out.data[start + j] += part.data[i * part.cols + j]
  }
}

function mirrorLower(a: Matrix64): void {
  const n = a.rows
  // Tiles, so that the transposed reads stay within the cache.
  for (let top = 0; top < n; top += 64) {
    for (let left = 0; left <= top; left += 64) {
      for (let i = top; i < Math.min(top + 64, n); i++) {
        for (let j = left; j < Math.min(left + 64, i); j++) a.data[j * n + i] = a.data[i * n + j]!
      }
    }
  }
}
