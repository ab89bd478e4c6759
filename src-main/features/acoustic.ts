/** Feature spaces that are computed from the sound alone, by the name that a study file gives them. */
import { envelopeFrames } from './envelope.ts'
import type { FrameWriter } from './frames.ts'
import { fineMelBands, melBands, melFrames } from './mel.ts'
import { mfccFrames, mfccUnits } from './mfcc.ts'
import { pitchFrames, pitchUnits } from './pitch.ts'
import { pitchBinFrames, pitchBinUnits } from './pitchBins.ts'
import { intensityFrames, rmsFrames } from './rms.ts'

/** One feature a unit every 10 ms (frames.ts). */
export interface AcousticSpace {
  readonly units: number
  /** What its units are, in words, for people. */
  readonly source: string
  /**
   * @param samples 16 kHz mono
   * @param report called with the share that is done by what looks at the whole recording first; may throw
   */
  readonly frames: (samples: Float32Array, report: (fraction: number) => void) => FrameWriter
}

export type AcousticName = 'mel' | 'mel-128' | 'mfcc' | 'rms' | 'intensity' | 'envelope' | 'pitch' | 'pitch-bins'

export const acousticSpaces: Readonly<Record<AcousticName, AcousticSpace>> = {
  mel: {
    units: melBands,
    source: 'log-mel spectrogram, 80 bands, 25 ms windows, 10 ms hop',
    frames: (samples) => melFrames(samples, melBands),
  },
  'mel-128': {
    units: fineMelBands,
    source: 'log-mel spectrogram, 128 bands, 25 ms windows, 10 ms hop',
    frames: (samples) => melFrames(samples, fineMelBands),
  },
  mfcc: {
    units: mfccUnits,
    source: 'mel-frequency cepstral coefficients 0 to 12, 25 ms windows, 10 ms hop',
    frames: mfccFrames,
  },
  rms: { units: 1, source: 'root mean square of the sound, 25 ms windows, 10 ms hop', frames: rmsFrames },
  intensity: {
    units: 1,
    source: 'intensity in decibels, 25 ms windows, 10 ms hop',
    frames: intensityFrames,
  },
  envelope: {
    units: 2,
    source: 'broadband envelope and its positive rate of change (onsets), 100 ms smoothing, 10 ms hop',
    frames: envelopeFrames,
  },
  pitch: {
    units: pitchUnits,
    source: 'voicing, absolute pitch, relative pitch and change of pitch (YIN, 50 to 500 Hz), 10 ms hop',
    frames: pitchFrames,
  },
  'pitch-bins': {
    units: pitchBinUnits,
    source: 'voicing, and ten bins each of absolute pitch, relative pitch and change of pitch, 10 ms hop',
    frames: pitchBinFrames,
  },
}
