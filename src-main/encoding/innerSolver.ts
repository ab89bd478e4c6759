/**
 * Errors of the inner folds of an outer fold from matrices that `fastSolver` has: with c and P as there, I the samples
 * that an inner fold holds out and T the outer fold's training samples, residuals of the fit on the rest of T are
 *   R c_I⁽⁻ᶠ⁾,  R = [P_II⁽⁻ᶠ⁾ + 11ᵀ / (n_T a)]⁻¹,  P_II⁽⁻ᶠ⁾ = P_II - P_IF P_FF⁻¹ P_FI,
 * where features and target are centred on T and not again inside: himalaya's KernelRidgeCV on a centred kernel.
 * Without an intercept nothing is centred, and 11ᵀ / (n_T a) is left out.
 */
import type { Gemm } from '../linalg/gemm.ts'
import { invertTiles } from '../linalg/inverse.ts'
import type { Matrix64 } from '../linalg/matrix.ts'
import { takeScratch } from '../linalg/scratch.ts'
import { lowerTiles } from '../linalg/tiles.ts'
import { norm2, sum } from '../linalg/vector.ts'
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

interface InnerFit {
  /** [inner, inner], R; in an array that is to be given back. */
  readonly residual: Matrix64
  /** [inner], R 1. */
  readonly constants: Float64Array
  /** Frobenius norm of the inverse in it. */
  readonly inverseNorm: number
  /** Root mean square over samples of what a relative rounding error of 1 in products with P does to a residual. */
  readonly growth: number
}

/** @throws HeschlError NUMERICAL where float64 does not hold the inverse */
export async function solveInner(
  { p, rowSquares, alpha, intercept }: WholeFit,
  fit: OuterFit,
  inner: InnerFold,
  gemm: Gemm,
): Promise<InnerFit> {
  const { fold, cross, squares } = fit
  const count = innerSize(inner)
  const product = rowsOf(fit.product, inner)
  const crossHere = rowsOf(cross, inner)
  const samples = inner.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i))
  const part = ({ data, cols }: Matrix64, first: number, end: number): Matrix64 => {
    return { data: data.subarray(first * cols, end * cols), rows: end - first, cols }
  }
  const rows = lowerTiles(count)
  for (const tile of rows.flat()) {
    const { top, first } = tile
    for (let i = 0; i < tile.rows; i++) copyPart(rowOf(p, samples[top + i]), inner, first, rowOf(tile, i))
    const [left, right] = [part(product, top, top + tile.rows), part(crossHere, first, first + tile.cols)]
    await gemm.multiply(left, right, { transposeB: true, subtract: true, out: tile })
  }
  const room: Matrix64 = { data: takeScratch(count * count), rows: count, cols: count }
  const residual = await invertTiles(rows, gemm, room)
  const inverseNorm = norm2(residual.data)
  if (intercept) addConstant(residual, (p.rows - (fold.end - fold.start)) * alpha)
  const constants = Float64Array.from({ length: count }, (_, i) => sum(rowOf(residual, i)))
  const own = Float64Array.from(samples, (sample) => squares[sample])
  const outer = rowSquares.subarray(fold.start, fold.end)
  const grown = meanSquares(residual, own, stride) + meanSquares(await someRows(residual, product, gemm), outer, 1)
  return { residual, constants, inverseNorm, growth: Math.sqrt(grown) }
}

/** Rows of which one is looked at: a mean over some hundreds is as good; of products fewer. */
const stride = 4
const someStride = 32

/** Some rows of a product: what rounding errors of the held-out samples do, which reach all residuals. */
function someRows(residual: Matrix64, product: Matrix64, gemm: Gemm): Promise<Matrix64> {
  const rows = Math.ceil(residual.rows / someStride)
  const data = new Float64Array(rows * residual.cols)
  for (let i = 0; i < rows; i++) data.set(rowOf(residual, i * someStride), i * residual.cols)
  return gemm.multiply({ data, rows, cols: residual.cols }, product)
}

/** Mean over rows, one of `step`, of the sum of squares, each times its column's weight. */
function meanSquares({ data, rows, cols }: Matrix64, weights: Float64Array, step: number): number {
  let total = 0
  for (let i = 0; i < rows; i += step) {
    for (let j = 0, at = i * cols; j < cols; j++, at++) total += data[at] ** 2 * weights[j]
  }
  return total / Math.ceil(rows / step)
}

/** Elements of a row's stretches, put one after the other: from `first` on, as many as there is room for. */
function copyPart(row: Float64Array, pieces: InnerFold, first: number, out: Float64Array): void {
  let at = -first
  for (const { start, end } of pieces) {
    const from = start + Math.max(0, -at)
    const to = Math.min(end, start + out.length - at)
    if (to > from) out.set(row.subarray(from, to), at + from - start)
    at += end - start
  }
}

/** Rows of some stretches; a view where there is one. */
function rowsOf({ data, cols }: Matrix64, pieces: InnerFold): Matrix64 {
  const views = pieces.map(({ start, end }) => data.subarray(start * cols, end * cols))
  const rows = innerSize(pieces)
  if (views.length === 1) return { data: views[0], rows, cols }
  const out = { data: new Float64Array(rows * cols), rows, cols }
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
    const factor = sums[i] / total
    for (let j = 0, at = i * inverse.cols; j < inverse.cols; j++, at++) inverse.data[at] -= factor * sums[j]
  }
}
