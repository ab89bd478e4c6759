import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import {
  factorBytes,
  factorPositiveDefinite,
  solveFactored,
  solveLower,
} from '../../../src-main/linalg/choleskySolve.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import { zeros64, type Matrix64 } from '../../../src-main/linalg/matrix.ts'
import { normal } from './random.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

const random = (rows: number, cols: number, seed: number): Matrix64 => ({
  data: Float64Array.from({ length: rows * cols }, normal(seed)),
  rows,
  cols,
})

/** G Gᵀ plus a diagonal. */
async function definite(n: number, diagonal: number, seed: number): Promise<Matrix64> {
  const g = random(n, n, seed)
  const a = await gemm.multiply(g, g, { transposeB: true })
  for (let i = 0; i < n; i++) a.data[i * n + i] += diagonal
  return a
}

const copy = (a: Matrix64): Matrix64 => ({ ...a, data: a.data.slice() })
const largest = (a: Float64Array) => a.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

// Sizes beside the blocks' and the stripes'.
test.each([1, 2, 127, 128, 129, 256, 700])('solutions of %i equations: what is multiplied back', async (n) => {
  const a = await definite(n, n, n)
  const b = random(n, 3, 7)
  const factor = await factorPositiveDefinite(copy(a), gemm)
  const x = copy(b)
  await solveFactored(factor, x, gemm)
  const back = await gemm.multiply(a, x)
  expect(largest(back.data.map((value, i) => value - b.data[i]))).toBeLessThan(1e-11 * n)
})

test('the lower factor: bᵀ A⁻¹ b is the square of L⁻¹ b', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 99 }), async (n, seed) => {
      const a = await definite(n, 5, seed)
      const b = random(n, 1, seed + 1)
      const factor = await factorPositiveDefinite(copy(a), gemm)
      const half = copy(b)
      await solveLower(factor, half, gemm)
      const whole = copy(b)
      await solveFactored(factor, whole, gemm)
      const square = half.data.reduce((sum, value) => sum + value * value, 0)
      const product = whole.data.reduce((sum, value, i) => sum + value * b.data[i], 0)
      expect(Math.abs(square - product)).toBeLessThan(1e-9 * square)
    }),
    { numRuns: 12 },
  )
})

test('what lies above the diagonal is not read', async () => {
  const a = await definite(300, 5, 1)
  const lower = copy(a)
  for (let i = 0; i < 300; i++) lower.data.fill(NaN, i * 300 + i + 1, (i + 1) * 300)
  const [x, other] = [random(300, 2, 2), random(300, 2, 2)]
  await solveFactored(await factorPositiveDefinite(copy(a), gemm), x, gemm)
  await solveFactored(await factorPositiveDefinite(lower, gemm), other, gemm)
  expect(other.data).toEqual(x.data)
})

test('bytes of a factor are those of its arrays, at most', async () => {
  const { columns } = await factorPositiveDefinite(await definite(400, 5, 3), gemm)
  const held = columns.reduce((sum, { inverse, below }) => sum + inverse.data.byteLength + below.data.byteLength, 0)
  expect(held).toBeLessThanOrEqual(factorBytes(400))
  expect(held).toBeGreaterThan(0.5 * factorBytes(400))
})

describe('refused', () => {
  test.each([
    ['indefinite', -1],
    ['not a number', NaN],
    ['infinite', Infinity],
  ])('%s', async (_what, value) => {
    const a = await definite(200, 5, 4)
    a.data[150 * 200 + 150] = value
    await expect(factorPositiveDefinite(a, gemm)).rejects.toMatchObject({ code: 'NUMERICAL' })
  })

  test('shapes', async () => {
    await expect(factorPositiveDefinite(zeros64(2, 3), gemm)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
    const factor = await factorPositiveDefinite(await definite(5, 5, 5), gemm)
    await expect(solveFactored(factor, zeros64(4, 1), gemm)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })
})
