import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import { lowerFactor } from '../../../src-main/linalg/householder.ts'
import { invertPositiveDefinite } from '../../../src-main/linalg/inverse.ts'
import { orthogonalizeColumns } from '../../../src-main/linalg/jacobi.ts'
import { zeros64, type Matrix64 } from '../../../src-main/linalg/matrix.ts'
import { normal } from './random.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())
const oracle = JSON.parse(readFileSync(new URL('../../reference/encoding/scoring.json', import.meta.url), 'utf8'))

const random = (rows: number, cols: number, seed: number): Matrix64 => {
  const next = normal(seed)
  return { data: Float64Array.from({ length: rows * cols }, next), rows, cols }
}
const largest = (values: Float64Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

async function positiveDefinite(n: number, ridge: number, seed: number): Promise<Matrix64> {
  const x = random(n, n + 5, seed)
  const a = await gemm.multiply(x, x, { transposeB: true })
  for (let i = 0; i < n; i++) a.data[i * n + i] += ridge
  return a
}

describe('inverse of a positive definite matrix', () => {
  test('agrees with numpy', async () => {
    const n = 150
    const a = zeros64(n, n)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a.data[i * n + j] = 1 / (i + j + 1) + (i === j ? 1 : 0)
    const { data } = await invertPositiveDefinite(a, gemm)
    for (const [j, value] of oracle.inverse.first_row.entries()) expect(Math.abs(data[j] - value)).toBeLessThan(1e-13)
    let trace = 0
    for (let i = 0; i < n; i++) trace += data[i * n + i]
    expect(Math.abs(trace - oracle.inverse.trace)).toBeLessThan(1e-11)
  })

  test.each([1, 2, 63, 64, 65, 96, 97, 176, 177, 257, 360])('times the matrix is the identity, n = %i', async (n) => {
    const a = await positiveDefinite(n, 1, n)
    const before = a.data.slice()
    const inverse = await invertPositiveDefinite(a, gemm)
    expect(a.data).toEqual(before)
    const identity = (await gemm.multiply(a, inverse)).data
    for (let i = 0; i < n; i++) identity[i * n + i] -= 1
    expect(largest(identity)).toBeLessThan(1e-12)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) expect(inverse.data[i * n + j]).toBe(inverse.data[j * n + i])
  })

  test.each([1e-150, 1e150])('does not depend on the scale, %d', async (scale) => {
    const a = await positiveDefinite(200, 1, 3)
    const plain = await invertPositiveDefinite(a, gemm)
    const scaled = await invertPositiveDefinite({ ...a, data: a.data.map((value) => value * scale) }, gemm)
    for (const [i, value] of plain.data.entries()) expect(scaled.data[i] * scale).toBeCloseTo(value, 12)
  })

  test('a matrix that is not positive definite, or not finite, or not square, is refused', async () => {
    const indefinite = await positiveDefinite(100, 0, 5)
    indefinite.data[77 * 100 + 77] = -1
    await expect(invertPositiveDefinite(indefinite, gemm)).rejects.toMatchObject({ code: 'NUMERICAL' })
    const large = await positiveDefinite(300, 0, 5)
    large.data[277 * 300 + 277] = -1
    await expect(invertPositiveDefinite(large, gemm)).rejects.toMatchObject({ code: 'NUMERICAL' })
    const singular = { data: new Float64Array(4).fill(1), rows: 2, cols: 2 }
    await expect(invertPositiveDefinite(singular, gemm)).rejects.toMatchObject({ code: 'NUMERICAL' })
    const unfinished = await positiveDefinite(10, 0, 6)
    unfinished.data[50] = NaN
    await expect(invertPositiveDefinite(unfinished, gemm)).rejects.toMatchObject({ code: 'NUMERICAL' })
    await expect(invertPositiveDefinite(zeros64(2, 3), gemm)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })
})

test('the lower factor of a wide matrix has its Gram matrix', async () => {
  for (const [rows, cols] of [
    [1, 1],
    [7, 7],
    [20, 55],
  ] as const) {
    const a = random(rows, cols, cols)
    if (rows === 20) a.data.copyWithin(3 * cols, 2 * cols, 3 * cols) // two equal rows
    const expected = await gemm.multiply(a, a, { transposeB: true })
    const l = await lowerFactor(a, async () => {})
    const found = await gemm.multiply(l, l, { transposeB: true })
    for (const [i, value] of expected.data.entries()) expect(Math.abs(found.data[i] - value)).toBeLessThan(1e-12)
    for (let i = 0; i < rows; i++) for (let j = i + 1; j < rows; j++) expect(l.data[i * rows + j]).toBe(0)
  }
})

describe('one-sided Jacobi', () => {
  const columnsOf = (a: Matrix64) =>
    Array.from({ length: a.cols }, (_, j) => Float64Array.from({ length: a.rows }, (_, i) => a.data[i * a.cols + j]))
  const dot = (a: Float64Array, b: Float64Array, from: number, to: number) => {
    let sum = 0
    for (let i = from; i < to; i++) sum += a[i] * b[i]
    return sum
  }

  test('makes the top of the columns orthogonal and keeps all inner products between rows', async () => {
    const a = random(30, 12, 1)
    // Columns of very different size, and one that is the sum of two others.
    for (let i = 0; i < 30; i++) for (let j = 0; j < 12; j++) a.data[i * 12 + j] *= 10 ** (3 - j)
    for (let i = 0; i < 30; i++) a.data[i * 12 + 5] = a.data[i * 12] + a.data[i * 12 + 1]
    const before = await gemm.multiply(a, a, { transposeB: true })
    const columns = columnsOf(a)
    await orthogonalizeColumns(columns, 22, async () => {})
    const norms = columns.map((column) => Math.sqrt(dot(column, column, 0, 22)))
    for (let i = 0; i < 11; i++) {
      for (let j = 0; j < i; j++) {
        const cosine = dot(columns[i], columns[j], 0, 22) / norms[i] / norms[j]
        expect(Math.abs(cosine)).toBeLessThan(1e-14)
      }
    }
    expect(norms[11] / norms[0]).toBeLessThan(1e-14)
    expect([...norms].sort((u, v) => v - u)).toEqual(norms)
    for (let i = 0; i < 30; i++) {
      for (let j = 0; j < 30; j++) {
        const after = columns.reduce((sum, column) => sum + column[i] * column[j], 0)
        expect(Math.abs(after - before.data[i * 30 + j])).toBeLessThan(1e-13 * norms[0] ** 2)
      }
    }
  })

  test('the singular values of a Hilbert matrix multiply to its determinant', async () => {
    // det H(5) = 1 / 266716800000 (OEIS A005249): lost in a Gram matrix, whose square has condition 2e11.
    const columns = Array.from({ length: 5 }, (_, j) => Float64Array.from({ length: 5 }, (_, i) => 1 / (i + j + 1)))
    await orthogonalizeColumns(columns, 5, async () => {})
    const determinant = columns.reduce((product, column) => product * Math.sqrt(dot(column, column, 0, 5)), 1)
    expect(determinant * 266716800000).toBeCloseTo(1, 9)
  })

  test('values that are not finite are refused', async () => {
    const columns = [Float64Array.of(1, NaN), Float64Array.of(1, 2)]
    await expect(orthogonalizeColumns(columns, 2, async () => {})).rejects.toMatchObject({ code: 'NUMERICAL' })
  })
})
