import { zeros32, type Matrix, type Matrix32 } from '../linalg/matrix.ts'
import { foldScore, keepFit, keeps } from './foldScore.ts'
import { scoredPart } from './folds.ts'
import type { PreparedProblem } from './solutions.ts'
import { predictionBatch, type AlphaSolver, type RidgeScores } from './solver.ts'
import type { TargetRow } from './targets.ts'

/** Predicts held-out samples at the alphas chosen, and scores the predictions. */
export class TargetPredictor {
  readonly #problem: PreparedProblem
  readonly #solvers: readonly (AlphaSolver | undefined)[]
  readonly #pause: () => Promise<void>
  /** [prediction batch, n_samples] */
  readonly #samples: Matrix32

  /**
   * @param solvers one per alpha; those that are chosen are needed
   * @param pause awaited between products
   */
  constructor(problem: PreparedProblem, solvers: readonly (AlphaSolver | undefined)[], pause: () => Promise<void>) {
    this.#problem = problem
    this.#solvers = solvers
    this.#pause = pause
    this.#samples = zeros32(predictionBatch, problem.nSamples)
  }

  /**
   * @param y [n_samples, n_targets]
   * @param rows of some of its targets
   * @param choices [folds, rows]: index into alphas; 255 where there is none
   * @param scores where the results are written
   * @param report called with 0–1
   */
  async score(
    y: Matrix32,
    rows: readonly TargetRow[],
    choices: Uint8Array,
    scores: RidgeScores,
    report: (fraction: number) => void,
  ): Promise<void> {
    const { folds, varies } = this.#problem
    for (let fold = 0; fold < folds.length; fold++) {
      const chosen = choices.subarray(fold * rows.length, (fold + 1) * rows.length)
      if (varies[fold]) await this.#scoreFold(y, rows, chosen, fold, scores)
      report((fold + 1) / folds.length)
    }
  }

  /** Adds a fold's share of the mean over folds. @param duals [n_samples, targets] */
  #addDuals(rows: readonly TargetRow[], values: Matrix, duals: Float64Array, targets: number): void {
    const { folds, scale } = this.#problem
    for (const [t, { target, spread }] of rows.entries()) {
      const factor = spread / (scale * folds.length)
      for (let i = 0; i < values.cols; i++) duals[i * targets + target] += factor * values.data[t * values.cols + i]
    }
  }

  /** Scores all rows in one fold, those of one alpha together. */
  async #scoreFold(
    y: Matrix32,
    rows: readonly TargetRow[],
    choices: Uint8Array,
    index: number,
    scores: RidgeScores,
  ): Promise<void> {
    const fold = this.#problem.folds[index]
    const chosen = this.#problem.alphas.map((): TargetRow[] => [])
    for (const [i, row] of rows.entries()) if (row.folds.includes(index)) chosen[choices[i]]?.push(row)
    const samples = this.#samples
    const scored = scoredPart(fold)
    const heldOut = new Float32Array(scored.end - scored.start)
    for (const [alpha, all] of chosen.entries()) {
      for (let first = 0; first < all.length; first += predictionBatch) {
        const part = all.slice(first, first + predictionBatch)
        for (const [t, row] of part.entries()) samples.data.set(row.samples, t * samples.cols)
        samples.data.fill(0, part.length * samples.cols)
        const prediction = await this.#solvers[alpha]!.predict(index, samples)
        if (scores.duals) this.#addDuals(part, await this.#solvers[alpha]!.duals(index, samples), scores.duals, y.cols)
        for (const [t, row] of part.entries()) {
          if (keeps(scores)) keepFit({ y, scores, fold, index }, row, prediction, t, this.#problem.intercept)
          for (let i = 0; i < heldOut.length; i++) heldOut[i] = y.data[(scored.start + i) * y.cols + row.target]!
          scores.alpha[index * y.cols + row.target] = alpha
          scores.r[index * y.cols + row.target] = foldScore(heldOut, prediction, t, scored.start - fold.start)
        }
        await this.#pause()
      }
    }
  }
}
