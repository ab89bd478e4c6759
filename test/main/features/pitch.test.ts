import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { loadSpeech, readTokens } from '../../../src-main/stimuli/index.ts'
import { pitchFrames } from '../../../src-main/features/pitch.ts'
import { featuresOf, tone } from './frames.ts'
import { noise } from './noise.ts'

const column = (data: Float32Array, unit: number) => [...data].filter((_, i) => i % 4 === unit)
/** Harmonics 1 to 5 of a pitch that starts at `hertz` and rises by `slope` Hz a second. */
function voice(hertz: number, slope: number, samples: number, loudness = 0.2): Float32Array {
  return Float32Array.from({ length: samples }, (_, i) => {
    const t = i / 16000
    const phase = 2 * Math.PI * (hertz * t + (slope / 2) * t ** 2)
    return [1, 2, 3, 4, 5].reduce((sum, k) => sum + (loudness / k) * Math.sin(k * phase), 0)
  })
}
const semitones = (hertz: number) => 12 * Math.log2(hertz / 50)

describe('a voice that rises from 100 to 180 Hz, then noise, then silence', () => {
  const samples = new Float32Array(19200)
  samples.set(voice(100, 100, 12800))
  samples.set(
    noise(3200, 1).data.map((value) => 0.4 * (value - 0.5)),
    12800,
  )
  const features = featuresOf('pitch', samples)

  test('absolute pitch is that of YIN in numpy to 1e-5 semitones, in the same frames', async () => {
    const { data } = await readNpy(fileURLToPath(new URL('../../reference/features/pitch.npy', import.meta.url)))
    expect(data.length).toBe(120)
    const [voicing, pitch] = [column(features, 0), column(features, 1)]
    expect(voicing).toEqual([...data].map((hertz) => (Number.isNaN(Number(hertz)) ? 0 : 1)))
    expect(voicing.reduce((a, b) => a + b)).toBeGreaterThan(70)
    for (const [i, value] of pitch.entries())
      if (voicing[i] === 1) expect(Math.abs(value - semitones(Number(data[i])))).toBeLessThan(1e-5)
  })
  test('is right to 0.1 semitones, and so are its change and its place in the range', () => {
    const [pitch, relative, change] = [1, 2, 3].map((unit) => column(features, unit))
    for (let i = 4; i < 74; i++) {
      const hertz = 100 + 100 * (i * 0.01 + 0.005)
      expect(Math.abs(pitch[i] - semitones(hertz))).toBeLessThan(0.1)
      // Two pitches of 20 ms' distance, each right to 0.02 semitones or so: 2 semitones a second.
      expect(Math.abs(change[i] - (12 / Math.LN2) * (100 / hertz))).toBeLessThan(2)
      expect(relative[i + 1]).toBeGreaterThan(relative[i])
    }
    const voiced = relative.filter((_, i) => features[4 * i] === 1)
    const mean = voiced.reduce((a, b) => a + b) / voiced.length
    expect(mean).toBeCloseTo(0, 5)
    expect(Math.sqrt(voiced.reduce((sum, value) => sum + value ** 2, 0) / voiced.length)).toBeCloseTo(1, 5)
  })
  test('is 0 in noise and silence', () => {
    expect(features.subarray(4 * 84).every((value) => value === 0)).toBe(true)
  })
})

describe('edges', () => {
  test.each([60, 100, 250, 440, 490])('%i Hz', (hertz) => {
    for (const samples of [
      voice(hertz, 0, 8000),
      tone(hertz, 8000),
      voice(hertz, 0, 8000, 1e-6),
      voice(hertz, 0, 8000, 1e6),
    ]) {
      const inside = featuresOf('pitch', samples).subarray(4 * 5, 4 * 45)
      for (const value of column(inside, 1)) expect(Math.abs(value - semitones(hertz))).toBeLessThan(0.05)
      expect(new Set(column(inside, 0))).toEqual(new Set([1]))
    }
  })
  test('periods outside the range are not voiced, not taken for their multiples', () => {
    for (const hertz of [30, 700, 1000, 2500]) {
      const inside = featuresOf('pitch', tone(hertz, 8000)).subarray(4 * 5, 4 * 45)
      expect(inside.every((value) => value === 0)).toBe(true)
    }
  })
  test('a leap of an octave is no change', () => {
    const samples = new Float32Array(16000)
    samples.set(voice(110, 0, 8000))
    samples.set(voice(220, 0, 8000), 8000)
    expect(Math.max(...column(featuresOf('pitch', samples), 3).map(Math.abs))).toBeLessThan(60)
  })
  test('reports along the way, and stops when told to', () => {
    const shares: number[] = []
    pitchFrames(new Float32Array(16000 * 12), (fraction) => shares.push(fraction))
    expect(shares).toEqual([0, 500 / 1200, 1000 / 1200])
    const stop = () => {
      throw new Error('stopped')
    }
    expect(() => pitchFrames(new Float32Array(160), stop)).toThrow('stopped')
  })
})

test('the demo study’s vowels are voiced, its voiceless fricatives are not', async () => {
  const file = (name: string) => fileURLToPath(new URL(`../../../resources/demo/stimuli/${name}`, import.meta.url))
  const samples = (await loadSpeech(file('run-1.flac'), () => undefined)).subarray(0, 16000 * 20)
  const voicing = column(featuresOf('pitch', samples), 0)
  const phones = await readTokens(file('run-1.phones.tsv'), 'phones')
  const share = (pattern: RegExp) => {
    const frames = phones
      .filter(({ text, end }) => pattern.test(text) && end < 20)
      .map(({ start, end }) => voicing[Math.floor((start + end) * 50)])
    expect(frames.length).toBeGreaterThan(10)
    return frames.reduce((a, b) => a + b) / frames.length
  }
  expect(share(/^[aæɑeɛiɪoɔuʊʌəɚɜ]/)).toBeGreaterThan(0.75)
  expect(share(/^[sfʃθ]$/)).toBeLessThan(0.2)
})
