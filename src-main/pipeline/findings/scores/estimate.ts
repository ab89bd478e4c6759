import { tQuantile } from '../../../statistics/index.ts'

/** A mean over subjects with its 95 % interval by Student's t. */
export interface MeanEstimate {
  /** Subjects who have a value. */
  readonly n: number
  readonly value: number
  /** Standard error; NaN for one subject, as the interval's ends. */
  readonly sem: number
  readonly low: number
  readonly high: number
}

/** @param values one a subject; what is not finite is left out */
export function overSubjects(values: readonly number[]): MeanEstimate {
  const own = values.filter(Number.isFinite)
  const n = own.length
  const value = own.reduce((sum, each) => sum + each, 0) / n
  const squares = own.reduce((sum, each) => sum + (each - value) ** 2, 0)
  const sem = n > 1 ? Math.sqrt(squares / (n - 1) / n) : NaN
  const reach = sem * tQuantile(0.025, n - 1)
  return { n, value, sem, low: value - reach, high: value + reach }
}
