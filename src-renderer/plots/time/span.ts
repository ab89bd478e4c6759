/** A stretch of time on an axis in seconds, and how it is moved within what there is. */

export interface Span {
  readonly from: number
  readonly to: number
}

/** Nothing shorter is shown, in seconds: peaks are 2.5 ms, frames 10 ms apart. */
export const shortest = 0.5

const lengthOf = ({ from, to }: Span): number => to - from

/** The nearest stretch of the same length that lies within the whole; the whole, where it is longer. */
export function within({ from, to }: Span, whole: Span): Span {
  const length = Math.min(Math.max(to - from, Math.min(shortest, lengthOf(whole))), lengthOf(whole))
  const start = Math.min(Math.max(from, whole.from), whole.to - length)
  return { from: start, to: start + length }
}

/** @param factor above 1: a longer stretch; the time at `at` stays where it is */
export function zoomed({ from, to }: Span, at: number, factor: number, whole: Span): Span {
  const length = Math.min(Math.max((to - from) * factor, Math.min(shortest, lengthOf(whole))), lengthOf(whole))
  const share = to > from ? (at - from) / (to - from) : 0.5
  return within({ from: at - share * length, to: at + (1 - share) * length }, whole)
}

export const panned = ({ from, to }: Span, seconds: number, whole: Span): Span =>
  within({ from: from + seconds, to: to + seconds }, whole)

/** A stretch with room to both sides, as long as before where that is enough. */
export function around({ from, to }: Span, now: Span, whole: Span): Span {
  const length = Math.max(lengthOf(now), 1.5 * (to - from))
  const middle = (from + to) / 2
  return within({ from: middle - length / 2, to: middle + length / 2 }, whole)
}

/** Pixels of a time, and back, on an axis from `left` to `right`. */
export interface TimeAxis {
  readonly span: Span
  readonly left: number
  readonly right: number
}

export const pixelOf = ({ span, left, right }: TimeAxis, seconds: number): number =>
  left + ((seconds - span.from) / (span.to - span.from)) * (right - left)

export const secondsAt = ({ span, left, right }: TimeAxis, pixel: number): number =>
  span.from + ((pixel - left) / (right - left)) * (span.to - span.from)

/** "1:04.5" from a minute on, "12.5 s" below. */
export function formatTime(seconds: number, decimals = 1): string {
  const sign = seconds < 0 ? '−' : ''
  const size = Math.abs(seconds)
  if (size < 60) return `${sign}${size.toFixed(decimals)} s`
  const rest = size % 60
  return `${sign}${Math.floor(size / 60)}:${rest.toFixed(decimals).padStart(decimals > 0 ? 3 + decimals : 2, '0')}`
}
