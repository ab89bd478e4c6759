import { afterAll, describe, expect, test } from 'vitest'
import { contiguousFolds } from '../../../src-main/encoding/folds.ts'
import { logspace, prepareRidge } from '../../../src-main/encoding/ridge.ts'
import { ScoreThreads } from '../../../src-main/encoding/scoreThreads.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { normal } from '../linalg/random.ts'

const gemm = await createGemm({ threads: 1 })
const threads = new ScoreThreads(3)
afterAll(async () => {
  await threads.close()
  await gemm.close()
})

const random = (rows: number, cols: number, seed: number): Matrix32 => ({
  data: Float32Array.from({ length: rows * cols }, normal(seed)),
  rows,
  cols,
})

const options = { folds: contiguousFolds(60, 4), alphas: logspace(-1, 5, 16), gemm }

describe('several threads', () => {
  test.each([
    // Alphas so small that each fold is decomposed.
    ['decompositions', logspace(-9, 0, 6)],
    ['products', options.alphas],
  ])('give the same bits as one: %s', async (_name, alphas) => {
    const x = random(60, 20, 1)
    const y = random(60, 2500, 2)
    for (let i = 0; i < 60; i++) for (let j = 0; j < 2500; j += 2) y.data[i * 2500 + j] += x.data[i * 20 + (j % 20)]
    y.data[5] = NaN
    const alone = await (await prepareRidge(x, { ...options, alphas })).score(y)
    const shared = await prepareRidge(x, { ...options, alphas, threads })
    for (let run = 0; run < 2; run++) {
      const together = await shared.score(y)
      expect(together.r).toEqual(alone.r)
      expect(together.alpha).toEqual(alone.alpha)
    }
  })

  test.each(['leave-one-out', { kfold: 3 }] as const)('solve alphas to the same bits as one, %o', async (selection) => {
    // Large enough that helpers are asked.
    const x = random(700, 30, 12)
    const y = random(700, 40, 13)
    const large = { ...options, folds: contiguousFolds(700, 3), selection }
    const alone = await prepareRidge(x, large)
    const seen: number[] = []
    const shared = await prepareRidge(x, { ...large, threads }, { onProgress: (fraction) => seen.push(fraction) })
    expect(seen.at(-1)).toBe(1)
    expect(await shared.score(y)).toEqual(await alone.score(y))
    const stopped = prepareRidge(x, { ...large, threads }, { cancelled: () => true })
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
    expect((await shared.score(y)).nTargets).toBe(40)
  })

  test('problems take turns; a few targets need one thread', async () => {
    const problems = [3, 4].map((seed) => random(60, 10, seed))
    const y = random(60, 1000, 5)
    for (const x of [...problems, ...problems]) {
      const alone = await (await prepareRidge(x, options)).score(y)
      const problem = await prepareRidge(x, { ...options, threads })
      expect((await problem.score(y)).r).toEqual(alone.r)
    }
    const problem = await prepareRidge(problems[0], { ...options, threads })
    expect((await problem.score(random(60, 1, 6))).r.length).toBe(4)
    expect((await problem.score(random(60, 0, 7))).r.length).toBe(0)
  })

  test('progress rises to 1', async () => {
    const seen: number[] = []
    const problem = await prepareRidge(random(60, 10, 8), { ...options, threads })
    await problem.score(random(60, 3000, 9), { onProgress: (fraction) => seen.push(fraction) })
    expect(seen.at(-1)).toBe(1)
    expect(seen.length).toBeGreaterThan(10)
    expect([...seen].sort((a, b) => a - b)).toEqual(seen)
  })

  test('cancelling stops all in the middle, and they work again after it', async () => {
    const x = random(400, 40, 10)
    const y = random(400, 20000, 11)
    const problem = await prepareRidge(x, { ...options, folds: contiguousFolds(400, 10), threads })
    let furthest = 0
    const watch = { cancelled: () => true, onProgress: (fraction: number) => (furthest = Math.max(furthest, fraction)) }
    await expect(problem.score(y, watch)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(furthest).toBeLessThan(1)
    const few = { data: y.data.slice(0, 400 * 3), rows: 400, cols: 3 }
    expect((await problem.score(few)).nTargets).toBe(3)
  })
})
