import { hop, hopSeconds } from './frames.ts'
import type { FrameWriter } from './frames.ts'

/** Half the length of the smoothing window, samples: 50 ms. */
const reach = 800

/**
 * The broadband envelope and its onsets. Two units:
 *
 * - envelope: the rectified sound, smoothed by a Hann window of 100 ms (sum 1) around the frame's middle, with zeros
 *   beyond the ends of the audio. 1 is full scale. The window halves modulations of 10 Hz and stops those of 20 Hz; it
 *   has no negative lobes, so the envelope is never negative and does not ring before an onset.
 * - onset: the envelope's positive rate of change, (e[i + 1] − e[i − 1]) / 20 ms; 0 where it falls. 1 is full scale a
 *   second.
 *
 * The smoothing is Heschl's own choice; the half-wave rectified derivative is what the landmarks of Oganian and Chang,
 * Science Advances 5 (2019) eaay6279, are the peaks of.
 *
 * @param samples 16 kHz mono
 */
export function envelopeFrames(samples: Float32Array): FrameWriter {
  const hann = Float64Array.from(
    { length: 2 * reach + 1 },
    (_, i) => (0.5 - 0.5 * Math.cos((Math.PI * i) / reach)) / reach,
  )
  const at = (frame: number) => {
    const start = frame * hop + hop / 2 - reach
    const end = Math.min(start + hann.length, samples.length)
    let sum = 0
    for (let i = Math.max(0, start); i < end; i++) sum += hann[i - start] * Math.abs(samples[i])
    return sum
  }
  let before = at(-1)
  let now = at(0)
  return (frame, out) => {
    const after = at(frame + 1)
    out[0] = now
    out[1] = Math.max(0, (after - before) / (2 * hopSeconds))
    before = now
    now = after
  }
}
