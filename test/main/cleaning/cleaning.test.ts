import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { nuisanceBasis, removeNuisance } from '../../../src-main/cleaning/nuisance.ts'
import type { NuisanceOptions } from '../../../src-main/cleaning/nuisance.ts'
import { robustScaleColumns } from '../../../src-main/cleaning/robustScale.ts'
import type { Matrix32, Matrix64 } from '../../../src-main/linalg/matrix.ts'

type Table = readonly (readonly number[])[]
interface Oracle {
  readonly clean: readonly {
    readonly tr: number
    readonly trend: number
    readonly highPass: number | null
    readonly y: Table
    readonly confounds: Table | null
    readonly clean: Table
  }[]
  readonly robust: readonly { readonly from: number; readonly to: number; readonly y: Table; readonly scaled: Table }[]
}
const oracle = JSON.parse(
  readFileSync(new URL('../../reference/cleaning/cleaning.json', import.meta.url), 'utf8'),
) as Oracle

const matrix32 = (table: Table): Matrix32 => ({
  data: Float32Array.from(table.flat()),
  rows: table.length,
  cols: table[0].length,
})
const matrix64 = (table: Table): Matrix64 => ({
  data: Float64Array.from(table.flat()),
  rows: table.length,
  cols: table[0].length,
})

function expectClose(ours: Matrix32, theirs: Table): void {
  for (let c = 0; c < ours.cols; c++) {
    const largest = theirs.reduce((most, row) => Math.max(most, Math.abs(row[c])), 0)
    // Cleaned values are small beside the recording's offset, in whose float32 steps (100 * 6e-8) both began.
    for (const [v, row] of theirs.entries())
      expect(Math.abs(ours.data[v * ours.cols + c] - row[c])).toBeLessThanOrEqual(2e-6 * largest + 1e-5)
  }
}

const cleaned = (y: Matrix32, options: NuisanceOptions): Matrix32 => {
  const out = { ...y, data: y.data.slice() }
  removeNuisance(out, nuisanceBasis(y.rows, options))
  return out
}

test.each(oracle.clean)(
  'as nilearn’s clean: TR $tr, high-pass $highPass',
  ({ tr, trend, highPass, y, confounds, clean }) => {
    const options = {
      tr,
      trend,
      ...(highPass === null ? {} : { highPass }),
      ...(confounds ? { confounds: matrix64(confounds) } : {}),
    }
    expectClose(cleaned(matrix32(y), options), clean)
  },
)

test.each(oracle.robust)('as scikit-learn’s RobustScaler: $from to $to', ({ from, to, y, scaled }) => {
  const ours = robustScaleColumns(matrix32(y), { from, to })
  for (let c = 0; c < ours.cols; c++) {
    const largest = scaled.reduce((most, row) => Math.max(most, Math.abs(row[c])), 0)
    for (const [v, row] of scaled.entries())
      expect(Math.abs(ours.data[v * ours.cols + c] - row[c])).toBeLessThanOrEqual(2e-6 * largest)
  }
})

const noise = (rows: number, cols: number, seed: number): Matrix32 => {
  const random = fc.sample(fc.double({ min: -1, max: 1, noNaN: true }), { numRuns: rows * cols, seed })
  return { data: Float32Array.from(random), rows, cols }
}

