import fc from 'fast-check'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { acousticSpaces } from '../../../src-main/features/acoustic.ts'
import type { AcousticName } from '../../../src-main/features/acoustic.ts'
import { framesOf, inBlocks } from '../../../src-main/features/frames.ts'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { fadingNoise, featuresOf, tone } from './frames.ts'
import { noise } from './noise.ts'

const names = Object.keys(acousticSpaces) as AcousticName[]
const reference = (name: string) =>
  readNpy(fileURLToPath(new URL(`../../reference/features/${name}.npy`, import.meta.url)))

describe.each(names)('%s', (name) => {
  const { units } = acousticSpaces[name]

  test('a frame every 10 ms of audio, the last one begun included, in blocks of 10 s', () => {
    for (const length of [0, 1, 160, 161, 160_001]) {
      const frames = Math.ceil(length / 160)
      expect(framesOf(length)).toBe(frames)
      let next = 0
      for (const { firstFrame, block } of inBlocks(
        frames,
        units,
        acousticSpaces[name].frames(noise(length, 1).data, () => undefined),
      )) {
        expect([firstFrame, block.cols, block.data.length]).toEqual([next, units, block.rows * units])
        expect(block.rows).toBeLessThanOrEqual(1000)
        next += block.rows
      }
      expect(next).toBe(frames)
    }
  })

  test('silence, a constant, very short and very loud audio give finite numbers', () => {
    const silence = featuresOf(name, new Float32Array(4000))
    for (let i = 0; i < silence.length; i++) expect(silence[i]).toBe(silence[i % units])
    for (const samples of [
      new Float32Array(4000).fill(0.5),
      Float32Array.of(1),
      Float32Array.of(1e-30, -1e-30),
      noise(5000, 1).data.map((value) => (value - 0.5) * 1e6),
    ])
      expect(featuresOf(name, samples).every(Number.isFinite)).toBe(true)
  })

  test('a frame depends on the sound around it alone', () => {
    const [before, after] = [fadingNoise.subarray(0, 4800), fadingNoise]
    const [short, long] = [before, after].map((samples) => featuresOf(name, samples))
    // At 10 frames from the end of the shorter one, no window reaches beyond it.
    expect(long.subarray(0, 20 * units)).toEqual(short.subarray(0, 20 * units))
  })
})

describe('mel-frequency cepstral coefficients', () => {
  test('are scipy’s cosine transform of the spectrogram of transformers to 1e-3', async () => {
    const { shape, data } = await reference('mfcc')
    const ours = featuresOf('mfcc', fadingNoise)
    expect(shape).toEqual([116, 13])
    expect(ours.length).toBe(data.length)
    for (const [i, value] of ours.entries()) expect(Math.abs(value - data[i])).toBeLessThan(1e-3)
  })
  test('ten times the amplitude adds 20 dB in every band: 20 √80 to coefficient 0 alone', () => {
    const [quiet, loud] = [0.001, 0.01].map((scale) =>
      featuresOf(
        'mfcc',
        noise(8000, 1).data.map((value) => (value - 0.5) * scale),
      ),
    )
    for (const [i, value] of loud.entries())
      expect(Math.abs(value - quiet[i] - (i % 13 === 0 ? 20 * Math.sqrt(80) : 0))).toBeLessThan(1e-3)
  })
})

