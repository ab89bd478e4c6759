import type { Gemm } from '../linalg/gemm.ts'
import { zeros32, zeros64, type Matrix } from '../linalg/matrix.ts'
import { norm2, sum } from '../linalg/vector.ts'
import type { Fold } from './folds.ts'
import { batchSize, type AlphaSolver, type Prediction } from './solver.ts'
import { rowOf, trainingSize } from './split.ts'

interface FoldSolution {
  readonly fold: Fold
  /** [held out, training], M of `fastSolver`. */
  readonly m: Matrix
  /** [training], 1 / P_ii⁽⁻ᶠ⁾ in the units of P. */
  readonly weights: Float64Array
}

/**
 * Ridge at one alpha from the matrices of `fastSolver`: products with targets in the element type of P and M.
 * @param p [n, n], P up to a factor
 */
export function productSolver(p: Matrix, solutions: readonly FoldSolution[], gemm: Gemm): AlphaSolver {
  const float64 = p.data instanceof Float64Array
  const zeros = float64 ? zeros64 : zeros32
  const resolution = float64 ? 1e-13 : 1e-6
  const reaches = solutions.map(({ m }) => largestRow(m))
  const c = zeros(batchSize, p.rows)
  const scratch = solutions.map(({ fold }) => ({
    heldOut: zeros(batchSize, fold.end - fold.start),
    spread: zeros(batchSize, trainingSize(fold, p.rows)),
  }))
  const bytes = solutions.reduce((total, { m, weights }) => total + m.data.byteLength + weights.byteLength, 0)
  const cast = (y: Matrix): Matrix => (float64 ? { ...y, data: Float64Array.from(y.data) } : y)
  return {
    bytes: bytes + p.data.byteLength,
    async errors(y, out) {
      await gemm.multiply(cast(y), p, { out: c })
      for (const [index, { fold, m, weights }] of solutions.entries()) {
        const { heldOut, spread } = scratch[index]
        for (let t = 0; t < batchSize; t++) rowOf(heldOut, t).set(rowOf(c, t).subarray(fold.start, fold.end))
        await gemm.multiply(heldOut, m, { out: spread })
        for (let t = 0; t < batchSize; t++) {
          const mean = sum(rowOf(heldOut, t)) / weights.length
          out[index * batchSize + t] = meanSquare(rowOf(c, t), rowOf(spread, t), mean, weights, fold)
        }
      }
    },
    async predict(index, training): Promise<Prediction> {
      const values = await gemm.multiply(cast(training), solutions[index].m, { transposeB: true })
      const floor = Float64Array.from(
        { length: training.rows },
        (_, t) => resolution * reaches[index] * norm2(rowOf(training, t)),
      )
      return { values, resolution: floor }
    },
  }
}

type Row = Float32Array | Float64Array

/** Mean of ((c_T + Mᵀc_F + mean) w)² over the training samples. */
function meanSquare(c: Row, spread: Row, mean: number, weights: Float64Array, fold: Fold): number {
  const before = sumOfSquares(c, 0, spread, 0, fold.start, mean, weights)
  const after = sumOfSquares(c, fold.end, spread, fold.start, weights.length - fold.start, mean, weights)
  return (before + after) / weights.length
}

/** Four sums, so that an addition need not wait for the one before. */
function sumOfSquares(
  c: Row,
  from: number,
  spread: Row,
  start: number,
  count: number,
  mean: number,
  weights: Float64Array,
): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let i = start
  let j = from
  for (; i + 3 < start + count; i += 4, j += 4) {
    const e0 = (c[j] + spread[i] + mean) * weights[i]
    const e1 = (c[j + 1] + spread[i + 1] + mean) * weights[i + 1]
    const e2 = (c[j + 2] + spread[i + 2] + mean) * weights[i + 2]
    const e3 = (c[j + 3] + spread[i + 3] + mean) * weights[i + 3]
    s0 += e0 * e0
    s1 += e1 * e1
    s2 += e2 * e2
    s3 += e3 * e3
  }
  for (; i < start + count; i++, j++) s0 += ((c[j] + spread[i] + mean) * weights[i]) ** 2
  return s0 + s1 + (s2 + s3)
}

function largestRow(m: Matrix): number {
  let largest = 0
  for (let f = 0; f < m.rows; f++) largest = Math.max(largest, norm2(rowOf(m, f)))
  return largest
}
