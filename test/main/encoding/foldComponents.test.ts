import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { foldComponents, type FoldComponents } from '../../../src-main/encoding/foldComponents.ts'
import { fitPca } from '../../../src-main/encoding/pca.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { normal } from '../linalg/random.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

const pause = () => Promise.resolve()
const noise = (rows: number, cols: number, seed: number, scale = 1, shift = 0): Matrix32 => {
  const next = normal(seed)
  const size = Float64Array.from({ length: cols }, (_, j) => scale / (1 + (j % 7)))
  return { data: Float32Array.from({ length: rows * cols }, (_, k) => shift + size[k % cols] * next()), rows, cols }
}
const range = (start: number, end: number) => Uint32Array.from({ length: end - start }, (_, i) => start + i)
const rowOf = ({ vectors }: FoldComponents, k: number) =>
  vectors.data.subarray(k * vectors.cols, (k + 1) * vectors.cols)

/** The same from a fold's training samples alone: variances and loadings. */
async function check(y: Matrix32, sets: readonly Uint32Array[], count: number): Promise<void> {
  const found = await foldComponents(y, sets, count, gemm, pause)
  for (const [index, set] of sets.entries()) {
    const training = [...range(0, y.rows)].filter((i) => !set.includes(i))
    const part = {
      data: Float32Array.from(training.flatMap((i) => [...y.data.subarray(i * y.cols, (i + 1) * y.cols)])),
      rows: training.length,
      cols: y.cols,
    }
    const pca = await fitPca(part, count, gemm)
    const rank = pca.variance.length
    for (let k = 0; k < count; k++) {
      const size = found.sizes[index * count + k]
      const row = rowOf(found, index * count + k)
      for (const sample of set) expect(row[sample]).toBe(0)
      if (k >= rank) {
        expect(size).toBeLessThan(1e-6 * found.sizes[index * count])
        continue
      }
      const known = Math.sqrt(pca.variance[k] * (training.length - 1))
      expect(Math.abs(size - known)).toBeLessThan(1e-6 * found.sizes[index * count])
      // A component is what it is up to its sign: its loading, from its row and the targets.
      let overlap = 0
      for (let t = 0; t < y.cols; t++) {
        let loading = 0
        for (const i of training) loading += row[i] * (y.data[i * y.cols + t] - pca.mean[t])
        overlap += (loading / size) * pca.components.data[k * y.cols + t]
      }
      const gap = Math.min(
        ...[...pca.variance].filter((_, other) => other !== k).map((other) => Math.abs(other - pca.variance[k])),
      )
      if (gap > 1e-3 * pca.variance[0]) expect(Math.abs(Math.abs(overlap) - 1)).toBeLessThan(1e-4)
    }
  }
}

describe('components of every fold are those of its training samples', () => {
  test.each([
    ['more targets than samples', noise(40, 120, 1)],
    ['fewer targets than samples', noise(60, 20, 2)],
    ['one target', noise(30, 1, 3)],
    ['large means', noise(40, 60, 4, 1, 1000)],
    ['tiny', noise(40, 60, 5, 1e-12)],
    ['huge', noise(40, 60, 6, 1e12)],
  ])('%s', async (_name, y) => {
    await check(y, [range(0, 8), range(8, 16), Uint32Array.of(3, 9, 20, 29)], 4)
  })

  test('any shape', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 8, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer(),
        async (rows, cols, count, seed) => {
          const third = Math.floor(rows / 3)
          await check(noise(rows, cols, seed), [range(0, third), range(third, 2 * third)], count)
        },
      ),
      { numRuns: 20 },
    ))
})

test('targets that do not vary have no components; duplicated samples lower their number', async () => {
  const still = { data: new Float32Array(20 * 30).fill(3), rows: 20, cols: 30 }
  const none = await foldComponents(still, [range(0, 5)], 3, gemm, pause)
  expect([...none.sizes]).toEqual([0, 0, 0])
  expect(none.vectors.data.every((value) => value === 0)).toBe(true)
  const y = noise(20, 30, 7)
  for (let i = 8; i < 20; i++) y.data.copyWithin(i * 30, 6 * 30, 7 * 30)
  const few = await foldComponents(y, [range(0, 5)], 6, gemm, pause)
  // Samples 5, 6 and 7, and the twelve that are sample 6 again.
  expect([...few.sizes].filter((size) => size > 1e-6 * few.sizes[0])).toHaveLength(2)
})
