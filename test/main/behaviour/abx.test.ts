import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { abxDeltas, accuracies, contrastOf } from '../../../src-main/behaviour/abx.ts'
import { warpedCost } from '../../../src-main/behaviour/dtw.ts'
import { frameDistances, type FrameDistance } from '../../../src-main/behaviour/frameDistances.ts'
import type { Triplet } from '../../../src-main/behaviour/triplets.ts'
import { createGemm, type Gemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix } from '../../../src-main/linalg/matrix.ts'

interface Case {
  readonly rows: number
  readonly cols: number
  readonly units: number
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly distances: Readonly<Record<FrameDistance, { readonly standard: number; readonly published: number | null }>>
}

const cases = JSON.parse(
  readFileSync(new URL('../../reference/behaviour/dtw.json', import.meta.url), 'utf8'),
) as readonly Case[]

let gemm: Gemm
beforeAll(async () => {
  gemm = await createGemm()
})
afterAll(() => gemm.close())

const triplet = (target: string, other: string, x: string, more: Partial<Triplet> = {}): Triplet => ({
  ...{ id: 't', target, other, x, targetPhone: 'a', otherPhone: 'e', context: 'i_k', language: 'EN', dataset: '' },
  ...{ targetFirst: true, line: 2, ...more },
})

const matrix = (rows: number, values: readonly number[]): Matrix => ({
  data: Float64Array.from(values),
  rows,
  cols: values.length / rows,
})

async function distance(frames: Map<string, Matrix>, metric: FrameDistance, dtw: 'standard' | 'as-published') {
  const { targetX } = await abxDeltas([triplet('x', 'y', 'y')], frames, { distance: metric, dtw, gemm })
  return targetX[0]
}

describe('distances of items against the released code and scipy', () => {
  for (const { rows, cols, x, y, distances } of cases)
    for (const metric of frameDistances)
      test(`${rows} and ${cols} frames, ${metric}`, async () => {
        const frames = new Map([
          ['x', matrix(rows, x)],
          ['y', matrix(cols, y)],
        ])
        const { standard, published } = distances[metric]
        const tolerance = metric === 'angular' ? 1e-7 : 1e-12 * Math.max(1, standard)
        expect(Math.abs((await distance(frames, metric, 'standard')) - standard)).toBeLessThan(tolerance)
        const found = await distance(frames, metric, 'as-published')
        if (published === null) expect(found).toBe(Infinity)
        else expect(Math.abs(found - published)).toBeLessThan(tolerance)
      })
})

test('the path is the cheapest of all, by trying them', () => {
  const cheapest = (costs: readonly number[], rows: number, cols: number, i = rows - 1, j = cols - 1): number => {
    if (i < 0 || j < 0) return Infinity
    const before = [
      cheapest(costs, rows, cols, i - 1, j - 1),
      cheapest(costs, rows, cols, i - 1, j),
      cheapest(costs, rows, cols, i, j - 1),
    ]
    return costs[i * cols + j] + (i === 0 && j === 0 ? 0 : Math.min(...before))
  }
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.nat(1000)),
      (rows, cols, stream) => {
        const costs = Array.from({ length: rows * cols }, () => stream.next().value)
        const found = warpedCost(costs, rows, cols, 'standard')
        expect(found).toBe(cheapest(costs, rows, cols))
        expect(warpedCost(costs, rows, cols, 'as-published')).toBeGreaterThanOrEqual(found)
        const turned = Array.from({ length: rows * cols }, (_, k) => costs[(k % rows) * cols + Math.floor(k / rows)]!)
        expect(warpedCost(turned, cols, rows, 'standard')).toBe(found)
      },
    ),
  )
})

test('an item is no distance from itself, however its frames are repeated; Euclidean distances keep small digits', async () => {
  const x = [1e3, 2e3, 3e3, 1e3, 2e3, 3.5e3]
  const frames = new Map([
    ['x', matrix(2, x)],
    ['y', matrix(4, [...x.slice(0, 3), ...x.slice(0, 3), ...x.slice(3), ...x.slice(3)])],
  ])
  for (const metric of ['cosine', 'euclidean'] as const)
    expect(Math.abs(await distance(frames, metric, 'standard'))).toBeLessThan(1e-15)
  frames.set(
    'y',
    matrix(
      2,
      x.map((value) => value + 1e-6),
    ),
  )
  expect(await distance(frames, 'euclidean', 'standard')).toBeCloseTo(Math.sqrt(3) * 1e-6, 12)
})

test('frames that a distance cannot take are told with the item', async () => {
  const frames = new Map([
    ['x', matrix(2, [1, -1, 2, 1])],
    ['y', matrix(1, [1, 1])],
  ])
  await expect(distance(frames, 'kl', 'standard')).rejects.toMatchObject({
    code: 'NUMERICAL',
    parts: { where: { stimulus: 'x' } },
  })
  frames.set('x', matrix(1, [NaN, 1]))
  await expect(distance(frames, 'cosine', 'standard')).rejects.toMatchObject({ code: 'NUMERICAL' })
  frames.set('x', matrix(1, [0, 0]))
  expect(await distance(frames, 'cosine', 'standard')).toBeNaN()
})

test('accuracy counts what is nearer, ties as wrong, and leaves out what has no distance', () => {
  const triplets = [
    triplet('a', 'b', 'c'),
    triplet('b', 'a', 'c', { targetPhone: 'e', otherPhone: 'a' }),
    triplet('a', 'b', 'd'),
    triplet('a', 'b', 'e', { language: 'FR' }),
  ]
  const found = accuracies(triplets, [0.5, 0, NaN, -1], contrastOf)
  expect([...found]).toEqual([
    ['a-e EN', { accuracy: 0.5, triplets: 2, ties: 1, undefined: 1 }],
    ['a-e FR', { accuracy: 0, triplets: 1, ties: 0, undefined: 0 }],
  ])
  expect(accuracies(triplets, [1, 1, 1, 1], ({ language }) => (language === 'EN' ? 'English' : undefined)).size).toBe(1)
})
