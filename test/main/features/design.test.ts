import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { frameToVolume } from '../../../src-main/features/design.ts'
import type { DesignOptions } from '../../../src-main/features/design.ts'
import { hrfKernels, roundHalfToEven } from '../../../src-main/features/hrf.ts'
import { Regressors } from '../../../src-main/features/regressors.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { activations, noise } from './noise.ts'

type Table = readonly (readonly number[])[]
interface Oracle {
  readonly hrf: readonly { readonly tr: number; readonly oversampling: number; readonly hrf: readonly number[] }[]
  readonly designs: readonly {
    readonly options: Omit<DesignOptions, 'hrf'>
    readonly regressors: Table
    readonly scaled: Table
  }[]
}
const oracle = JSON.parse(
  readFileSync(new URL('../../reference/features/regressors.json', import.meta.url), 'utf8'),
) as Oracle

const column = (x: Matrix32, u: number) => Array.from({ length: x.rows }, (_, v) => x.data[v * x.cols + u])
const deviation = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

/** Regressors of activations that arrive in blocks of the given sizes, the last one repeated. */
function streamed(options: DesignOptions, a: Matrix32, scale: 'minmax' | 'none', sizes = [250]): Matrix32 {
  const regressors = new Regressors(frameToVolume(options), a.cols, { scale, hrf: options.hrf })
  for (let frame = 0, i = 0; frame < a.rows; i++) {
    const rows = Math.min(sizes[Math.min(i, sizes.length - 1)], a.rows - frame)
    regressors.add(frame, { data: a.data.subarray(frame * a.cols, (frame + rows) * a.cols), rows, cols: a.cols })
    frame += rows
  }
  return regressors.finish()
}

const base: DesignOptions = {
  hrf: 'glover',
  tr: 2,
  volumes: 20,
  hopSeconds: 0.02,
  frames: 1500,
  audioStart: 0,
  oversampling: 16,
}

test.each(oracle.hrf)(
  'the response at TR $tr, oversampling $oversampling is nilearn’s',
  ({ tr, oversampling, hrf }) => {
    const [ours] = hrfKernels('glover', tr, oversampling)
    expect(ours.length).toBe(hrf.length)
    const peak = Math.max(...hrf)
    for (const [i, value] of hrf.entries()) expect(Math.abs(ours[i] - value)).toBeLessThan(1e-13 * peak)
  },
)

describe('regressors are nilearn’s to 1e-6 of their SD', () => {
  test.each(oracle.designs)('$options', ({ options, regressors }) => {
    const x = streamed({ ...options, hrf: 'glover' }, activations(options.frames), 'none')
    expect([x.rows, x.cols]).toEqual([options.volumes, 4])
    for (let u = 0; u < 4; u++) {
      const theirs = regressors.map((row) => row[u])
      const scale = Math.max(...theirs.map(Math.abs))
      // X is float32, which for the unit far from 0 is coarser than 1e-6 of its SD.
      const tolerance = 1e-6 * deviation(theirs) + 2 ** -24 * scale
      for (const [v, value] of column(x, u).entries())
        expect(Math.abs(value - theirs[v])).toBeLessThanOrEqual(tolerance)
    }
  })
  test.each(oracle.designs)('scaled to 0–1 before the response: $options', ({ options, scaled }) => {
    const x = streamed({ ...options, hrf: 'glover' }, activations(options.frames), 'minmax')
    for (let u = 0; u < 3; u++) {
      const theirs = scaled.map((row) => row[u])
      const tolerance = 1e-6 * deviation(theirs) + 2 ** -24 * Math.max(...theirs.map(Math.abs)) + 1e-15
      for (const [v, value] of column(x, u).entries())
        expect(Math.abs(value - theirs[v])).toBeLessThanOrEqual(tolerance)
    }
    expect(column(x, 3).every((value) => value === 0)).toBe(true)
  })
})

