/**
 * Ridge at one alpha for all folds from one inverse over all samples.
 *
 * With K the Gram matrix of the features centred over all n samples: P = (K + aI)⁻¹ - 11ᵀ/(na), F a fold's held-out
 * samples and T its complement. Block inversion gives the fold's own fit, features and target centred on T:
 *   M_F = -P_FF⁻¹ P_FT, predictions M_F y_T, dual coefficients c⁽⁻ᶠ⁾ = c_T + M_Fᵀ c_F with c = P y,
 *   P_ii⁽⁻ᶠ⁾ = P_ii + (M_Fᵀ P_FT)_ii, leave-one-out errors within T: c_i⁽⁻ᶠ⁾ / P_ii⁽⁻ᶠ⁾.
 * Every row of M_F sums to 1; M here is M_F - 11ᵀ/n_T, which keeps the signal's digits where alpha is large.
 * Inverses and sums are float64; P, M and what is multiplied with targets float32.
 */
import { invertPositiveDefinite } from '../linalg/cholesky.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { zeros32, zeros64, type Matrix32, type Matrix64 } from '../linalg/matrix.ts'
import { norm2, sum } from '../linalg/vector.ts'
import type { Fold } from './folds.ts'
import { batchSize, type AlphaSolver, type Prediction } from './solver.ts'
import { copyTraining, heldOutRows, rowOf, trainingSize } from './split.ts'

interface FoldSolution {
  readonly fold: Fold
  /** [held out, training], M above. */
  readonly m: Matrix32
  /** [training], 1 / P_ii⁽⁻ᶠ⁾. */
  readonly weights: Float64Array
  /** Largest norm of a row of M. */
  readonly reach: number
}

/** Where rounding is larger than these, `fastSolver` gives no answer. Measured against `exactSolver`; see its test. */
const limits = {
  /** Relative error of M from the float64 inverse. */
  inverse: 1e-6,
  /** Root mean square over samples of how much float32 rounding grows in a leave-one-out error. */
  growth: 100,
}

/** Above this multiple of the largest eigenvalue of K, M = K_FT / a to float32 precision. */
const asymptotic = 1e6

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
  folds: readonly Fold[],
  gemm: Gemm,
): Promise<AlphaSolver | undefined> {
  const n = k.rows
  // K has the null vector 1: given an eigenvalue of 1 there, the inverse holds no large part that cancels later.
  const shifted = zeros64(n, n)
  for (let i = 0; i < k.data.length; i++) shifted.data[i] = k.data[i]! + 1 / n
  for (let i = 0; i < n; i++) shifted.data[i * n + i]! += alpha
  const p = await invertPositiveDefinite(shifted, gemm)
  for (let i = 0; i < p.data.length; i++) p.data[i]! -= 1 / (n * (1 + alpha))
  const normOfP = await spectralNorm(p, gemm)
  // Errors are ratios of P's elements: its scale is free, and the largest is made 1 for float32's range.
  let largest = 0
  for (let i = 0; i < n; i++) largest = Math.max(largest, p.data[i * n + i]!)
  const rowSquares = Float64Array.from({ length: n }, (_, i) => norm2(rowOf(p, i)) ** 2)
  const solutions: FoldSolution[] = []
  for (const fold of folds) {
    const { heldOut, cross } = heldOutRows(p, fold)
    const inverse = await invertPositiveDefinite(heldOut, gemm)
    const product = await gemm.multiply(inverse, cross)
    const inverseError = Number.EPSILON * (norm + alpha) * normOfP * normOfP * norm2(inverse.data)
    const nTraining = cross.cols
    const diagonal = new Float64Array(nTraining)
    const grown = new Float64Array(nTraining)
    for (let i = 0; i < nTraining; i++) {
      const sample = i < fold.start ? i : i + fold.end - fold.start
      diagonal[i] = p.data[sample * n + sample]!
      grown[i] = rowSquares[sample]!
    }
    for (let f = 0; f < product.rows; f++) {
      const row = rowOf(product, f)
      const crossRow = rowOf(cross, f)
      for (let i = 0; i < nTraining; i++) {
        diagonal[i]! -= row[i]! * crossRow[i]!
        grown[i]! += row[i]! ** 2 * rowSquares[fold.start + f]!
      }
    }
    let growth = 0
    for (let i = 0; i < nTraining; i++) {
      if (!(diagonal[i]! > 0)) return undefined
      growth += grown[i]! / diagonal[i]! ** 2 / nTraining
    }
    if (!(inverseError <= limits.inverse) || !(Math.sqrt(growth) <= limits.growth)) return undefined
    const m = alpha > asymptotic * norm ? asymptoticM(k, alpha, fold) : rounded(product, -1, 1 / nTraining)
    solutions.push({ fold, m, weights: diagonal.map((value) => largest / value), reach: reachOf(m) })
  }
  return solverOf(rounded(p, 1 / largest, 0), solutions, gemm)
}

