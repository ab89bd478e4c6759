/** Fold by fold and all together, with one thread or two, with and without an intercept: the same numbers. */
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { contiguousFolds, withGap } from '../../../../src-main/encoding/folds.ts'
import { prepareByFold } from '../../../../src-main/encoding/protocol/byFold.ts'
import { heldOutSets } from '../../../../src-main/encoding/protocol/heldOut.ts'
import type { EncodingOptions } from '../../../../src-main/encoding/protocol/options.ts'
import { prepareEncoding } from '../../../../src-main/encoding/protocol/prepareEncoding.ts'
import { scoreBy } from '../../../../src-main/encoding/protocol/scoreBy.ts'
import { prepareRidge } from '../../../../src-main/encoding/ridge.ts'
import { ScoreThreads } from '../../../../src-main/encoding/scoreThreads.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'
import { stretchesOf } from '../../../../src-main/pipeline/encodingModel.ts'
import { pearson } from '../../../../src-main/scoring/index.ts'
import { normal } from '../../linalg/random.ts'
import { runs, x, y } from './oracle.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

const plain: EncodingOptions = {
  folds: contiguousFolds(x.rows, 5),
  ...{ standardizeX: 'none', standardizeY: 'none', pcaX: 'none', pcaY: 'none' },
  alphas: [0.1, 1, 10, 100, 1000, 1e4],
  ...{ intercept: true, selection: 'leave-one-out', alpha: 'per-target', weights: true },
}
const keep = { r2: true, moments: true, predictions: true, weights: true }

function close(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(expected[i])) expect(found[i]).toBeNaN()
    else expect(Math.abs(found[i] - expected[i])).toBeLessThan(tolerance)
  }
}

describe('fold by fold is all together', () => {
  const apart = contiguousFolds(x.rows, 5).map((fold) => withGap(fold, 4, stretchesOf(runs)))
  const gaps = [[3, 4, 50, 51, 52], { start: 20, end: 40 }, [90, 99]]
  test.each<readonly [string, Partial<EncodingOptions>]>([
    ['leave-one-out', {}],
    ['inner folds', { selection: { kfold: 3 } }],
    ['inner runs', { selection: { runs } }],
    ['no intercept', { intercept: false }],
    ['a shared alpha', { alpha: 'shared' }],
    ['folds of several stretches, samples that none holds out', { folds: gaps }],
    ['gaps beside the folds', { folds: apart }],
    ['gaps beside the folds, inner runs', { folds: apart, selection: { runs } }],
  ])('%s', async (_name, given) => {
    const options = { ...plain, ...given }
    const together = await (await prepareEncoding(x, options, { gemm })).score(y, {}, keep)
    const sets = heldOutSets(options.folds, x.rows)
    for (const keepBytes of [0, 1e9]) {
      const problem = prepareByFold(x, sets, options, { gemm, keepBytes })
      for (let time = 0; time < 2; time++) {
        const apart = await problem.score(y, {}, keep)
        expect(apart.alpha).toEqual(together.alpha)
        expect(apart.heldOut).toEqual(together.heldOut)
        close(apart.r, together.r, 1e-5)
        close(apart.r2!, together.r2!, 1e-4)
        close(apart.predictions!, together.predictions!, 1e-4)
        close(apart.weights!, together.weights!, 1e-4 * Math.max(...together.weights!.map(Math.abs)))
        for (const measure of ['r', 'r2'] as const)
          close(
            scoreBy(apart, { measure, over: 'concatenated' }),
            scoreBy(together, { measure, over: 'concatenated' }),
            1e-4,
          )
      }
    }
  })
})

test('scores over concatenated predictions are those of the predictions', async () => {
  const problem = await prepareEncoding(x, plain, { gemm })
  const scores = await problem.score(y, {}, keep)
  const r = scoreBy(scores, { measure: 'r', over: 'concatenated' })
  for (let t = 0; t < y.cols; t++) {
    const column = (data: Float32Array) => Array.from({ length: y.rows }, (_, i) => data[i * y.cols + t])
    expect(Math.abs(r[t] - pearson(column(y.data), column(scores.predictions!)))).toBeLessThan(1e-5)
  }
})

test('several threads give the same bits as one', async () => {
  const wide: Matrix32 = {
    ...{ rows: y.rows, cols: 700 },
    data: Float32Array.from({ length: y.rows * 700 }, normal(8)),
  }
  const threads = new ScoreThreads(2)
  for (const given of [
    { alpha: 'shared' },
    { intercept: false },
    { pcaY: 20, standardizeX: 'training-fold' },
  ] as const) {
    const options = { ...plain, ...given }
    const alone = await (await prepareEncoding(x, options, { gemm })).score(wide, {}, keep)
    const shared = await (await prepareEncoding(x, options, { gemm, threads })).score(wide, {}, keep)
    for (const key of ['r', 'alpha', 'r2', 'moments', 'predictions', 'weights'] as const)
      expect([...shared[key]!]).toEqual([...alone[key]!])
  }
  await threads.close()
})

test('weights are per target: neither company nor place changes a bit', async () => {
  const problem = await prepareEncoding(x, plain, { gemm })
  const all = await problem.score(y, {}, keep)
  const one: Matrix32 = { rows: y.rows, cols: 1, data: y.data.filter((_, i) => i % y.cols === 4) }
  const alone = await problem.score(one, {}, keep)
  expect([...alone.weights!]).toEqual([...all.weights!.filter((_, i) => i % y.cols === 4)])
})

