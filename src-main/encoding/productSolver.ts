import type { Gemm } from '../linalg/gemm.ts'
import { zeros32, zeros64, type Matrix, type Matrix32 } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'
import { looErrors32, looErrors64, type LooErrors } from './looErrors.ts'
import type { ProductSolution } from './solutions.ts'
import { batchSize, predictionBatch, type AlphaSolver } from './solver.ts'

/** What a thread computes into, shared by all alphas of one element type. */
interface Scratch {
  readonly loo: LooErrors
  /** [held out, batch], for each fold: its samples of c. */
  readonly heldOut: readonly Matrix[]
  /** [prediction batch, held out], for each fold. */
  readonly predicted: readonly Matrix[]
}

export class ProductScratch {
  readonly #nSamples: number
  readonly #folds: readonly Fold[]
  readonly #made = new Map<boolean, Scratch>()

  constructor(nSamples: number, folds: readonly Fold[]) {
    this.#nSamples = nSamples
    this.#folds = folds
  }

  of(float64: boolean): Scratch {
    const known = this.#made.get(float64)
    if (known) return known
    const zeros = float64 ? zeros64 : zeros32
    const loo = (float64 ? looErrors64 : looErrors32)(this.#nSamples, batchSize)
    const { c } = loo
    const scratch = {
      loo,
      heldOut: this.#folds.map(({ start, end }) => {
        return { data: c.data.subarray(start * c.cols, end * c.cols), rows: end - start, cols: c.cols } as Matrix
      }),
      predicted: this.#folds.map(({ start, end }) => zeros(predictionBatch, end - start)),
    }
    this.#made.set(float64, scratch)
    return scratch
  }
}

export function productSolver({ p, folds }: ProductSolution, gemm: Gemm, scratches: ProductScratch): AlphaSolver {
  const float64 = p.data instanceof Float64Array
  const resolution = float64 ? 1e-13 : 1e-6
  const scratch = scratches.of(float64)
  const floor = new Float64Array(predictionBatch)
  const cast = (y: Matrix): Matrix => (float64 ? { ...y, data: Float64Array.from(y.data) } : y)
  return {
    async errors(y, out) {
      const { loo, heldOut } = scratch
      await gemm.multiply(p, cast(y), { out: loo.c })
      for (let index = 0; index < folds.length; index++) {
        const { fold, m, weights } = folds[index]
        await gemm.multiply(m, heldOut[index], { out: loo.spread })
        loo.compute(weights, fold, out, index)
      }
    },
    async predict(index, samples) {
      const { m, reach } = folds[index]
      const values = await gemm.multiply(cast(samples), m, { out: scratch.predicted[index] })
      for (let t = 0; t < samples.rows; t++) floor[t] = resolution * reach * trainingNorm(samples, t, folds[index].fold)
      return { values, resolution: floor }
    },
  }
}

/** Euclidean norm of the training samples of row `t`. */
function trainingNorm({ data, cols }: Matrix32, t: number, { start, end }: Fold): number {
  let square = 0
  for (let i = t * cols; i < t * cols + start; i++) square += data[i] * data[i]
  for (let i = t * cols + end; i < (t + 1) * cols; i++) square += data[i] * data[i]
  return Math.sqrt(square)
}
