import type { Matrix32 } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'
import type { PreparedProblem } from './solutions.ts'
import { copyTraining, trainingSize } from './split.ts'

/** A target as solvers see it: a row of its centred and scaled samples, and the folds for which the row stands. */
export interface TargetRow {
  readonly target: number
  readonly folds: readonly number[]
  /** [n_samples] */
  readonly samples: Float32Array
  /** The target is `mean` + `spread` times its row; `mean` is 0 without an intercept. */
  readonly mean: number
  readonly spread: number
}

/** Where rows are kept: an allocation for many, which the garbage collector is spared. */
export class SampleRoom {
  /** [n_samples], for intermediate results. */
  readonly values: Float64Array
  #block = new Float32Array(0)
  #used = 0

  constructor(nSamples: number) {
    this.values = new Float64Array(nSamples)
  }

  /** [n_samples], zeros, from now on the caller's. */
  next(): Float32Array {
    const size = this.values.length
    if (this.#used === this.#block.length) {
      this.#block = new Float32Array(256 * size)
      this.#used = 0
    }
    this.#used += size
    return this.#block.subarray(this.#used - size, this.#used)
  }
}

/** Below this share of a target's spread, a fold's training samples get a row of their own. */
const narrow = 0.1

/**
 * Rows of one target; undefined where it is constant over the recording or not finite, and none where it is constant
 * over every fold's training samples.
 *
 * A fold's fit does not depend on its held-out samples, but float32 does: where they hold nearly all of the target's
 * spread (an artefact), they are replaced by the training mean in a row for that fold alone.
 *
 * @param intercept without one rows are not centred, and the spread is their root mean square
 */
export function targetRows(
  y: Matrix32,
  target: number,
  { folds, intercept }: Pick<PreparedProblem, 'folds' | 'intercept'>,
  room: SampleRoom,
): readonly TargetRow[] | undefined {
  const n = y.rows
  const { values } = room
  for (let i = 0; i < n; i++) values[i] = y.data[i * y.cols + target]!
  const whole = room.next()
  const unit = scaled(values, whole, intercept)
  if (!unit || values.every((value) => value === values[0])) return undefined
  const shared: number[] = []
  const rows: TargetRow[] = []
  for (const [index, fold] of folds.entries()) {
    if (trainingSpread(whole, fold, intercept) >= narrow) {
      shared.push(index)
      continue
    }
    const training = new Float64Array(trainingSize(fold, n))
    copyTraining(values, fold, training)
    const own = new Float32Array(training.length)
    const ownUnit = scaled(training, own, intercept)
    if (!ownUnit) continue // no alpha can be chosen where there is nothing to fit
    const samples = room.next()
    samples.set(own.subarray(0, fold.start))
    samples.set(own.subarray(fold.start), fold.end)
    rows.push({ target, folds: [index], samples, ...ownUnit })
  }
  return shared.length > 0 ? [{ target, folds: shared, samples: whole, ...unit }, ...rows] : rows
}

/** The spread of the training samples of a row whose spread is 1; good enough to compare with `narrow`. */
function trainingSpread(samples: Float32Array, fold: Fold, intercept: boolean): number {
  const count = trainingSize(fold, samples.length)
  let total = 0
  let square = samples.length
  for (let i = fold.start; i < fold.end; i++) {
    if (intercept) total -= samples[i]
    square -= samples[i] * samples[i]
  }
  return Math.sqrt(Math.max(0, square / count - (total / count) ** 2))
}

/**
 * Scales to mean 0, SD 1, or without an intercept to a mean square of 1; undefined where there is no spread, or a value
 * that is not finite.
 */
function scaled(
  values: Float64Array,
  out: Float32Array,
  intercept: boolean,
): Pick<TargetRow, 'mean' | 'spread'> | undefined {
  const n = values.length
  const first = intercept ? values[0] : 0
  let shift = 0
  let varies = false
  for (let i = 0; i < n; i++) {
    shift += values[i] - first
    if (values[i] !== first) varies = true
  }
  if (!varies || !Number.isFinite(shift)) return undefined
  const mean = intercept ? first + shift / n : 0
  let square = 0
  for (let i = 0; i < n; i++) square += (values[i] - mean) ** 2
  const spread = Math.sqrt(square / n)
  for (let i = 0; i < n; i++) out[i] = (values[i] - mean) / spread
  return { mean, spread }
}

/** Rows as the columns of a batch, the rest of it 0. */
export function gatherColumns(rows: readonly TargetRow[], which: readonly number[], batch: Matrix32): void {
  const { data, cols } = batch
  for (let t = 0; t < cols; t++) {
    if (t < which.length) {
      const { samples } = rows[which[t]]
      for (let i = 0; i < batch.rows; i++) data[i * cols + t] = samples[i]!
    } else for (let i = 0; i < batch.rows; i++) data[i * cols + t] = 0
  }
}
