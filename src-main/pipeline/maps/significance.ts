/** Student's t over subjects from their moments, at every target, and p values adjusted over the targets. */
import { adjust, corrections, describe, tTail } from '../../statistics/index.ts'
import type { Moments } from './moments.ts'

export interface Significance {
  /** float64 [n_targets]; NaN where there is nothing to test: fewer than two subjects, or no spread. */
  readonly p: Float64Array
  /** In full. */
  readonly test: string
  readonly least: number
}

export interface Tested {
  /** Differences (two-sided); else: are the scores above 0 (one-sided)? */
  readonly paired: boolean
  /** Over the targets that were tested; null for p as it is. */
  readonly correction: 'benjamini-hochberg' | 'benjamini-yekutieli' | null
  /** What was taken off each score, in words (findings/chance.ts); empty for nothing. */
  readonly from: string
}

/**
 * @param moments of scores, or of differences
 * @returns null where no target can be tested
 */
export function significance(
  { count, mean, squares }: Moments,
  { paired, correction, from }: Tested,
): Significance | null {
  const p = new Float64Array(count.length).fill(NaN)
  let [most, tests, least] = [0, 0, Infinity]
  for (let v = 0; v < p.length; v++) {
    const n = count[v]
    most = Math.max(most, n)
    if (n < 2 || squares[v] === 0) continue
    const t = mean[v] / Math.sqrt(squares[v] / (n - 1) / n)
    p[v] = paired ? Math.min(1, 2 * tTail(Math.abs(t), n - 1)) : tTail(t, n - 1)
    tests++
  }
  if (tests === 0) return null
  const adjusted = correction === null ? p : adjust(p, correction)
  for (const value of adjusted) if (value < least) least = value
  const words = correction === null ? null : `${corrections[correction]} over ${tests.toLocaleString('en')} vertices`
  const test = describe({
    ...(paired
      ? { name: 'paired t test', alternative: 'two-sided' as const, parameters: [`mean difference against 0${from}`] }
      : { name: 'one-sample t test', alternative: 'greater' as const, parameters: [`mean against 0${from}`] }),
    n: most,
    correction: words,
  })
  return { p: adjusted, test, least }
}

/** float32 [n_targets]: 16.2 for p = 6e-17; p of 0 (below float64's range) is told as 308. */
export const minusLog10 = (p: ArrayLike<number>): Float32Array =>
  Float32Array.from(p, (value) => (Number.isNaN(value) ? NaN : Math.min(308, -Math.log10(value))))
