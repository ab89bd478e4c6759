import type { FrameWriter } from './frames.ts'
import { pitchTrack } from './pitch.ts'

const bins = 10

/**
 * Lower and upper edge of the bins. Over nine recordings (six speakers of LibriSpeech, three runs of the demo's voice) the
 * central 95 % of the voiced frames reached from 54 to 270 Hz, −2.4 to 2.5 standard deviations, and −77 to 67 semitones a
 * second.
 */
const edges = {
  /** Semitones above 50 Hz: 70 to 280 Hz, 2.4 semitones a bin. */
  pitch: [12 * Math.log2(70 / 50), 12 * Math.log2(280 / 50)],
  /** Standard deviations: 0.4 a bin. */
  relative: [-2, 2],
  /** Semitones a second: 12 a bin. */
  change: [-60, 60],
} as const

/** Units: voicing, and ten bins each for absolute pitch, relative pitch and change of pitch. */
export const pitchBinUnits = 1 + 3 * bins

/**
 * The pitch of a voice in bins, so that a linear model can have any tuning curve for it: binary pitch (voicing), then ten
 * units each for absolute pitch, relative pitch and change of pitch, of which the one whose bin the value lies in is 1
 * and the others 0; without a unit. Values beyond the edges are in the bins at the ends; a frame without voicing, or
 * without a change that is defined (pitch.ts), is in no bin.
 *
 * After the pitch features of Chen et al. 2023 (released code `temporal_receptive_field.py`, `get_pitch_matrix`): ten bins
 * of equal width. Theirs reach over the central 95 % of the whole corpus; here the edges are fixed, so that a bin means
 * the same in every run and study.
 *
 * @param samples 16 kHz mono
 * @param report as of `pitchFrames`
 */
export function pitchBinFrames(samples: Float32Array, report: (fraction: number) => void): FrameWriter {
  const track = pitchTrack(samples, report)
  const quantities = (['pitch', 'relative', 'change'] as const).map((name) => ({ at: track[name], edges: edges[name] }))
  return (frame, out) => {
    out.fill(0)
    if (!track.isVoiced(frame)) return
    out[0] = 1
    for (const [i, { at, edges: ends }] of quantities.entries()) {
      const value = at(frame)
      if (!Number.isNaN(value)) out[1 + i * bins + binOf(value, ends)] = 1
    }
  }
}

function binOf(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(bins - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * bins)))
}
