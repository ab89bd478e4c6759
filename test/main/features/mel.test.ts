import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { fadingNoise, featuresOf, tone } from './frames.ts'

test('the spectrogram is that of transformers to 1e-3 dB', async () => {
  const { shape, data } = await readNpy(fileURLToPath(new URL('../../reference/features/mel.npy', import.meta.url)))
  const ours = featuresOf('mel', fadingNoise)
  expect(shape).toEqual([116, 80])
  expect(ours.length).toBe(data.length)
  for (const [i, value] of ours.entries()) expect(Math.abs(value - data[i])).toBeLessThan(1e-3)
})

test('with 128 bands it is librosa’s to 1e-3 dB', async () => {
  const { shape, data } = await readNpy(fileURLToPath(new URL('../../reference/features/mel-128.npy', import.meta.url)))
  const ours = featuresOf('mel-128', fadingNoise)
  expect(shape).toEqual([116, 128])
  expect(ours.length).toBe(data.length)
  for (const [i, value] of ours.entries()) expect(Math.abs(value - Number(data[i]))).toBeLessThan(1e-3)
})

test('a tone is loudest in the band around it, and silence is -100 dB', () => {
  for (const [hertz, band] of [
    [440, 11],
    [1000, 26],
    [4000, 62],
  ]) {
    const frame = [...featuresOf('mel', tone(hertz, 16000)).subarray(50 * 80, 51 * 80)]
    expect(frame.indexOf(Math.max(...frame))).toBe(band)
  }
  expect(new Set(featuresOf('mel', new Float32Array(800)))).toEqual(new Set([-100]))
})

test('a click is loudest in the frame whose 10 ms it lies in', () => {
  for (const at of [1, 159, 161, 240, 5001, 15999]) {
    const samples = new Float32Array(16000)
    samples[at] = 1
    const data = featuresOf('mel', samples)
    const loudness = Array.from({ length: 100 }, (_, i) => data[i * 80 + 40])
    expect(loudness.indexOf(Math.max(...loudness))).toBe(Math.floor(at / 160))
  }
})
