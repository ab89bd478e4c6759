/**
 * How many subjects a paired comparison needs. Sources: Cohen (1988), Statistical power analysis, chapter 2 (noncentral
 * t); Hodges and Lehmann (1956) for the Wilcoxon test, whose efficiency on normal differences is 3/π.
 */
import { HeschlError } from '../errors.ts'
import { zeros64 } from '../linalg/matrix.ts'
import type { Matrix64 } from '../linalg/matrix.ts'
import { randomStream } from '../linalg/randomStream.ts'
import { noncentralTBelow, normalQuantile, tQuantile } from './distributions.ts'
import { momentsOf } from './moments.ts'
import type { Alternative } from './result.ts'
import { wilcoxon } from './wilcoxon.ts'

export interface PowerOptions {
  /** Level of the test. */
  readonly alpha: number
  /** Probability with which the effect is to be found. */
  readonly power: number
  readonly alternative: Alternative
}

/** More subjects than this are not asked for. */
const mostSubjects = 10_000
/** Of Wilcoxon's test by simulation, whose table of signs is exact up to 50 subjects. */
const mostSimulated = 1000

/**
 * Power of the paired t test.
 * @param effect mean of the differences over their SD
 * @param n subjects, from 2
 */
export function tTestPower(effect: number, n: number, { alpha, alternative }: Omit<PowerOptions, 'power'>): number {
  const shift = effect * Math.sqrt(n)
  const df = n - 1
  if (alternative === 'two-sided') {
    const critical = tQuantile(alpha / 2, df)
    return 1 - noncentralTBelow(critical, df, shift) + noncentralTBelow(-critical, df, shift)
  }
  const critical = tQuantile(alpha, df)
  return alternative === 'greater' ? 1 - noncentralTBelow(critical, df, shift) : noncentralTBelow(-critical, df, shift)
}

/** Fewest subjects with which the paired t test has the power; null where more than 10,000 do not reach it. */
export function subjectsForT(effect: number, options: PowerOptions): number | null {
  checkPower(options)
  // Of such an effect any two subjects show the whole.
  if (Number.isNaN(effect)) return null
  if (!Number.isFinite(effect)) return effect === Infinity || options.alternative === 'two-sided' ? 2 : null
  return fewest((n) => tTestPower(effect, n, options) >= options.power, mostSubjects)
}

/** The same for Wilcoxon's signed-rank test on normal differences, by its asymptotic efficiency. */
export function subjectsForWilcoxon(effect: number, options: PowerOptions): number | null {
  const subjects = subjectsForT(effect, options)
  return subjects === null ? null : Math.ceil((subjects * Math.PI) / 3)
}

/** @throws HeschlError OPTION_INVALID */
function checkPower({ alpha, power }: PowerOptions): void {
  if (alpha > 0 && alpha < 0.5 && power > alpha && power < 1) return
  throw new HeschlError('OPTION_INVALID', 'The level or the power of a test is out of range', {
    expected: 'a level from 0 to 0.5, and a power from the level to below 1',
    found: `level ${alpha}, power ${power}`,
    remedy: 'Use 0.05 and 0.8, or what your field asks for',
  })
}

/** Smallest n from 2 on at which something that stays so holds; null where it does not up to `most`. */
function fewest(holds: (n: number) => boolean, most: number): number | null {
  let [low, high] = [1, 2]
  while (!holds(high)) {
    if (high >= most) return null
    low = high
    high = Math.min(most, 2 * high)
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}

/** Where the subjects of a simulated study come from. */
export type Differences =
  | { readonly kind: 'normal'; readonly mean: number; readonly sd: number }
  | { readonly kind: 'resampled'; readonly values: readonly number[] }

interface SimulatedPower {
  readonly power: number
  /** 95 %, of the share of so many simulated studies (Wilson). */
  readonly low: number
  readonly high: number
}

/**
 * Share of simulated studies in which Wilcoxon's signed-rank test finds the difference.
 * @param n subjects of a study
 * @param studies how many are simulated
 */
export function simulatedPower(
  from: Differences,
  n: number,
  { alpha, alternative }: Omit<PowerOptions, 'power'>,
  { studies, seed }: { readonly studies: number; readonly seed: number },
): SimulatedPower {
  const drawn = drawStudies(from, n, studies, seed)
  const { p } = wilcoxon(drawn, { alternative, zeros: 'wilcox', method: 'auto', continuity: false })
  // A study in which nothing can be tested finds nothing.
  const found = p.reduce((count, value) => count + (value <= alpha ? 1 : 0), 0)
  const [low, high] = shareInterval(found, studies)
  return { power: found / studies, low, high }
}

/** [subjects, studies] */
function drawStudies(from: Differences, n: number, studies: number, seed: number): Matrix64 {
  const { normal, uniform } = randomStream(seed, 'power', n)
  const matrix = zeros64(n, studies)
  for (let i = 0; i < matrix.data.length; i++)
    matrix.data[i] =
      from.kind === 'normal' ? from.mean + from.sd * normal() : from.values[Math.floor(uniform() * from.values.length)]
  return matrix
}

/** Fewest subjects at which the simulated power is reached; null where 1,000 do not. */
export function subjectsBySimulation(
  from: Differences,
  options: PowerOptions,
  how: { readonly studies: number; readonly seed: number },
): { readonly subjects: number; readonly reached: SimulatedPower } | null {
  checkPower(options)
  const subjects = fewest((n) => simulatedPower(from, n, options, how).power >= options.power, mostSimulated)
  return subjects === null ? null : { subjects, reached: simulatedPower(from, subjects, options, how) }
}

/** Wilson's score interval of a share, 95 %. Source: Wilson (1927), J. Am. Stat. Assoc. 22:209–212. */
export function shareInterval(found: number, of: number): readonly [low: number, high: number] {
  const z = normalQuantile(0.975)
  const share = found / of
  const scale = 1 / (1 + (z * z) / of)
  const middle = scale * (share + (z * z) / (2 * of))
  const reach = scale * z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)]
}

/** Mean of the differences over their SD (n - 1); ±infinity where they are all equal, NaN where they are all 0. */
export function effectOf(differences: readonly number[]): number {
  const { mean, norm } = momentsOf(Float64Array.from(differences), differences.length)
  return mean / (norm / Math.sqrt(differences.length - 1))
}

/**
 * Percentile interval of the subjects that a pilot's effect asks for: the pilot's subjects are resampled.
 * @returns 95 %; an end is null where the resampled effect asks for more than 10,000, or is of the other sign
 */
export function subjectsInterval(
  values: readonly number[],
  options: PowerOptions,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
): readonly [low: number | null, high: number | null] {
  const { uniform } = randomStream(seed, 'pilot')
  const needed: number[] = []
  for (let resample = 0; resample < resamples; resample++) {
    const drawn = values.map(() => values[Math.floor(uniform() * values.length)])
    const effect = effectOf(drawn)
    needed.push(Number.isNaN(effect) ? Infinity : (subjectsForWilcoxon(effect, options) ?? Infinity))
  }
  needed.sort((a, b) => a - b)
  const at = (share: number) => needed[Math.min(resamples - 1, Math.floor(share * resamples))]
  const finite = (value: number) => (Number.isFinite(value) ? value : null)
  return [finite(at(0.025)), finite(at(0.975))]
}
