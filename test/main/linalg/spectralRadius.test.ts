import fc from 'fast-check'
import { expect, test } from 'vitest'
import { spectralRadius } from '../../../src-main/linalg/spectralRadius.ts'

test('is the largest absolute eigenvalue of what has these eigenvalues', () => {
  const value = fc.double({ min: -100, max: 100, noNaN: true })
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 6 }),
      fc.array(value, { minLength: 6, maxLength: 6 }),
      (values, v) => {
        // Reflected by a Householder matrix, which keeps eigenvalues.
        const n = values.length
        const square = v.slice(0, n).reduce((sum, x) => sum + x * x, 0)
        const reflect = (i: number, j: number) => (i === j ? 1 : 0) - (square > 1e-6 ? (2 * v[i] * v[j]) / square : 0)
        const a = Float64Array.from({ length: n * n }, (_, at) => {
          const [i, j] = [Math.floor(at / n), at % n]
          return values.reduce((sum, eigenvalue, k) => sum + reflect(i, k) * eigenvalue * reflect(k, j), 0)
        })
        expect(spectralRadius(a, n)).toBeCloseTo(Math.max(...values.map(Math.abs)), 8)
      },
    ),
  )
})

test('of nothing is 0', () => {
  expect(spectralRadius(new Float64Array(9), 3)).toBe(0)
})