test('without an intercept: ridge on any problem is the solution of its normal equations', async () => {
  const arbitrary = fc.record({
    n: fc.integer({ min: 12, max: 40 }),
    p: fc.integer({ min: 1, max: 8 }),
    exponent: fc.integer({ min: -6, max: 4 }),
    offset: fc.integer({ min: -3, max: 3 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
    repeated: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ n, p, exponent, offset, seed, repeated }) => {
      const next = normal(seed)
      const features = Float32Array.from({ length: n * p }, () => next() + offset)
      // Columns that depend on one another.
      if (repeated && p > 1) for (let i = 0; i < n; i++) features[i * p + 1] = features[i * p]
      const data = Float32Array.from({ length: n }, () => next() + 2 * offset)
      const alpha = 10 ** exponent
      const [fold] = contiguousFolds(n, 3)
      const options = { folds: [fold], alphas: [alpha], intercept: false, gemm }
      const problem = await prepareRidge({ data: features, rows: n, cols: p }, options)
      const { predictions } = await problem.score({ data, rows: n, cols: 1 }, {}, { predictions: true })
      const weights = ridgeByElimination(features, data, n, p, fold.end, alpha)
      const size = Math.max(1, ...weights.map(Math.abs))
      for (let i = fold.start; i < fold.end; i++) {
        const expected = weights.reduce((sum, weight, j) => sum + weight * features[i * p + j], 0)
        expect(Math.abs(predictions![i] - expected)).toBeLessThan(2e-5 * size * (Math.abs(offset) + 3) * p)
      }
    }),
    { numRuns: 60 },
  )
})

/** Gaussian elimination with pivots, of the samples from `first` on. */
function ridgeByElimination(x: Float32Array, y: Float32Array, n: number, p: number, first: number, alpha: number) {
  const a = Array.from({ length: p }, (_, j) =>
    Array.from({ length: p + 1 }, (_, k) => {
      let sum = j === k ? alpha : 0
      for (let i = first; i < n; i++) sum += x[i * p + j] * (k === p ? y[i] : x[i * p + k])
      return sum
    }),
  )
  for (let j = 0; j < p; j++) {
    const pivot = a.reduce((best, row, k) => (k >= j && Math.abs(row[j]) > Math.abs(a[best][j]) ? k : best), j)
    ;[a[j], a[pivot]] = [a[pivot], a[j]]
    for (let k = 0; k < p; k++) {
      if (k === j) continue
      const factor = a[k][j] / a[j][j]
      for (let m = j; m <= p; m++) a[k][m] -= factor * a[j][m]
    }
  }
  return a.map((row, j) => row[p] / row[j])
}

describe('what cannot be fitted', () => {
  test('targets that are constant or not finite are NaN everywhere and leave components of the others alone', async () => {
    const damaged = { ...y, data: y.data.slice() }
    for (let i = 0; i < y.rows; i++) damaged.data[i * y.cols + 2] = 5
    damaged.data[7] = Infinity
    const without: Matrix32 = {
      rows: y.rows,
      cols: y.cols - 2,
      data: y.data.filter((_, i) => i % y.cols !== 2 && i % y.cols !== 7),
    }
    const options = { ...plain, pcaY: 4 }
    const problem = await prepareEncoding(x, options, { gemm })
    const found = await problem.score(damaged, {}, keep)
    const expected = await problem.score(without, {}, keep)
    expect(found.alpha).toEqual(expected.alpha)
    const kept = (data: ArrayLike<number>) => Array.from(data).filter((_, i) => i % y.cols !== 2 && i % y.cols !== 7)
    close(kept(found.r), expected.r, 1e-6)
    for (let i = 0; i < found.r.length; i++) if (i % y.cols === 2 || i % y.cols === 7) expect(found.r[i]).toBeNaN()
  })

  test('no target of any use, features that are constant', async () => {
    const flat = { ...y, data: y.data.map(() => 3) }
    for (const given of [{}, { pcaY: 3 }, { alpha: 'shared' }, { standardizeY: 'training-fold' }] as const) {
      const { r } = await (await prepareEncoding(x, { ...plain, ...given }, { gemm })).score(flat, {}, keep)
      expect(r.every(Number.isNaN)).toBe(true)
      const constant = { ...x, data: x.data.map(() => 3) }
      const other = await (await prepareEncoding(constant, { ...plain, ...given }, { gemm })).score(y, {}, keep)
      expect(other.r.every((value) => value === 0)).toBe(true)
    }
  })

  test('a recording of another length, components that are none, runs that are too few', async () => {
    const short = { ...y, rows: y.rows - 1, data: y.data.subarray(y.cols) }
    for (const standardizeX of ['none', 'training-fold'] as const) {
      const problem = await prepareEncoding(x, { ...plain, standardizeX }, { gemm })
      await expect(problem.score(short)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
    }
    const refused = [
      { pcaX: 0 },
      { pcaY: 2.5 },
      { selection: { runs: [50, 49] } },
      { selection: { runs: [100] }, standardizeX: 'training-fold' },
      { alphas: [] },
    ] as const
    for (const given of refused)
      await expect(prepareEncoding(x, { ...plain, ...given }, { gemm })).rejects.toMatchObject({
        code: 'OPTION_INVALID',
      })
  })

  test('cancelling stops with CANCELLED, fold by fold, too', async () => {
    const problem = await prepareEncoding(x, { ...plain, standardizeX: 'training-fold' }, { gemm })
    const began = performance.now()
    const cancelled = () => performance.now() - began > 1
    const many = { rows: y.rows, cols: 4000, data: new Float32Array(4000 * y.rows).map(normal(2)) }
    await expect(problem.score(many, { cancelled })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
