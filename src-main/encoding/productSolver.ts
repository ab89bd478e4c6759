import type { Gemm } from '../linalg/gemm.ts'
import { zeros32, zeros64, type Matrix, type Matrix32 } from '../linalg/matrix.ts'
import { sum } from '../linalg/vector.ts'
import type { Fold } from './folds.ts'
import { innerErrors, type InnerErrors } from './innerErrors.ts'
import { looErrors32, looErrors64, type LooErrors } from './looErrors.ts'
import { rowView } from './rowViews.ts'
import type { PreparedProblem, ProductSolution } from './solutions.ts'
import { predictionBatch, type AlphaSolver } from './solver.ts'
import { rowOf } from './split.ts'

/** What a thread computes into, shared by all alphas of one element type. */
export class ProductScratch {
  readonly #nSamples: number
  readonly #folds: readonly Fold[]
  readonly intercept: boolean
  readonly #errors = new Map<string, LooErrors | InnerErrors>()
  readonly #predicted = new Map<boolean, readonly Matrix[]>()

  constructor({ nSamples, folds, intercept }: PreparedProblem) {
    this.#nSamples = nSamples
    this.#folds = folds
    this.intercept = intercept
  }

  /** @param batch targets of a batch */
  errors({ p, folds }: ProductSolution, batch: number): LooErrors | InnerErrors {
    const float64 = p.data instanceof Float64Array
    const key = `${float64} ${batch}`
    const known = this.#errors.get(key)
    if (known) return known
    const made = this.#make(folds, batch, float64)
    this.#errors.set(key, made)
    return made
  }

  /** [prediction batch, held out], for each fold. */
  predicted({ p }: ProductSolution): readonly Matrix[] {
    const float64 = p.data instanceof Float64Array
    const known = this.#predicted.get(float64)
    if (known) return known
    const zeros = float64 ? zeros64 : zeros32
    const made = this.#folds.map(({ start, end }) => zeros(predictionBatch, end - start))
    this.#predicted.set(float64, made)
    return made
  }

  #make(folds: ProductSolution['folds'], batch: number, float64: boolean): LooErrors | InnerErrors {
    const { intercept } = this
    const sizes = folds.flatMap(({ inner = [] }) => inner.map(({ constants }) => constants.length))
    if (sizes.length > 0) return innerErrors(this.#nSamples, Math.max(...sizes), batch, { float64, intercept })
    return (float64 ? looErrors64 : looErrors32)(this.#nSamples, batch, intercept)
  }
}

export function productSolver(solution: ProductSolution, gemm: Gemm, scratches: ProductScratch): AlphaSolver {
  const { p, size, folds } = solution
  const float64 = p.data instanceof Float64Array
  const resolution = float64 ? 1e-13 : 1e-6
  const floor = new Float64Array(predictionBatch)
  const cast = (y: Matrix): Matrix => (float64 ? { ...y, data: Float64Array.from(y.data) } : y)
  async function looErrors({ c, spread, compute }: LooErrors, out: Float64Array, wanted: ReadonlySet<number>) {
    for (const [index, { fold, m, weights }] of folds.entries()) {
      if (!wanted.has(index)) continue
      await gemm.multiply(m, rowView(c, fold.start, fold.end), { plus: c, out: spread })
      compute(weights, fold, out, index)
    }
  }
  async function innerFoldErrors(
    { c, training, residuals, ...errors }: InnerErrors,
    out: Float64Array,
    wanted: ReadonlySet<number>,
  ) {
    out.fill(0)
    for (const [index, { fold, m, inner = [] }] of folds.entries()) {
      if (!wanted.has(index)) continue
      const heldOut = rowView(c, fold.start, fold.end)
      // The training samples before the held-out ones, and those after them, one after the other.
      let to = 0
      for (const [first, end] of [
        [0, fold.start],
        [fold.end, c.rows],
      ]) {
        const rows = { plus: rowView(c, first, end), out: rowView(training, to, to + end - first) }
        await gemm.multiply(rowView(m, first, end), heldOut, rows)
        to += end - first
      }
      errors.begin(fold)
      let first = 0
      for (const { residual, constants } of inner) {
        const own = rowView(training, first, first + residual.rows)
        await gemm.multiply(residual, own, { out: rowView(residuals, 0, residual.rows) })
        errors.add(constants, 1 / inner.length, out, index)
        first += residual.rows
      }
    }
  }
  return {
    async errors(y, out, wanted) {
      const scratch = scratches.errors(solution, y.cols)
      await gemm.multiply(p, cast(y), { out: scratch.c })
      await ('spread' in scratch ? looErrors(scratch, out, wanted) : innerFoldErrors(scratch, out, wanted))
    },
    async predict(index, samples) {
      const { m, reach } = folds[index]
      const values = await gemm.multiply(cast(samples), m, { out: scratches.predicted(solution)[index] })
      for (let t = 0; t < samples.rows; t++) floor[t] = resolution * reach * trainingNorm(samples, t, folds[index].fold)
      return { values, resolution: floor }
    },
    async duals(index, samples) {
      const { fold, m } = folds[index]
      const c = await gemm.multiply(cast(samples), p)
      const held: Matrix = (float64 ? zeros64 : zeros32)(samples.rows, m.cols)
      for (let t = 0; t < samples.rows; t++)
        held.data.set(c.data.subarray(t * c.cols + fold.start, t * c.cols + fold.end), t * m.cols)
      const spread = await gemm.multiply(held, m, { transposeB: true })
      for (let t = 0; t < c.rows; t++) {
        const mean = scratches.intercept ? sum(rowOf(held, t)) / (c.cols - m.cols) : 0
        for (let i = 0, k = t * c.cols; i < c.cols; i++, k++) {
          const training = i < fold.start || i >= fold.end
          c.data[k] = training ? size * (c.data[k] + spread.data[k] + mean) : 0
        }
      }
      return c
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
