/** Banded ridge by random search, against himalaya; see test/reference/encoding/banded/README.md. */
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { mixBands, prepareBands } from '../../../../src-main/encoding/banded/bands.ts'
import { noCandidate } from '../../../../src-main/encoding/banded/candidates.ts'
import { inMemory, searchBands } from '../../../../src-main/encoding/banded/search.ts'
import { contiguousFolds } from '../../../../src-main/encoding/folds.ts'
import { prepareFeatures, prepareRidge } from '../../../../src-main/encoding/ridge.ts'
import { ScoreThreads } from '../../../../src-main/encoding/scoreThreads.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'
import { normal } from '../../linalg/random.ts'
import { searchCases } from './oracle.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

function random(rows: number, cols: number, seed: number, scale = 1): Matrix32 {
  const next = normal(seed)
  return { data: Float32Array.from({ length: rows * cols }, () => scale * next()), rows, cols }
}

describe('against himalaya, the same candidates', () => {
  test.each(searchCases().map((known) => [known.name, known] as const))('%s', async (_name, known) => {
    const { spaces, y, candidates, alphas } = known
    const folds = contiguousFolds(y.rows, known.folds)
    const bands = await prepareBands(spaces, gemm)
    const options = { folds, alphas, candidates, gemm, selection: { kfold: known.inner } }
    const { r, alpha, candidate, errors } = await searchBands(bands, inMemory(y), options)
    const size = folds.length * y.cols
    const differences: number[] = []
    for (let i = 0; i < size; i++) {
      const least = known.errors[known.candidate[i] * size + i]
      expect(Math.abs(errors[i] / least - 1)).toBeLessThan(1e-5)
      expect(known.errors[candidate[i] * size + i] / least - 1).toBeLessThan(1e-6)
      if (candidate[i] === known.candidate[i] && alpha[i] === known.alpha[i]) {
        differences.push(Math.abs(r[i] - known.r[i]))
        // himalaya's deltas: the logarithm of the weight over alpha.
        for (const [b, weight] of candidates[candidate[i]].entries()) {
          const delta = known.deltas[(Math.floor(i / y.cols) * bands.length + b) * y.cols + (i % y.cols)]
          if (weight > 0) expect(Math.log(weight / alphas[alpha[i]])).toBeCloseTo(delta, 9)
        }
      }
    }
    differences.sort((a, b) => a - b)
    expect(differences.length).toBeGreaterThanOrEqual(0.95 * size)
    expect(differences.at(-1)).toBeLessThan(1e-4)
    expect(differences[differences.length >> 1]).toBeLessThan(1e-6)
  })
})

const [n, nTargets] = [48, 7]
const y = random(n, nTargets, 9)
const spaces = [random(n, 5, 1), random(n, 60, 2, 10), random(n, 12, 3, 0.1)]
const ridge = { folds: contiguousFolds(n, 4), alphas: [0.1, 1, 10, 100, 1000], gemm }

