/** Which solver is taken, and that what is asked for does not depend on it. */
import { afterAll, expect, test } from 'vitest'
import { contiguousFolds, withGap } from '../../../../src-main/encoding/folds.ts'
import { writeLags } from '../../../../src-main/encoding/primal/lagged.ts'
import { preparePrimal } from '../../../../src-main/encoding/primal/primal.ts'
import { designShape, prepareSolver } from '../../../../src-main/encoding/primal/prepareSolver.ts'
import type { EncodingOptions } from '../../../../src-main/encoding/protocol/options.ts'
import { prepareEncoding } from '../../../../src-main/encoding/protocol/prepareEncoding.ts'
import { prepareRidge } from '../../../../src-main/encoding/ridge.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'
import { normal } from '../../linalg/random.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

const random = (rows: number, cols: number, seed: number): Matrix32 => ({
  data: Float32Array.from({ length: rows * cols }, normal(seed)),
  rows,
  cols,
})

function following(x: Matrix32, cols: number, seed: number): Matrix32 {
  const y = random(x.rows, cols, seed)
  for (let i = 0; i < x.rows; i++)
    for (let t = 0; t < cols; t++) y.data[i * cols + t] += x.data[i * x.cols + (t % x.cols)] - (t % 3)
  return y
}

const options = { alphas: [0.1, 10, 1000], gemm }

test('either solver, as the shape says: the very numbers that it gives', async () => {
  for (const [n, p] of [
    [1200, 20],
    [1200, 200],
  ]) {
    const x = random(n, p, 1)
    const y = following(x, 3, 2)
    const runs = [{ start: 0, end: n }]
    const folds = contiguousFolds(n, 3).map((fold) => withGap(fold, 7, runs))
    const solver = await prepareSolver(x, { ...options, folds })
    expect(solver.products).toBe(p === 20 ? 'features' : 'samples')
    const chosen = await solver.score(y)
    const primal = await (await preparePrimal([x], { ...options, folds })).score(y)
    const dual = await (await prepareRidge(x, { ...options, folds })).score(y)
    expect(chosen).toEqual(p === 20 ? primal : dual)
    for (const [i, r] of dual.r.entries()) expect(Math.abs(primal.r[i] - r)).toBeLessThan(1e-5)
  }
})

test('features that repeat, and a penalty lost beside them: samples’ products still tell', async () => {
  const half = random(1000, 6, 3)
  const data = Float32Array.from({ length: 1000 * 12 }, (_, i) => 1e6 * half.data[Math.floor(i / 12) * 6 + (i % 6)])
  const x = { data, rows: 1000, cols: 12 }
  const y = following(half, 4, 4)
  const wanted = { folds: contiguousFolds(1000, 2), alphas: [1e-6, 1], gemm }
  await expect(preparePrimal([x], wanted)).rejects.toMatchObject({ code: 'NUMERICAL' })
  const solver = await prepareSolver(x, wanted)
  expect(solver.products).toBe('samples')
  const { r } = await solver.score(y)
  // The same prediction as from half of the features.
  const once = await (await prepareRidge(half, { ...wanted, alphas: [1e-6, 1] })).score(y)
  for (const [i, value] of once.r.entries()) expect(Math.abs(r[i] - value)).toBeLessThan(1e-4)
})

const encoding: EncodingOptions = {
  folds: contiguousFolds(1300, 4),
  standardizeX: 'none',
  standardizeY: 'none',
  pcaX: 'none',
  pcaY: 'none',
  alphas: [1, 30, 1000],
  intercept: true,
  selection: 'leave-one-out',
  alpha: 'per-target',
}

test.each([
  ['as they are', {}],
  ['one alpha for all targets', { alpha: 'shared' }],
  [
    'scattered folds, which need another order',
    {
      folds: [
        [1, 5, 9, 700],
        [0, 2, 4, 1299],
      ],
    },
  ],
  ['components of the training fold', { pcaX: 7 }],
  ['scaled by the training fold', { standardizeX: 'training-fold' }],
] as const)('an encoding model of lags is that of lags written out: %s', async (_what, changed) => {
  const features = { runs: [random(800, 4, 5), random(500, 4, 6)], lags: { from: -1, to: 4 } }
  const x = writeLags(features)
  expect(designShape(features)).toEqual([x.rows, x.cols])
  const y = following(x, 5, 7)
  const chosen = { ...encoding, ...changed }
  const keep = { r2: true, predictions: true }
  const lagged = await (await prepareEncoding(features, chosen, { gemm })).score(y, {}, keep)
  const written = await (await prepareEncoding(x, chosen, { gemm })).score(y, {}, keep)
  expect(lagged.alpha).toEqual(written.alpha)
  for (const key of ['r', 'r2', 'predictions'] as const) {
    for (const [i, value] of written[key]!.entries()) {
      // Samples that no fold holds out have no prediction.
      if (Number.isNaN(value)) expect(lagged[key]![i]).toBe(NaN)
      else expect(Math.abs(lagged[key]![i] - value)).toBeLessThan(1e-6)
    }
  }
})

test('weights of lags, by the features', async () => {
  const features = { runs: [random(1300, 3, 8)], lags: { from: 0, to: 3 } }
  const x = writeLags(features)
  const y = random(1300, 2, 9)
  // Target 0 follows unit 1 two samples later.
  for (let i = 0; i < 1300; i++) y.data[2 * i] = 3 * x.data[i * 12 + 2 * 3 + 1] + 0.01 * y.data[2 * i]
  const problem = await prepareEncoding(features, { ...encoding, weights: true }, { gemm })
  const { weights } = await problem.score(y, {}, { weights: true })
  for (let j = 0; j < 12; j++) expect(Math.abs(weights![2 * j] - (j === 7 ? 3 : 0))).toBeLessThan(0.02)
})
