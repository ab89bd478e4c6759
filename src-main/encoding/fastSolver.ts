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
import { giveScratch, takeScratch } from '../linalg/scratch.ts'
import { norm2, sum } from '../linalg/vector.ts'
import type { Fold } from './folds.ts'
import type { InnerFold } from './innerFolds.ts'
import { solveInner } from './innerSolver.ts'
import { dropFit, holds, solveFold, type OuterFit } from './outerFit.ts'
import type { FoldSolution, InnerSolution, ProductSolution } from './solutions.ts'
import { copyTraining, rowOf } from './split.ts'

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

/**
 * Largest eigenvalue over alpha above which too much of dual coefficients cancels in weights of features for float32:
 * where it was 2e4, weights were wrong by 3e-4 of the largest.
 */
const cancellation = 100

/** Above this multiple of the largest eigenvalue of K, M = K_FT / a to float32 precision. */
const asymptotic = 1e6

export interface Validation {
  readonly folds: readonly Fold[]
  /** Each fold's own folds, where alphas are chosen by them. */
  readonly inner: readonly (readonly InnerFold[])[] | undefined
  readonly intercept: boolean
  /** Whether the weights of features will be computed from dual coefficients. */
  readonly weights: boolean
}

/**
 * @param k [n, n] Gram matrix with a mean eigenvalue of 1
 * @param norm its largest eigenvalue
 * @param alpha in units of the mean eigenvalue
 * @param pause awaited between products, so that the caller can let others run, or throw
 * @returns undefined where the result would not be trustworthy
 */
