import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { contiguousFolds } from '../../../src-main/encoding/folds.ts'
import { logspace, prepareRidge } from '../../../src-main/encoding/ridge.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { normal } from '../linalg/random.ts'
import { ridgeCases } from './oracle.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

const random = (rows: number, cols: number, seed: number): Matrix32 => ({
  data: Float32Array.from({ length: rows * cols }, normal(seed)),
  rows,
  cols,
})

const score = async (x: Matrix32, y: Matrix32, folds: number, alphas: readonly number[]) =>
  (await prepareRidge(x, { folds: contiguousFolds(x.rows, folds), alphas, gemm })).score(y)

/** Some columns of a matrix, in the order given. */
const columns = (y: Matrix32, which: readonly number[]): Matrix32 => ({
  data: Float32Array.from({ length: y.rows * which.length }, (_, k) => {
    const row = Math.floor(k / which.length)
    return y.data[row * y.cols + which[k % which.length]]
  }),
  rows: y.rows,
  cols: which.length,
})

/** Targets that follow the features, with noise. */
function planted(x: Matrix32, cols: number, seed: number): Matrix32 {
  const next = normal(seed)
  const y = random(x.rows, cols, seed + 1)
  for (let j = 0; j < cols; j++) {
    const noise = Math.abs(next())
    const weights = Float64Array.from({ length: x.cols }, next)
    for (let i = 0; i < x.rows; i++) {
      let signal = 0
      for (let k = 0; k < x.cols; k++) signal += x.data[i * x.cols + k] * weights[k]
      y.data[i * cols + j] = signal / Math.sqrt(x.cols) + noise * y.data[i * cols + j]
    }
  }
  return y
}

describe('against scikit-learn', () => {
  test.each(ridgeCases().map((ridgeCase) => [ridgeCase.name, ridgeCase] as const))('%s', async (_name, known) => {
    const { r, alpha } = await score(known.x, known.y, known.folds, known.alphas)
    const differences: number[] = []
    const gapOf = (i: number, choice: number) => known.gap[i * known.alphas.length + choice]
    for (const [i, expected] of known.r.entries()) {
      if (alpha[i] === 255) {
        // Nothing to fit: the peer takes the first alpha, and predicts a constant.
        expect([r[i], expected]).toEqual([0, 0])
        continue
      }
      const difference = Math.abs(r[i] - expected)
      differences.push(difference)
      // An alpha whose leave-one-out error is the least but for rounding.
      expect(gapOf(i, alpha[i])).toBeLessThan(1e-6)
      if (alpha[i] === known.alpha[i]) {
        expect(difference).toBeLessThan(1e-4)
        continue
      }
      // Where it is not the peer's, the two alphas' errors are the same but for rounding: so all are in `tall-tiny` and
      // `wide-tiny`, whose alphas are all far above the features' variance. The scores are then at most 2.4e-4 apart.
      expect(Math.abs(gapOf(i, alpha[i]) - gapOf(i, known.alpha[i]))).toBeLessThan(1e-6)
      const others = known.gap.subarray(i * known.alphas.length, (i + 1) * known.alphas.length)
      const second = others.reduce((a, gap, k) => (k === known.alpha[i] ? a : Math.min(a, gap)), Infinity)
      expect(second).toBeLessThan(1e-6)
      expect(difference).toBeLessThan(5e-4)
    }
    differences.sort((a, b) => a - b)
    expect(differences[differences.length >> 1]).toBeLessThan(1e-6)
  })
})

describe('a target does not depend on what it is scored with', () => {
  const x = random(90, 40, 1)
  const y = planted(x, 300, 2)
  const alphas = logspace(-2, 6, 20)

  test('bit for bit, in any batch and order', async () => {
    const all = await score(x, y, 5, alphas)
    const arbitrary = fc.uniqueArray(fc.integer({ min: 0, max: 299 }), { minLength: 1, maxLength: 290 })
    await fc.assert(
      fc.asyncProperty(arbitrary, async (which) => {
        const some = await score(x, columns(y, which), 5, alphas)
        for (const [j, target] of which.entries()) {
          for (let fold = 0; fold < 5; fold++) {
            expect(some.r[fold * which.length + j]).toBe(all.r[fold * 300 + target])
            expect(some.alpha[fold * which.length + j]).toBe(all.alpha[fold * 300 + target])
          }
        }
      }),
      { numRuns: 8 },
    )
  })

  test('bit for bit, from run to run', async () => {
    const [first, second] = [await score(x, y, 5, alphas), await score(x, y, 5, alphas)]
    expect(first).toEqual(second)
  })

  test('NaN, infinite and constant targets are NaN and leave the others alone', async () => {
    const damaged = { ...y, data: y.data.slice() }
    damaged.data[17 * 300 + 3] = NaN
    damaged.data[89 * 300 + 4] = Infinity
    for (let i = 0; i < 90; i++) damaged.data[i * 300 + 5] = 1 / 3
    const [plain, other] = [await score(x, y, 5, alphas), await score(x, damaged, 5, alphas)]
    for (let fold = 0; fold < 5; fold++) {
      for (let j = 0; j < 300; j++) {
        const i = fold * 300 + j
        expect(other.r[i]).toBe(j >= 3 && j <= 5 ? NaN : plain.r[i])
        expect(other.alpha[i]).toBe(j >= 3 && j <= 5 ? 255 : plain.alpha[i])
      }
    }
  })
})

