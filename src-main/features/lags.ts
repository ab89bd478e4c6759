/** Temporal response functions: which delays, in samples of a recording, a span of time has. */
import { HeschlError } from '../errors.ts'

/** Delays in samples, both included. */
export interface SampleLags {
  readonly from: number
  readonly to: number
}

/** More than this many seconds times rate is a mistake of units. */
const mostLags = 10_000

/**
 * The delays within a span of time: whole samples from `from` to `to` seconds, both included; negative where a response
 * comes before its cause. 0 to 0.39 s at 100 Hz are the 40 delays of Chen et al. 2023.
 *
 * @param seconds between samples
 * @throws HeschlError OPTION_INVALID where no sample lies within the span, or more than 10,000
 */
export function sampleLags({ from, to }: { readonly from: number; readonly to: number }, seconds: number): SampleLags {
  // A time that is a whole number of samples but for rounding is one.
  const lags = { from: Math.ceil(from / seconds - 1e-6) + 0, to: Math.floor(to / seconds + 1e-6) + 0 }
  const count = lags.to - lags.from + 1
  if (count >= 1 && count <= mostLags) return lags
  throw new HeschlError('OPTION_INVALID', 'The lags do not fit the rate of the recordings', {
    expected: `1 to ${mostLags.toLocaleString('en')} samples of ${seconds} s between the first lag and the last`,
    found: `${from} to ${to} s`,
    remedy: 'Check `encoding.hrf.lags` and `rate`: lags are in seconds, the rate is in Hz',
  })
}
