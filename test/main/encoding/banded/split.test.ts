/** Contributions of bands to predictions, against himalaya; see test/reference/encoding/banded/README.md. */
import { afterAll, describe, expect, test } from 'vitest'
import { prepareBands } from '../../../../src-main/encoding/banded/bands.ts'
import { noCandidate } from '../../../../src-main/encoding/banded/candidates.ts'
import { inMemory, searchBands } from '../../../../src-main/encoding/banded/search.ts'
import { splitScores } from '../../../../src-main/encoding/banded/split.ts'
import { contiguousFolds } from '../../../../src-main/encoding/folds.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import { searchCases } from './oracle.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())
const cases = searchCases()

describe('scores by band', () => {
  test.each(cases.map((known) => [known.name, known] as const))('as himalaya: %s', async (_name, known) => {
    const { spaces, y, candidates, alphas, candidate, alpha } = known
    const folds = contiguousFolds(y.rows, known.folds)
    const bands = await prepareBands(spaces, gemm)
    const choices = { candidate: Uint16Array.from(candidate), alpha }
    const { r, r2 } = await splitScores(bands, inMemory(y), { folds, alphas, candidates, gemm }, choices)
    for (const [i, value] of known.rSplit.entries()) expect(r[i]).toBeCloseTo(value, 6)
    for (const [i, value] of known.r2Split.entries())
      expect(Math.abs(r2[i] - value)).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)))
  })

  test('sum over bands to the score of all', async () => {
    const { spaces, y, candidates, alphas } = cases[1]
    const folds = contiguousFolds(y.rows, 4)
    const bands = await prepareBands(spaces, gemm)
    const options = { folds, alphas, candidates, gemm }
    const scores = await searchBands(bands, inMemory(y), options, {}, { predictions: true })
    const { r, r2 } = await splitScores(bands, inMemory(y), options, scores)
    for (const [f, { start, end }] of folds.entries()) {
      for (let t = 0; t < y.cols; t++) {
        const sum = (split: Float32Array) =>
          bands.reduce((total, _, b) => total + split[(f * bands.length + b) * y.cols + t], 0)
        expect(sum(r)).toBeCloseTo(scores.r[f * y.cols + t], 4)
        let [mean, error, square] = [0, 0, 0]
        for (let i = 0; i < y.rows; i++)
          if (i < start || i >= end) mean += y.data[i * y.cols + t] / (y.rows - end + start)
        for (let i = start; i < end; i++) {
          error += (y.data[i * y.cols + t] - scores.predictions![i * y.cols + t]) ** 2
          square += (y.data[i * y.cols + t] - mean) ** 2
        }
        expect(sum(r2)).toBeCloseTo(1 - error / square, 4)
      }
    }
  })

  test('a band without weight contributes nothing; what has no choice has no score', async () => {
    const { spaces, y, alphas } = cases[3]
    const folds = contiguousFolds(y.rows, 3)
    const bands = await prepareBands(spaces, gemm)
    const candidate = new Uint16Array(3 * y.cols)
    candidate[0] = noCandidate
    const choices = { candidate, alpha: new Uint8Array(3 * y.cols) }
    const { r, r2 } = await splitScores(bands, inMemory(y), { folds, alphas, candidates: [[0, 1, 0]], gemm }, choices)
    for (const values of [r, r2]) {
      expect([values[0], values[y.cols], values[2 * y.cols]]).toEqual([NaN, NaN, NaN])
      expect([values[1], values[2 * y.cols + 1]]).toEqual([0, 0])
      expect(values[y.cols + 1]).not.toBe(0)
    }
  })
})
