import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'

/** Samples a second of the audio that every feature is computed from. */
export const sampleRate = 16_000
/** Samples from one frame to the next: 10 ms. Frame i covers the samples from 160 i on; its middle is sample 160 i + 80. */
export const hop = 160
export const hopSeconds = hop / sampleRate
/** Frames in a block: 10 s, so that an hour needs no more memory than a minute. */
export const framesAtOnce = 1000

/** Features of some successive frames. */
export interface FeatureBlock {
  readonly firstFrame: number
  /** [frames of this block, units] */
  readonly block: Matrix32
}

/** Writes a frame's features, one a unit, into `out`. Frames are asked for in order, from 0 on. */
export type FrameWriter = (frame: number, out: Float64Array) => void

/** Frames of a recording: ⌈samples / 160⌉. */
export function framesOf(samples: number): number {
  return Math.ceil(samples / hop)
}

/** All frames of a recording in blocks of 10 s. */
export function* inBlocks(frames: number, units: number, write: FrameWriter): Generator<FeatureBlock> {
  const out = new Float64Array(units)
  for (let firstFrame = 0; firstFrame < frames; firstFrame += framesAtOnce) {
    const block = zeros32(Math.min(framesAtOnce, frames - firstFrame), units)
    for (let row = 0; row < block.rows; row++) {
      write(firstFrame + row, out)
      block.data.set(out, row * units)
    }
    yield { firstFrame, block }
  }
}
