import { HeschlError } from '../errors.ts'

/**
 * The low-pass filter, in units of the lower of the two rates: flat to 0.455, −100 dB or less from 0.5 on. Kaiser's
 * formulas (1974) give the shape and the length for a stopband 10 dB better than asked.
 */
const passband = 0.455
const stopband = 0.5
const attenuation = 110
const kaiserBeta = 0.1102 * (attenuation - 8.7)
/** Beyond this many taps a pair of rates has no useful common divisor (44,101 to 16,000 Hz). */
const mostTaps = 1 << 24
/** Outputs between two calls of `between`. */
const outputsAtOnce = 1 << 16

/**
 * Audio at another sample rate: a Kaiser-windowed sinc applied in polyphase form. Linear phase and no delay: output
 * sample k is the sound at k / toRate seconds. Aliases and images are 100 dB down; what lies between 0.455 and 0.5 of
 * the lower rate is attenuated. Silence is assumed beyond the ends.
 *
 * @param samples mono
 * @param between called every few seconds of sound; what it throws ends the computation
 * @returns ⌈samples · toRate / fromRate⌉ samples
 * @throws HeschlError OPTION_INVALID for rates that are not whole numbers above 0, or whose ratio is not a useful fraction
 */
export function resample(
  samples: Float32Array,
  fromRate: number,
  toRate: number,
  between: () => void = () => undefined,
): Float32Array<ArrayBuffer> {
  if (!(Number.isSafeInteger(fromRate) && fromRate > 0 && Number.isSafeInteger(toRate) && toRate > 0))
    throw unusable(fromRate, toRate)
  const divisor = greatestCommonDivisor(fromRate, toRate)
  const up = toRate / divisor
  const down = fromRate / divisor
  if (up === down) return samples.slice()
  const out = new Float32Array(Math.ceil((samples.length * up) / down))
  if (out.length === 0) return out
  const phases = filterPhases(up, down, () => unusable(fromRate, toRate))
  const { taps, half } = phases
  for (let k = 0; k < out.length; k++) {
    if (k % outputsAtOnce === 0) between()
    // The output lies at position k · down on the grid of `up` steps per input sample.
    const position = k * down
    const centre = Math.floor(position / up)
    const filter = phases.at(position - centre * up)
    const first = centre - half
    const from = Math.max(0, -first)
    const to = Math.min(taps, samples.length - first)
    // Two sums, so that one product need not wait for the other.
    let even = 0
    let odd = 0
    let j = from
    for (; j + 1 < to; j += 2) {
      even += filter[j] * samples[first + j]
      odd += filter[j + 1] * samples[first + j + 1]
    }
    if (j < to) even += filter[j] * samples[first + j]
    out[k] = even + odd
  }
  return out
}

interface Phases {
  /** Taps of one phase, and how many of them lie before the sample at or before the output. */
  readonly taps: number
  readonly half: number
  /** The filter for an output `offset` steps (of 1 / up input samples) after an input sample. */
  readonly at: (offset: number) => Float64Array
}

function filterPhases(up: number, down: number, refuse: () => HeschlError): Phases {
  // Everything in units of the input rate.
  const scale = Math.min(1, up / down)
  const cutoff = ((passband + stopband) / 2) * scale
  const width = (stopband - passband) * scale
  const reach = (attenuation - 7.95) / (14.36 * width) / 2
  const half = Math.ceil(reach)
  const taps = 2 * half + 1
  if (taps * up > mostTaps) throw refuse()
  const bessel = besselI0(kaiserBeta)
  const filters = Array.from({ length: up }, (_, offset) => {
    const filter = new Float64Array(taps)
    let sum = 0
    for (let j = 0; j < taps; j++) {
      const t = offset / up - (j - half)
      const inside = 1 - (t / reach) ** 2
      if (inside < 0) continue
      const sinc = t === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * t) / (Math.PI * t)
      filter[j] = (sinc * besselI0(kaiserBeta * Math.sqrt(inside))) / bessel
      sum += filter[j]
    }
    // Every phase passes a constant unchanged.
    return filter.map((tap) => tap / sum)
  })
  return { taps, half, at: (offset) => filters[offset] }
}

/** The modified Bessel function of order 0, by its power series, which converges for every x. */
function besselI0(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

function unusable(fromRate: number, toRate: number): HeschlError {
  return new HeschlError('OPTION_INVALID', `Audio at ${fromRate} Hz cannot be resampled to ${toRate} Hz`, {
    expected: 'sample rates that are whole numbers with a common divisor, such as 44,100 and 16,000',
    found: `${fromRate} and ${toRate}`,
    remedy: 'Convert the audio to a usual sample rate (16,000, 22,050, 44,100 or 48,000 Hz)',
  })
}
