/**
 * Ridge at one alpha for all folds from one inverse over all samples.
 *
 * With K the Gram matrix of the features centred over all n samples: P = (K + aI)⁻¹ - 11ᵀ/(na), F a fold's held-out
 * samples and T its complement. Block inversion gives the fold's own fit, features and target centred on T:
 *   M_F = -P_FF⁻¹ P_FT, predictions M_F y_T, dual coefficients c⁽⁻ᶠ⁾ = c_T + M_Fᵀ c_F with c = P y,
 *   P_ii⁽⁻ᶠ⁾ = P_ii + (M_Fᵀ P_FT)_ii, leave-one-out errors within T: c_i⁽⁻ᶠ⁾ / P_ii⁽⁻ᶠ⁾.
 * Every row of M_F sums to 1; M here is M_F - 11ᵀ/n_T, which keeps the signal's digits where alpha is large.
 * Without an intercept K is that of the features as they are, and all terms with 1 are left out.
 * Inverses and sums are float64; P, M and what is multiplied with targets float32, where that is enough.
 */
import { invertPositiveDefinite } from '../linalg/inverse.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { sharedMatrix32, sharedMatrix64, zeros64, type Matrix, type Matrix64 } from '../linalg/matrix.ts'
import { norm2, sum } from '../linalg/vector.ts'
import type { Fold } from './folds.ts'
import type { InnerFold } from './innerFolds.ts'
import { solveInner } from './innerSolver.ts'
import type { ProductSolution } from './solutions.ts'
import { copyTraining, heldOutRows, rowOf } from './split.ts'

/**
 * Largest estimate of the relative error of M, from the float64 inverse, with which this way is taken. Against
 * `exactSolver` on the reference problems the estimate bounded the error of the predictions from above.
 */
const inverseLimit = 1e-6

/**
 * Root mean square over samples of the growth of rounding errors from c to an error of leave-one-out or an inner fold,
 * above which products are float64. On the reference problems float32 changed the errors by at most 1e-6 times it.
 */
const growthLimit = 20

/** Above this multiple of the largest eigenvalue of K, M = K_FT / a to float32 precision. */
const asymptotic = 1e6

interface Validation {
  readonly folds: readonly Fold[]
  /** Each fold's own folds, where alphas are chosen by them. */
  readonly inner: readonly (readonly InnerFold[])[] | undefined
  readonly intercept: boolean
}

/**
 * @param k [n, n] Gram matrix with a mean eigenvalue of 1
 * @param norm its largest eigenvalue
 * @param alpha in units of the mean eigenvalue
 * @returns undefined where the result would not be trustworthy
 */
export async function fastSolver(
  k: Matrix64,
  norm: number,
  alpha: number,
  { folds, inner, intercept }: Validation,
  gemm: Gemm,
): Promise<ProductSolution | undefined> {
  const n = k.rows
  // A centred K has the null vector 1: given an eigenvalue of 1 there, the inverse holds no large part that cancels
  // later.
  const constant = intercept ? 1 / n : 0
  const shifted = zeros64(n, n)
  for (let i = 0; i < k.data.length; i++) shifted.data[i] = k.data[i] + constant
  for (let i = 0; i < n; i++) shifted.data[i * n + i] += alpha
  const p = await invertPositiveDefinite(shifted, gemm)
  for (let i = 0; i < p.data.length; i++) p.data[i] -= constant / (1 + alpha)
  const normOfP = await spectralNorm(p, gemm)
  // Errors are ratios of P's elements: its scale is free, and the largest is made 1 for float32's range.
  let largest = 0
  for (let i = 0; i < n; i++) largest = Math.max(largest, p.data[i * n + i])
  const rowSquares = Float64Array.from({ length: n }, (_, i) => norm2(rowOf(p, i)) ** 2)
  const parts: { fold: Fold; m: Matrix64; diagonal: Float64Array; fits: Awaited<ReturnType<typeof solveInner>>[] }[] =
    []
  let worstGrowth = 0
  for (const [index, fold] of folds.entries()) {
    const { product, cross, diagonal, growth, inverseNorm } = await solveFold(p, rowSquares, fold, gemm)
    const trusted = (norms: number) => Number.EPSILON * (norm + alpha) * normOfP * normOfP * norms <= inverseLimit
    if (!trusted(inverseNorm) || diagonal.some((value) => !(value > 0))) return undefined
    const fits = []
    for (const one of inner?.[index] ?? []) {
      const fit = await solveInner({ p, rowSquares, fold, cross, product, alpha, intercept }, one, gemm)
      if (!trusted(fit.inverseNorm)) return undefined
      worstGrowth = Math.max(worstGrowth, fit.growth)
      fits.push(fit)
    }
    if (!inner) worstGrowth = Math.max(worstGrowth, growth)
    const far = alpha > asymptotic * norm
    const m = far ? asymptoticM(k, alpha, fold, intercept) : affine(product, -1, intercept ? -1 / diagonal.length : 0)
    parts.push({ fold, m, diagonal, fits })
  }
  const scaled = affine(p, 1 / largest, 0)
  // Products in float64 where float32 would not do.
  const float64 = worstGrowth > growthLimit
  const storedP = stored(scaled, float64)
  const solutions = parts.map(({ fold, m, diagonal, fits }) => {
    const weights = new Float64Array(n)
    for (const [i, value] of diagonal.entries()) {
      const sample = i < fold.start ? i : i + fold.end - fold.start
      // A diagonal as float32 rounds it: what is rounded alike in numerator and denominator does not change their ratio.
      const at = sample * (n + 1)
      weights[sample] = 1 / (value / largest + storedP.data[at] - scaled.data[at])
    }
    const solution = { fold, m: transposed(m, fold, float64), weights, reach: largestRow(m) }
    if (!inner) return solution
    const solved = fits.map(({ inner, residual }) => ({
      inner,
      residual: stored(affine(residual, largest, 0), float64),
    }))
    return { ...solution, inner: solved }
  })
  return { kind: 'product', p: storedP, size: largest, folds: solutions }
}

