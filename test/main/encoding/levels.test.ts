/** Features added level by level, against the regression on all of them at once. */
import { afterAll, expect, test } from 'vitest'
import { contiguousFolds } from '../../../src-main/encoding/folds.ts'
import { FeatureLevels } from '../../../src-main/encoding/levels.ts'
import { logspace, prepareRidge } from '../../../src-main/encoding/ridge.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { normal } from '../linalg/random.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

const n = 60

function beside(parts: readonly Matrix32[]): Matrix32 {
  const cols = parts.reduce((sum, part) => sum + part.cols, 0)
  const out = { data: new Float32Array(n * cols), rows: n, cols }
  let at = 0
  for (const part of parts) {
    for (let i = 0; i < n; i++) out.data.set(part.data.subarray(i * part.cols, (i + 1) * part.cols), i * cols + at)
    at += part.cols
  }
  return out
}

test.each([
  ['products', logspace(-1, 6, 15), 'leave-one-out'],
  ['products, inner folds', logspace(-1, 6, 15), { kfold: 4 }],
  // Alphas so small that each fold is decomposed, which needs the features themselves.
  ['decompositions', logspace(-12, -7, 6), 'leave-one-out'],
] as const)('each level is the regression on all features so far: %s', async (_name, alphas, selection) => {
  const random = normal(5)
  // Of different size and variance; the second one never varies.
  const levels = [7, 3, 40, 1].map((cols, level): Matrix32 => {
    const scale = [1, 0, 20, 0.1][level]
    return { data: Float32Array.from({ length: n * cols }, () => scale * random() + level), rows: n, cols }
  })
  const y: Matrix32 = { data: Float32Array.from({ length: n * 20 }, random), rows: n, cols: 20 }
  for (let i = 0; i < n; i++)
    for (let t = 0; t < 20; t++) y.data[i * 20 + t] += (t / 5) * levels[0].data[i * 7 + (t % 7)]
  const options = { folds: contiguousFolds(n, 5), alphas, selection, gemm }
  const cumulative = new FeatureLevels(gemm)
  for (const [index, level] of levels.entries()) {
    await cumulative.add(level)
    const step = await (await cumulative.prepare(options)).score(y)
    const whole = await prepareRidge(beside(levels.slice(0, index + 1)), options)
    const expected = await whole.score(y)
    expect(step.alpha).toEqual(expected.alpha)
    for (const [i, r] of expected.r.entries()) expect(Math.abs(step.r[i] - r)).toBeLessThan(1e-5)
  }
})

test('levels of another length, and no level, are refused', async () => {
  const levels = new FeatureLevels(gemm)
  const options = { folds: contiguousFolds(n, 5), alphas: [1], gemm }
  await expect(levels.prepare(options)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await levels.add({ data: new Float32Array(n).fill(1), rows: n, cols: 1 })
  const short = { data: new Float32Array(n - 1), rows: n - 1, cols: 1 }
  await expect(levels.add(short)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})
