import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGemm, type Gemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import { othersCeiling } from '../../../src-main/scoring/othersCeiling.ts'
import type { OthersOptions } from '../../../src-main/scoring/othersOperator.ts'

const oracle = JSON.parse(readFileSync(new URL('../../reference/scoring/scoring.json', import.meta.url), 'utf8')).others
const matrix = (rows: readonly (readonly number[])[]): Matrix32 => ({
  data: Float32Array.from(rows.flat()),
  rows: rows.length,
  cols: rows[0].length,
})
const subjects: Matrix32[] = oracle.y.map(matrix)
/** scikit-learn's KFold. */
const contiguous = (n: number, k: number) => {
  let end = 0
  return Array.from({ length: k }, (_, i) => ({ start: end, end: (end += Math.floor(n / k) + (i < n % k ? 1 : 0)) }))
}
const options = (fitted: OthersOptions['fitted'], y = subjects[0]): OthersOptions => ({
  ...{ folds: contiguous(y.rows, oracle.folds), components: oracle.components, alphas: [0.1, 1, 10] },
  fitted,
})

let gemm: Gemm
beforeAll(async () => {
  gemm = await createGemm()
})
afterAll(() => gemm.close())

const ceilings = async (all: readonly Matrix32[], fitted: OthersOptions['fitted']) => {
  const ceiling = othersCeiling(all[0].rows, all[0].cols)
  for (const y of all) ceiling.add(y)
  return Promise.all(all.map((y) => ceiling.score(y, options(fitted, y), gemm)))
}

describe('ceiling from the mean of the others', () => {
  for (const [fitted, name] of [
    ['all', 'published'],
    ['training-fold', 'foldwise'],
  ] as const) {
    test(`components of ${fitted} samples: scikit-learn's PCA, RidgeCV and cross_val_predict`, async () => {
      for (const [s, found] of (await ceilings(subjects, fitted)).entries())
        for (const [t, r] of (oracle.cases[s][name] as number[]).entries())
          expect(Math.abs(found[t] - r)).toBeLessThan(1e-6)
    })
  }

  test('the fixture tells the two apart, and alphas differ between folds', () => {
    for (const { published, foldwise } of oracle.cases)
      expect(Math.max(...published.map((r: number, t: number) => Math.abs(r - foldwise[t])))).toBeGreaterThan(1e-3)
    expect(new Set(oracle.cases.flatMap(({ alphas }: { alphas: number[] }) => alphas)).size).toBeGreaterThan(1)
  })

  test('means of thousands change nothing', async () => {
    const moved = subjects.map((y, s) => ({ ...y, data: y.data.map((value, i) => value + 4096 * (s + ((i % 9) % 2))) }))
    const [found, near] = [await ceilings(moved, 'all'), await ceilings(subjects, 'all')]
    // float32 holds 2^-12 of what varies about 12,000.
    for (const [s, r] of found.entries())
      for (const [t, value] of r.entries()) expect(Math.abs(value - near[s][t])).toBeLessThan(1e-3)
  })

  test('targets of no use in one subject are left out there alone', async () => {
    const broken = subjects.map((y) => ({ ...y, data: y.data.slice() }))
    for (let i = 0; i < broken[0].rows; i++) {
      broken[0].data[i * 9 + 2] = 7
      if (i === 11) broken[0].data[i * 9 + 5] = NaN
      for (const y of broken) y.data[i * 9 + 8] = -1
    }
    const found = await ceilings(broken, 'training-fold')
    const nan = found.map((r) => [...r].flatMap((value, t) => (Number.isNaN(value) ? [t] : [])))
    expect(nan).toEqual([[2, 5, 8], [8], [8]])
  })

  test('noise that is not shared has no ceiling above 0', async () => {
    const { normal } = seededRandom(4)
    const all = Array.from({ length: 4 }, () => ({
      ...{ rows: 60, cols: 40 },
      data: Float32Array.from({ length: 2400 }, normal),
    }))
    // Below 0 rather than about it: over concatenated folds the training means alone correlate negatively.
    const maps = await ceilings(all, 'training-fold')
    expect(maps.reduce((sum, map) => sum + map.reduce((a, b) => a + b, 0) / 160, 0)).toBeLessThan(0.05)
  })

  test('shapes that differ, and folds that leave nothing, are refused', async () => {
    const ceiling = othersCeiling(4, 2)
    const wrong = expect.objectContaining({ code: 'SHAPE_MISMATCH' })
    expect(() => ceiling.add(matrix([[1, 2]]))).toThrowError(wrong)
    const y = matrix([
      [1, 2],
      [2, 1],
      [5, 4],
      [0, 1],
    ])
    ceiling.add(y)
    await expect(
      ceiling.score(y, { ...options('training-fold'), folds: [{ start: 0, end: 2 }] }, gemm),
    ).rejects.toThrowError(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
})