describe('random search', () => {
  test('of one candidate is the ridge regression on the weighted spaces side by side', async () => {
    const weights = [0.5, 0.02, 4]
    const cols = 77
    const x: Matrix32 = { data: new Float32Array(n * cols), rows: n, cols }
    let at = 0
    for (const [b, space] of spaces.entries()) {
      for (let i = 0; i < n; i++)
        for (let j = 0; j < space.cols; j++)
          x.data[i * cols + at + j] = Math.sqrt(weights[b]) * space.data[i * space.cols + j]
      at += space.cols
    }
    const keep = { r2: true, predictions: true }
    const expected = await (await prepareRidge(x, ridge)).score(y, {}, keep)
    const bands = await prepareBands(spaces, gemm)
    const found = await searchBands(bands, inMemory(y), { ...ridge, candidates: [weights] }, {}, keep)
    expect(found.alpha).toEqual(expected.alpha)
    for (const key of ['r', 'r2', 'predictions'] as const)
      for (const [i, value] of expected[key]!.entries()) expect(found[key]![i]).toBeCloseTo(value, 4)
    expect(found.candidate.every((index) => index === 0)).toBe(true)
  })

  test('mixed features are those of the mixed Gram matrix', async () => {
    const { features, k } = mixBands(await prepareBands(spaces, gemm), [0.3, 0, 2])
    expect(features.nFeatures).toBe(17)
    // Across the border of two bands.
    const pieces = [features.columns(0, 4), features.columns(4, 9), features.columns(9, 17)]
    for (const [i, j] of [
      [0, 0],
      [3, 40],
      [47, 12],
    ]) {
      let product = 0
      for (const piece of pieces)
        for (let c = 0; c < piece.cols; c++) product += piece.data[i * piece.cols + c] * piece.data[j * piece.cols + c]
      expect(k.data[i * n + j]).toBeCloseTo(product, 10)
    }
  })

  test('the choices do not depend on batches, threads, or candidates that are no better', async () => {
    const bands = await prepareBands(spaces, gemm)
    const candidates = [
      [1, 0, 0],
      [0.2, 0.3, 0.5],
      [0, 0, 1],
    ]
    const options = { ...ridge, candidates, selection: { kfold: 3 } }
    const keep = { r2: true, predictions: true }
    const whole = await searchBands(bands, inMemory(y), options, {}, keep)
    const columns = (from: number, to: number): Matrix32 => ({
      data: Float32Array.from({ length: n * (to - from) }, (_, i) => {
        return y.data[Math.floor(i / (to - from)) * nTargets + from + (i % (to - from))]
      }),
      rows: n,
      cols: to - from,
    })
    const source = { nTargets, batch: 3, read: (from: number, to: number) => Promise.resolve(columns(from, to)) }
    expect(await searchBands(bands, source, options, {}, keep)).toEqual(whole)
    const threads = new ScoreThreads(2)
    try {
      expect(await searchBands(bands, inMemory(y), { ...options, threads }, {}, keep)).toEqual(whole)
    } finally {
      await threads.close()
    }
    const again = { ...options, candidates: [...candidates, candidates[1]] }
    expect(await searchBands(bands, inMemory(y), again, {}, keep)).toEqual(whole)
  })

  test('more candidates never raise the validation error', async () => {
    const bands = await prepareBands(spaces, gemm)
    const weight = fc.double({ min: 0, max: 10, noNaN: true })
    const lists = fc.array(fc.tuple(weight, weight, weight), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(lists, lists, async (some, others) => {
        const fewer = await searchBands(bands, inMemory(y), { ...ridge, candidates: some })
        const more = await searchBands(bands, inMemory(y), { ...ridge, candidates: [...some, ...others] })
        for (const [i, error] of more.errors.entries()) expect(error).toBeLessThanOrEqual(fewer.errors[i])
      }),
      { numRuns: 8 },
    )
  })

  test('a constant target is not scored, and one that is constant in training is 0', async () => {
    const odd: Matrix32 = { data: new Float32Array(n * 3), rows: n, cols: 3 }
    for (let i = 0; i < n; i++) {
      odd.data[i * 3] = 2
      odd.data[i * 3 + 1] = i < 12 ? y.data[i * nTargets] : 5
      odd.data[i * 3 + 2] = y.data[i * nTargets]
    }
    const bands = await prepareBands(spaces, gemm)
    const candidates = [
      [1, 1, 1],
      [1, 0, 0],
    ]
    const { r, candidate, alpha } = await searchBands(bands, inMemory(odd), { ...ridge, candidates })
    for (let fold = 0; fold < 4; fold++) {
      expect([r[fold * 3], candidate[fold * 3]]).toEqual([NaN, noCandidate])
      expect(r[fold * 3 + 2]).not.toBeNaN()
    }
    expect([r[1], alpha[1], candidate[1]]).toEqual([0, 255, noCandidate])
  })

  test('spaces that are constant throughout explain nothing', async () => {
    const flat = { data: new Float32Array(n * 2).fill(3), rows: n, cols: 2 }
    const bands = await prepareBands([flat, spaces[0]], gemm)
    const candidates = [
      [1, 0],
      [0, 1],
    ]
    const { r, candidate } = await searchBands(bands, inMemory(y), { ...ridge, candidates })
    expect(candidate.every((index) => index === 1)).toBe(true)
    const { features, k } = bands[1]
    const alone = await (await prepareFeatures(features, k, ridge, {})).score(y)
    for (const [i, value] of alone.r.entries()) expect(r[i]).toBeCloseTo(value, 5)
  })

  test('what cannot be used is refused', async () => {
    const bands = await prepareBands(spaces, gemm)
    for (const candidates of [[], [[1, 1]], [[1, -1, 1]], [[1, NaN, 1]], [[1, Infinity, 0]]])
      await expect(searchBands(bands, inMemory(y), { ...ridge, candidates })).rejects.toMatchObject({
        code: 'OPTION_INVALID',
      })
    await expect(prepareBands([], gemm)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(prepareBands([spaces[0], random(n + 1, 2, 4)], gemm)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
    const stopped = searchBands(
      bands,
      inMemory(y),
      { ...ridge, candidates: Array.from({ length: 2000 }, () => [1, 1, 1]) },
      { cancelled: () => true },
    )
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
