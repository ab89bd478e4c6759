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
import type { OuterFit } from './fastSolver.ts'
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

interface InnerFit {
  /** [inner, inner + outer held out]: R. */
  readonly residual: Matrix64
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
  const residual = zeros64(count, count + held)
  const squares = Float64Array.from([...samplesOf(inner), ...samplesOf([fold])], (sample) => rowSquares[sample])
  let grown = 0
  for (let i = 0; i < count; i++) {
    const out = rowOf(residual, i)
    out.set(rowOf(inverse, i))
    for (let f = 0; f < held; f++) out[count + f] = -outerPart.data[i * held + f]
    for (let j = 0; j < out.length; j++) grown += out[j] ** 2 * squares[j]
  }
  return { residual, inverseNorm, growth: Math.sqrt(grown / count) }
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
