import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zeros64, type Matrix64 } from '../../../src-main/linalg/matrix.ts'
import { symmetricEigen } from '../../../src-main/linalg/symmetricEigen.ts'
import { normal } from './random.ts'

const symmetric = (n: number, value: (i: number, j: number) => number): Matrix64 => {
  const a = zeros64(n, n)
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a.data[i * n + j] = a.data[j * n + i] = value(i, j)
  return a
}

/** Largest of |A v − λ v| and |v·w − δ|. */
async function faults(a: Matrix64): Promise<{ readonly residual: number; readonly angle: number }> {
  const n = a.rows
  const { values, vectors } = await symmetricEigen(a)
  let [residual, angle] = [0, 0]
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      let sum = -values[k] * vectors.data[k * n + i]
      let product = i === k ? -1 : 0
      for (let j = 0; j < n; j++) {
        sum += a.data[i * n + j] * vectors.data[k * n + j]
        product += vectors.data[k * n + j] * vectors.data[i * n + j]
      }
      residual = Math.max(residual, Math.abs(sum))
      angle = Math.max(angle, Math.abs(product))
    }
    if (k > 0) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1])
  }
  return { residual, angle }
}

describe('eigenvalues of a symmetric matrix', () => {
  test('second differences: 2 − 2 cos(kπ / (n + 1)), in closed form', async () => {
    const n = 90
    const { values } = await symmetricEigen(symmetric(n, (i, j) => (i === j ? 2 : i - j === 1 ? -1 : 0)))
    for (let k = 1; k <= n; k++)
      expect(Math.abs(values[k - 1] - (2 - 2 * Math.cos((k * Math.PI) / (n + 1))))).toBeLessThan(1e-13)
  })

  test('vectors of random matrices, of any scale, repeated values and low rank', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 25 }),
        fc.integer(),
        fc.constantFrom(1, 1e-8, 1e8),
        fc.constantFrom('dense', 'equal', 'rank one', 'blocks'),
        async (n, seed, scale, kind) => {
          const draw = normal(seed)
          const own = Float64Array.from({ length: n }, draw)
          const { residual, angle } = await faults(
            symmetric(n, (i, j) => {
              if (kind === 'equal') return i === j ? scale : 0
              if (kind === 'rank one') return scale * own[i] * own[j]
              return kind === 'blocks' && i % 2 !== j % 2 ? 0 : scale * draw()
            }),
          )
          expect(residual).toBeLessThan(1e-12 * scale * Math.max(1, n))
          expect(angle).toBeLessThan(1e-12)
        },
      ),
      { numRuns: 60 },
    )
  })
})
