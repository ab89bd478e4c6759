import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { melBlocks, melSpace } from '../../../src-main/features/mel.ts'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { noise } from './noise.ts'

/** All blocks one below the other. */
function spectrogram(samples: Float32Array): Float32Array {
  const parts = [...melBlocks(samples)]
  const frames = parts[0]?.frames ?? 0
  const data = new Float32Array(frames * melSpace.units)
  for (const { firstFrame, block } of parts) data.set(block.data, firstFrame * melSpace.units)
  return data
}

test('the spectrogram is that of transformers to 1e-3 dB', async () => {
  const samples = noise(18404, 1).data.map((value, i) => (i < 16000 ? (value - 0.5) * 10 ** ((-3 * i) / 16000) : 0))
  const { shape, data } = await readNpy(fileURLToPath(new URL('../../reference/features/mel.npy', import.meta.url)))
  const ours = spectrogram(samples)
  expect(shape).toEqual([116, melSpace.units])
  expect(ours.length).toBe(data.length)
  for (const [i, value] of ours.entries()) expect(Math.abs(value - data[i])).toBeLessThan(1e-3)
})

test('a tone is loudest in the band around it, and silence is -100 dB', () => {
  for (const [hertz, band] of [
    [440, 11],
    [1000, 26],
    [4000, 62],
  ]) {
    const tone = Float32Array.from({ length: 16000 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / 16000))
    const frame = [...spectrogram(tone).subarray(50 * 80, 51 * 80)]
    expect(frame.indexOf(Math.max(...frame))).toBe(band)
  }
  expect(new Set(spectrogram(new Float32Array(800)))).toEqual(new Set([-100]))
})

test('a click is loudest in the frame whose 10 ms it lies in', () => {
  for (const at of [1, 159, 161, 240, 5001, 15999]) {
    const samples = new Float32Array(16000)
    samples[at] = 1
    const data = spectrogram(samples)
    const loudness = Array.from({ length: 100 }, (_, i) => data[i * 80 + 40])
    expect(loudness.indexOf(Math.max(...loudness))).toBe(Math.floor(at / 160))
  }
})

test('blocks follow one another without gaps, whatever the length', () => {
  for (const length of [0, 1, 160, 161, 160_000, 160_001, 400_000]) {
    const blocks = [...melBlocks(noise(length, 1).data)]
    expect(blocks.reduce((sum, { block }) => sum + block.rows, 0)).toBe(Math.ceil(length / 160))
    let next = 0
    for (const { firstFrame, frames, block } of blocks) {
      expect([firstFrame, frames, block.cols]).toEqual([next, Math.ceil(length / 160), 80])
      next += block.rows
    }
  }
})