describe('properties', () => {
  test('the unit and the offset of features and targets do not matter', async () => {
    const x = random(60, 30, 3)
    const y = planted(x, 10, 4)
    const alphas = logspace(-1, 3, 9)
    const plain = await score(x, y, 4, alphas)
    for (const scale of [2 ** -20, 2 ** 20]) {
      const scaled = await score(
        { ...x, data: x.data.map((value) => value * scale) },
        { ...y, data: y.data.map((value) => value / scale) },
        4,
        alphas.map((alpha) => alpha * scale * scale),
      )
      expect(scaled.alpha).toEqual(plain.alpha)
      for (const [i, r] of plain.r.entries()) expect(Math.abs(scaled.r[i] - r)).toBeLessThan(1e-5)
    }
    const moved = { ...y, data: y.data.map((value) => -3 * value + 5) }
    const negative = await score(x, moved, 4, alphas)
    for (const [i, r] of plain.r.entries()) expect(Math.abs(negative.r[i] - r)).toBeLessThan(1e-4)
  })

  test('the order of features and constant features do not matter', async () => {
    const x = random(50, 20, 5)
    const y = planted(x, 10, 6)
    const alphas = logspace(-1, 3, 9)
    const plain = await score(x, y, 5, alphas)
    const order = Array.from({ length: 20 }, (_, j) => 19 - j)
    const reversed = await score(columns(x, order), y, 5, alphas)
    const padded: Matrix32 = { data: new Float32Array(50 * 22).fill(123.4), rows: 50, cols: 22 }
    for (let i = 0; i < 50; i++) padded.data.set(x.data.subarray(i * 20, (i + 1) * 20), i * 22 + 1)
    const wider = await score(padded, y, 5, alphas)
    for (const other of [reversed, wider]) {
      expect(other.alpha).toEqual(plain.alpha)
      for (const [i, r] of plain.r.entries()) expect(Math.abs(other.r[i] - r)).toBeLessThan(1e-5)
    }
  })

  test('features that never vary, or only where they are held out, predict nothing', async () => {
    const y = random(40, 5, 7)
    const flat = { data: new Float32Array(40 * 3).fill(0.1), rows: 40, cols: 3 }
    const nothing = await score(flat, y, 4, [1, 10])
    expect([...nothing.r]).toEqual(Array(20).fill(0))
    expect([...nothing.alpha]).toEqual(Array(20).fill(255))
    for (let i = 0; i < 10; i++) flat.data[i * 3] = Math.sin(i)
    const { r, alpha } = await score(flat, y, 4, [1, 10])
    expect([...r.subarray(0, 5)]).toEqual(Array(5).fill(0))
    expect([...alpha.subarray(0, 5)]).toEqual(Array(5).fill(255))
    // Constant where they are held out: the prediction is, too.
    expect([...r.subarray(5)]).toEqual(Array(15).fill(0))
  })

  test('noise-free targets are predicted', async () => {
    const x = random(80, 6, 8)
    const { r } = await score(x, columns(x, [0, 3]), 5, logspace(-3, 3, 7))
    for (const value of r) expect(value).toBeGreaterThan(0.99999)
  })

  test('no target gives no scores; one target is scored', async () => {
    const x = random(30, 4, 9)
    expect((await score(x, { data: new Float32Array(0), rows: 30, cols: 0 }, 3, [1])).r.length).toBe(0)
    expect((await score(x, columns(x, [1]), 3, [1])).r.length).toBe(3)
  })
})

describe('watching', () => {
  const x = random(60, 20, 10)
  const y = planted(x, 50, 11)
  const options = { folds: contiguousFolds(60, 3), alphas: logspace(0, 4, 16), gemm }

  test('progress rises to 1', async () => {
    const seen: number[] = []
    const problem = await prepareRidge(x, options, { onProgress: (fraction) => seen.push(fraction) })
    expect(seen.at(-1)).toBe(1)
    expect(problem.bytes).toBeGreaterThan(16 * 60 * 60 * 4)
    seen.length = 0
    await problem.score(y, { onProgress: (fraction) => seen.push(fraction) })
    expect(seen.at(-1)).toBe(1)
    expect([...seen].sort((a, b) => a - b)).toEqual(seen)
  })

  test('cancelling stops with CANCELLED', async () => {
    const large = random(400, 40, 12)
    const folds = contiguousFolds(400, 10)
    const preparing = prepareRidge(large, { ...options, folds }, { cancelled: () => true })
    await expect(preparing).rejects.toMatchObject({ code: 'CANCELLED' })
    const problem = await prepareRidge(large, { ...options, folds })
    const scoring = problem.score(random(400, 3000, 13), { cancelled: () => true })
    await expect(scoring).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('what cannot be computed is refused', () => {
  const x = random(20, 3, 14)
  const folds = contiguousFolds(20, 4)

  test.each([
    ['no alpha', []],
    ['a negative alpha', [-1, 1]],
    ['zero', [0, 1]],
    ['NaN', [NaN]],
    ['infinity', [1, Infinity]],
    ['decreasing alphas', [10, 1]],
    ['too many alphas', logspace(0, 1, 256)],
  ])('%s', async (_what, alphas) => {
    await expect(prepareRidge(x, { folds, alphas, gemm })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  test('folds that lie outside, or leave nothing to train on', async () => {
    for (const bad of [[], [{ start: 0, end: 21 }], [{ start: 5, end: 5 }], [{ start: 0, end: 18 }]]) {
      await expect(prepareRidge(x, { folds: bad, alphas: [1], gemm })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    }
  })

  test('features that are not finite, responses of another length', async () => {
    const broken = { ...x, data: x.data.slice() }
    broken.data[7] = NaN
    await expect(prepareRidge(broken, { folds, alphas: [1], gemm })).rejects.toMatchObject({ code: 'NUMERICAL' })
    const problem = await prepareRidge(x, { folds, alphas: [1], gemm })
    await expect(problem.score(random(19, 2, 1))).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })
})
