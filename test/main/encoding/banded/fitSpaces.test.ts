/** The ways to weigh feature spaces, beside each other. */
import { afterAll, describe, expect, test } from 'vitest'
import { prepareBands } from '../../../../src-main/encoding/banded/bands.ts'
import { bandCandidates } from '../../../../src-main/encoding/banded/candidates.ts'
import { fitSpaces } from '../../../../src-main/encoding/banded/fitSpaces.ts'
import { inMemory, searchBands } from '../../../../src-main/encoding/banded/search.ts'
import { contiguousFolds, withGap } from '../../../../src-main/encoding/folds.ts'
import { prepareRidge } from '../../../../src-main/encoding/ridge.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import { gradientCases } from './oracle.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())
const { spaces, y } = gradientCases()[1]
const bands = await prepareBands(spaces, gemm)
const folds = contiguousFolds(y.rows, 3)
const options = { folds, alphas: [1, 10, 100, 1000], gemm, selection: { kfold: 3 } }

/** Position in [folds, bands, targets]. */
const at = (f: number, b: number, t: number) => (f * bands.length + b) * y.cols + t

describe('solvers of several spaces', () => {
  test('ridge: weights of 1', async () => {
    const found = await fitSpaces(bands, inMemory(y), options, { solver: 'ridge' })
    const { r, r2, alpha } = await searchBands(
      bands,
      inMemory(y),
      { ...options, candidates: [[1, 1, 1]] },
      {},
      { r2: true },
    )
    expect([found.r, found.r2]).toEqual([r, r2])
    expect([...found.alpha]).toEqual([...alpha].map((index) => options.alphas[index]))
    for (let b = 0; b < 3; b++) expect(found.deltas[at(1, b, 2)]).toBeCloseTo(-Math.log(found.alpha[y.cols + 2]), 12)
  })

  test('a gap: solvers of one weight each are ridge on the spaces side by side, and predict the scored samples alone', async () => {
    const runs = [{ start: 0, end: y.rows }]
    const apart = { ...options, folds: folds.map((fold) => withGap(fold, 5, runs)) }
    const known = await fitSpaces(bands, inMemory(y), apart, { solver: 'ridge' }, {}, { split: true })
    const cols = spaces.reduce((sum, x) => sum + x.cols, 0)
    const data = Float32Array.from({ length: y.rows * cols }, (_, k) => {
      let column = k % cols
      for (const x of spaces) {
        if (column < x.cols) return x.data[Math.floor(k / cols) * x.cols + column]
        column -= x.cols
      }
      return NaN
    })
    const { r, r2 } = await (await prepareRidge({ data, rows: y.rows, cols }, apart)).score(y, {}, { r2: true })
    for (const [i, value] of r.entries()) {
      expect(known.r[i]).toBeCloseTo(value, 4)
      expect(known.r2[i]).toBeCloseTo(r2![i], 3)
      const [fold, target] = [Math.floor(i / y.cols), i % y.cols]
      const sum = [0, 1, 2].reduce((total, b) => total + known.split!.r[at(fold, b, target)], 0)
      expect(sum).toBeCloseTo(value, 3)
    }
    expect([...known.r]).not.toEqual([...(await fitSpaces(bands, inMemory(y), options, { solver: 'ridge' })).r])
  })

  test('random search: the deltas are the weights drawn over alpha', async () => {
    const how = { solver: 'banded-random', iterations: 6, seed: 4 } as const
    const found = await fitSpaces(bands, inMemory(y), options, how, {}, { split: true })
    const candidates = bandCandidates(3, how)
    for (let f = 0; f < 3; f++) {
      for (let t = 0; t < y.cols; t++) {
        const weights = [0, 1, 2].map((b) => Math.exp(found.deltas[at(f, b, t)]) * found.alpha[f * y.cols + t])
        const known = candidates.some((one) => one.every((weight, b) => Math.abs(weight - weights[b]) < 1e-12))
        expect(known).toBe(true)
        const sum = [0, 1, 2].reduce((total, b) => total + found.split!.r[at(f, b, t)], 0)
        expect(sum).toBeCloseTo(found.r[f * y.cols + t], 4)
      }
    }
  })

  test('gradient descent: from equal weights and the best alpha', async () => {
    const still = await fitSpaces(bands, inMemory(y), options, { solver: 'banded-gradient', iterations: 0 })
    const equal = await fitSpaces(bands, inMemory(y), options, { solver: 'banded-random', iterations: 1, seed: 0 })
    for (const key of ['r', 'r2', 'alpha', 'deltas'] as const)
      for (const [i, value] of equal[key].entries()) expect(still[key][i]).toBeCloseTo(value, 4)
    const moved = await fitSpaces(
      bands,
      inMemory(y),
      options,
      { solver: 'banded-gradient', iterations: 3 },
      {},
      { split: true },
    )
    for (const [i, r] of moved.r.entries()) {
      const [f, t] = [Math.floor(i / y.cols), i % y.cols]
      const sums = [0, 1, 2].reduce(
        (total, b) => ({
          weights: total.weights + Math.exp(moved.deltas[at(f, b, t)]),
          r: total.r + moved.split!.r[at(f, b, t)],
        }),
        { weights: 0, r: 0 },
      )
      expect(sums.r).toBeCloseTo(r, 5)
      expect(moved.alpha[i]).toBeCloseTo(1 / sums.weights, 9)
    }
    expect(moved.deltas).not.toEqual(still.deltas)
  })

  test('one space alone has no weights to find', async () => {
    const alone = [bands[1]]
    const expected = await fitSpaces(alone, inMemory(y), options, { solver: 'ridge' })
    for (const how of [
      { solver: 'banded-random', iterations: 5, seed: 1 },
      { solver: 'banded-gradient', iterations: 5 },
    ] as const)
      expect(await fitSpaces(alone, inMemory(y), options, how)).toEqual(expected)
  })

  test('gradient descent without inner folds is refused', async () => {
    const how = { solver: 'banded-gradient', iterations: 5 } as const
    const { selection: _, ...others } = options
    await expect(fitSpaces(bands, inMemory(y), others, how)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  test('targets without variation have no weights', async () => {
    const flat = { ...y, data: y.data.map((value, i) => (i % y.cols === 0 ? 3 : value)) }
    const found = await fitSpaces(bands, inMemory(flat), options, { solver: 'banded-gradient', iterations: 1 })
    expect([found.r[0], found.r2[0], found.alpha[0], found.deltas[0]]).toEqual([NaN, NaN, NaN, NaN])
    expect(found.r[1]).not.toBeNaN()
  })
})
