/**
 * How large a difference is, whatever the number of subjects.
 * Sources: Cohen (1988); Hedges (1981), the exact correction; Steiger and Fouladi (1997) for intervals by the
 * noncentral t; Kerby (2014) for the matched-pairs rank-biserial correlation; Cliff (1993).
 */
import { bootstrapInterval } from './bootstrap.ts'
import type { BootstrapOptions, NoInterval } from './bootstrap.ts'
import { logGamma, noncentralTBelow, rootOf } from './distributions.ts'
import { momentsOf } from './moments.ts'
import { RankedDifferences } from './signedRanks.ts'

export type EffectSize =
  | {
      readonly testable: true
      readonly name: string
      readonly n: number | readonly [number, number]
      readonly estimate: number
      /** NaN, as `high`, for values that hardly vary. */
      readonly low: number
      readonly high: number
      /** How the interval was made: "95 % interval by the noncentral t". */
      readonly words: string
    }
  | { readonly testable: false; readonly name: string; readonly reason: NoInterval }

/**
 * Mean over standard deviation; of paired differences it is d_z. Values that are not finite are left out.
 * @param hedges whether to take the bias of few subjects off: Hedges' g
 * @param level of confidence, such as 0.95
 */
export function standardizedMean(values: ArrayLike<number>, hedges: boolean, level: number): EffectSize {
  const x = finite(values)
  const name = hedges ? "Hedges' g (one sample)" : "Cohen's d (one sample)"
  if (x.length < 2) return { testable: false, name, reason: 'one value' }
  const { mean, norm } = momentsOf(x, x.length)
  if (norm === 0) return { testable: false, name, reason: 'all equal' }
  const df = x.length - 1
  // The correction has a value from two degrees of freedom on.
  if (hedges && df < 2) return { testable: false, name, reason: 'undefined' }
  const d = (mean / norm) * Math.sqrt(df)
  return { testable: true, name, n: x.length, ...noncentral(d, Math.sqrt(x.length), df, hedges, level) }
}

/** Difference of two groups' means over their pooled standard deviation; positive where `a` is larger. */
export function standardizedDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  hedges: boolean,
  level: number,
): EffectSize {
  const [x, y] = [finite(a), finite(b)]
  const name = hedges ? "Hedges' g (two groups)" : "Cohen's d (two groups)"
  if (x.length < 2 || y.length < 2) return { testable: false, name, reason: 'one value' }
  const [first, second] = [momentsOf(x, x.length), momentsOf(y, y.length)]
  const df = x.length + y.length - 2
  if (first.norm === 0 && second.norm === 0) return { testable: false, name, reason: 'all equal' }
  const d = ((first.mean - second.mean) / Math.hypot(first.norm, second.norm)) * Math.sqrt(df)
  const root = 1 / Math.sqrt(1 / x.length + 1 / y.length)
  return { testable: true, name, n: [x.length, y.length], ...noncentral(d, root, df, hedges, level) }
}

/**
 * Matched-pairs rank-biserial correlation: what share of the ranks of paired differences is positive, less what share
 * is negative; zeros are left out. Its test is Wilcoxon's.
 */
export function rankBiserial(differences: ArrayLike<number>, options: BootstrapOptions): EffectSize {
  const x = finite(differences)
  const name = 'rank-biserial correlation'
  const ranked = new RankedDifferences(x.length)
  const sample = new Float64Array(x.length)
  const statistic = (subjects: Uint32Array): number => {
    for (let i = 0; i < subjects.length; i++) sample[i] = x[subjects[i]]
    ranked.rank(sample, subjects.length, 'wilcox')
    return (ranked.plus - ranked.minus) / (ranked.plus + ranked.minus)
  }
  return resampled(name, x.length, [x.length], ([subjects]) => statistic(subjects), options)
}

/** Cliff's delta: the probability that one of `a` exceeds one of `b`, less the probability of the opposite. */
export function cliffsDelta(a: ArrayLike<number>, b: ArrayLike<number>, options: BootstrapOptions): EffectSize {
  const [x, y] = [finite(a), finite(b)]
  const statistic = (first: Uint32Array, second: Uint32Array): number => {
    const ups = Float64Array.from(first, (i) => x[i]).sort()
    const downs = Float64Array.from(second, (i) => y[i]).sort()
    let below = 0
    let notAbove = 0
    let sum = 0
    for (const value of ups) {
      while (below < downs.length && downs[below] < value) below++
      while (notAbove < downs.length && downs[notAbove] <= value) notAbove++
      sum += below - (downs.length - notAbove)
    }
    return sum / (ups.length * downs.length)
  }
  const n = [x.length, y.length] as const
  return resampled("Cliff's delta", n, n, ([first, second]) => statistic(first, second), options)
}

function resampled(
  name: string,
  n: number | readonly [number, number],
  sizes: readonly number[],
  statistic: (subjects: readonly Uint32Array[]) => number,
  options: BootstrapOptions,
): EffectSize {
  const interval = bootstrapInterval(sizes, statistic, options)
  if (!interval.testable) return { testable: false, name, reason: interval.reason }
  const estimate = statistic(sizes.map((size) => Uint32Array.from({ length: size }, (_, i) => i)))
  return { ...interval, name, n, estimate }
}

/** The noncentral t is not computed beyond: values then hardly vary, and any interval is about rounding. */
const furthest = 1e4

/** d, or Hedges' g. */
const sized = (d: number, df: number, hedges: boolean): number =>
  hedges ? d * Math.exp(logGamma(df / 2) - logGamma((df - 1) / 2) - Math.log(df / 2) / 2) : d

/** @param root what turns d into t */
function noncentral(d: number, root: number, df: number, hedges: boolean, level: number) {
  const t = d * root
  if (Math.abs(t) > furthest) {
    return { estimate: sized(d, df, hedges), low: NaN, high: NaN, words: `no interval beyond t = ${furthest}` }
  }
  const tail = (1 - level) / 2
  // P(T <= t) falls as the noncentrality rises; far from t it takes long to compute.
  const shiftAt = (share: number): number => {
    const passed = (shift: number): number => share - noncentralTBelow(t, df, shift)
    let from = t - 4
    for (let step = 4; passed(from) > 0; step *= 2) from -= step
    return rootOf(passed, from, 1)
  }
  return {
    estimate: sized(d, df, hedges),
    low: sized(shiftAt(1 - tail) / root, df, hedges),
    high: sized(shiftAt(tail) / root, df, hedges),
    words: `${100 * level} % interval by the noncentral t`,
  }
}

const finite = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from(values).filter((value) => Number.isFinite(value))