describe('nuisance', () => {
  const confounds: Matrix64 = { ...noise(80, 3, 2), data: Float64Array.from(noise(80, 3, 2).data) }
  const options = { tr: 2, trend: 2, highPass: 0.01, confounds }
  test('the basis is orthonormal, and cleaning twice is cleaning once', () => {
    const { data, rows, cols } = nuisanceBasis(80, options)
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0
        for (let v = 0; v < cols; v++) sum += data[i * cols + v] * data[j * cols + v]
        expect(Math.abs(sum - Number(i === j))).toBeLessThan(1e-12)
      }
    }
    const once = cleaned(noise(80, 4, 5), options)
    const twice = cleaned(once, options)
    for (const [i, value] of once.data.entries()) expect(Math.abs(twice.data[i] - value)).toBeLessThan(1e-6)
  })
  test('what is made of drifts, a parabola and confounds alone is gone', () => {
    const y = noise(80, 1, 1)
    for (let v = 0; v < 80; v++) y.data[v] = 3 + (v / 40 - 1) ** 2 + 2 * confounds.data[v * 3 + 1]
    for (const value of cleaned(y, options).data) expect(Math.abs(value)).toBeLessThan(1e-5)
  })
  test('the scale and offset of a confound, and naming it twice, change nothing', () => {
    const y = noise(80, 4, 9)
    const reference = cleaned(y, options)
    fc.assert(
      fc.property(fc.integer({ min: -9, max: 9 }), fc.double({ min: -1e3, max: 1e3, noNaN: true }), (power, offset) => {
        const cols = 4
        const data = new Float64Array(80 * cols)
        for (let v = 0; v < 80; v++) {
          for (let c = 0; c < 3; c++) data[v * cols + c] = 10 ** power * (confounds.data[v * 3 + c] + offset)
          data[v * cols + 3] = data[v * cols]
        }
        const same = cleaned(y, { ...options, confounds: { data, rows: 80, cols } })
        for (const [i, value] of reference.data.entries()) expect(Math.abs(same.data[i] - value)).toBeLessThan(1e-5)
      }),
      { numRuns: 30 },
    )
  })
  test('a constant confound is none; a recording with NaN keeps it to its own column', () => {
    const constant = { data: new Float64Array(80).fill(4.2e7), rows: 80, cols: 1 }
    expect(nuisanceBasis(80, { tr: 2, confounds: constant }).rows).toBe(1)
    const y = noise(80, 2, 3)
    y.data[11] = NaN
    const out = cleaned(y, options)
    for (let v = 0; v < 80; v++)
      expect([Number.isNaN(out.data[2 * v]), Number.isNaN(out.data[2 * v + 1])]).toEqual([false, true])
  })
  test('refused: a table of another run, NaN, cut-offs beyond the volumes, more confounds than volumes', () => {
    expect(() => nuisanceBasis(79, options)).toThrow(/another number of volumes/)
    const bad = { ...confounds, data: confounds.data.slice() }
    bad.data[0] = NaN
    expect(() => nuisanceBasis(80, { tr: 2, confounds: bad })).toThrow(/not finite/)
    expect(() => nuisanceBasis(80, { tr: 2, highPass: 0.25 })).toThrow(/cut-off/)
    expect(() => nuisanceBasis(80, { tr: 2, highPass: -1 })).toThrow(/cut-off/)
    expect(() => nuisanceBasis(80, { tr: 2, trend: 1.5 })).toThrow(/degree/)
    const many = { data: Float64Array.from(noise(80, 79, 4).data), rows: 80, cols: 79 }
    expect(() => nuisanceBasis(80, { tr: 2, confounds: many })).toThrow(/nothing of the run/)
  })
})

describe('robust scaling', () => {
  test('a shift and a factor of the column change nothing', () => {
    const y = noise(100, 2, 8)
    const reference = robustScaleColumns(y, { from: 1, to: 99 })
    for (const [shift, factor] of [
      [0, 2 ** -20],
      [0, 2 ** 60],
      [4, 1],
    ]) {
      const moved = robustScaleColumns({ ...y, data: y.data.map((x) => x * factor + shift) }, { from: 1, to: 99 })
      for (const [i, value] of reference.data.entries()) expect(Math.abs(moved.data[i] - value)).toBeLessThan(2e-6)
    }
  })
  test('one sample, a constant, NaN', () => {
    expect(robustScaleColumns({ data: Float32Array.of(5), rows: 1, cols: 1 }, { from: 1, to: 99 }).data[0]).toBe(0)
    const y = { data: Float32Array.of(1, NaN, 1, 2, 1, 3), rows: 3, cols: 2 }
    expect([...robustScaleColumns(y, { from: 1, to: 99 }).data]).toEqual([0, NaN, 0, NaN, 0, NaN])
  })
  test.each([
    [99, 1],
    [0, 100],
    [5, 5],
    [NaN, 99],
  ])('refused: %d to %d', (from, to) => {
    expect(() => robustScaleColumns(noise(4, 1, 1), { from, to })).toThrow(/percentiles/)
  })
})
