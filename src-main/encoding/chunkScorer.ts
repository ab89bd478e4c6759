import { zeros32, type Matrix32 } from '../linalg/matrix.ts'
import { coarseGrid, ErrorCurve } from './alphaGrid.ts'
import { keepMeans } from './foldScore.ts'
import { TargetPredictor } from './predictTargets.ts'
import type { PreparedProblem } from './solutions.ts'
import { batchSize, type AlphaSolver, type RidgeScores } from './solver.ts'
import { gatherColumns, SampleRoom, targetRows, type TargetRow } from './targets.ts'

/** Chooses the alphas of a stretch of targets and scores them: what one thread does at a time. */
export class ChunkScorer {
  readonly #problem: PreparedProblem
  readonly #solvers: readonly AlphaSolver[]
  readonly #pause: () => Promise<void>
  readonly #coarse: readonly number[]
  readonly #curve: ErrorCurve
  readonly #batch: Matrix32
  /** [folds, batch] */
  readonly #batchErrors: Float64Array
  readonly #predictor: TargetPredictor
  #rows: readonly TargetRow[] = []
  /** [folds, alphas, rows]: leave-one-out errors, NaN where not evaluated. */
  #errors = new Float64Array(0)

  /** @param pause awaited between products */
  constructor(problem: PreparedProblem, solvers: readonly AlphaSolver[], pause: () => Promise<void>) {
    this.#problem = problem
    this.#solvers = solvers
    this.#pause = pause
    this.#coarse = coarseGrid(problem.alphas)
    this.#curve = new ErrorCurve(problem.alphas, this.#coarse)
    this.#batch = zeros32(problem.nSamples, batchSize)
    this.#predictor = new TargetPredictor(problem, solvers, pause)
    this.#batchErrors = new Float64Array(problem.folds.length * batchSize)
  }

  /**
   * @param y [n_samples, n_targets]
   * @param job where the results of targets `first` to `last` are written, and alphas where none is to be chosen
   * @param report called with 0–1; the shares of the three stages are estimates
   */
  async score(
    y: Matrix32,
    first: number,
    last: number,
    { scores, given }: { readonly scores: RidgeScores; readonly given?: Uint8Array },
    report: (fraction: number) => void,
  ): Promise<void> {
    const { alphas, folds } = this.#problem
    const all: TargetRow[] = []
    const room = new SampleRoom(y.rows)
    for (let target = first; target < last; target++) {
      const rows = targetRows(y, target, this.#problem, room)
      if (rows) {
        for (let fold = 0; fold < folds.length; fold++) scores.r[fold * y.cols + target] = 0
        if (scores.duals) for (let i = 0; i < y.rows; i++) scores.duals[i * y.cols + target] = 0
        keepMeans(y, scores, this.#problem, target)
        all.push(...rows)
      }
      await this.#pause()
    }
    if (this.#solvers.length > 0 && all.length > 0) {
      this.#rows = all
      this.#errors = new Float64Array(all.length * folds.length * alphas.length).fill(NaN)
      const rows = all.map((_, row) => row)
      if (scores.curves) {
        await this.#evaluate([...alphas.keys()], rows, report)
        this.#keepCurves(scores.curves, y.cols)
        return
      }
      if (!given) {
        await this.#evaluate(this.#coarse, rows, (share) => report(0.7 * share))
        await this.#refine((share) => report(0.7 + 0.2 * share))
      }
      const choices = given ? this.#repeated(given) : this.#choices()
      if (scores.errors) this.#keepErrors(choices, scores.errors, y.cols)
      await this.#predictor.score(y, all, choices, scores, (share) => report(0.9 + 0.1 * share))
    }
    report(1)
  }

  /** Where the errors of a row in a fold begin; the next alpha's is as many further as there are rows. */
  #start(row: number, fold: number): number {
    return fold * this.#problem.alphas.length * this.#rows.length + row
  }

  /** Errors of some rows at some alphas. */
  async #evaluate(
    alphas: readonly number[],
    rows: readonly number[],
    report: (share: number) => void = () => {},
  ): Promise<void> {
    const { folds } = this.#problem
    const out = this.#batchErrors
    const errors = this.#errors
    for (let first = 0; first < rows.length; first += batchSize) {
      const part = rows.slice(first, first + batchSize)
      gatherColumns(this.#rows, part, this.#batch)
      for (const alpha of alphas) {
        await this.#solvers[alpha].errors(this.#batch, out)
        for (let fold = 0; fold < folds.length; fold++) {
          const start = this.#start(0, fold) + alpha * this.#rows.length
          for (let t = 0; t < part.length; t++) errors[start + part[t]] = out[fold * batchSize + t]!
        }
        await this.#pause()
      }
      report((first + part.length) / rows.length)
    }
  }

  /** Evaluates what the coarse grid leaves open. */
  async #refine(report: (share: number) => void): Promise<void> {
    const { alphas } = this.#problem
    if (this.#coarse.length === alphas.length) return
    const open = alphas.map((): number[] => [])
    const wanted = new Uint8Array(alphas.length)
    for (const [row, { folds }] of this.#rows.entries()) {
      wanted.fill(0)
      for (const fold of folds) this.#curve.mark(this.#errors, wanted, this.#start(row, fold), this.#rows.length)
      for (const i of this.#coarse) wanted[i] = 0
      for (let alpha = 0; alpha < alphas.length; alpha++) if (wanted[alpha]) open[alpha].push(row)
      await this.#pause()
    }
    for (const [alpha, rows] of open.entries()) {
      await this.#evaluate([alpha], rows)
      report((alpha + 1) / alphas.length)
    }
  }

  /** [folds, rows]: every row's choice in every fold. */
  #choices(): Uint8Array {
    const count = this.#rows.length
    return Uint8Array.from({ length: this.#problem.folds.length * count }, (_, i) =>
      this.#choose(i % count, Math.floor(i / count)),
    )
  }

  /** [folds, rows] of [folds]. */
  #repeated(given: Uint8Array): Uint8Array {
    const count = this.#rows.length
    return Uint8Array.from({ length: given.length * count }, (_, i) => given[Math.floor(i / count)])
  }

  /** Writes the errors at every alpha. @param kept [alphas, folds, targets] */
  #keepCurves(kept: Float64Array, targets: number): void {
    const { alphas, folds } = this.#problem
    for (const [i, row] of this.#rows.entries())
      for (const fold of row.folds)
        for (let alpha = 0; alpha < alphas.length; alpha++)
          kept[(alpha * folds.length + fold) * targets + row.target] =
            this.#errors[this.#start(i, fold) + alpha * this.#rows.length] * row.spread ** 2
  }

  /** Writes the errors of the choices. @param kept [folds, targets] */
  #keepErrors(choices: Uint8Array, kept: Float64Array, targets: number): void {
    const count = this.#rows.length
    for (const [i, row] of this.#rows.entries()) {
      for (const fold of row.folds) {
        const alpha = choices[fold * count + i]
        if (alpha !== 255)
          kept[fold * targets + row.target] = this.#errors[this.#start(i, fold) + alpha * count] * row.spread ** 2
      }
    }
  }

  /** The alpha of least error, the first of equals; 255 where no error is a number. */
  #choose(row: number, fold: number): number {
    const errors = this.#errors
    const stride = this.#rows.length
    const start = this.#start(row, fold)
    let best = 255
    let least = Infinity
    for (let alpha = 0; alpha < this.#problem.alphas.length; alpha++) {
      if (errors[start + alpha * stride] < least) {
        least = errors[start + alpha * stride]
        best = alpha
      }
    }
    return best
  }
}
