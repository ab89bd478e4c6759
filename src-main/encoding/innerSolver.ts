/**
 * Errors of the inner folds of an outer fold from matrices that `fastSolver` has: with c and P as there, I the samples
 * that an inner fold holds out and T the outer fold's training samples, residuals of the fit on the rest of T are
 *   [P_II⁽⁻ᶠ⁾ + 11ᵀ / (n_T a)]⁻¹ c_I⁽⁻ᶠ⁾ = R [c_I; c_F],  c_I⁽⁻ᶠ⁾ = c_I - (P_FF⁻¹ P_FI)ᵀ c_F,
 * where features and target are centred on T and not again inside: himalaya's KernelRidgeCV on a centred kernel.
 * Without an intercept nothing is centred, and 11ᵀ / (n_T a) is left out.
 */
import { invertPositiveDefinite } from '../linalg/inverse.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { zeros64, type Matrix64 } from '../linalg/matrix.ts'
import { norm2, sum } from '../linalg/vector.ts'
import type { Fold } from './folds.ts'
import { innerSize, type InnerFold } from './innerFolds.ts'
import type { OuterFit } from './outerFit.ts'
import { rowOf } from './split.ts'

/** What all folds at one alpha share. */
interface WholeFit {
  /** [n, n] */
  readonly p: Matrix64
  /** [n], squared norms of P's rows. */
  readonly rowSquares: Float64Array
  readonly alpha: number
  readonly intercept: boolean
}

export interface InnerFit {
  readonly inner: InnerFold
  /** [inner, inner] and, negated, [inner, outer held out]: side by side R. */
  readonly inverse: Matrix64
  readonly outerPart: Matrix64
  /** Frobenius norm of the inverse in it. */
  readonly inverseNorm: number
  /** Root mean square over samples of what a relative rounding error of 1 in products with P does to a residual. */
  readonly growth: number
}

/** @throws HeschlError NUMERICAL where float64 does not hold the inverse */
export async function solveInner(
  { p, rowSquares, alpha, intercept }: WholeFit,
  { fold, cross, product }: OuterFit,
  inner: InnerFold,
  gemm: Gemm,
): Promise<InnerFit> {
  const count = innerSize(inner)
  const held = fold.end - fold.start
  const productHere = rowsOf(product, inner)
  const block = zeros64(count, count)
  for (const [i, sample] of samplesOf(inner).entries()) {
    const row = rowOf(p, sample)
    let at = i * count
    for (const { start, end } of inner) {
      block.data.set(row.subarray(start, end), at)
      at += end - start
    }
  }
  await gemm.multiply(productHere, rowsOf(cross, inner), { transposeB: true, subtract: true, out: block })
  const inverse = await invertPositiveDefinite(block, gemm)
  const inverseNorm = norm2(inverse.data)
  if (intercept) addConstant(inverse, (p.rows - held) * alpha)
  const outerPart = await gemm.multiply(inverse, productHere)
  const grown =
    meanSquares(inverse, squaresOf(rowSquares, inner)) + meanSquares(outerPart, squaresOf(rowSquares, [fold]))
  return { inner, inverse, outerPart, inverseNorm, growth: Math.sqrt(grown) }
}

const squaresOf = (rowSquares: Float64Array, pieces: readonly Fold[]): Float64Array =>
  Float64Array.from(samplesOf(pieces), (sample) => rowSquares[sample])

/** Rows of which one is looked at: a mean over some hundreds is as good. */
const stride = 4

/** Mean over rows of the sum of squares, each times its column's weight. */
function meanSquares({ data, rows, cols }: Matrix64, weights: Float64Array): number {
  let total = 0
  for (let i = 0; i < rows; i += stride) {
    for (let j = 0, at = i * cols; j < cols; j++, at++) total += data[at] ** 2 * weights[j]
  }
  return total / Math.ceil(rows / stride)
}

const samplesOf = (pieces: readonly Fold[]): readonly number[] =>
  pieces.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i))

/** Rows of some stretches; a view where there is one. */
function rowsOf({ data, cols }: Matrix64, pieces: InnerFold): Matrix64 {
  const views = pieces.map(({ start, end }) => data.subarray(start * cols, end * cols))
  const rows = innerSize(pieces)
  if (views.length === 1) return { data: views[0], rows, cols }
  const out = zeros64(rows, cols)
  let at = 0
  for (const view of views) {
    out.data.set(view, at)
    at += view.length
  }
  return out
}

/**
 * The inverse of A + 11ᵀ / divisor from that of A, in place: A's digits would be lost beside a large constant.
 * Source: Sherman and Morrison (1950), Ann. Math. Statist. 21:124-127.
 */
function addConstant(inverse: Matrix64, divisor: number): void {
  const sums = Float64Array.from({ length: inverse.rows }, (_, i) => sum(rowOf(inverse, i)))
  const total = divisor + sum(sums)
  for (let i = 0; i < inverse.rows; i++) {
    for (let j = 0; j < inverse.cols; j++) inverse.data[i * inverse.cols + j] -= (sums[i] * sums[j]) / total
  }
}
