import { bootstrapInterval } from './bootstrap.ts'
import type { BootstrapOptions, NoInterval } from './bootstrap.ts'

export type Specialization =
  | {
      readonly testable: true
      readonly index: number
      readonly low: number
      readonly high: number
      readonly n: number
      readonly words: string
    }
  | { readonly testable: false; readonly reason: NoInterval }

/**
 * How much more a region goes with one kind of model than with another: (a - b) / (a + b) of the subjects' mean scores,
 * 0 for no difference, 1 where b's are none. Of means, as a subject's own ratio is noise where its scores are near 0.
 * @param a, b [subjects], scores of the same subjects in the same order, such as native and non-native; a subject with
 *   one that is not finite is left out
 * @returns `undefined` where the mean scores, or those of a resample, do not add up to more than 0
 */
export function specialization(a: ArrayLike<number>, b: ArrayLike<number>, options: BootstrapOptions): Specialization {
  const kept = Array.from(a, (_, i) => i).filter((i) => Number.isFinite(a[i]) && Number.isFinite(b[i]))
  const index = (subjects: ArrayLike<number>): number => {
    let [first, second] = [0, 0]
    for (let i = 0; i < subjects.length; i++) {
      first += a[kept[subjects[i]]]
      second += b[kept[subjects[i]]]
    }
    return first + second > 0 ? (first - second) / (first + second) : NaN
  }
  const interval = bootstrapInterval([kept.length], ([subjects]) => index(subjects), options)
  if (!interval.testable) return { testable: false, reason: interval.reason }
  return { ...interval, index: index(kept.map((_, i) => i)), n: kept.length }
}
