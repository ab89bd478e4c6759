import { acousticSpaces } from '../../../src-main/features/acoustic.ts'
import type { AcousticName } from '../../../src-main/features/acoustic.ts'
import { framesOf, inBlocks } from '../../../src-main/features/frames.ts'
import { noise } from './noise.ts'

/** All frames of an acoustic space, one below the other: [frames · units]. */
export function featuresOf(name: AcousticName, samples: Float32Array): Float32Array {
  const { units, frames: framesFrom } = acousticSpaces[name]
  const frames = framesOf(samples.length)
  const data = new Float32Array(frames * units)
  for (const { firstFrame, block } of inBlocks(
    frames,
    units,
    framesFrom(samples, () => undefined),
  ))
    data.set(block.data, firstFrame * units)
  return data
}

/** As in test/reference/features/make.py: a second of noise that fades by 60 dB, then 0.15 s of silence. */
export const fadingNoise: Float32Array = noise(18404, 1).data.map((value, i) =>
  i < 16000 ? (value - 0.5) * 10 ** ((-3 * i) / 16000) : 0,
)

/** A sine at half of full scale. */
export function tone(hertz: number, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / 16000))
}
