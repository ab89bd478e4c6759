import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fitPca, fromPcaScores, pcaScores } from '../../../src-main/encoding/pca.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Gemm } from '../../../src-main/linalg/gemm.ts'
import { leadingEigen } from '../../../src-main/linalg/leadingEigen.ts'
import type { Matrix32, Matrix64 } from '../../../src-main/linalg/matrix.ts'
import { normal } from '../linalg/random.ts'

interface Case {
  readonly n: number
  readonly d: number
  readonly k: number
  readonly x: readonly number[]
  readonly variance: readonly number[]
  readonly energy: readonly number[]
  readonly back: readonly number[]
}
const cases = JSON.parse(
  readFileSync(new URL('../../reference/encoding/pca/pca.json', import.meta.url), 'utf8'),
) as readonly Case[]

let gemm: Gemm
beforeAll(async () => void (gemm = await createGemm()))
afterAll(() => gemm.close())

test.each(cases)('as scikit-learn’s exact PCA: $n samples, $d features, $k components', async (oracle) => {
  const { n, d, k, variance, energy, back } = oracle
  const x: Matrix32 = { data: Float32Array.from(oracle.x), rows: n, cols: d }
  const pca = await fitPca(x, k, gemm)
  expect(pca.components.rows).toBe(k)
  for (const [i, value] of variance.entries())
    expect(Math.abs(pca.variance[i] - value)).toBeLessThan(1e-9 * variance[0])
  const scores = await pcaScores(x, pca, gemm)
  const most = Math.max(...energy)
  for (const [i, value] of energy.entries()) {
    const row = scores.data.subarray(i * k, (i + 1) * k)
    expect(Math.abs(row.reduce((sum, score) => sum + score * score, 0) - value)).toBeLessThan(1e-6 * most)
  }
  const returned = await fromPcaScores(scores, pca, gemm)
  const largest = Math.max(...back.map(Math.abs))
  for (const [i, value] of back.entries()) {
    const [row, column] = [Math.floor(i / d) * 7, i % d]
    expect(Math.abs(returned.data[row * d + column] - value)).toBeLessThan(2e-6 * largest)
  }
})

describe('leading eigenvalues', () => {
  /** A matrix of known eigenvalues: Q diag(values) Qᵀ with Q from reflections. */
  function withEigenvalues(values: readonly number[], seed: number): Matrix64 {
    const n = values.length
    const random = normal(seed)
    const data = new Float64Array(n * n)
    for (let i = 0; i < n; i++) data[i * n + i] = values[i]
    for (let reflection = 0; reflection < 3; reflection++) {
      const v = Float64Array.from({ length: n }, random)
      const square = v.reduce((sum, value) => sum + value * value, 0)
      const product = Float64Array.from({ length: n }, (_, i) =>
        v.reduce((sum, value, j) => sum + data[i * n + j] * value, 0),
      )
      const inner = v.reduce((sum, value, i) => sum + value * product[i], 0)
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          data[i * n + j] -=
            (2 * (v[i] * product[j] + product[i] * v[j])) / square - (4 * inner * v[i] * v[j]) / (square * square)
        }
      }
    }
    return { data, rows: n, cols: n }
  }

  test.each([
    ['steep', (i: number) => 0.8 ** i],
    ['flat', (i: number) => 1 / (1 + 0.01 * i)],
    ['in pairs', (i: number) => 0.9 ** Math.floor(i / 2)],
    ['of low rank', (i: number) => (i < 12 ? 12 - i : 0)],
    ['tiny', (i: number) => 1e-200 * 0.9 ** i],
    ['huge', (i: number) => 1e200 * 0.9 ** i],
  ])('%s spectrum: values, orthonormal vectors, small residuals', async (_, value) => {
    const n = 220
    const values = Array.from({ length: n }, (__, i) => value(i))
    const a = withEigenvalues(values, 4)
    const found = await leadingEigen(a, 30, gemm)
    const count = values.slice(0, 30).filter((v) => v > 1e-15 * values[0]).length
    expect(found.values.length).toBe(count)
    for (let k = 0; k < count; k++) {
      expect(Math.abs(found.values[k] - values[k])).toBeLessThan(1e-11 * values[0])
      const vector = found.vectors.data.subarray(k * n, (k + 1) * n)
      for (let l = 0; l <= k; l++) {
        const other = found.vectors.data.subarray(l * n, (l + 1) * n)
        const dot = vector.reduce((sum, v, i) => sum + v * other[i], 0)
        expect(Math.abs(dot - Number(l === k))).toBeLessThan(1e-10)
      }
      for (let i = 0; i < n; i += 37) {
        const image = vector.reduce((sum, v, j) => sum + (a.data[i * n + j] / values[0]) * v, 0)
        expect(Math.abs(image - (values[k] / values[0]) * vector[i])).toBeLessThan(1e-9)
      }
    }
  })
})

describe('edges', () => {
  const noise = (rows: number, cols: number, seed: number): Matrix32 => ({
    data: Float32Array.from({ length: rows * cols }, normal(seed)),
    rows,
    cols,
  })
  test('constant features add nothing; duplicated samples lower the number of components', async () => {
    const x = noise(10, 6, 1)
    for (let i = 0; i < 10; i++) x.data[i * 6 + 2] = 5
    for (let i = 5; i < 10; i++) x.data.copyWithin(i * 6, (i - 5) * 6, (i - 4) * 6)
    const pca = await fitPca(x, 6, gemm)
    expect(pca.components.rows).toBe(4)
    for (let k = 0; k < 4; k++) expect(Math.abs(pca.components.data[k * 6 + 2])).toBeLessThan(1e-10)
  })
  test('one feature; a constant sample set has no components', async () => {
    expect((await fitPca(noise(20, 1, 2), 3, gemm)).components.rows).toBe(1)
    const constant = { data: new Float32Array(40).fill(3), rows: 8, cols: 5 }
    expect((await fitPca(constant, 3, gemm)).components.rows).toBe(0)
  })
  test('NaN, no components and one sample are refused', async () => {
    const x = noise(10, 4, 3)
    x.data[7] = NaN
    await expect(fitPca(x, 2, gemm)).rejects.toThrow(/Principal components/)
    await expect(fitPca(noise(10, 4, 3), 0, gemm)).rejects.toThrow(/Principal components/)
    await expect(fitPca(noise(1, 4, 3), 1, gemm)).rejects.toThrow(/Principal components/)
  })
})