describe('root mean square', () => {
  test('is numpy’s to 1e-7', async () => {
    const { shape, data } = await reference('rms')
    const ours = featuresOf('rms', fadingNoise)
    expect([shape[0], ours.length]).toEqual([116, 116])
    for (const [i, value] of ours.entries()) expect(Math.abs(value - data[i])).toBeLessThan(1e-7)
  })
  test('of a sine is its amplitude divided by √2, of a constant its size, of silence 0', () => {
    const inside = (samples: Float32Array) => [...featuresOf('rms', samples).subarray(2, -2)]
    for (const value of inside(tone(400, 8000))) expect(value).toBeCloseTo(0.5 / Math.SQRT2, 6)
    for (const value of inside(new Float32Array(8000).fill(-0.25))) expect(value).toBe(0.25)
    expect(new Set(featuresOf('rms', new Float32Array(800)))).toEqual(new Set([0]))
  })
  test('grows with the amplitude', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (scale) => {
        const [one, scaled] = [1, scale].map((by) =>
          featuresOf(
            'rms',
            fadingNoise.map((value) => value * by),
          ),
        )
        for (const [i, value] of scaled.entries())
          expect(Math.abs(value - scale * one[i])).toBeLessThanOrEqual(1e-5 * scale * one[i])
      }),
      { numRuns: 20 },
    )
  })
})

describe('intensity', () => {
  test('is librosa’s to 1e-3 dB', async () => {
    const { shape, data } = await reference('intensity')
    const ours = featuresOf('intensity', fadingNoise)
    expect([shape[0], ours.length]).toEqual([116, 116])
    for (const [i, value] of ours.entries()) expect(Math.abs(value - Number(data[i]))).toBeLessThan(1e-3)
  })
  test('of a sine at half of full scale is −9.03 dB, of a square wave at full scale 0, of silence −100', () => {
    const inside = (samples: Float32Array) => [...featuresOf('intensity', samples).subarray(2, -2)]
    for (const value of inside(tone(400, 8000))) expect(value).toBeCloseTo(-10 * Math.log10(8), 4)
    for (const value of inside(new Float32Array(8000).map((_, i) => (i % 40 < 20 ? 1 : -1)))) expect(value).toBe(0)
    expect(new Set(featuresOf('intensity', new Float32Array(800)))).toEqual(new Set([-100]))
  })
})

describe('envelope and onsets', () => {
  test('are scipy’s smoothing and numpy’s gradient to 1e-6 of their largest value', async () => {
    const { shape, data } = await reference('envelope')
    const ours = featuresOf('envelope', fadingNoise)
    expect(shape).toEqual([116, 2])
    expect(ours.length).toBe(data.length)
    for (const unit of [0, 1]) {
      const theirs = [...data].filter((_, i) => i % 2 === unit).map(Number)
      const tolerance = 1e-6 * Math.max(...theirs)
      for (const [frame, value] of theirs.entries())
        expect(Math.abs(ours[2 * frame + unit] - value)).toBeLessThan(tolerance)
    }
  })
  test('a sine’s envelope is 2/π of its amplitude; a modulation of 10 Hz is halved, one of 20 Hz stopped', () => {
    const inside = (samples: Float32Array) =>
      [...featuresOf('envelope', samples)].filter((_, i) => i % 2 === 0).slice(10, -10)
    for (const value of inside(tone(997, 16000))) expect(value).toBeCloseTo(1 / Math.PI, 4)
    for (const [hertz, depth] of [
      [10, 0.5],
      [20, 0],
    ]) {
      const carrier = tone(1000, 32000)
      const modulated = carrier.map((value, i) => value * (1 + Math.cos((2 * Math.PI * hertz * i) / 16000)))
      const values = inside(modulated)
      const swing = (Math.max(...values) - Math.min(...values)) / (Math.max(...values) + Math.min(...values))
      expect(swing).toBeCloseTo(depth, 1)
    }
  })
  test('the largest onset is where the sound begins, and there is none while it fades', () => {
    const samples = new Float32Array(16000)
    samples.set(tone(500, 6000), 8000)
    const onsets = [...featuresOf('envelope', samples)].filter((_, i) => i % 2 === 1)
    expect(Math.abs(onsets.indexOf(Math.max(...onsets)) - 50)).toBeLessThanOrEqual(1)
    expect(onsets.slice(0, 44).every((value) => value === 0)).toBe(true)
    expect(onsets.slice(84).every((value) => value === 0)).toBe(true)
  })
})
