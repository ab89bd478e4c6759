/** Alphas by inner folds, against himalaya's KernelRidgeCV; see test/reference/encoding/README.md. */
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { contiguousFolds } from '../../../src-main/encoding/folds.ts'
import type { Fold } from '../../../src-main/encoding/folds.ts'
import { innerFolds } from '../../../src-main/encoding/innerFolds.ts'
import { prepareRidge } from '../../../src-main/encoding/ridge.ts'
import { ScoreThreads } from '../../../src-main/encoding/scoreThreads.ts'
import { correlate } from '../../../src-main/linalg/correlation.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { normal } from '../linalg/random.ts'
import { kfoldCases } from './oracle.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

describe('against himalaya', () => {
  test.each(kfoldCases().map((known) => [known.name, known] as const))('%s', async (_name, known) => {
    const selection = { kfold: known.inner }
    const folds = contiguousFolds(known.x.rows, known.folds)
    const problem = await prepareRidge(known.x, { folds, alphas: known.alphas, gemm, selection })
    const { r, alpha, r2, predictions } = await problem.score(known.y, {}, { r2: true, predictions: true })
    const differences: number[] = []
    for (const [i, expected] of known.r.entries()) {
      // Of a prediction that is wrong by many times the target's spread, relative to that.
      const size = Math.max(1, 1 - known.r2[i])
      if (alpha[i] === 255 || alpha[i] === known.alpha[i])
        expect(Math.abs(r2![i] - known.r2[i]) / size).toBeLessThan(1e-4)
      if (alpha[i] === 255) {
        // Nothing to fit: the peer takes an alpha of equals, and predicts a constant.
        expect([r[i], expected]).toEqual([0, 0])
        continue
      }
      // An alpha whose inner error is the least but for rounding.
      expect(known.gap[i * known.alphas.length + alpha[i]]).toBeLessThan(1e-6)
      if (alpha[i] === known.alpha[i]) differences.push(Math.abs(r[i] - expected))
    }
    differences.sort((a, b) => a - b)
    // Few where all alphas are far beyond the features' variance: of equal errors the peer takes the largest alpha.
    expect(differences.length).toBeGreaterThan(0.05 * known.r.length)
    expect(differences.at(-1)).toBeLessThan(1e-4)
    expect(differences[differences.length >> 1]).toBeLessThan(1e-6)
    expectPredictions(known.y, folds, r, r2!, predictions!)
  })
})

/** r and r2 are those of the predictions. */
function expectPredictions(y: Matrix32, folds: readonly Fold[], r: Float32Array, r2: Float32Array, p: Float32Array) {
  for (const [index, { start, end }] of folds.entries()) {
    for (let t = 0; t < y.cols; t++) {
      const values = Array.from({ length: end - start }, (_, i) => y.data[(start + i) * y.cols + t])
      const predicted = values.map((_, i) => p[(start + i) * y.cols + t])
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const total = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      const error = values.reduce((sum, value, i) => sum + (value - predicted[i]) ** 2, 0)
      const at = index * y.cols + t
      const expected = values.every((value) => value === values[0]) ? 0 : 1 - error / total
      expect(Math.abs(r2[at] - expected) / Math.max(1, 1 - expected)).toBeLessThan(1e-5)
      // Predictions that hardly vary beside their mean have lost their digits to float32.
      const spread = Math.sqrt(predicted.reduce((sum, value) => sum + (value - predicted[0]) ** 2, 0))
      const largest = Math.max(...predicted.map(Math.abs))
      if (r[at] !== 0 && spread > 0.01 * largest)
        expect(Math.abs(r[at] - correlate(values, 0, predicted, 0, values.length))).toBeLessThan(1e-4)
    }
  }
}

test('folds and inner folds of any size: what inner folds hold out is what remains of the training samples', () => {
  const arbitrary = fc.record({
    n: fc.integer({ min: 12, max: 80 }),
    start: fc.integer({ min: 0, max: 60 }),
    length: fc.integer({ min: 1, max: 30 }),
    kfold: fc.integer({ min: 2, max: 8 }),
  })
  fc.assert(
    fc.property(arbitrary, ({ n, start, length, kfold }) => {
      const outer = { start: Math.min(start, n - 1), end: Math.min(start + length, n) }
      fc.pre(outer.end > outer.start && n - (outer.end - outer.start) > 2 * kfold)
      const seen = innerFolds(outer, n, kfold).flatMap((pieces) =>
        pieces.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)),
      )
      const training = Array.from({ length: n }, (_, i) => i).filter((i) => i < outer.start || i >= outer.end)
      expect(seen).toEqual(training)
    }),
  )
})

test.each([1, 2.5, 28, NaN])('%s inner folds of 27 samples are refused', async (kfold) => {
  const x: Matrix32 = { data: Float32Array.from({ length: 60 }, (_, i) => Math.sin(i * i)), rows: 30, cols: 2 }
  const options = { folds: contiguousFolds(30, 10), alphas: [1], gemm, selection: { kfold } }
  await expect(prepareRidge(x, options)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('several threads give the same bits as one', async () => {
  const known = kfoldCases().find(({ name }) => name === 'tall')!
  const y = { rows: known.y.rows, cols: 1200, data: Float32Array.from({ length: known.y.rows * 1200 }, normal(3)) }
  for (let i = 0; i < y.rows; i++)
    for (let t = 0; t < 1200; t += 2) y.data[i * 1200 + t] += known.x.data[i * known.x.cols]
  const options = { folds: contiguousFolds(y.rows, 4), alphas: known.alphas, gemm, selection: { kfold: 3 } }
  const threads = new ScoreThreads(2)
  const keep = { r2: true, predictions: true }
  const alone = await (await prepareRidge(known.x, options)).score(y, {}, keep)
  const shared = await (await prepareRidge(known.x, { ...options, threads })).score(y, {}, keep)
  await threads.close()
  for (const key of ['r', 'alpha', 'r2', 'predictions'] as const) expect([...shared[key]!]).toEqual([...alone[key]!])
})
