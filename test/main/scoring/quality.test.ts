/** The quality of recordings against numpy and scipy (test/reference/quality). */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { zeros32 } from '../../../src-main/linalg/matrix.ts'
import {
  framewiseDisplacement,
  histogramOf,
  powerSpectrum,
  quantile,
  RecordingQuality,
  spikeThreshold,
} from '../../../src-main/scoring/quality.ts'

const reference = JSON.parse(
  readFileSync(new URL('../../reference/quality/quality.json', import.meta.url), 'utf8'),
) as {
  readonly data: readonly (readonly (number | null)[])[]
  readonly motion: readonly (readonly number[])[]
  readonly good: readonly number[]
  readonly threshold: number
} & Readonly<Record<'tsnr' | 'signal' | 'dvars' | 'fd' | 'hertz' | 'power', readonly number[]>>
const rows = reference.data.length
const cols = reference.data[0].length

/** @param width targets at a time */
function looked(width: number): RecordingQuality {
  const quality = new RecordingQuality(rows, cols)
  for (let from = 0; from < cols; from += width) {
    const part = zeros32(rows, Math.min(width, cols - from))
    for (let i = 0; i < rows; i++)
      for (let t = 0; t < part.cols; t++) part.data[i * part.cols + t] = reference.data[i][from + t] ?? NaN
    quality.add(from, part)
  }
  return quality
}

/** Sums of float64 in another order: 1e-12 relative. */
const close = (a: number, b: number, tolerance = 1e-12) =>
  expect(Math.abs(a - b)).toBeLessThan(tolerance * Math.max(1, Math.abs(b)))

test.each([1, 3, 7])('tSNR, global signal, DVARS, with %i targets at a time', (width) => {
  const { tsnr, globalSignal, dvars, constant, notFinite } = looked(width)
  // tSNR is kept in float32.
  for (const [i, target] of reference.good.entries()) close(tsnr[target], reference.tsnr[i], 1e-6)
  expect([tsnr[3], tsnr[5]]).toEqual([0, NaN])
  expect([constant, notFinite]).toEqual([1, 1])
  for (const [i, value] of reference.signal.entries()) close(globalSignal[i], value)
  expect(dvars[0]).toBeNaN()
  for (const [i, value] of reference.dvars.entries()) close(dvars[i + 1], value)
  close(spikeThreshold(dvars), reference.threshold)
  expect([...dvars].findIndex((value) => value > reference.threshold)).toBe(20)
})

test('framewise displacement', () => {
  const fd = framewiseDisplacement(reference.motion)
  expect(fd[0]).toBeNaN()
  for (const [i, value] of reference.fd.entries()) close(fd[i + 1], value)
})

test('the spectrum; of a long series the mean over its stretches', () => {
  const { hertz, power } = powerSpectrum(Float64Array.from(reference.signal), 0.5)
  for (const [k, value] of reference.hertz.entries()) close(hertz[k], value)
  const most = Math.max(...reference.power)
  for (const [k, value] of reference.power.entries()) expect(Math.abs(power[k] - value)).toBeLessThan(1e-9 * most)
  const wave = Float64Array.from({ length: 5000 }, (_, i) => Math.sin((2 * Math.PI * i) / 16))
  const long = powerSpectrum(wave, 100)
  expect(long.hertz[long.power.indexOf(Math.max(...long.power))]).toBeCloseTo(100 / 16, 9)
})

test('nothing to tell from: all targets constant, one sample, no values', () => {
  const quality = new RecordingQuality(4, 1)
  quality.add(0, { data: Float32Array.of(2, 2, 2, 2), rows: 4, cols: 1 })
  expect(quality.globalSignal.every((value) => Number.isNaN(value))).toBe(true)
  expect(spikeThreshold(quality.dvars)).toBeNaN()
  expect(quantile(new Float64Array(0), 0.5)).toBeNaN()
  expect(histogramOf(new Float32Array(0), 10).counts).toHaveLength(0)
  expect([...histogramOf(Float32Array.of(3, 3, 3), 4).counts]).toEqual([3, 0, 0, 0])
  expect([...histogramOf(Float32Array.of(0, 1, 2, 4), 4).counts]).toEqual([1, 1, 1, 1])
})
