/**
 * Bootstrap intervals: subjects are drawn with replacement, whole.
 * Sources: Efron and Tibshirani, An Introduction to the Bootstrap (1993), 13.3 and 14.3; percentiles and ties as in
 * scipy.stats.bootstrap.
 */
import { HeschlError } from '../errors.ts'
import { seededRandom } from '../linalg/random.ts'
import { normalQuantile, normalTail } from './distributions.ts'

export interface BootstrapOptions {
  /** Confidence, such as 0.95. */
  readonly level: number
  readonly resamples: number
  /** A whole number below 2^32. */
  readonly seed: number
  /** `percentile`; or `bca`: corrected for bias and for a spread that changes with the value. */
  readonly method: 'percentile' | 'bca'
}

/**
 * - `one value`: a group of one subject, or none, cannot be resampled
 * - `all equal`: every resample gives the same number
 * - `undefined`: the statistic has no value for the subjects, or for some resample of them
 */
export type NoInterval = 'one value' | 'all equal' | 'undefined'

export type Interval =
  | { readonly testable: true; readonly low: number; readonly high: number; readonly words: string }
  | { readonly testable: false; readonly reason: NoInterval; readonly words: string }

/** What a bias correction needs besides the resamples: of a statistic's value, and of its value without each subject. */
export interface Acceleration {
  readonly estimate: number
  readonly acceleration: number
}

/**
 * An interval for any statistic of subjects.
 * @param sizes subjects of each group; each group is resampled by itself, and pairs stay pairs
 * @param statistic of the subjects with these indices, one list a group; NaN where it has no value
 * @throws HeschlError OPTION_INVALID
 */
export function bootstrapInterval(
  sizes: readonly number[],
  statistic: (subjects: readonly Uint32Array[]) => number,
  options: BootstrapOptions,
): Interval {
  checkBootstrap(options)
  const words = bootstrapWords(options)
  if (sizes.some((size) => size < 2)) return { testable: false, reason: 'one value', words }
  const everyone = sizes.map((size) => Uint32Array.from({ length: size }, (_, i) => i))
  const estimate = statistic(everyone)
  if (Number.isNaN(estimate)) return { testable: false, reason: 'undefined', words }
  const random = seededRandom(options.seed)
  const drawn = sizes.map((size) => new Uint32Array(size))
  const values = new Float64Array(options.resamples)
  for (let b = 0; b < values.length; b++) {
    for (const group of drawn) draw(group, random.uniform)
    values[b] = statistic(drawn)
  }
  values.sort()
  // NaN is sorted last.
  if (Number.isNaN(values[values.length - 1])) return { testable: false, reason: 'undefined', words }
  if (values[0] === values[values.length - 1]) return { testable: false, reason: 'all equal', words }
  let acceleration = 0
  if (options.method === 'bca') {
    acceleration = jackknifed(everyone, statistic)
    if (Number.isNaN(acceleration)) return { testable: false, reason: 'undefined', words }
  }
  const [low, high] = intervalOf(values, { estimate, acceleration }, options)
  return { testable: true, low, high, words }
}

/** Indices of as many subjects as there are, with replacement. */
export function draw(into: Uint32Array, uniform: () => number): void {
  for (let i = 0; i < into.length; i++) into[i] = Math.floor(uniform() * into.length)
}

/** The acceleration from the statistic without each subject in turn. */
function jackknifed(everyone: readonly Uint32Array[], statistic: (subjects: readonly Uint32Array[]) => number): number {
  const influences: number[] = []
  for (const [g, group] of everyone.entries()) {
    const without = Float64Array.from(group, (left) =>
      statistic(everyone.map((other, h) => (h === g ? other.filter((subject) => subject !== left) : other))),
    )
    const mean = without.reduce((sum, value) => sum + value / group.length, 0)
    for (const value of without) influences.push(((group.length - 1) / group.length) * (mean - value))
  }
  // Scaled by the largest, so that no cube leaves the range of float64.
  const largest = influences.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  let [cubes, squares] = [0, 0]
  for (const influence of influences) {
    cubes += (influence / largest) ** 3
    squares += (influence / largest) ** 2
  }
  return cubes / (6 * squares ** 1.5)
}

/** @param sorted the statistic of every resample, ascending */
export function intervalOf(
  sorted: Float64Array,
  { estimate, acceleration }: Acceleration,
  { level, method }: BootstrapOptions,
): [number, number] {
  const tail = (1 - level) / 2
  if (method === 'percentile') return [quantile(sorted, tail), quantile(sorted, 1 - tail)]
  let below = 0
  for (const value of sorted) below += value < estimate ? 2 : value === estimate ? 1 : 0
  const bias = normalQuantile(below / (2 * sorted.length))
  const share = (z: number): number => {
    const moved = bias + z
    return 1 - normalTail(bias + moved / (1 - acceleration * moved))
  }
  const z = normalQuantile(tail)
  return [quantile(sorted, share(z)), quantile(sorted, share(-z))]
}

/** Linearly interpolated, numpy's default. */
function quantile(sorted: Float64Array, share: number): number {
  if (Number.isNaN(share)) return NaN
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below]
  const high = sorted[Math.min(below + 1, sorted.length - 1)]
  // Infinite values are values: between two of them, or at one, nothing is interpolated.
  return low === high || position === below ? low : low + (high - low) * (position - below)
}

export function bootstrapWords({ level, resamples, seed, method }: BootstrapOptions): string {
  const kind = method === 'bca' ? 'BCa' : 'percentile'
  return `${100 * level} % ${kind} bootstrap interval, ${resamples.toLocaleString('en')} resamples, seed ${seed}`
}

export function checkBootstrap({ level, resamples, seed }: BootstrapOptions): void {
  const wrong = (expected: string, found: number): HeschlError =>
    new HeschlError('OPTION_INVALID', 'An option of the bootstrap is out of range', { expected, found: `${found}` })
  if (!(level > 0 && level < 1)) throw wrong('a level between 0 and 1', level)
  if (!(Number.isInteger(resamples) && resamples >= 2 && resamples <= 1_000_000))
    throw wrong('2 to 1,000,000 resamples', resamples)
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) throw wrong('a seed from 0 to 2^32 - 1', seed)
}
