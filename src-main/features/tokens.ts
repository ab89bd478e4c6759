/** Features of what was said and when: words or phones as frames of 10 ms. */
import { hopSeconds } from './frames.ts'
import type { FrameWriter } from './frames.ts'

/** A word or a phone: seconds from the audio's first sample. */
export interface TimedToken {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Of 10 ms: times are written with four decimals, and 0.29 s / 10 ms is 28.999999999999996. */
const rounding = 1e-6
/** Length of the window in which words are counted, seconds. */
const rateWindow = 1

/** Word onsets: 1 in the frame in which a word begins, 0 elsewhere. One unit. */
export function onsetFrames(tokens: readonly TimedToken[]): FrameWriter {
  const began = new Set(tokens.map(({ start }) => Math.floor(start / hopSeconds + rounding)))
  return (frame, out) => {
    out[0] = began.has(frame) ? 1 : 0
  }
}

/**
 * Word rate: words a second, counted as the words that begin within half a second of the frame's middle, the second
 * half-second's end left out. One unit.
 */
export function rateFrames(tokens: readonly TimedToken[]): FrameWriter {
  const starts = Float64Array.from(tokens, ({ start }) => start).sort()
  let from = 0
  let to = 0
  return (frame, out) => {
    const middle = (frame + 0.5) * hopSeconds
    while (from < starts.length && starts[from] < middle - rateWindow / 2) from++
    while (to < starts.length && starts[to] < middle + rateWindow / 2) to++
    out[0] = (to - from) / rateWindow
  }
}

/** A change of one token's units at a frame: for that frame alone, and from it on. */
interface Change {
  readonly frame: number
  readonly units: readonly number[]
  readonly once: number
  readonly lasting: number
}

/**
 * What is being said: for each unit, the share of the frame that tokens with this unit take up, 0–1 where tokens do not
 * overlap. A unit's sum over frames is therefore its total duration, however short its tokens are.
 *
 * @param unitsOf a token's units; none for silence
 */
export function shareFrames(
  tokens: readonly TimedToken[],
  unitsOf: (text: string) => readonly number[],
  count: number,
): FrameWriter {
  const changes: Change[] = []
  for (const { text, start, end } of tokens) {
    const units = unitsOf(text)
    const from = Math.max(0, start / hopSeconds)
    const to = end / hopSeconds
    if (units.length === 0 || to <= from) continue
    const [first, last] = [Math.floor(from), Math.floor(to)]
    if (first === last) {
      changes.push({ frame: first, units, once: to - from, lasting: 0 })
      continue
    }
    changes.push({ frame: first, units, once: first + 1 - from, lasting: 0 })
    changes.push({ frame: first + 1, units, once: 0, lasting: 1 })
    changes.push({ frame: last, units, once: to - last, lasting: -1 })
  }
  changes.sort((a, b) => a.frame - b.frame)
  // Tokens that fill the frame: whole numbers, so that adding and taking away leaves nothing behind.
  const filling = new Float64Array(count)
  let next = 0
  return (frame, out) => {
    const begun = next
    for (; next < changes.length && changes[next].frame <= frame; next++)
      for (const unit of changes[next].units) filling[unit] += changes[next].lasting
    out.set(filling)
    for (let i = begun; i < next; i++) for (const unit of changes[i].units) out[unit] += changes[i].once
  }
}