function solverOf(p: Matrix32, solutions: readonly FoldSolution[], gemm: Gemm): AlphaSolver {
  const n = p.rows
  const c = zeros32(batchSize, n)
  const scratch = solutions.map(({ fold }) => ({
    heldOut: zeros32(batchSize, fold.end - fold.start),
    spread: zeros32(batchSize, trainingSize(fold, n)),
  }))
  return {
    bytes:
      p.data.byteLength +
      solutions.reduce((total, { m, weights }) => total + m.data.byteLength + weights.byteLength, 0),
    async errors(y, out) {
      await gemm.multiply(y, p, { out: c })
      for (const [index, { fold, m, weights }] of solutions.entries()) {
        const { heldOut, spread } = scratch[index]!
        for (let t = 0; t < batchSize; t++) rowOf(heldOut, t).set(rowOf(c, t).subarray(fold.start, fold.end))
        await gemm.multiply(heldOut, m, { out: spread })
        for (let t = 0; t < batchSize; t++) {
          const mean = sum(rowOf(heldOut, t)) / weights.length
          out[index * batchSize + t] = meanSquare(rowOf(c, t), rowOf(spread, t), mean, weights, fold)
        }
      }
    },
    async predict(index, training): Promise<Prediction> {
      const { m, reach } = solutions[index]!
      const values = await gemm.multiply(training, m, { transposeB: true })
      const resolution = new Float64Array(training.rows)
      for (let t = 0; t < training.rows; t++) resolution[t] = 1e-6 * reach * norm2(rowOf(training, t))
      return { values, resolution }
    },
  }
}

/** Mean of ((c_T + Mᵀc_F + mean) w)² over the training samples. Four sums, so that additions need not wait. */
function meanSquare(c: Float32Array, spread: Float32Array, mean: number, weights: Float64Array, fold: Fold): number {
  const sums = [0, 0, 0, 0] as [number, number, number, number]
  addSquares(c, 0, spread, 0, fold.start, mean, weights, sums)
  addSquares(c, fold.end, spread, fold.start, weights.length - fold.start, mean, weights, sums)
  return (sums[0] + sums[1] + (sums[2] + sums[3])) / weights.length
}

function addSquares(
  c: Float32Array,
  from: number,
  spread: Float32Array,
  start: number,
  count: number,
  mean: number,
  weights: Float64Array,
  sums: [number, number, number, number],
): void {
  let [s0, s1, s2, s3] = sums
  let i = start
  let j = from
  const end = start + count
  for (; i + 3 < end; i += 4, j += 4) {
    const e0 = (c[j]! + spread[i]! + mean) * weights[i]!
    const e1 = (c[j + 1]! + spread[i + 1]! + mean) * weights[i + 1]!
    const e2 = (c[j + 2]! + spread[i + 2]! + mean) * weights[i + 2]!
    const e3 = (c[j + 3]! + spread[i + 3]! + mean) * weights[i + 3]!
    s0 += e0 * e0
    s1 += e1 * e1
    s2 += e2 * e2
    s3 += e3 * e3
  }
  for (; i < end; i++, j++) s0 += ((c[j]! + spread[i]! + mean) * weights[i]!) ** 2
  sums[0] = s0
  sums[1] = s1
  sums[2] = s2
  sums[3] = s3
}

/** factor a - shift, rounded to float32. */
function rounded(a: Matrix64, factor: number, shift: number): Matrix32 {
  const out = zeros32(a.rows, a.cols)
  for (let i = 0; i < out.data.length; i++) out.data[i] = factor * a.data[i]! - shift
  return out
}

/** K_FT / a, K centred on the training samples: what M tends to for a large alpha. */
function asymptoticM(k: Matrix64, alpha: number, fold: Fold): Matrix32 {
  const count = fold.end - fold.start
  const nTraining = k.rows - count
  const out = zeros32(count, nTraining)
  const row = new Float64Array(nTraining)
  const means = new Float64Array(k.rows)
  let grand = 0
  for (let i = 0; i < k.rows; i++) {
    copyTraining(rowOf(k, i), fold, row)
    means[i] = sum(row) / nTraining
    if (i < fold.start || i >= fold.end) grand += means[i]! / nTraining
  }
  const trainingMeans = new Float64Array(nTraining)
  copyTraining(means, fold, trainingMeans)
  for (let f = 0; f < count; f++) {
    copyTraining(rowOf(k, fold.start + f), fold, row)
    for (let i = 0; i < nTraining; i++) {
      out.data[f * nTraining + i] = (row[i]! - means[fold.start + f]! - trainingMeans[i]! + grand) / alpha
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

function reachOf(m: Matrix32): number {
  let largest = 0
  for (let f = 0; f < m.rows; f++) largest = Math.max(largest, norm2(rowOf(m, f)))
  return largest
}
