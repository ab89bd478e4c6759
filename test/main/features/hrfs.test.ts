import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { HeschlError } from '../../../src-main/errors.ts'
import { frameToVolume } from '../../../src-main/features/design.ts'
import type { DesignOptions } from '../../../src-main/features/design.ts'
import { hrfKernels, regressorsPerUnit } from '../../../src-main/features/hrf.ts'
import type { Hrf } from '../../../src-main/features/hrf.ts'
import { Regressors } from '../../../src-main/features/regressors.ts'

interface Oracle {
  readonly kernels: readonly { hrf: Hrf; tr: number; oversampling: number; kernels: readonly (readonly number[])[] }[]
  readonly designs: readonly { options: DesignOptions; regressors: readonly (readonly number[])[] }[]
}
const oracle = JSON.parse(
  readFileSync(new URL('../../reference/features/hrfs.json', import.meta.url), 'utf8'),
) as Oracle

/** As `activations` of test/reference/features/make_hrfs.py, to the last bit or the one before it: [frames, 3]. */
function activations(frames: number): Float32Array {
  const data = new Float32Array(frames * 3)
  for (let i = 0; i < frames; i++) {
    data[i * 3] = Math.sin(0.013 * i) + Math.sin(1.7 * i)
    data[i * 3 + 1] = Math.sin(0.0041 * i) ** 2
    data[i * 3 + 2] = 5 + Math.sin(0.0007 * i * (i % 50))
  }
  return data
}

function designOf(options: DesignOptions, scale: 'minmax' | 'none' = 'none') {
  const regressors = new Regressors(frameToVolume(options), 3, { scale, hrf: options.hrf })
  const data = activations(options.frames)
  for (let frame = 0; frame < options.frames; frame += 250) {
    const rows = Math.min(250, options.frames - frame)
    regressors.add(frame, { data: data.subarray(frame * 3, (frame + rows) * 3), rows, cols: 3 })
  }
  return regressors.finish()
}

const deviation = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

// Float64 throughout on both sides; the derivatives divide differences of the responses by 0.1 s and 0.01.
test.each(oracle.kernels)('the responses of $hrf, TR $tr, are nilearn’s', ({ hrf, tr, oversampling, kernels }) => {
  const ours = hrfKernels(hrf, tr, oversampling)
  expect(ours.length).toBe(kernels.length)
  expect(ours.length).toBe(regressorsPerUnit(hrf))
  for (const [k, kernel] of kernels.entries()) {
    expect(ours[k].length).toBe(kernel.length)
    const peak = Math.max(...kernel.map(Math.abs))
    for (const [i, value] of kernel.entries()) expect(Math.abs(ours[k][i] - value)).toBeLessThan(1e-11 * peak)
  }
})

test.each(oracle.designs)('regressors are nilearn’s to 1e-6 of their SD: $options', ({ options, regressors }) => {
  const x = designOf(options)
  expect([x.rows, x.cols]).toEqual([regressors.length, regressors[0].length])
  expect(x.cols).toBe(3 * regressorsPerUnit(options.hrf))
  for (let column = 0; column < x.cols; column++) {
    const theirs = regressors.map((row) => row[column])
    // X is float32, which is coarser than 1e-6 of the SD where a regressor lies far from 0.
    const tolerance = 1e-6 * deviation(theirs) + 2 ** -24 * Math.max(...theirs.map(Math.abs))
    for (const [v, value] of theirs.entries())
      expect(Math.abs(x.data[v * x.cols + column] - value)).toBeLessThanOrEqual(tolerance)
  }
})

const base: DesignOptions = {
  hrf: 'glover-dispersion',
  tr: 2,
  volumes: 20,
  hopSeconds: 0.02,
  frames: 1500,
  audioStart: 0,
  oversampling: 16,
}

test('derivatives are orthogonal to what stands before them, scaled or not', () => {
  for (const scale of ['none', 'minmax'] as const) {
    const x = designOf(base, scale)
    const column = (r: number, u: number) => Array.from({ length: x.rows }, (_, v) => x.data[v * x.cols + r * 3 + u])
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)
    for (let u = 0; u < 3; u++) {
      for (const [r, s] of [
        [0, 1],
        [0, 2],
        [1, 2],
      ]) {
        const [a, b] = [column(r, u), column(s, u)]
        expect(Math.abs(dot(a, b))).toBeLessThan(1e-6 * Math.sqrt(dot(a, a) * dot(b, b)))
      }
    }
  }
})

test('a constant unit gives zeros under every response when it is scaled', () => {
  const regressors = new Regressors(frameToVolume(base), 1, { scale: 'minmax', hrf: base.hrf })
  regressors.add(0, { data: new Float32Array(1500).fill(3), rows: 1500, cols: 1 })
  expect(regressors.finish().data.every((value) => value === 0)).toBe(true)
})

test('a delay of one more TR moves the regressor by one volume', () => {
  const x = designOf({ ...base, hrf: { fir: [1, 2] } })
  for (let v = 1; v < x.rows; v++) {
    for (let u = 0; u < 3; u++) expect(x.data[v * 6 + 3 + u]).toBeCloseTo(x.data[(v - 1) * 6 + u], 4)
  }
})

describe('refused', () => {
  test.each([[[]], [[1.5]], [[-1]], [[101]], [[1, 1]], [[NaN]]])('delays %j', (fir) => {
    expect(() => frameToVolume({ ...base, hrf: { fir } })).toThrow(HeschlError)
  })
})
