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
import { copyTraining, rowOf, trainingSize } from './split.ts'

/** One outer fold at one alpha, as `fastSolver` has it. */
export interface OuterFit {
  /** [n, n] */
  readonly p: Matrix64
  /** [n], squared norms of P's rows. */
  readonly rowSquares: Float64Array
  readonly fold: Fold
  /** [held out, training], P_FT. */
  readonly cross: Matrix64
  /** [held out, training], P_FF⁻¹ P_FT. */
  readonly product: Matrix64
  readonly alpha: number
  readonly intercept: boolean
}

interface InnerFit {
  readonly inner: InnerFold
  /** [inner, inner + outer held out]: R. */
  readonly residual: Matrix64
  /** Frobenius norm of the inverse in it. */
  readonly inverseNorm: number
  /** Root mean square over samples of what a relative rounding error of 1 in products with P does to a residual. */
  readonly growth: number
}

/** @throws HeschlError NUMERICAL where float64 does not hold the inverse */
export async function solveInner(outer: OuterFit, inner: InnerFold, gemm: Gemm): Promise<InnerFit> {
  const { p, rowSquares, fold, cross, product, alpha, intercept } = outer
  const count = innerSize(inner)
  const held = fold.end - fold.start
  const nTraining = trainingSize(fold, p.rows)
  const first = inner[0].start < fold.start ? inner[0].start : inner[0].start - held
  const productHere = columnsOf(product, first, count)
  const spread = await gemm.multiply(productHere, columnsOf(cross, first, count), { transposeA: true })
  const block = zeros64(count, count)
  const row = new Float64Array(nTraining)
  const samples = inner.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i))
  for (const [i, sample] of samples.entries()) {
    copyTraining(rowOf(p, sample), fold, row)
    for (let j = 0; j < count; j++) {
      block.data[i * count + j] = row[first + j] - spread.data[i * count + j]
    }
  }
  const inverse = await invertPositiveDefinite(block, gemm)
  const inverseNorm = norm2(inverse.data)
  if (intercept) addConstant(inverse, nTraining * alpha)
  const outerPart = await gemm.multiply(inverse, productHere, { transposeB: true })
  const residual = zeros64(count, count + held)
  for (let f = 0; f < held; f++) samples.push(fold.start + f)
  let grown = 0
  for (let i = 0; i < count; i++) {
    const out = rowOf(residual, i)
    out.set(rowOf(inverse, i))
    for (let f = 0; f < held; f++) out[count + f] = -outerPart.data[i * held + f]
    for (let j = 0; j < out.length; j++) grown += out[j] ** 2 * rowSquares[samples[j]]
  }
  return { inner, residual, inverseNorm, growth: Math.sqrt(grown / count) }
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

/** [rows, count], columns from `first` on. */
function columnsOf(a: Matrix64, first: number, count: number): Matrix64 {
  const out = zeros64(a.rows, count)
  for (let i = 0; i < a.rows; i++) out.data.set(rowOf(a, i).subarray(first, first + count), i * count)
  return out
}
