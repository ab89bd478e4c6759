/** What a run's recording is cleared of before it is scaled: slow drifts and confounds. */
import { HeschlError } from '../errors.ts'
import type { Matrix32, Matrix64 } from '../linalg/matrix.ts'
import { zeros64 } from '../linalg/matrix.ts'
import { dot } from '../linalg/vector.ts'

export interface NuisanceOptions {
  /** Degree of the polynomial over the run that is taken out: 1 is nilearn's `detrend`. */
  readonly trend?: number
  /** Cut-off in Hz: the cosines of the discrete cosine transform up to it are taken out, as SPM and nilearn do. */
  readonly highPass?: number
  /** Seconds between volumes; needed with `highPass`. */
  readonly tr: number
  /** [volumes, confounds]: motion and the like. */
  readonly confounds?: Matrix64
}

/** A column that the ones before it explain but for this share of its length counts as one of them. */
const dependent = 1e-10

/**
 * An orthonormal basis of everything that is to be taken out of a run, the mean with it: [regressors, volumes]. Taking
 * trend, drifts and confounds out together is what nilearn's `clean` comes to, which detrends both recording and
 * confounds before it regresses the ones on the others (Frisch, Waugh and Lovell).
 *
 * @param volumes of the run
 * @throws HeschlError OPTION_INVALID where nothing would be left of the run, SHAPE_MISMATCH or NUMERICAL where the
 *   confounds do not fit the run or are not finite
 */
export function nuisanceBasis(volumes: number, options: NuisanceOptions): Matrix64 {
  const columns = [...trends(volumes, options.trend ?? 0), ...drifts(volumes, options), ...confounds(volumes, options)]
  const basis: Float64Array[] = []
  for (const column of columns) {
    const length = Math.sqrt(dot(column, column))
    if (length === 0) continue
    // Twice is enough (Kahan): the second pass takes out what rounding left of the first.
    for (let pass = 0; pass < 2; pass++) for (const known of basis) subtract(column, known, dot(column, known))
    const left = Math.sqrt(dot(column, column))
    if (left <= dependent * length) continue
    basis.push(column.map((value) => value / left))
  }
  if (basis.length > volumes - 3)
    throw new HeschlError('OPTION_INVALID', 'Cleaning would leave nothing of the run', {
      expected: `at most ${volumes - 3} independent regressors for ${volumes} volumes`,
      found: `${basis.length}`,
      remedy: 'Name fewer confounds, lower the degree of the trend, or lower the cut-off of the high-pass filter',
    })
  const matrix = zeros64(basis.length, volumes)
  for (const [i, row] of basis.entries()) matrix.data.set(row, i * volumes)
  return matrix
}

/**
 * Takes a basis out of every column, in place. Sums are float64; a column with a value that is not finite becomes NaN.
 * @param y [volumes, targets]
 * @param basis orthonormal rows [regressors, volumes]
 */
export function removeNuisance(y: Matrix32, basis: Matrix64): void {
  const { data, rows, cols } = y
  const shares = new Float64Array(basis.rows * cols)
  for (let v = 0; v < rows; v++) {
    for (let b = 0; b < basis.rows; b++) {
      const weight = basis.data[b * rows + v]
      for (let t = 0; t < cols; t++) shares[b * cols + t] += weight * data[v * cols + t]
    }
  }
  const line = new Float64Array(cols)
  for (let v = 0; v < rows; v++) {
    line.fill(0)
    for (let b = 0; b < basis.rows; b++) {
      const weight = basis.data[b * rows + v]
      for (let t = 0; t < cols; t++) line[t] += weight * shares[b * cols + t]
    }
    for (let t = 0; t < cols; t++) data[v * cols + t] -= line[t]
  }
}

/** Legendre polynomials over the run: powers would be too alike to tell apart at higher degrees. */
function trends(volumes: number, degree: number): Float64Array[] {
  if (!(Number.isInteger(degree) && degree >= 0 && degree <= 10)) {
    throw new HeschlError('OPTION_INVALID', 'The degree of the trend is out of range', {
      expected: 'a whole number from 0 to 10',
      found: String(degree),
      remedy: 'A degree of 1 takes out a line',
    })
  }
  const at = Float64Array.from({ length: volumes }, (_, v) => (volumes === 1 ? 0 : (2 * v) / (volumes - 1) - 1))
  const columns = [at.map(() => 1), at]
  for (let k = 2; k <= degree; k++) {
    const [last, before] = [columns[k - 1], columns[k - 2]]
    columns.push(at.map((x, v) => ((2 * k - 1) * x * last[v] - (k - 1) * before[v]) / k))
  }
  return columns.slice(0, degree + 1)
}

/** nilearn's `create_cosine_drift` (nilearn 0.14, signal.py) without its constant. */
function drifts(volumes: number, { highPass, tr }: NuisanceOptions): Float64Array[] {
  if (highPass === undefined) return []
  if (!(highPass > 0 && highPass * tr < 0.5)) {
    throw new HeschlError('OPTION_INVALID', 'The cut-off of the high-pass filter is out of range', {
      expected: `more than 0 and less than ${0.5 / tr} Hz, half the rate of the volumes`,
      found: `${highPass} Hz`,
      remedy: 'A usual cut-off is 0.01 Hz',
    })
  }
  const order = Math.min(volumes - 1, Math.floor(2 * volumes * highPass * tr))
  return Array.from({ length: order }, (_, k) =>
    Float64Array.from({ length: volumes }, (_, v) => Math.cos((Math.PI / volumes) * (v + 0.5) * (k + 1))),
  )
}

function confounds(volumes: number, { confounds: matrix }: NuisanceOptions): Float64Array[] {
  if (!matrix) return []
  if (matrix.rows !== volumes) {
    throw new HeschlError('SHAPE_MISMATCH', 'The confounds have another number of volumes than the run', {
      expected: `${volumes} rows`,
      found: `${matrix.rows}`,
      remedy: 'Name the table that belongs to this run',
    })
  }
  return Array.from({ length: matrix.cols }, (_, c) => {
    const column = Float64Array.from({ length: volumes }, (_, v) => matrix.data[v * matrix.cols + c])
    const bad = column.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) {
      throw new HeschlError('NUMERICAL', 'A confound is not finite', {
        expected: 'finite numbers',
        found: `${column[bad]} in volume ${bad + 1} of confound ${c + 1}`,
        remedy: 'Derivatives have no value in the first volume: leave the column out, or put 0 there',
      })
    }
    // Centred and scaled, or large offsets would swallow what varies.
    const mean = column.reduce((sum, value) => sum + value, 0) / volumes
    const centred = column.map((value) => value - mean)
    const largest = centred.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const constant = largest <= 1e-12 * Math.abs(mean)
    return constant ? centred.fill(0) : centred.map((value) => value / largest)
  })
}

function subtract(from: Float64Array, what: Float64Array, share: number): void {
  for (let i = 0; i < from.length; i++) from[i] -= share * what[i]
}
