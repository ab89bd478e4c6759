/**
 * Where does a score stop rising with training? A straight rise up to a point, and a constant from there on:
 * s(x) = c + b min(x - k, 0), least squares in b, c and k. It counts as a plateau where its Bayesian
 * information criterion is smaller than a straight line's and a constant's, and at least two steps lie on it.
 * Source: two-phase regression, Hinkley (1971), Biometrika 58:495.
 */
import { HeschlError } from '../errors.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { bootstrapInterval } from './bootstrap.ts'
import type { BootstrapOptions, NoInterval } from './bootstrap.ts'

export type Plateau =
  | {
      readonly testable: true
      /** The step at which it is reached, in the steps' own unit. */
      readonly reached: number
      /** Its score. */
      readonly score: number
      /** `high` is Infinity where a resample's curve still rises at its end; without an interval both are NaN. */
      readonly low: number
      readonly high: number
      readonly interval: string
      readonly subjects: number
    }
  | { readonly testable: false; readonly reason: 'still rising' | 'no rise' | 'too few steps' | 'no value' }

/**
 * @param scores [subjects, steps]; a subject with a value that is not finite is left out
 * @param steps [steps], ascending: hours, updates; above 0 where the axis is `log`
 * @param axis whether scores rise in a line with the steps or with their logarithm
 * @throws HeschlError SHAPE_MISMATCH, OPTION_INVALID
 */
export function plateau(
  scores: Matrix,
  steps: readonly number[],
  axis: 'linear' | 'log',
  options: BootstrapOptions,
): Plateau {
  if (scores.cols !== steps.length || scores.data.length !== scores.rows * scores.cols) {
    throw new HeschlError('SHAPE_MISMATCH', 'The scores are not of these steps', {
      expected: `${steps.length} steps`,
      found: `${scores.cols}`,
    })
  }
  const ascending = steps.every((step, i) => Number.isFinite(step) && (i === 0 || step > steps[i - 1]))
  if (!ascending || (axis === 'log' && steps[0] <= 0)) {
    throw new HeschlError('OPTION_INVALID', 'The steps of a training curve are out of order', {
      expected: `ascending numbers${axis === 'log' ? ' above 0' : ''}`,
      found: steps.join(', '),
    })
  }
  const x = Float64Array.from(steps, (step) => (axis === 'log' ? Math.log10(step) : step))
  const row = (subject: number) => scores.data.subarray(subject * steps.length, (subject + 1) * steps.length)
  const kept = Array.from({ length: scores.rows }, (_, s) => s).filter((s) => row(s).every((v) => Number.isFinite(v)))
  if (steps.length < 5) return { testable: false, reason: 'too few steps' }
  if (kept.length === 0) return { testable: false, reason: 'no value' }
  const curve = (subjects: ArrayLike<number>): Float64Array => {
    const mean = new Float64Array(steps.length)
    for (let i = 0; i < subjects.length; i++) {
      const values = row(kept[subjects[i]])
      for (let k = 0; k < mean.length; k++) mean[k] += values[k] / subjects.length
    }
    return mean
  }
  const fit = breakOf(x, curve(kept.map((_, i) => i)))
  if (typeof fit === 'string') return { testable: false, reason: fit }
  const interval = bootstrapInterval(
    [kept.length],
    ([subjects]) => {
      const again = breakOf(x, curve(subjects))
      return again === 'still rising' ? Infinity : again === 'no rise' ? x[0] : again.at
    },
    options,
  )
  const unit = (at: number): number => (axis === 'log' ? 10 ** at : at)
  return {
    ...{ testable: true, reached: unit(fit.at), score: fit.score, subjects: kept.length },
    low: interval.testable ? unit(interval.low) : NaN,
    high: interval.testable ? unit(interval.high) : NaN,
    interval: interval.testable ? interval.words : noInterval[interval.reason],
  }
}

const noInterval: Readonly<Record<NoInterval, string>> = {
  'one value': 'no interval: one subject',
  'all equal': 'no interval: every resample of the subjects gives this point',
  undefined: 'no interval: a resample of the subjects gives no point',
}

interface Break {
  readonly at: number
  readonly score: number
}

/** The best break for a curve, in the units of x. */
function breakOf(x: Float64Array, y: Float64Array): Break | 'still rising' | 'no rise' {
  const n = x.length
  const line = lineOf(x, y, n)
  let best: (Break & { error: number; slope: number }) | undefined
  const take = (candidate: Break & { error: number; slope: number }) => {
    if (!best || candidate.error < best.error) best = candidate
  }
  // With its points split, the best bend is where the left line meets the right mean, if that is between the two.
  for (let left = 2; left <= n - 2; left++) {
    const rise = lineOf(x, y, left)
    let score = 0
    for (let i = left; i < n; i++) score += y[i] / (n - left)
    const at = (score - rise.intercept) / rise.slope
    if (at >= x[left - 1] && at <= x[left]) take(bend(x, y, at))
  }
  // Or it is at a step. A bend at the first one is a constant.
  for (let i = 0; i <= n - 2; i++) take(bend(x, y, x[i]))
  const { at, score, slope, error } = best!
  // Squares that rounding alone leaves are none.
  const floor = 1e-28 * y.reduce((sum, value) => sum + value * value, Number.MIN_VALUE)
  const criterion = (squares: number, parameters: number) =>
    n * Math.log(Math.max(floor, squares) / n) + parameters * Math.log(n)
  const [constant, straight, bent] = [criterion(line.total, 1), criterion(line.error, 2), criterion(error, 3)]
  if (slope > 0 && at > x[0] && bent < Math.min(constant, straight)) return { at, score }
  return line.slope > 0 && straight < constant ? 'still rising' : 'no rise'
}

/** Least squares of c + b min(x - at, 0). */
function bend(x: Float64Array, y: Float64Array, at: number) {
  const { intercept, slope, error } = lineOf(
    x.map((value) => Math.min(value - at, 0)),
    y,
    x.length,
  )
  return { at, score: intercept, slope, error }
}

/** The straight line through the first `count` points; `total`: the squares about their mean. */
function lineOf(x: Float64Array, y: Float64Array, count: number) {
  let [meanX, meanY] = [0, 0]
  for (let i = 0; i < count; i++) {
    meanX += x[i] / count
    meanY += y[i] / count
  }
  let [squares, product, total] = [0, 0, 0]
  for (let i = 0; i < count; i++) {
    squares += (x[i] - meanX) ** 2
    product += (x[i] - meanX) * (y[i] - meanY)
    total += (y[i] - meanY) ** 2
  }
  const slope = squares > 0 ? product / squares : 0
  const intercept = meanY - slope * meanX
  let error = 0
  for (let i = 0; i < count; i++) error += (y[i] - intercept - slope * x[i]) ** 2
  return { slope, intercept, error, total }
}