export async function fastSolver(
  k: Matrix64,
  norm: number,
  alpha: number,
  { folds, inner, intercept, weights }: Validation,
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<ProductSolution | undefined> {
  const n = k.rows
  // A centred K has the null vector 1: given an eigenvalue of 1 there, the inverse holds no large part that cancels
  // later.
  const constant = intercept ? 1 / n : 0
  const p = await invertPositiveDefinite(k, gemm, { pause, constant, diagonal: alpha, room: takeScratch(n * n) })
  if (intercept) for (let i = 0; i < p.data.length; i++) p.data[i] -= constant / (1 + alpha)
  const normOfP = await spectralNorm(p, gemm)
  // Errors are ratios of P's elements: its scale is free, and the largest is made 1 for float32's range.
  let largest = 0
  for (let i = 0; i < n; i++) largest = Math.max(largest, p.data[i * n + i])
  const rowSquares = Float64Array.from({ length: n }, (_, i) => norm2(rowOf(p, i)) ** 2)
  const whole = { k, p, rowSquares, alpha, intercept, largest, asymptotic: alpha > asymptotic * norm }
  const trusted = (inverseNorm: number) =>
    Number.EPSILON * (norm + alpha) * normOfP * normOfP * inverseNorm <= inverseLimit
  async function solveAll(float64: boolean): Promise<ProductSolution | 'more digits' | undefined> {
    const storedP = stored(p, 1 / largest, float64)
    const solutions: FoldSolution[] = []
    for (const [index, fold] of folds.entries()) {
      await pause()
      const fit = await solveFold(p, rowSquares, fold, gemm)
      if (!trusted(fit.inverseNorm) || fit.diagonal.some((value, i) => !(value > 0) && !holds(fold, i)))
        return undefined
      if (!inner && !float64 && fit.growth > growthLimit) return 'more digits'
      const solved: InnerSolution[] = []
      for (const one of inner?.[index] ?? []) {
        await pause()
        const { residual, constants, inverseNorm, growth } = await solveInner(whole, fit, one, gemm)
        if (!trusted(inverseNorm)) return undefined
        if (!float64 && growth > growthLimit) return 'more digits'
        const scaled = constants.map((value) => value * largest)
        solved.push({ residual: stored(residual, largest, float64), constants: scaled })
        giveScratch(residual.data)
      }
      solutions.push({ ...foldSolution(whole, fit, storedP, float64), ...(inner && { inner: solved }) })
      dropFit(fit)
    }
    return { kind: 'product', p: storedP, size: largest, folds: solutions }
  }
  // Products in float64 where float32 would not do.
  let solution = await solveAll(weights && norm > cancellation * alpha)
  if (solution === 'more digits') solution = await solveAll(true)
  giveScratch(p.data)
  return solution === 'more digits' ? undefined : solution
}

interface Whole {
  readonly k: Matrix64
  readonly p: Matrix64
  readonly alpha: number
  readonly intercept: boolean
  /** P's largest element. */
  readonly largest: number
  readonly asymptotic: boolean
}

function foldSolution(whole: Whole, fit: OuterFit, storedP: Matrix, float64: boolean): FoldSolution {
  const { k, p, alpha, intercept, largest } = whole
  const { fold, diagonal } = fit
  const weights = new Float64Array(p.rows)
  for (const [i, value] of diagonal.entries()) {
    // A diagonal as float32 rounds it: what is rounded alike in numerator and denominator does not change their ratio.
    const at = i * (p.rows + 1)
    if (!holds(fold, i)) weights[i] = 1 / (value / largest + storedP.data[at] - p.data[at] / largest)
  }
  const m = whole.asymptotic ? asymptoticM(k, alpha, fold, intercept) : deviation(fit, intercept)
  return { fold, m: stored(m, 1, float64), weights, reach: largestColumn(m) }
}

/** M as the file's head has it, transposed; 0 for the held-out samples. */
function deviation({ fold, product }: OuterFit, intercept: boolean): Matrix64 {
  const m = affine(product, -1, intercept ? -1 / (product.rows - product.cols) : 0)
  m.data.fill(0, fold.start * m.cols, fold.end * m.cols)
  return m
}

/** A matrix times a factor, in shared memory. */
function stored({ data, rows, cols }: Matrix64, factor: number, float64: boolean): Matrix {
  const out: Matrix = (float64 ? sharedMatrix64 : sharedMatrix32)(rows, cols)
  // A loop for each type: one for both is slow.
  if (out.data instanceof Float32Array) scale32(data, factor, out.data)
  else scale64(data, factor, out.data)
  return out
}

function scale32(data: Float64Array, factor: number, out: Float32Array): void {
  for (let i = 0; i < data.length; i++) out[i] = factor * data[i]
}

function scale64(data: Float64Array, factor: number, out: Float64Array): void {
  for (let i = 0; i < data.length; i++) out[i] = factor * data[i]
}

/** factor a + shift, in place. */
function affine(a: Matrix64, factor: number, shift: number): Matrix64 {
  for (let i = 0; i < a.data.length; i++) a.data[i] = factor * a.data[i] + shift
  return a
}

/** Largest norm of a column. */
function largestColumn(m: Matrix64): number {
  const squares = new Float64Array(m.cols)
  for (let i = 0; i < m.rows; i++) {
    for (let f = 0, at = i * m.cols; f < m.cols; f++, at++) squares[f] += m.data[at] ** 2
  }
  return Math.sqrt(squares.reduce((a, b) => Math.max(a, b), 0))
}

/**
 * K_TF / a, K centred on the training samples where there is an intercept: what M tends to for a large alpha,
 * transposed.
 */
function asymptoticM(k: Matrix64, alpha: number, fold: Fold, intercept: boolean): Matrix64 {
  const n = k.rows
  const count = fold.end - fold.start
  const out = zeros64(n, count)
  const training = new Float64Array(n - count)
  const means = Float64Array.from({ length: n }, (_, i) => {
    if (!intercept) return 0
    copyTraining(rowOf(k, i), fold, training)
    return sum(training) / training.length
  })
  copyTraining(means, fold, training)
  const grand = sum(training) / training.length
  for (let i = 0; i < n; i++) {
    if (holds(fold, i)) continue
    for (let f = 0; f < count; f++) {
      const held = fold.start + f
      out.data[i * count + f] = (k.data[i * n + held] - means[held] - means[i] + grand) / alpha
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
