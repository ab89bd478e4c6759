/**
 * Systems with one symmetric positive definite matrix and many right-hand sides, float64: the matrix is factored once,
 * a block column at a time, and all but its small diagonal blocks is matrix products.
 * Source: Golub and Van Loan, Matrix Computations, 4th ed., 4.2.6 (outer product form, by blocks).
 */
import { HeschlError } from '../errors.ts'
import { invertSmallFactor } from './cholesky.ts'
import type { Gemm } from './gemm.ts'
import { zeros64, type Matrix64 } from './matrix.ts'

/** Columns of a block. */
const blockSize = 128
/** Columns of the trailing matrix that are brought up to date at a time: products skip what is above the diagonal. */
const stripe = 512

interface BlockColumn {
  readonly start: number
  /** [block, block], the inverse of the diagonal block of L. */
  readonly inverse: Matrix64
  /** [rows below, block] of L. */
  readonly below: Matrix64
}

/** L Lᵀ, L lower triangular, by block columns. */
export interface CholeskyFactor {
  readonly size: number
  readonly columns: readonly BlockColumn[]
}

/** Bytes of the factor of a matrix [size, size]. */
export const factorBytes = (size: number): number => 4 * size * (size + 2 * blockSize)

/**
 * @param a [n, n], symmetric positive definite; only its lower triangle is read, and it is written over
 * @param pause awaited between products
 * @throws HeschlError NUMERICAL where `a` is not positive definite to float64 precision, or not finite
 */
export async function factorPositiveDefinite(
  a: Matrix64,
  gemm: Gemm,
  pause: () => Promise<void> = async () => {},
): Promise<CholeskyFactor> {
  if (a.rows !== a.cols) {
    throw new HeschlError('SHAPE_MISMATCH', 'A matrix to factor is not square', { found: `${a.rows} x ${a.cols}` })
  }
  const n = a.rows
  // Below this share of what it was a pivot is rounding error alone.
  const least = Float64Array.from({ length: n }, (_, i) => n * Number.EPSILON * a.data[i * n + i])
  const columns: BlockColumn[] = []
  for (let start = 0; start < n; start += blockSize) {
    await pause()
    const width = Math.min(blockSize, n - start)
    const inverse = invertSmallFactor(part(a, start, start, width, width), least.subarray(start))
    const left = part(a, start + width, start, n - start - width, width)
    const below = await gemm.multiply(left, inverse, { transposeB: true })
    columns.push({ start, inverse, below })
    for (let from = 0; from < below.rows; from += stripe) {
      const here = rows(below, from, below.rows)
      const across = rows(below, from, Math.min(from + stripe, below.rows))
      const update = await gemm.multiply(here, across, { transposeB: true })
      for (let i = 0; i < update.rows; i++) {
        const to = (start + width + from + i) * n + start + width + from
        const at = i * update.cols
        const last = Math.min(i + 1, update.cols)
        for (let j = 0; j < last; j++) a.data[to + j] -= update.data[at + j]
      }
    }
  }
  return { size: n, columns }
}

/**
 * L⁻¹ b.
 * @param b [n, m], written over with the result
 */
export async function solveLower({ size, columns }: CholeskyFactor, b: Matrix64, gemm: Gemm): Promise<void> {
  checkRows(size, b)
  for (const { start, inverse, below } of columns) {
    const here = rows(b, start, start + inverse.rows)
    here.data.set((await gemm.multiply(inverse, here)).data)
    if (below.rows === 0) continue
    const update = await gemm.multiply(below, here)
    subtract(rows(b, start + inverse.rows, size), update)
  }
}

/**
 * (L Lᵀ)⁻¹ b.
 * @param b [n, m], written over with the result
 */
export async function solveFactored(factor: CholeskyFactor, b: Matrix64, gemm: Gemm): Promise<void> {
  await solveLower(factor, b, gemm)
  for (const { start, inverse, below } of factor.columns.toReversed()) {
    const here = rows(b, start, start + inverse.rows)
    if (below.rows > 0) {
      const rest = rows(b, start + inverse.rows, factor.size)
      subtract(here, await gemm.multiply(below, rest, { transposeA: true }))
    }
    here.data.set((await gemm.multiply(inverse, here, { transposeA: true })).data)
  }
}

function checkRows(size: number, b: Matrix64): void {
  if (b.rows === size) return
  throw new HeschlError('SHAPE_MISMATCH', 'A system has right-hand sides of another length', {
    expected: `${size} rows`,
    found: `${b.rows} rows`,
  })
}

/** A copy of a part. */
function part(a: Matrix64, row: number, col: number, height: number, width: number): Matrix64 {
  const out = zeros64(height, width)
  for (let i = 0; i < height; i++) {
    const start = (row + i) * a.cols + col
    out.data.set(a.data.subarray(start, start + width), i * width)
  }
  return out
}

/** Some rows, as a view. */
function rows(a: Matrix64, first: number, end: number): Matrix64 {
  return { data: a.data.subarray(first * a.cols, end * a.cols), rows: end - first, cols: a.cols }
}

function subtract(a: Matrix64, b: Matrix64): void {
  for (let i = 0; i < a.data.length; i++) a.data[i] -= b.data[i]
}