describe('streaming', () => {
  test('the size of the blocks changes nothing beyond float32', () => {
    const a = activations(1500)
    const whole = streamed(base, a, 'minmax', [1500])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const x = streamed(base, a, 'minmax', sizes)
        for (const [i, value] of x.data.entries()) expect(Math.abs(value - whole.data[i])).toBeLessThan(1e-6)
      }),
      { numRuns: 20 },
    )
  })
  test('the same blocks give the same bits', () => {
    const a = noise(1500, 7)
    expect(streamed(base, a, 'minmax', [37]).data).toEqual(streamed(base, a, 'minmax', [37]).data)
  })
  test('linear: the regressors of a weighted sum are the weighted sum of the regressors', () => {
    const [a, b] = [noise(1500, 3), activations(1500)]
    fc.assert(
      fc.property(fc.double({ min: -4, max: 4, noNaN: true }), fc.double({ min: -4, max: 4, noNaN: true }), (p, q) => {
        const mixed = { data: new Float32Array(1500), rows: 1500, cols: 1 }
        for (let i = 0; i < 1500; i++) mixed.data[i] = p * a.data[i * 3] + q * b.data[i * 4 + 2]
        const [x, y, z] = [a, b, mixed].map((matrix) => streamed(base, matrix, 'none'))
        for (let v = 0; v < 20; v++) expect(z.data[v]).toBeCloseTo(p * x.data[v * 3] + q * y.data[v * 4 + 2], 4)
      }),
      { numRuns: 20 },
    )
  })
  test('scaling to 0–1 makes a regressor independent of its unit’s offset and scale, tiny and huge', () => {
    const a = noise(1500, 1)
    const x = streamed(base, a, 'minmax')
    for (const [offset, scale] of [
      [0, 2 ** -120],
      [0, 2 ** 120],
      [3, -1],
    ]) {
      const moved = { ...a, data: a.data.map((value) => value * scale + offset) }
      const flipped = scale < 0
      const ones = streamed(base, { ...a, data: new Float32Array(1500).fill(1) }, 'none')
      for (const [v, value] of streamed(base, moved, 'minmax').data.entries())
        expect(Math.abs(value - (flipped ? ones.data[v] - x.data[v] : x.data[v]))).toBeLessThan(2e-6)
    }
  })
})

describe('edges', () => {
  test('a frame, a unit', () => {
    const x = streamed({ ...base, frames: 1 }, { data: Float32Array.of(3), rows: 1, cols: 1 }, 'none')
    expect(Math.max(...x.data)).toBeGreaterThan(0)
    expect(streamed({ ...base, frames: 1 }, { data: Float32Array.of(3), rows: 1, cols: 1 }, 'minmax').data).toEqual(
      new Float32Array(20),
    )
  })
  test('frames more than 24 s before the first volume are left out, frames after the run have no effect', () => {
    const a = noise(4000, 2)
    const early = streamed({ ...base, frames: 4000, audioStart: -44 }, a, 'none')
    const cut = { data: a.data.slice(1000 * 2), rows: 3000, cols: 2 }
    const same = streamed({ ...base, frames: 3000, audioStart: -24 }, cut, 'none')
    for (const [i, value] of early.data.entries()) expect(value).toBeCloseTo(same.data[i], 6)
    expect(streamed({ ...base, audioStart: 100 }, noise(1500, 1), 'none').data).toEqual(new Float32Array(20))
  })
  test('a constant stimulus tends to the sum of the response: its amplitude times bins per frame', () => {
    const options = { ...base, frames: 2000, audioStart: -10, hopSeconds: 0.125 / 4 }
    const x = streamed(options, { data: new Float32Array(2000).fill(2), rows: 2000, cols: 1 }, 'none')
    // 4 frames a bin, amplitude 2; 32 s after its start the whole response lies within the stimulus.
    expect(x.data[19]).toBeCloseTo(8, 1)
  })
  test.each([NaN, Infinity, -Infinity])('%s is refused with its place', (value) => {
    const maps = frameToVolume(base)
    for (let frame = 0; frame < 10; frame++) {
      const regressors = new Regressors(maps, 3, { scale: 'minmax', hrf: 'glover' })
      const block = noise(10, 3)
      block.data[3 * frame + 2] = value
      expect(() => regressors.add(0, block)).toThrow(new RegExp(`${value} in frame ${frame}, unit 2`))
    }
  })
  test('blocks out of order, too many frames, missing frames and other units are refused', () => {
    const regressors = new Regressors(frameToVolume({ ...base, frames: 20 }), 3, { scale: 'none', hrf: 'glover' })
    regressors.add(0, noise(10, 3))
    for (const [first, block] of [
      [0, noise(5, 3)],
      [11, noise(5, 3)],
      [10, noise(11, 3)],
      [10, noise(5, 2)],
    ] as const)
      expect(() => regressors.add(first, block)).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
    expect(() => regressors.finish()).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
    regressors.add(10, noise(10, 3))
    expect(regressors.finish().rows).toBe(20)
  })
  test.each([
    ['tr', 0],
    ['tr', NaN],
    ['tr', 61],
    ['volumes', 1],
    ['volumes', 2.5],
    ['hopSeconds', 0],
    ['frames', 0],
    ['audioStart', Infinity],
    ['oversampling', 0],
    ['oversampling', 1.5],
  ] as const)('%s %d is refused', (name, value) => {
    expect(() => frameToVolume({ ...base, [name]: value })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
  test('a response sampled too sparsely is refused', () => {
    expect(() => hrfKernels('glover', 30, 1)).toThrow(/too sparsely/)
  })
  test('rounding is numpy’s', () => {
    expect([0.5, 1.5, 2.5, 2.4999, 2.5001, -1.5].map(roundHalfToEven)).toEqual([0, 2, 2, 2, 3, -2])
  })
})
