import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { abxDeltas, accuracies, contrastOf } from '../../../src-main/behaviour/abx.ts'
import { warpedCost, type DtwVariant } from '../../../src-main/behaviour/dtw.ts'
import { BoundedWarp } from '../../../src-main/behaviour/boundedWarp.ts'
import { frameDistances, type FrameDistance } from '../../../src-main/behaviour/frameDistances.ts'
import { PairThreads } from '../../../src-main/behaviour/pairThreads.ts'
import type { Triplet } from '../../../src-main/behaviour/triplets.ts'
import { HeschlError } from '../../../src-main/errors.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'

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

const threads = new PairThreads(2)
afterAll(() => threads.close())

const triplet = (target: string, other: string, x: string, more: Partial<Triplet> = {}): Triplet => ({
  ...{ id: 't', target, other, x, targetPhone: 'a', otherPhone: 'e', context: 'i_k', language: 'EN', dataset: '' },
  ...{ targetFirst: true, line: 2, ...more },
})

const matrix = (rows: number, values: readonly number[]): Matrix32 => ({
  data: Float32Array.from(values),
  rows,
  cols: values.length / rows,
})

async function distance(frames: Map<string, Matrix32>, metric: FrameDistance, dtw: 'standard' | 'as-published') {
  const { targetX } = await abxDeltas([triplet('x', 'y', 'y')], frames, { distance: metric, dtw, threads })
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
      x.map((value) => value + 2 ** -12),
    ),
  )
  expect(await distance(frames, 'euclidean', 'standard')).toBeCloseTo(Math.sqrt(3) * 2 ** -12, 12)
})

test('bounds lead to the very cost of all distances, whatever they are worth', () => {
  const warp = new BoundedWarp()
  const sizes = fc.integer({ min: 1, max: 9 })
  fc.assert(
    fc.property(sizes, sizes, fc.nat(1e6), fc.constantFrom(0, 1e-6, 0.05, 1), (rows, cols, seed, loose) => {
      const random = seededRandom(seed)
      // Few values, so that paths tie.
      const costs = Float64Array.from({ length: rows * cols }, () => Math.floor(4 * random.uniform()) / 3)
      const bounds = costs.map((cost) => cost - loose * random.uniform())
      for (const variant of ['standard', 'as-published'] as const) {
        const found = warp.cost(bounds, rows, cols, variant, (i, j) => costs[i * cols + j])
        expect(found).toBe(warpedCost(costs, rows, cols, variant))
      }
    }),
    { numRuns: 500 },
  )
})

describe('many items', () => {
  const random = seededRandom(3)
  const names = Array.from({ length: 40 }, (_, i) => String(i))
  const items = (scale: (i: number) => number, units = 37) =>
    new Map(
      names.map((name, i) => {
        const rows = 1 + Math.floor(12 * random.uniform())
        const value = () => scale(i) * (Math.abs(random.normal()) + 1e-3)
        return [name, matrix(rows, Array.from({ length: rows * units }, value))] as const
      }),
    )
  const triplets = names.flatMap((x, i) =>
    [1, 7, 13].map((k) => triplet(names[(i + k) % 40], names[(i + k + 3) % 40], x)),
  )

  /** Of all distances, one after the other, without bounds or threads. */
  const plainly = (frames: ReadonlyMap<string, Matrix32>, metric: FrameDistance, dtw: DtwVariant) =>
    triplets.map(({ target, x }) => {
      const [a, b] = [frames.get(target)!, frames.get(x)!]
      const row = ({ data, cols }: Matrix32, i: number) => Array.from(data.subarray(i * cols, (i + 1) * cols))
      const costs = Array.from({ length: a.rows * b.rows }, (_, k) =>
        plainDistance(row(a, Math.floor(k / b.rows)), row(b, k % b.rows), metric),
      )
      return warpedCost(costs, a.rows, b.rows, dtw) / Math.max(a.rows, b.rows)
    })

  test.each(frameDistances)(
    '%s: as one distance after the other, on memory that is too small for all',
    async (metric) => {
      for (const scale of [() => 1, (i: number) => 10 ** (i % 7)]) {
        const frames = items(scale)
        for (const dtw of ['standard', 'as-published'] as const) {
          const whole = await abxDeltas(triplets, frames, { distance: metric, dtw, threads })
          const parts = await abxDeltas(triplets, frames, { distance: metric, dtw, threads, limit: 20_000 })
          expect(parts).toEqual(whole)
          for (const [i, expected] of plainly(frames, metric, dtw).entries()) {
            if (expected === Infinity) expect(whole.targetX[i]).toBe(Infinity)
            else
              expect(Math.abs(whole.targetX[i] - expected)).toBeLessThan(
                metric === 'angular' ? 1e-7 : 1e-10 * (1 + expected),
              )
          }
        }
      }
    },
  )

  test.each(['cosine', 'euclidean'] as const)('%s of frames beyond what float32 can multiply', async (metric) => {
    const frames = items((i) => (i % 3 === 0 ? 1e-30 : i % 3 === 1 ? 1e30 : 1))
    const { targetX } = await abxDeltas(triplets, frames, { distance: metric, dtw: 'standard', threads })
    for (const [i, expected] of plainly(frames, metric, 'standard').entries())
      expect(Math.abs(targetX[i] - expected)).toBeLessThan(1e-10 * (1 + expected))
  })

  test('two threads give the bits of one, and a failure or a cancelled run leaves both fit for more', async () => {
    const frames = items(() => 1, 4_000)
    const options = { distance: 'cosine', dtw: 'standard' } as const
    const many = triplets.flatMap((one, i) => [one, triplet(one.other, one.target, names[(i + 20) % 40])])
    const alone = new PairThreads()
    const single = await abxDeltas(many, frames, { ...options, threads: alone })
    await alone.close()
    expect(await abxDeltas(many, frames, { ...options, threads })).toEqual(single)
    const stop = () => Promise.reject(new HeschlError('CANCELLED', 'Stopped'))
    await expect(abxDeltas(many, frames, { ...options, threads, pause: stop })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    const broken = new Map(frames).set('39', matrix(2, Array<number>(8_000).fill(NaN)))
    await expect(abxDeltas(many, broken, { ...options, threads })).rejects.toMatchObject({ code: 'NUMERICAL' })
    expect(await abxDeltas(many, frames, { ...options, threads })).toEqual(single)
  })
})

function plainDistance(a: readonly number[], b: readonly number[], metric: FrameDistance): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  if (metric === 'euclidean') return Math.sqrt(sum(a.map((value, k) => (value - b[k]) ** 2)))
  if (metric === 'kl') {
    const [p, q] = [a, b].map((row) => row.map((value) => value / sum(row)))
    return sum(p.map((value, k) => (value - q[k]) * Math.log(value / q[k]))) / 2
  }
  const dot = (x: readonly number[], y: readonly number[]) => sum(x.map((value, k) => value * y[k]))
  const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
  return metric === 'cosine' ? 1 - cosine : Math.acos(Math.min(1, cosine)) / Math.PI
}

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
