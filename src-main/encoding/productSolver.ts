import type { Gemm } from '../linalg/gemm.ts'
import { zeros32, zeros64, type Matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/vector.ts'
import { looErrors } from './looErrors.ts'
import type { Fold } from './folds.ts'
import { batchSize, type AlphaSolver, type Prediction } from './solver.ts'
import { rowOf } from './split.ts'

interface FoldSolution {
  readonly fold: Fold
  /** [training, held out], the transpose of `fastSolver`'s M. */
  readonly m: Matrix
  /** [training], 1 / P_ii⁽⁻ᶠ⁾ in the units of P. */
  readonly weights: Float64Array
  /** Largest norm of a row of M. */
  readonly reach: number
}

/** Ridge at one alpha from the matrices of `fastSolver`: products with targets in the element type of P and M. */
export interface ProductSolution {
  readonly kind: 'product'
  /** [n, n], P up to a factor. */
  readonly p: Matrix
  readonly folds: readonly FoldSolution[]
}

/** Intermediate products of a thread, shared by the alphas; one of each element type, made when first needed. */
export class ProductScratch {
  readonly #nSamples: number
  readonly #float32: () => Matrix
  readonly #float64: () => Matrix

  constructor(nSamples: number) {
    this.#nSamples = nSamples
    const once = (make: () => Matrix) => {
      let made: Matrix | undefined
      return () => (made ??= make())
    }
    // C above, what it spreads to below.
    this.#float32 = once(() => zeros32(2 * nSamples, batchSize))
    this.#float64 = once(() => zeros64(2 * nSamples, batchSize))
  }

  /** [n, batch], and [rows, batch] for any rows up to n. */
  matrices(float64: boolean): { readonly c: Matrix; spread(rows: number): Matrix } {
    const both = (float64 ? this.#float64 : this.#float32)()
    return {
      c: rowsOf(both, 0, this.#nSamples),
      spread: (rows) => rowsOf(both, this.#nSamples, this.#nSamples + rows),
    }
  }
}

export function productSolver({ p, folds }: ProductSolution, gemm: Gemm, scratch: ProductScratch): AlphaSolver {
  const float64 = p.data instanceof Float64Array
  const resolution = float64 ? 1e-13 : 1e-6
  const cast = (y: Matrix): Matrix => (float64 ? { ...y, data: Float64Array.from(y.data) } : y)
  return {
    async errors(y, out) {
      const { c, spread } = scratch.matrices(float64)
      await gemm.multiply(p, cast(y), { out: c })
      for (const [index, { fold, m, weights }] of folds.entries()) {
        const fromHeldOut = spread(weights.length)
        await gemm.multiply(m, rowsOf(c, fold.start, fold.end), { out: fromHeldOut })
        looErrors(c, fromHeldOut, weights, fold, out.subarray(index * batchSize, (index + 1) * batchSize))
      }
    },
    async predict(index, training): Promise<Prediction> {
      const { m, reach } = folds[index]
      const values = await gemm.multiply(cast(training), m)
      const floor = Float64Array.from(
        { length: training.rows },
        (_, t) => resolution * reach * norm2(rowOf(training, t)),
      )
      return { values, resolution: floor }
    },
  }
}

function rowsOf(matrix: Matrix, first: number, last: number): Matrix {
  const data = matrix.data.subarray(first * matrix.cols, last * matrix.cols)
  return { data, rows: last - first, cols: matrix.cols } as Matrix
}
