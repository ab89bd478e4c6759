import fc from 'fast-check'
import { expect, test } from 'vitest'
import { looErrors32, looErrors64, type LooErrors } from '../../../src-main/encoding/looErrors.ts'
import { normal } from '../linalg/random.ts'

/**
 * The definition, a target and a sample at a time.
 * @param sizes takes every term without its sign, so that none cancels: what rounding is relative to
 */
function definition(
  { c, spread }: LooErrors,
  weights: Float64Array,
  fold: { start: number; end: number },
  sizes = false,
): number[] {
  const term = sizes ? Math.abs : (value: number) => value
  return Array.from({ length: c.cols }, (_, t) => {
    let mean = 0
    for (let i = fold.start; i < fold.end; i++) mean += c.data[i * c.cols + t]
    mean /= c.rows - (fold.end - fold.start)
    let sum = 0
    for (let i = 0; i < c.rows; i++) {
      if (i >= fold.start && i < fold.end) continue
      sum += ((term(spread.data[i * c.cols + t]) + term(mean)) * weights[i]) ** 2
    }
    return sum / (c.rows - (fold.end - fold.start))
  })
}

test.each([
  ['float32', looErrors32],
  ['float64', looErrors64],
])('errors of %s products agree with the definition in float64', (_name, create) => {
  const arbitrary = fc
    .record({ rows: fc.integer({ min: 2, max: 40 }), quarter: fc.integer({ min: 1, max: 9 }), seed: fc.integer() })
    .chain((size) => {
      const start = fc.integer({ min: 0, max: size.rows - 1 })
      const fold = start.chain((from) =>
        fc.record({ start: fc.constant(from), length: fc.integer({ min: 1, max: 40 }) }),
      )
      return fc.record({ size: fc.constant(size), fold, exponent: fc.integer({ min: -12, max: 12 }) })
    })
  fc.assert(
    fc.property(arbitrary, ({ size: { rows, quarter, seed }, fold: { start, length }, exponent }) => {
      const fold = { start, end: Math.min(start + length, rows) }
      if (fold.end - fold.start === rows) return
      const random = normal(seed)
      const loo = create(rows, 4 * quarter)
      for (const { data } of [loo.c, loo.spread])
        for (let i = 0; i < data.length; i++) data[i] = random() * 10 ** exponent
      const weights = Float64Array.from({ length: rows }, random)
      // The rows around the one that is written stay as they are.
      const out = new Float64Array(3 * loo.c.cols).fill(7)
      loo.compute(weights, fold, out, 1)
      const expected = definition(loo, weights, fold)
      // Sums of at most 39 terms, in whose roots two numbers may cancel: rounding is relative to their sizes.
      const size = definition(loo, weights, fold, true)
      for (const [t, value] of expected.entries()) {
        expect(Math.abs(out[loo.c.cols + t] - value)).toBeLessThan(1e-13 * size[t])
      }
      for (const rest of [out.subarray(0, loo.c.cols), out.subarray(2 * loo.c.cols)]) {
        expect(rest.every((value) => value === 7)).toBe(true)
      }
      const first = out.slice()
      loo.compute(weights, fold, out, 1)
      expect(out).toEqual(first)
    }),
  )
})

test('a NaN stays in its own target', () => {
  const loo = looErrors32(6, 8)
  loo.c.data.fill(1)
  loo.spread.data.fill(3)
  loo.spread.data[3 * 8 + 5] = NaN
  const out = new Float64Array(8)
  loo.compute(new Float64Array(6).fill(1), { start: 0, end: 2 }, out, 0)
  expect([...out]).toEqual([12.25, 12.25, 12.25, 12.25, 12.25, NaN, 12.25, 12.25])
})
