import type { Gemm } from '../linalg/gemm.ts'
import { invertPositiveDefinite } from '../linalg/inverse.ts'
import type { Matrix64 } from '../linalg/matrix.ts'
import { giveScratch, takeScratch } from '../linalg/scratch.ts'
import { norm2 } from '../linalg/vector.ts'
import type { Fold } from './folds.ts'
import { rowOf } from './split.ts'

export const holds = ({ start, end }: Fold, sample: number): boolean => sample >= start && sample < end

/** What is solved of one fold; P_FT and all that has its shape are transposed, and have meaningless rows for F. */
export interface OuterFit {
  readonly fold: Fold
  /** [n_samples, held out]: P_TF. */
  readonly cross: Matrix64
  /** [n_samples, held out]: P_TF P_FF⁻¹. */
  readonly product: Matrix64
  /** Frobenius norm of P_FF⁻¹. */
  readonly inverseNorm: number
  /** [n_samples]: P_ii⁽⁻ᶠ⁾. */
  readonly diagonal: Float64Array
  /** [n_samples]: squared norm of what products with P and M add up to a c⁽⁻ᶠ⁾. */
  readonly squares: Float64Array
  /**
   * Root mean square over training samples of what a relative rounding error of 1 in products with P and M does to a
   * leave-one-out error.
   */
  readonly growth: number
}

/** @param p as `fastSolver` has it */
export async function solveFold(p: Matrix64, rowSquares: Float64Array, fold: Fold, gemm: Gemm): Promise<OuterFit> {
  const n = p.rows
  const count = fold.end - fold.start
  const [cross, product] = [0, 1].map(() => ({ data: takeScratch(n * count), rows: n, cols: count }))
  for (let i = 0; i < n; i++) cross.data.set(rowOf(p, i).subarray(fold.start, fold.end), i * count)
  const heldOut = { data: cross.data.subarray(fold.start * count, fold.end * count), rows: count, cols: count }
  const inverse = await invertPositiveDefinite(heldOut, gemm)
  await gemm.multiply(cross, inverse, { out: product })
  const diagonal = new Float64Array(n)
  const squares = new Float64Array(n)
  let grown = 0
  for (let i = 0; i < n; i++) {
    if (holds(fold, i)) continue
    let value = p.data[i * n + i]
    let square = rowSquares[i]
    for (let f = 0, at = i * count; f < count; f++, at++) {
      value -= product.data[at] * cross.data[at]
      square += product.data[at] ** 2 * rowSquares[fold.start + f]
    }
    diagonal[i] = value
    squares[i] = square
    grown += square / value ** 2
  }
  const inverseNorm = norm2(inverse.data)
  return { fold, cross, product, inverseNorm, diagonal, squares, growth: Math.sqrt(grown / (n - count)) }
}

/** Lets the next fold have the room of this one's matrices, which must not be used any more. */
export function dropFit({ cross, product }: OuterFit): void {
  giveScratch(cross.data)
  giveScratch(product.data)
}
