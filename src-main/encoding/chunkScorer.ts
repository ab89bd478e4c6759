import { zeros32, type Matrix32 } from '../linalg/matrix.ts'
import { coarseGrid, ErrorCurve } from './alphaGrid.ts'
import { keepMeans } from './foldScore.ts'
import { TargetPredictor } from './predictTargets.ts'
import type { PreparedProblem } from './solutions.ts'
import { batchSize, givenAlpha, smallBatch, type AlphaSolver, type ScoreJob } from './solver.ts'
import { gatherColumns, SampleRoom, targetRows, type TargetRow } from './targets.ts'

/** Chooses the alphas of a stretch of targets and scores them: what one thread does at a time. */
export class ChunkScorer {
  readonly #problem: PreparedProblem
  readonly #solvers: readonly (AlphaSolver | undefined)[]
  readonly #pause: () => Promise<void>
  readonly #coarse: readonly number[]
  readonly #curve: ErrorCurve
  /** [n_samples, batch], of either size */
  readonly #batch: Matrix32
  readonly #small: Matrix32
  readonly #predictor: TargetPredictor
  #rows: readonly TargetRow[] = []

  /**
   * @param solvers one per alpha, undefined where it is not solved yet; none where features are constant
   * @param pause awaited between products
   */
  constructor(problem: PreparedProblem, solvers: readonly (AlphaSolver | undefined)[], pause: () => Promise<void>) {
    this.#problem = problem
    this.#solvers = solvers
    this.#pause = pause
    this.#coarse = coarseGrid(problem.alphas)
    this.#curve = new ErrorCurve(problem.alphas)
    this.#batch = zeros32(problem.nSamples, batchSize)
    this.#small = zeros32(problem.nSamples, smallBatch)
    this.#predictor = new TargetPredictor(problem, solvers, pause)
  }

