import { correlate } from '../linalg/correlation.ts'
import { zeros32, type Matrix32 } from '../linalg/matrix.ts'
import { sum } from '../linalg/vector.ts'
import { coarseGrid, ErrorCurve } from './alphaGrid.ts'
import { batchSize, type Prediction, type PreparedProblem, type RidgeScores } from './solver.ts'
import { copyTraining, trainingSize } from './split.ts'
import { inBatches, type TargetRow } from './targets.ts'

/** Chooses the alphas of a group of rows and scores them. */
export class GroupScorer {
  readonly #problem: PreparedProblem
  readonly #rows: readonly TargetRow[]
  readonly #pause: () => Promise<void>
  readonly #coarse: readonly number[]
  readonly #batch: Matrix32
  /** [rows, folds, alphas]: leave-one-out errors, NaN where not evaluated. */
  readonly #errors: Float64Array

  constructor(problem: PreparedProblem, rows: readonly TargetRow[], pause: () => Promise<void>) {
    this.#problem = problem
    this.#rows = rows
    this.#pause = pause
    this.#coarse = coarseGrid(problem.alphas)
    this.#batch = zeros32(batchSize, problem.nSamples)
    this.#errors = new Float64Array(rows.length * problem.folds.length * problem.alphas.length).fill(NaN)
  }

  /** @param report called with 0–1; the shares of the three stages are estimates */
  async score(y: Matrix32, scores: RidgeScores, report: (fraction: number) => void): Promise<void> {
    const { alphas, folds } = this.#problem
    const everyRow = this.#rows.map((_, row) => row)
    for (const [i, alpha] of this.#coarse.entries()) {
      await this.#evaluate(alpha, everyRow)
      report((0.7 * (i + 1)) / this.#coarse.length)
    }
    await this.#refine((share) => report(0.7 + 0.25 * share))
    for (const [index, fold] of folds.entries()) {
      if (!this.#problem.varies[index]) continue
      const chosen = alphas.map((): number[] => [])
      for (const [row, { folds: own }] of this.#rows.entries()) {
        if (own.includes(index)) chosen[this.#choose(row, index)]?.push(row)
      }
      const training = zeros32(batchSize, trainingSize(fold, this.#problem.nSamples))
      for (const [alpha, rows] of chosen.entries()) await this.#correlate(y, scores, alpha, index, training, rows)
    }
    report(1)
  }

  #curve(row: number, fold: number): Float64Array {
    const { alphas, folds } = this.#problem
    const start = (row * folds.length + fold) * alphas.length
    return this.#errors.subarray(start, start + alphas.length)
  }

  /** The alpha of least error, the first of equals; 255 where no error is a number. */
  #choose(row: number, fold: number): number {
    let best = 255
    let least = Infinity
    for (const [alpha, error] of this.#curve(row, fold).entries()) {
      if (error < least) {
        least = error
        best = alpha
      }
    }
    return best
  }

  async #evaluate(alpha: number, rows: readonly number[]): Promise<void> {
    const { folds, solvers } = this.#problem
    const out = new Float64Array(folds.length * batchSize)
    const samplesOf = (row: number, into: Float32Array) => into.set(this.#rows[row].samples)
    await inBatches(rows, this.#batch, samplesOf, async (part) => {
      await solvers[alpha].errors(this.#batch, out)
      for (const [t, row] of part.entries()) {
        for (let fold = 0; fold < folds.length; fold++) this.#curve(row, fold)[alpha] = out[fold * batchSize + t]!
      }
      await this.#pause()
    })
  }

  /** Evaluates what the coarse grid leaves open. */
  async #refine(report: (share: number) => void): Promise<void> {
    const { alphas } = this.#problem
    if (this.#coarse.length === alphas.length) return
    const curve = new ErrorCurve(alphas, this.#coarse)
    const open = alphas.map((): number[] => [])
    const wanted = new Uint8Array(alphas.length)
    for (const [row, { folds }] of this.#rows.entries()) {
      wanted.fill(0)
      for (const fold of folds) curve.mark(this.#curve(row, fold), wanted)
      for (const i of this.#coarse) wanted[i] = 0
      for (let alpha = 0; alpha < alphas.length; alpha++) if (wanted[alpha]) open[alpha].push(row)
      await this.#pause()
    }
    for (const [alpha, rows] of open.entries()) {
      await this.#evaluate(alpha, rows)
      report((alpha + 1) / alphas.length)
    }
  }

  async #correlate(
    y: Matrix32,
    scores: RidgeScores,
    alpha: number,
    index: number,
    training: Matrix32,
    rows: readonly number[],
  ): Promise<void> {
    const fold = this.#problem.folds[index]
    const heldOut = new Float32Array(fold.end - fold.start)
    const samplesOf = (row: number, into: Float32Array) => copyTraining(this.#rows[row].samples, fold, into)
    await inBatches(rows, training, samplesOf, async (part) => {
      const prediction = await this.#problem.solvers[alpha].predict(index, training)
      for (const [t, row] of part.entries()) {
        const { target } = this.#rows[row]
        for (let i = 0; i < heldOut.length; i++) heldOut[i] = y.data[(fold.start + i) * y.cols + target]!
        scores.alpha[index * y.cols + target] = alpha
        scores.r[index * y.cols + target] = foldScore(heldOut, prediction, t)
      }
      await this.#pause()
    })
  }
}

/** Pearson's r; 0 where a side is constant, or would be but for rounding. */
function foldScore(heldOut: Float32Array, { values, resolution }: Prediction, t: number): number {
  const row = values.data.subarray(t * values.cols, (t + 1) * values.cols)
  const mean = sum(row) / row.length
  let square = 0
  for (let i = 0; i < row.length; i++) square += (row[i] - mean) ** 2
  if (!(Math.sqrt(square / row.length) > resolution[t])) return 0
  const r = correlate(heldOut, 0, row, 0, row.length)
  return Number.isNaN(r) ? 0 : r
}
