/**
 * Probit regression by Newton's method: P(answer = 1) = Φ(xᵀβ). A row has few values that are not 0 (participants are
 * indicator columns), so that a step costs trials times the square of those few, and one Cholesky factor.
 */
import { HeschlError } from '../errors.ts'
import { inverseMills, logNormalCdf } from './normal.ts'

/** The columns of a row that are not 0, with their values. */
export interface SparseRow {
  readonly columns: readonly number[]
  readonly values: readonly number[]
}

export interface ProbitFit {
  /** [columns] */
  readonly coefficients: Float64Array
  /** [columns], from the observed information. */
  readonly standardErrors: Float64Array
  readonly logLikelihood: number
  readonly steps: number
}

const mostSteps = 100
/** Twice the log-likelihood that a step is worth, below which it is the last. */
const converged = 1e-8

/**
 * @param rows [trials]
 * @param answers [trials] of 0 and 1
 * @param start [columns], 0 where it is left out
 * @throws HeschlError NUMERICAL where columns depend on one another, or some tell the answer for sure, so that there is
 *   no largest likelihood
 */
export function fitProbit(
  rows: readonly SparseRow[],
  answers: ArrayLike<number>,
  columns: number,
  start = new Float64Array(columns),
): ProbitFit {
  let coefficients: Float64Array = Float64Array.from(start)
  let logLikelihood = likelihood(rows, answers, coefficients)
  for (let step = 1; step <= mostSteps; step++) {
    const { gradient, information, factor } = newton(rows, answers, coefficients)
    const change = solve(factor, gradient)
    const decrement = change.reduce((sum, value, j) => sum + value * gradient[j], 0)
    const last = decrement <= converged
    // The likelihood is concave: a half of a step, or a half of that, is better where the whole one is not.
    let reached = moveBy(rows, answers, coefficients, change, 1)
    const least = last ? -Infinity : logLikelihood
    for (let share = 0.5; !(reached.logLikelihood >= least); share /= 2)
      reached = moveBy(rows, answers, coefficients, change, share)
    ;({ coefficients, logLikelihood } = reached)
    // The steps of Newton's method square the error: this one was the last that could be seen.
    if (last) {
      if (tellsForSure(rows, information, columns)) break
      return { coefficients, standardErrors: inverseDiagonal(factor).map(Math.sqrt), logLikelihood, steps: step }
    }
  }
  throw new HeschlError('NUMERICAL', 'The probit regression has no solution', {
    expected: 'answers of both kinds from every participant and in every data set',
    found: 'a column that tells the answer for sure, whose coefficient has no end',
    remedy: 'Leave out participants who answered everything alike',
  })
}

interface Reached {
  readonly coefficients: Float64Array
  readonly logLikelihood: number
}

function moveBy(
  rows: readonly SparseRow[],
  answers: ArrayLike<number>,
  from: Float64Array,
  change: Float64Array,
  share: number,
): Reached {
  const coefficients = from.map((value, j) => value + share * change[j])
  return { coefficients, logLikelihood: likelihood(rows, answers, coefficients) }
}

/** Whether a column's trials are all but certain: its coefficient grew until their information was gone. */
function tellsForSure(rows: readonly SparseRow[], information: Float64Array, p: number): boolean {
  const squares = new Float64Array(p)
  for (const { columns, values } of rows) for (const [k, column] of columns.entries()) squares[column] += values[k] ** 2
  return squares.some((square, j) => information[j * p + j] < 1e-6 * square)
}

function linear({ columns, values }: SparseRow, coefficients: Float64Array): number {
  let total = 0
  for (let k = 0; k < columns.length; k++) total += values[k] * coefficients[columns[k]]
  return total
}

function likelihood(rows: readonly SparseRow[], answers: ArrayLike<number>, coefficients: Float64Array): number {
  let total = 0
  for (const [i, row] of rows.entries()) total += logNormalCdf((2 * answers[i] - 1) * linear(row, coefficients))
  return total
}

/** Gradient, and the lower Cholesky factor of the negative Hessian. */
function newton(rows: readonly SparseRow[], answers: ArrayLike<number>, coefficients: Float64Array) {
  const p = coefficients.length
  const gradient = new Float64Array(p)
  const information = new Float64Array(p * p)
  for (const [i, row] of rows.entries()) {
    const sign = 2 * answers[i] - 1
    const eta = linear(row, coefficients)
    const slope = sign * inverseMills(sign * eta)
    const weight = slope * (slope + eta)
    const { columns, values } = row
    for (let a = 0; a < columns.length; a++) {
      const at = columns[a] * p
      gradient[columns[a]] += slope * values[a]
      for (let b = 0; b < columns.length; b++) information[at + columns[b]] += weight * values[a] * values[b]
    }
  }
  return { gradient, information, factor: cholesky(information, p) }
}

interface Factor {
  /** [n, n], lower triangle. */
  readonly l: Float64Array
  readonly n: number
}

function cholesky(a: Float64Array, n: number): Factor {
  const l = Float64Array.from(a)
  for (let j = 0; j < n; j++) {
    const own = l[j * n + j]
    let pivot = own
    for (let k = 0; k < j; k++) pivot -= l[j * n + k] ** 2
    if (!(pivot > 1e-12 * own)) throw dependent()
    const root = Math.sqrt(pivot)
    l[j * n + j] = root
    for (let i = j + 1; i < n; i++) {
      let sum = l[i * n + j]
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k]
      l[i * n + j] = sum / root
    }
  }
  return { l, n }
}

function solve({ l, n }: Factor, right: Float64Array): Float64Array {
  const out = Float64Array.from(right)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) out[i] -= l[i * n + k] * out[k]
    out[i] /= l[i * n + i]
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) out[i] -= l[k * n + i] * out[k]
    out[i] /= l[i * n + i]
  }
  return out
}

function inverseDiagonal(factor: Factor): Float64Array {
  return Float64Array.from({ length: factor.n }, (_, j) => {
    const unit = new Float64Array(factor.n)
    unit[j] = 1
    return solve(factor, unit)[j]
  })
}

function dependent(): HeschlError {
  return new HeschlError('NUMERICAL', 'The columns of the probit regression depend on one another', {
    expected: 'columns of which none can be told from the others, and answers that none of them tells for sure',
    found: 'a Hessian that is singular',
    remedy: 'Leave out a constant delta, or a participant with a single trial',
  })
}
