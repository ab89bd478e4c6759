import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeLags } from '../../../../src-main/encoding/primal/lagged.ts'
import { sampleLags } from '../../../../src-main/features/lags.ts'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'
import { rate, trfCases } from './trfOracle.ts'

test.each(trfCases.map((known) => [known.name, known] as const))('as written with numpy: %s', (_name, known) => {
  const { runs, design } = known
  const { data, rows, cols } = writeLags({ runs, lags: sampleLags(known.seconds, 1 / rate) })
  expect(rows).toBe(known.y.rows)
  expect(design.rows.flatMap((row) => [...data.subarray(row * cols, (row + 1) * cols)])).toEqual([...design.values])
})

test('each column is the run moved by its lag, of any length; no run sees another', () => {
  const arbitrary = fc.record({
    lengths: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    units: fc.integer({ min: 1, max: 3 }),
    from: fc.integer({ min: -12, max: 12 }),
    count: fc.integer({ min: 1, max: 20 }),
  })
  fc.assert(
    fc.property(arbitrary, ({ lengths, units, from, count }) => {
      const runs = lengths.map((rows, run): Matrix32 => {
        const data = Float32Array.from({ length: rows * units }, (_, i) => 100 * run + i + 1)
        return { data, rows, cols: units }
      })
      const { data, cols } = writeLags({ runs, lags: { from, to: from + count - 1 } })
      expect(cols).toBe(units * count)
      let first = 0
      for (const run of runs) {
        for (let t = 0; t < run.rows; t++) {
          for (let k = 0; k < count; k++) {
            for (let u = 0; u < units; u++) {
              const s = t - from - k
              const expected = s < 0 || s >= run.rows ? 0 : run.data[s * units + u]
              expect(data[(first + t) * cols + k * units + u]).toBe(expected)
            }
          }
        }
        first += run.rows
      }
    }),
  )
})
