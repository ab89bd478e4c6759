import { hop } from './frames.ts'
import type { FrameWriter } from './frames.ts'

const windowLength = 400

/**
 * Intensity: the root of the mean square of the 400 samples (25 ms) around a frame's middle, with zeros beyond the ends
 * of the audio. One unit; 1 is full scale. As librosa's `feature.rms` with `frame_length=400`, which centres its frames
 * half a hop earlier.
 *
 * @param samples 16 kHz mono
 */
export function rmsFrames(samples: Float32Array): FrameWriter {
  return (frame, out) => {
    const start = frame * hop + hop / 2 - windowLength / 2
    const end = Math.min(start + windowLength, samples.length)
    let sum = 0
    for (let i = Math.max(0, start); i < end; i++) sum += samples[i] ** 2
    out[0] = Math.sqrt(sum / windowLength)
  }
}
