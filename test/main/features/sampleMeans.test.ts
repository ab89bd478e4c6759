import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SampleMeans } from '../../../src-main/features/sampleMeans.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { normal } from '../linalg/random.ts'

interface Run {
  readonly tr: number
  readonly volumes: number
  readonly hopSeconds: number
  readonly audioStart: number
  readonly frames: number
}

const random = (rows: number, cols: number, seed: number): Matrix32 => ({
  data: Float32Array.from({ length: rows * cols }, normal(seed)),
  rows,
  cols,
})

/** In blocks of a few frames. */
function meansOf(run: Run, a: Matrix32, scale: 'minmax' | 'zscore' | 'none' = 'none', block = 7): Matrix32 {
  const means = new SampleMeans(run, a.cols, scale)
  for (let first = 0; first < a.rows; first += block) {
    const end = Math.min(first + block, a.rows)
    means.add(first, { data: a.data.slice(first * a.cols, end * a.cols), rows: end - first, cols: a.cols })
  }
  return means.finish()
}

/** The definition, sample by sample, in whole microseconds. */
function byDefinition({ tr, volumes, hopSeconds, audioStart, frames }: Run, a: Matrix32): number[] {
  const us = (seconds: number) => Math.round(seconds * 1e6)
  return Array.from({ length: volumes * a.cols }, (_, i) => {
    const [v, u] = [Math.floor(i / a.cols), i % a.cols]
    let [sum, weight] = [0, 0]
    for (let f = 0; f < frames; f++) {
      const from = Math.max(us(audioStart) + f * us(hopSeconds), v * us(tr))
      const to = Math.min(us(audioStart) + (f + 1) * us(hopSeconds), (v + 1) * us(tr))
      if (to <= from) continue
      sum += (to - from) * a.data[f * a.cols + u]
      weight += to - from
    }
    return weight === 0 ? 0 : sum / weight
  })
}

test.each([
  ['frames as long as samples', { tr: 0.01, volumes: 50, hopSeconds: 0.01, audioStart: 0, frames: 40 }],
  ['frames of two samples', { tr: 0.01, volumes: 50, hopSeconds: 0.02, audioStart: 0, frames: 30 }],
  ['frames of a tenth of a sample', { tr: 0.1, volumes: 6, hopSeconds: 0.01, audioStart: 0, frames: 55 }],
  ['volumes of fMRI', { tr: 1.5, volumes: 8, hopSeconds: 0.02, audioStart: 3, frames: 500 }],
  [
    'sound that began before the recording',
    { tr: 0.01, volumes: 20, hopSeconds: 0.02, audioStart: -0.105, frames: 40 },
  ],
  [
    'samples that frames are no multiple of',
    { tr: 0.008, volumes: 90, hopSeconds: 0.02, audioStart: 0.013, frames: 25 },
  ],
] as const)('%s', (_what, run) => {
  const a = random(run.frames, 3, 1)
  const expected = byDefinition(run, a)
  for (const [i, value] of meansOf(run, a).data.entries()) expect(Math.abs(value - expected[i])).toBeLessThan(1e-6)
})

test('where each frame is one sample, the samples are the frames', () => {
  const run = { tr: 0.01, volumes: 1000, hopSeconds: 0.01, audioStart: 0, frames: 1000 }
  const a = random(1000, 2, 2)
  expect(meansOf(run, a).data).toEqual(a.data)
})

test('any run, any blocks', () => {
  const arbitrary = fc.record({
    tr: fc.integer({ min: 1, max: 400 }).map((ms) => ms / 1000),
    volumes: fc.integer({ min: 2, max: 30 }),
    hopSeconds: fc.integer({ min: 1, max: 100 }).map((ms) => ms / 1000),
    audioStart: fc.integer({ min: -500, max: 500 }).map((ms) => ms / 1000),
    frames: fc.integer({ min: 1, max: 40 }),
  })
  fc.assert(
    fc.property(arbitrary, fc.integer({ min: 1, max: 50 }), (run, block) => {
      const a = random(run.frames, 2, run.frames)
      const expected = byDefinition(run, a)
      const found = meansOf(run, a, 'none', block)
      for (const [i, value] of found.data.entries()) expect(Math.abs(value - expected[i])).toBeLessThan(2e-6)
    }),
  )
})

describe('scaling over all frames, before the means', () => {
  const run = { tr: 0.05, volumes: 30, hopSeconds: 0.02, audioStart: 0.1, frames: 60 }
  const a = random(60, 3, 3)
  for (let f = 0; f < 60; f++) a.data[f * 3 + 2] = 4
  const scaled = (origin: (unit: number[]) => number, by: (unit: number[]) => number): Matrix32 => {
    const units = [0, 1, 2].map((u) => Array.from({ length: 60 }, (_, f) => a.data[f * 3 + u]))
    const data = a.data.map((value, i) => {
      const unit = units[i % 3]
      return by(unit) === 0 ? 0 : (value - origin(unit)) / by(unit)
    })
    return { ...a, data }
  }
  const mean = (unit: number[]) => unit.reduce((sum, value) => sum + value, 0) / unit.length
  const deviation = (unit: number[]) => Math.sqrt(mean(unit.map((value) => (value - mean(unit)) ** 2)))

  test.each([
    [
      'minmax',
      scaled(
        (unit) => Math.min(...unit),
        (unit) => Math.max(...unit) - Math.min(...unit),
      ),
    ],
    ['zscore', scaled(mean, deviation)],
  ] as const)('%s', (scale, expected) => {
    const [found, reference] = [meansOf(run, a, scale), byDefinition(run, expected)]
    for (const [i, value] of found.data.entries()) expect(Math.abs(value - reference[i])).toBeLessThan(1e-5)
    // Silence is 0 whatever the scale, and a unit that never changes is, too.
    expect([...found.data.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0])
    expect(found.data.filter((_, i) => i % 3 === 2).every((value) => value === 0)).toBe(true)
  })
})

describe('refused', () => {
  const run = { tr: 0.01, volumes: 10, hopSeconds: 0.01, audioStart: 0, frames: 10 }
  const code = (expected: string) => expect.objectContaining({ code: expected })

  test('frames that are missing, out of order, of another width, or not finite', () => {
    const means = new SampleMeans(run, 2, 'none')
    expect(() => means.add(1, random(2, 2, 4))).toThrow(code('SHAPE_MISMATCH'))
    expect(() => means.add(0, random(2, 3, 4))).toThrow(code('SHAPE_MISMATCH'))
    expect(() => means.add(0, random(11, 2, 4))).toThrow(code('SHAPE_MISMATCH'))
    expect(() => means.finish()).toThrow(code('SHAPE_MISMATCH'))
    expect(() => means.add(0, { data: Float32Array.of(1, NaN), rows: 1, cols: 2 })).toThrow(code('NUMERICAL'))
  })

  test.each([{ tr: 0 }, { tr: NaN }, { volumes: 1 }, { volumes: 1e9 }, { frames: 0 }, { hopSeconds: -1 }])(
    '%o',
    (bad) => {
      expect(() => new SampleMeans({ ...run, ...bad }, 2, 'none')).toThrow(code('OPTION_INVALID'))
    },
  )
})
