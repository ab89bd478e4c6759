/** Means over subjects with their intervals, and sizes of effects. */
import { zeros64 } from '../../../linalg/matrix.ts'
import type { Matrix64 } from '../../../linalg/matrix.ts'
import type { BootstrapOptions } from '../../../statistics/bootstrap.ts'
import { bootstrapMeans, rankBiserial, standardizedMean } from '../../../statistics/index.ts'
import type { PermutationHost } from '../../../statistics/permuted.ts'
import type { FigureOptions } from '../../../study/figures.ts'
import type { Estimate } from '../table.ts'

/** Of every interval. */
export const confidence = 0.95

export const bootstrapOf = ({ interval, resamples, seed }: FigureOptions['regimes']): BootstrapOptions => ({
  ...{ level: confidence, method: interval, resamples, seed },
})

export interface MeanEstimate extends Estimate {
  readonly sem: number
  /** Subjects with a value. */
  readonly n: number
}

/**
 * A column's mean over the subjects that have a value, its standard error and bootstrap interval.
 * @param values [subjects, columns]
 */
export async function meanEstimates(
  values: Matrix64,
  options: BootstrapOptions,
  host: PermutationHost,
): Promise<readonly MeanEstimate[]> {
  const estimates: MeanEstimate[] = []
  const resampled = values.rows === 0 ? null : await bootstrapMeans(values, options, host)
  for (let column = 0; column < values.cols; column++) {
    const own = columnValues(values, column)
    const n = own.length
    const value = own.reduce((sum, x) => sum + x, 0) / n
    const squares = own.reduce((sum, x) => sum + (x - value) ** 2, 0)
    let [low, high] = [resampled?.low[column] ?? NaN, resampled?.high[column] ?? NaN]
    // Regions that some subject has no value in are resampled without that subject.
    if (n >= 2 && n < values.rows) {
      const alone = await bootstrapMeans(columnOf(own), options, host)
      ;[low, high] = [alone.low[0], alone.high[0]]
    }
    estimates.push({ value, low, high, sem: n < 2 ? NaN : Math.sqrt(squares / (n - 1) / n), n })
  }
  return estimates
}

/** The values of a column that are finite. */
export function columnValues({ data, rows, cols }: Matrix64, column: number): Float64Array {
  const all = Float64Array.from({ length: rows }, (_, row) => data[row * cols + column])
  return all.filter((value) => Number.isFinite(value))
}

function columnOf(values: Float64Array): Matrix64 {
  const matrix = zeros64(values.length, 1)
  matrix.data.set(values)
  return matrix
}

export interface EffectSizes {
  readonly rankBiserial: Estimate
  readonly hedgesG: Estimate
}

const none: Estimate = { value: NaN, low: NaN, high: NaN }

/** @param differences of subjects; finite */
export function effectSizes(differences: Float64Array, options: BootstrapOptions): EffectSizes {
  const rank = rankBiserial(differences, options)
  const standard = standardizedMean(differences, true, options.level)
  return {
    // Where all signs agree every resample gives 1 or -1, and there is an estimate without an interval.
    rankBiserial: rank.testable ? { value: rank.estimate, low: rank.low, high: rank.high } : onlyEstimate(differences),
    hedgesG: standard.testable ? { value: standard.estimate, low: standard.low, high: standard.high } : none,
  }
}

function onlyEstimate(differences: Float64Array): Estimate {
  const [up, down] = [differences.some((value) => value > 0), differences.some((value) => value < 0)]
  return up === down ? none : { ...none, value: up ? 1 : -1 }
}
