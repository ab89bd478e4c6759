/**
 * Features that are delayed copies of fewer: row t of the design matrix holds the units at t - from, then those at
 * t - from - 1, … to t - to, zeros where that lies outside t's run. It is never in memory as a whole: rows are filled as
 * they are needed.
 */
import { HeschlError } from '../../errors.ts'
import { zeros32, type Matrix32, type Matrix64 } from '../../linalg/matrix.ts'
import type { Fold } from '../folds.ts'

/** Delays in samples, `from` to `to` inclusive; negative ones come before the sample. `{from: 0, to: 0}`: none. */
export interface Lags {
  readonly from: number
  readonly to: number
}

/** Some samples of one run, counted over all runs. */
export interface RunPart extends Fold {
  readonly run: number
}

/** Runs of which none sees another, and the delays at which each row of the design matrix sees its own. */
export interface LaggedRuns {
  /** [samples, units] each */
  readonly runs: readonly Matrix32[]
  readonly lags: Lags
}

/**
 * The design matrix of lags as a whole: all units at the first lag, then at the next, and so on.
 * @returns [samples of all runs, lags · units]
 */
export function writeLags({ runs, lags: { from, to } }: LaggedRuns): Matrix32 {
  const units = runs[0].cols
  const lags = to - from + 1
  const design = zeros32(
    runs.reduce((sum, { rows }) => sum + rows, 0),
    lags * units,
  )
  let first = 0
  for (const { data, rows } of runs) {
    for (let t = 0; t < rows; t++) {
      for (let lag = Math.max(from, t - rows + 1); lag <= Math.min(to, t); lag++) {
        const source = (t - lag) * units
        design.data.set(data.subarray(source, source + units), ((first + t) * lags + lag - from) * units)
      }
    }
    first += rows
  }
  return design
}

interface PaddedRun {
  /** [before + run + after, units]: what was given, and zeros around it. */
  readonly data: Float32Array
  readonly start: number
  readonly end: number
}

export class LaggedFeatures {
  readonly nSamples: number
  readonly units: number
  readonly lagCount: number
  /** Units times lags. */
  readonly nFeatures: number
  readonly #lags: Lags
  readonly #runs: readonly PaddedRun[]
  /** Rows of zeros before a run: one more than the longest delay, for the row before the run's first. */
  readonly #before: number
  /**
   * [units] means over all samples: subtracted throughout, which a fit with an intercept does not see, so that sums of
   * squares keep their digits. 0 without an intercept.
   */
  readonly #shift: Float64Array

  /**
   * @param runs [samples, units] each, of which none sees another
   * @param centred whether the units' means are subtracted
   * @throws HeschlError OPTION_INVALID, SHAPE_MISMATCH, NUMERICAL where a feature is not finite
   */
  constructor(runs: readonly Matrix32[], lags: Lags, centred: boolean) {
    check(runs, lags)
    this.#lags = lags
    this.units = runs[0].cols
    this.lagCount = lags.to - lags.from + 1
    this.nFeatures = this.units * this.lagCount
    this.#before = Math.max(lags.to, 0) + 1
    const after = Math.max(-lags.from, 0)
    let start = 0
    this.#runs = runs.map(({ data, rows, cols }) => {
      const padded = new Float32Array((this.#before + rows + after) * cols)
      padded.set(data, this.#before * cols)
      return { data: padded, start, end: (start += rows) }
    })
    this.nSamples = start
    const means = meansOf(runs, start)
    this.#shift = centred ? means : means.fill(0)
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#runs.reduce((sum, { data }) => sum + data.byteLength, 0)
  }

  /** The parts of some stretches of samples that lie within one run each. */
  withinRuns(stretches: readonly Fold[]): readonly RunPart[] {
    return stretches.flatMap((stretch) =>
      this.#runs.flatMap((one, run) => {
        const part = { run, start: Math.max(stretch.start, one.start), end: Math.min(stretch.end, one.end) }
        return part.end > part.start ? [part] : []
      }),
    )
  }

  /**
   * Rows of the design matrix from sample `first` on, less the units' means over all samples where they are centred.
   * @param run of which the rows are
   * @param first at least one before the run's first sample
   * @param out [rows, units times lags]; the first lags, where it has no columns for all
   */
  fill(run: number, first: number, out: Matrix64): void {
    const { units } = this
    const shift = this.#shift
    const { data, start } = this.#runs[run]
    const lags = out.cols / units
    for (let t = first, at = 0; t < first + out.rows; t++) {
      let from = (t - start - this.#lags.from + this.#before) * units
      for (let lag = 0; lag < lags; lag++, from -= units) {
        for (let u = 0; u < units; u++, at++) out.data[at] = data[from + u] - shift[u]
      }
    }
  }
}

function check(runs: readonly Matrix32[], { from, to }: Lags): void {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from > to) {
    throw new HeschlError('OPTION_INVALID', 'The lags are not usable', {
      expected: 'two whole numbers of samples, the first not above the second',
      found: `${from} to ${to}`,
    })
  }
  const other = runs.find(({ cols }) => cols !== runs[0].cols)
  if (runs.length === 0 || other) {
    throw new HeschlError('SHAPE_MISMATCH', 'Runs differ in their number of units', {
      expected: runs.length === 0 ? 'a run' : `${runs[0].cols} units`,
      found: other ? `${other.cols} units` : 'none',
    })
  }
}

function meansOf(runs: readonly Matrix32[], nSamples: number): Float64Array {
  const units = runs[0].cols
  const means = new Float64Array(units)
  const first = runs[0].data
  // Relative to the first sample, so that the mean of a constant unit is exact.
  for (const { data } of runs) {
    for (let i = 0; i < data.length; i += units) for (let u = 0; u < units; u++) means[u] += data[i + u] - first[u]
  }
  for (let u = 0; u < units; u++) means[u] = first[u] + means[u] / nSamples
  const bad = means.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) {
    throw new HeschlError('NUMERICAL', 'A feature has a value that is not finite', {
      expected: 'finite numbers throughout the design matrix',
      found: `NaN or infinity in column ${bad} (counted from 0)`,
      remedy: 'Look at the activations that it was made from',
    })
  }
  return means
}
