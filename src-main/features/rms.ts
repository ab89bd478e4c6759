import { hop } from './frames.ts'
import type { FrameWriter } from './frames.ts'

const windowLength = 400
/** Mean squares below this are raised to it, so that silence is −100 dB and not −∞; 16-bit audio rounds at −101 dB. */
const floor = 1e-10

/**
 * The root of the mean square of the 400 samples (25 ms) around a frame's middle, with zeros beyond the ends
 * of the audio. One unit; 1 is full scale. As librosa's `feature.rms` with `frame_length=400`, which centres its frames
 * half a hop earlier.
 *
 * @param samples 16 kHz mono
 */
export function rmsFrames(samples: Float32Array): FrameWriter {
  return (frame, out) => {
    out[0] = Math.sqrt(meanSquare(samples, frame))
  }
}

/**
 * Intensity in decibels: 10 log₁₀ of the mean square of the same 400 samples, with a floor of 1e-10. One unit; 0 dB is the
 * mean square of a square wave at full scale, so that a sine at full scale is −3 dB. (Chen et al. 2023 take Praat's
 * intensity, z-scored a sentence.)
 *
 * @param samples 16 kHz mono
 */
export function intensityFrames(samples: Float32Array): FrameWriter {
  return (frame, out) => {
    out[0] = 10 * Math.log10(Math.max(meanSquare(samples, frame), floor))
  }
}

function meanSquare(samples: Float32Array, frame: number): number {
  const start = frame * hop + hop / 2 - windowLength / 2
  const end = Math.min(start + windowLength, samples.length)
  let sum = 0
  for (let i = Math.max(0, start); i < end; i++) sum += samples[i] ** 2
  return sum / windowLength
}