  /**
   * Takes a chunk of targets as far as it goes with the alphas that are solved, and marks those that are lacking.
   * @param report called with 0–1; the shares of the three stages are estimates
   */
  async advance(job: ScoreJob, chunk: number, report: (fraction: number) => void): Promise<void> {
    const { y, scores, given, stages } = job
    const { alphas } = this.#problem
    this.#rows = await this.#readRows(job, chunk)
    const rows = [...this.#rows.keys()]
    if (this.#solvers.length > 0 && rows.length > 0) {
      if (scores.curves) {
        if (!this.#have(job, [...alphas.keys()])) return
        await this.#evaluate(job, [...alphas.keys()], rows, this.#batch, report)
        this.#keepCurves(job, scores.curves)
      } else {
        const choices = given ? this.#given(given) : await this.#select(job, chunk, rows, report)
        if (!choices || !this.#have(job, this.#chosen(choices))) return
        if (scores.errors) this.#keepErrors(job, choices, scores.errors)
        await this.#predictor.score(y, this.#rows, choices, scores, (share) => report(0.9 + 0.1 * share))
      }
    }
    stages[chunk] = 2
    report(1)
  }

  async #readRows({ y, scores, own, chunk: size }: ScoreJob, chunk: number): Promise<readonly TargetRow[]> {
    const { folds } = this.#problem
    const all: TargetRow[] = []
    const room = new SampleRoom(y.rows)
    for (let target = chunk * size; target < Math.min((chunk + 1) * size, y.cols); target++) {
      const rows = targetRows(y, target, this.#problem, room)
      if (rows) {
        for (let fold = 0; fold < folds.length; fold++) scores.r[fold * y.cols + target] = 0
        if (scores.duals) for (let i = 0; i < y.rows; i++) scores.duals[i * y.cols + target] = 0
        keepMeans(y, scores, this.#problem, target)
        all.push(...(own ? inFold(rows, own[target]) : rows))
      }
      await this.#pause()
    }
    return all
  }

  /** Whether some alphas are solved; those that are not are marked. */
  #have({ wanted }: ScoreJob, alphas: readonly number[]): boolean {
    const lacking = alphas.filter((alpha) => !this.#solvers[alpha])
    for (const alpha of lacking) Atomics.store(wanted, alpha, 1)
    return lacking.length === 0
  }

  /** [folds, rows]: every row's choice in every fold; undefined where alphas are lacking. */
  async #select(
    job: ScoreJob,
    chunk: number,
    rows: readonly number[],
    report: (fraction: number) => void,
  ): Promise<Uint8Array | undefined> {
    if (job.stages[chunk] === 0) {
      if (!this.#have(job, this.#coarse)) return undefined
      await this.#evaluate(job, this.#coarse, rows, this.#batch, (share) => report(0.7 * share))
      job.stages[chunk] = 1
    }
    const choices = new Uint8Array(this.#problem.folds.length * rows.length).fill(255)
    let complete = true
    let open = rows
    while (open.length > 0) {
      const asked = await this.#look(job, open, choices)
      const going = new Set<number>()
      for (const [alpha, some] of asked.entries()) {
        if (some.length === 0) continue
        if (!this.#have(job, [alpha])) {
          complete = false
          continue
        }
        await this.#evaluate(job, [alpha], some, this.#small)
        for (const row of some) going.add(row)
      }
      open = [...going]
      report(0.9 - 0.2 * (open.length / rows.length))
    }
    return complete ? choices : undefined
  }

  /** The rows of which each alpha is to be evaluated next; writes the choices of the others. */
  async #look({ errors, y, scores }: ScoreJob, rows: readonly number[], choices: Uint8Array): Promise<number[][]> {
    const { folds, alphas } = this.#problem
    const asked = alphas.map((): number[] => [])
    const wanted = new Uint8Array(alphas.length)
    for (const row of rows) {
      const { target, folds: own } = this.#rows[row]
      wanted.fill(0)
      for (const fold of own) {
        const start = fold * y.cols + target
        const stride = folds.length * y.cols
        const { next, choice } = this.#curve.look(errors, start, stride)
        choices[fold * this.#rows.length + row] = choice
        if (next !== undefined) wanted[next] = 1
        // Where the choice's error is asked for, it is evaluated.
        else if (scores.errors && choice !== 255 && Number.isNaN(errors[start + choice * stride])) wanted[choice] = 1
      }
      for (let alpha = 0; alpha < alphas.length; alpha++) if (wanted[alpha]) asked[alpha].push(row)
      await this.#pause()
    }
    return asked
  }

  /** Errors of some rows at some alphas. @param batch of the size to compute with */
  async #evaluate(
    { errors, y }: ScoreJob,
    alphas: readonly number[],
    rows: readonly number[],
    batch: Matrix32,
    report: (share: number) => void = () => {},
  ): Promise<void> {
    const { length: folds } = this.#problem.folds
    const out = new Float64Array(folds * batch.cols)
    for (let first = 0; first < rows.length; first += batch.cols) {
      const part = rows.slice(first, first + batch.cols)
      gatherColumns(this.#rows, part, batch)
      const wanted = new Set(part.flatMap((row) => this.#rows[row].folds))
      for (const alpha of alphas) {
        await this.#solvers[alpha]!.errors(batch, out, wanted)
        for (const [t, row] of part.entries()) {
          const { target, folds: own } = this.#rows[row]
          for (const fold of own) {
            const error = out[fold * batch.cols + t]
            errors[(alpha * folds + fold) * y.cols + target] = Number.isNaN(error) ? Infinity : error
          }
        }
        await this.#pause()
      }
      report((first + part.length) / rows.length)
    }
  }

  /** The alphas that are predicted with. */
  #chosen(choices: Uint8Array): readonly number[] {
    const { varies } = this.#problem
    const chosen = new Set<number>()
    for (const [row, { folds: own }] of this.#rows.entries()) {
      for (const fold of own) if (varies[fold]) chosen.add(choices[fold * this.#rows.length + row])
    }
    chosen.delete(255)
    return [...chosen]
  }

  /** [folds, rows] of [folds] or [folds, targets]. */
  #given(given: Uint8Array): Uint8Array {
    const rows = this.#rows
    const folds = this.#problem.folds.length
    return Uint8Array.from({ length: folds * rows.length }, (_, i) => {
      const fold = Math.floor(i / rows.length)
      return givenAlpha(given, { folds, fold }, rows[i % rows.length].target)
    })
  }

  /** Writes the errors at every alpha. @param kept [alphas, folds, targets] */
  #keepCurves({ errors, y }: ScoreJob, kept: Float64Array): void {
    const { alphas, folds } = this.#problem
    for (const { target, folds: own, spread } of this.#rows)
      for (const fold of own)
        for (let alpha = 0; alpha < alphas.length; alpha++) {
          const at = (alpha * folds.length + fold) * y.cols + target
          kept[at] = errors[at] * spread ** 2
        }
  }

  /** Writes the errors of the choices. @param kept [folds, targets] */
  #keepErrors({ errors, y }: ScoreJob, choices: Uint8Array, kept: Float64Array): void {
    const { length: folds } = this.#problem.folds
    for (const [row, { target, folds: own, spread }] of this.#rows.entries()) {
      for (const fold of own) {
        const alpha = choices[fold * this.#rows.length + row]
        if (alpha !== 255) kept[fold * y.cols + target] = errors[(alpha * folds + fold) * y.cols + target] * spread ** 2
      }
    }
  }
}

/** Rows that stand for one fold alone. */
const inFold = (rows: readonly TargetRow[], fold: number): readonly TargetRow[] =>
  rows.filter(({ folds }) => folds.includes(fold)).map((row) => ({ ...row, folds: [fold] }))