/**
 * One fold's part of the above: P_FF⁻¹ P_FT, the Frobenius norm of P_FF⁻¹, the P_ii⁽⁻ᶠ⁾, and the root mean square over
 * training samples of what a relative rounding error of 1 in products with P and M does to a leave-one-out error.
 */
async function solveFold(
  p: Matrix64,
  rowSquares: Float64Array,
  fold: Fold,
  gemm: Gemm,
): Promise<{ product: Matrix64; cross: Matrix64; inverseNorm: number; diagonal: Float64Array; growth: number }> {
  const { heldOut, cross } = heldOutRows(p, fold)
  const inverse = await invertPositiveDefinite(heldOut, gemm)
  const product = await gemm.multiply(inverse, cross)
  const diagonal = new Float64Array(cross.cols)
  const grown = new Float64Array(cross.cols)
  for (let i = 0; i < cross.cols; i++) {
    const sample = i < fold.start ? i : i + fold.end - fold.start
    diagonal[i] = p.data[sample * p.cols + sample]!
    grown[i] = rowSquares[sample]!
  }
  for (let f = 0; f < product.rows; f++) {
    const row = rowOf(product, f)
    const crossRow = rowOf(cross, f)
    for (let i = 0; i < row.length; i++) {
      diagonal[i] -= row[i] * crossRow[i]
      grown[i] += row[i] ** 2 * rowSquares[fold.start + f]
    }
  }
  const growth = Math.sqrt(grown.reduce((sum, value, i) => sum + value / diagonal[i] ** 2, 0) / cross.cols)
  return { product, cross, inverseNorm: norm2(inverse.data), diagonal, growth }
}

/** A copy in shared memory. */
function stored(a: Matrix64, float64: boolean): Matrix {
  const out: Matrix = (float64 ? sharedMatrix64 : sharedMatrix32)(a.rows, a.cols)
  out.data.set(a.data)
  return out
}

/** factor a + shift, in place. */
function affine(a: Matrix64, factor: number, shift: number): Matrix64 {
  for (let i = 0; i < a.data.length; i++) a.data[i] = factor * a.data[i] + shift
  return a
}

/** [n_samples, held out] of [held out, training]. */
function transposed(m: Matrix64, fold: Fold, float64: boolean): Matrix {
  const out: Matrix = (float64 ? sharedMatrix64 : sharedMatrix32)(m.cols + m.rows, m.rows)
  for (let f = 0; f < m.rows; f++) {
    for (let i = 0; i < m.cols; i++) {
      const sample = i < fold.start ? i : i + m.rows
      out.data[sample * m.rows + f] = m.data[f * m.cols + i]!
    }
  }
  return out
}

function largestRow(m: Matrix64): number {
  let largest = 0
  for (let f = 0; f < m.rows; f++) largest = Math.max(largest, norm2(rowOf(m, f)))
  return largest
}

/** K_FT / a, K centred on the training samples where there is an intercept: what M tends to for a large alpha. */
function asymptoticM(k: Matrix64, alpha: number, fold: Fold, intercept: boolean): Matrix64 {
  const count = fold.end - fold.start
  const nTraining = k.rows - count
  const out = zeros64(count, nTraining)
  const row = new Float64Array(nTraining)
  const means = new Float64Array(k.rows)
  let grand = 0
  const centred = intercept ? k.rows : 0
  for (let i = 0; i < centred; i++) {
    copyTraining(rowOf(k, i), fold, row)
    means[i] = sum(row) / nTraining
    if (i < fold.start || i >= fold.end) grand += means[i] / nTraining
  }
  const trainingMeans = new Float64Array(nTraining)
  copyTraining(means, fold, trainingMeans)
  for (let f = 0; f < count; f++) {
    copyTraining(rowOf(k, fold.start + f), fold, row)
    for (let i = 0; i < nTraining; i++) {
      out.data[f * nTraining + i] = (row[i] - means[fold.start + f] - trainingMeans[i] + grand) / alpha
    }
  }
  return out
}

/** Largest eigenvalue of a symmetric positive semidefinite matrix, from below, by a few steps of power iteration. */
export async function spectralNorm(a: Matrix64, gemm: Gemm): Promise<number> {
  // Any start that is not orthogonal to the leading vector will do; this one is the same every time.
  let v: Matrix64 = {
    data: Float64Array.from({ length: a.rows }, (_, i) => Math.sin(1 + i * i)),
    rows: a.rows,
    cols: 1,
  }
  let norm = 0
  for (let step = 0; step < 6; step++) {
    const length = norm2(v.data)
    if (!(length > 0)) return 0
    v = { ...v, data: v.data.map((value) => value / length) }
    v = await gemm.multiply(a, v)
    norm = norm2(v.data)
  }
  return norm
}
