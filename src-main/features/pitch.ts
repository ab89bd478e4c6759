import { framesOf, hop, hopSeconds, sampleRate } from './frames.ts'
import type { FrameWriter } from './frames.ts'

/** Lowest and highest pitch, Hz. */
const lowest = 50
const highest = 500
const longestLag = sampleRate / lowest
const shortestLag = sampleRate / highest
/** Samples compared at each lag: as long as the longest period. */
const windowLength = longestLag
/** Of the cumulative mean normalised difference, below which a lag is a period: step 4 of YIN. */
const threshold = 0.2
/** Semitones from one frame to the next: more is an octave error, not a movement of the voice. */
const largestStep = 6
/** Semitones: one cent. A pitch that varies less has no relative pitch. */
const smallestDeviation = 0.01
/** Frames between two reports: 5 s of audio. */
const framesAtOnce = 500

/** Units: voicing, absolute pitch, relative pitch, change of pitch. */
export const pitchUnits = 4

/**
 * The pitch of a voice. Units; the last three are 0 where there is no voicing:
 *
 * - voicing: 1 where the sound has a period of 2 to 20 ms, else 0;
 * - absolute pitch: semitones above 50 Hz;
 * - relative pitch: semitones above the mean over the recording's voiced frames, divided by their standard deviation;
 * - change: semitones a second, from the frame before to the frame after, where all three are voiced and less than half
 *   an octave apart.
 *
 * The period is that of YIN (de Cheveigné and Kawahara, Journal of the Acoustical Society of America 111 (2002) 1917),
 * steps 1 to 5: the smallest lag at a dip of the cumulative mean normalised difference below 0.2, refined by a parabola. (The paper's
 * 0.1, made for steadier voices, leaves out many vowels whose pitch moves.)
 * At each lag two windows of 20 ms are compared that lie on either side of the frame's middle, with zeros beyond the
 * ends of the audio. There is no smoothing over time, and no limit on how quiet a voice may be.
 *
 * @param samples 16 kHz mono
 * @param report called every 5 s of audio with the share of the recording that has been looked at; may throw
 */
export function pitchFrames(samples: Float32Array, report: (fraction: number) => void): FrameWriter {
  const track = pitchTrack(samples, report)
  return (frame, out) => {
    out.fill(0)
    if (!track.isVoiced(frame)) return
    out[0] = 1
    out[1] = track.pitch(frame)
    out[2] = track.relative(frame)
    out[3] = track.change(frame) || 0
  }
}

/** What the units of `pitchFrames` are made of, a frame each; only voiced frames have a pitch. */
export interface PitchTrack {
  readonly isVoiced: (frame: number) => boolean
  /** Semitones above 50 Hz. */
  readonly pitch: (frame: number) => number
  /** Standard deviations above the mean of the recording. */
  readonly relative: (frame: number) => number
  /** Semitones a second; NaN where it is not defined. */
  readonly change: (frame: number) => number
}

/** Parameters as `pitchFrames`. */
export function pitchTrack(samples: Float32Array, report: (fraction: number) => void): PitchTrack {
  const frames = framesOf(samples.length)
  /** Semitones above 50 Hz; NaN where there is no voicing. */
  const pitch = new Float64Array(frames)
  for (let frame = 0; frame < frames; frame++) {
    if (frame % framesAtOnce === 0) report(frame / frames)
    pitch[frame] = 12 * Math.log2(sampleRate / periodAt(samples, frame * hop + hop / 2) / lowest)
  }
  const { mean, deviation } = momentsOf(pitch)
  return {
    isVoiced: (frame) => !Number.isNaN(pitch[frame]),
    pitch: (frame) => pitch[frame],
    relative: (frame) => (deviation < smallestDeviation ? 0 : (pitch[frame] - mean) / deviation),
    change(frame) {
      const [before, now, after] = [pitch[frame - 1], pitch[frame], pitch[frame + 1]]
      // False for NaN, and for undefined beyond the ends.
      const steady = Math.abs(now - before) < largestStep && Math.abs(after - now) < largestStep
      return steady ? (after - before) / (2 * hopSeconds) : NaN
    },
  }
}

/** Samples to the next repetition around `middle`; NaN where there is none within the range of pitches. */
function periodAt(samples: Float32Array, middle: number): number {
  let sum = 0
  let beforeLast = 1
  let last = 1
  for (let lag = 1; lag <= longestLag + 1; lag++) {
    const difference = differenceAt(samples, middle, lag)
    sum += difference
    const now = sum > 0 ? (difference * lag) / sum : 1
    if (last < threshold && now >= last) {
      const bend = beforeLast - 2 * last + now
      const period = lag - 1 + (bend > 0 ? (beforeLast - now) / (2 * bend) : 0)
      return period >= shortestLag && period <= longestLag ? period : NaN
    }
    beforeLast = last
    last = now
  }
  return NaN
}

/** Sum of the squared differences between two windows, one `lag` samples after the other. */
function differenceAt(samples: Float32Array, middle: number, lag: number): number {
  const start = middle - ((windowLength + lag) >> 1)
  const at = (i: number) => (i >= 0 && i < samples.length ? samples[i] : 0)
  let sum = 0
  if (start >= 0 && start + windowLength + lag <= samples.length)
    for (let i = start; i < start + windowLength; i++) sum += (samples[i] - samples[i + lag]) ** 2
  else for (let i = start; i < start + windowLength; i++) sum += (at(i) - at(i + lag)) ** 2
  return sum
}

/** Mean and standard deviation of what is not NaN. */
function momentsOf(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  const voiced = values.filter((value) => !Number.isNaN(value))
  const mean = voiced.reduce((sum, value) => sum + value, 0) / voiced.length
  const deviation = Math.sqrt(voiced.reduce((sum, value) => sum + (value - mean) ** 2, 0) / voiced.length)
  return { mean, deviation }
}
