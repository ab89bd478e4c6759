import fc from 'fast-check'
import { expect, test } from 'vitest'
import { valueScale } from '../../../src-renderer/figures/axes.ts'

const plot = { top: 0, bottom: 100 }

test('a point a little below 0 takes no more room than it needs, one far below the next number', () => {
  const close = valueScale([-0.004, 0.22], plot)
  expect(close.domain()[0]).toBeLessThan(-0.004)
  expect(close.domain()[0]).toBeGreaterThan(-0.02)
  expect(close.ticks(4)[0]).toBe(0)
  expect(valueScale([-0.08, 0.22], plot).domain()[0]).toBe(-0.1)
})

test('every value lies in the plot, from 0 on', () => {
  const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(NaN, Infinity, -Infinity, 0))
  fc.assert(
    fc.property(fc.array(value, { maxLength: 12 }), (values) => {
      const scale = valueScale(values, plot)
      for (const each of [0, ...values.filter(Number.isFinite)]) {
        expect(scale(each)).toBeGreaterThanOrEqual(-1e-6)
        expect(scale(each)).toBeLessThanOrEqual(100 + 1e-6)
      }
    }),
  )
})
