import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { pitchTrack } from '../../../src-main/features/pitch.ts'
import { featuresOf } from './frames.ts'
import { noise } from './noise.ts'

const units = 31
const reference = (name: string) =>
  readNpy(fileURLToPath(new URL(`../../reference/features/${name}.npy`, import.meta.url)))

/** Harmonics 1 to 5 of a pitch that starts at `hertz` and changes by `slope` Hz a second. */
function voice(hertz: number, slope: number, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, i) => {
    const t = i / 16000
    const phase = 2 * Math.PI * (hertz * t + (slope / 2) * t ** 2)
    return [1, 2, 3, 4, 5].reduce((sum, k) => sum + (0.2 / k) * Math.sin(k * phase), 0)
  })
}
const row = (data: Float32Array, frame: number) => [...data.subarray(frame * units, (frame + 1) * units)]
/** The bins a frame is in: of absolute pitch, relative pitch, change; −1 for none. */
const binsOf = (data: Float32Array, frame: number) =>
  [0, 1, 2].map((i) =>
    row(data, frame)
      .slice(1 + 10 * i, 11 + 10 * i)
      .indexOf(1),
  )

test('a rising voice, noise and silence are in the bins in which numpy puts them', async () => {
  const { shape, data } = await reference('pitch-bins')
  expect(shape).toEqual([120, units])
  const samples = new Float32Array(19200)
  samples.set(voice(100, 100, 12800))
  samples.set(
    noise(3200, 1).data.map((value) => 0.4 * (value - 0.5)),
    12800,
  )
  const ours = featuresOf('pitch-bins', samples)
  for (let frame = 0; frame < 120; frame++)
    expect(row(ours, frame), `frame ${frame}`).toEqual([...data].slice(frame * units, (frame + 1) * units))
  expect(ours.reduce((sum, value) => sum + value)).toBeGreaterThan(4 * 70)
})

test('the track is librosa’s to 0.2 semitones', async () => {
  const { shape, data } = await reference('yin')
  expect(shape).toEqual([4, 100])
  const voices = [
    [80, 20],
    [120, 30],
    [220, -40],
    [330, 50],
  ]
  for (const [i, [hertz, slope]] of voices.entries()) {
    const track = pitchTrack(voice(hertz, slope, 16000), () => undefined)
    for (let frame = 4; frame < 95; frame++) {
      const theirs = 12 * Math.log2(Number(data[i * 100 + frame]) / 50)
      expect(Math.abs(track.pitch(frame) - theirs)).toBeLessThan(0.2)
    }
  }
})

describe('bins', () => {
  test('of absolute pitch are 2.4 semitones wide from 70 Hz on, and those at the ends take what is beyond', () => {
    for (const [hertz, bin] of [
      [55, 0],
      [75, 0],
      [85, 1],
      [139, 4],
      [141, 5],
      [270, 9],
      [450, 9],
    ])
      expect(binsOf(featuresOf('pitch-bins', voice(hertz, 0, 8000)), 25)[0], `${hertz} Hz`).toBe(bin)
  })
  test('of change are 12 semitones a second wide, the fifth for a slow fall, the sixth for a slow rise', () => {
    for (const [semitones, bin] of [
      [-70, 0],
      [-30, 2],
      [-6, 4],
      [6, 5],
      [30, 7],
    ]) {
      // The slope that gives this change at 0.25 s, where the pitch is 150 Hz.
      const slope = (150 * semitones * Math.LN2) / 12
      const samples = voice(150 - slope / 4, slope, 8000)
      expect(binsOf(featuresOf('pitch-bins', samples), 25)[2], `${semitones}`).toBe(bin)
    }
  })
  test('hold a voiced frame once each, but for a change that is not defined; no other frame', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 40, max: 600, noNaN: true }),
        fc.double({ min: -200, max: 200, noNaN: true }),
        (hertz, slope) => {
          const data = featuresOf('pitch-bins', voice(hertz, slope, 4000))
          const continuous = featuresOf('pitch', voice(hertz, slope, 4000))
          for (let frame = 0; frame < 25; frame++) {
            const values = row(data, frame)
            const voiced = continuous[4 * frame]
            const sums = [1, 11, 21].map((at) => values.slice(at, at + 10).reduce((a, b) => a + b))
            expect([values[0], sums[0], sums[1]]).toEqual([voiced, voiced, voiced])
            expect(sums[2]).toBeLessThanOrEqual(voiced)
            if (continuous[4 * frame + 3] !== 0) expect(sums[2]).toBe(1)
          }
        },
      ),
      { numRuns: 30 },
    )
  })
})
