/** Ridge from sums over samples: against the reference problems, and against the other solver on what both can do. */
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { ridgeCost } from '../../../../src-main/encoding/cost.ts'
import { contiguousFolds } from '../../../../src-main/encoding/folds.ts'
import { writeLags } from '../../../../src-main/encoding/primal/lagged.ts'
import { preparePrimal, primalBytes, primalIsCheaper } from '../../../../src-main/encoding/primal/primal.ts'
import type { PrimalOptions } from '../../../../src-main/encoding/primal/primal.ts'
import { logspace, prepareRidge } from '../../../../src-main/encoding/ridge.ts'
import type { RidgeScores } from '../../../../src-main/encoding/solver.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'
import { normal } from '../../linalg/random.ts'
import { sampleLags } from '../../../../src-main/features/lags.ts'
import { kfoldCases, ridgeCases } from '../oracle.ts'
import { alphas as trfAlphas, folds as trfFolds, rate, trfCases } from './trfOracle.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

const random = (rows: number, cols: number, seed: number): Matrix32 => ({
  data: Float32Array.from({ length: rows * cols }, normal(seed)),
  rows,
  cols,
})

/** Targets of which each follows some of the features, with noise. */
function planted(x: Matrix32, cols: number, seed: number): Matrix32 {
  const y = random(x.rows, cols, seed)
  for (let t = 0; t < cols; t++) {
    for (let i = 0; i < x.rows; i++) {
      const [a, b] = [x.data[i * x.cols + (t % x.cols)], x.data[i * x.cols + ((3 * t + 1) % x.cols)]]
      y.data[i * cols + t] += ((t % 5) / 2) * (a - b) + t
    }
  }
  return y
}

const lagged = (runs: readonly Matrix32[], from: number, to: number) => writeLags({ runs, lags: { from, to } })

const everything = { r2: true, predictions: true, errors: true, moments: true }

/** The same alpha but for ties, and the same scores where it is. */
function expectClose(ours: RidgeScores, theirs: RidgeScores, tolerance: number): void {
  let same = 0
  for (const [i, r] of theirs.r.entries()) {
    const [a, b] = [ours.errors![i], theirs.errors![i]]
    if (Number.isFinite(b)) expect(Math.abs(a - b) / b).toBeLessThan(1e-3 * tolerance ** 0.25)
    expect(Number.isNaN(ours.r[i])).toBe(Number.isNaN(r))
    if (ours.alpha[i] !== theirs.alpha[i]) continue
    same++
    if (Number.isNaN(r)) continue
    expect(Math.abs(ours.r[i] - r)).toBeLessThan(tolerance)
    expect(Math.abs(ours.r2![i] - theirs.r2![i]) / Math.max(1, 1 - theirs.r2![i])).toBeLessThan(tolerance)
  }
  expect(same).toBeGreaterThanOrEqual(0.95 * theirs.r.length)
}

const tall = ({ x }: { readonly x: Matrix32 }) => x.rows > 1.5 * x.cols

describe('against scikit-learn, leave-one-out', () => {
  test.each(
    ridgeCases()
      .filter(tall)
      .map((known) => [known.name, known] as const),
  )('%s', async (_name, known) => {
    const folds = contiguousFolds(known.x.rows, known.folds)
    const problem = await preparePrimal([known.x], { folds, alphas: known.alphas, gemm })
    const { r, alpha } = await problem.score(known.y)
    const differences: number[] = []
    for (const [i, expected] of known.r.entries()) {
      if (alpha[i] === 255) {
        expect([r[i], expected]).toEqual([0, 0])
        continue
      }
      expect(known.gap[i * known.alphas.length + alpha[i]]).toBeLessThan(1e-6)
      if (alpha[i] === known.alpha[i]) differences.push(Math.abs(r[i] - expected))
    }
    expect(differences.length).toBeGreaterThan(0.4 * known.r.length)
    expect(Math.max(...differences)).toBeLessThan(1e-6)
  })
})

describe('against himalaya, inner folds', () => {
  test.each(
    kfoldCases()
      .filter(tall)
      .map((known) => [known.name, known] as const),
  )('%s', async (_name, known) => {
    const folds = contiguousFolds(known.x.rows, known.folds)
    const options = { folds, alphas: known.alphas, gemm, selection: { kfold: known.inner } }
    const { r, r2, alpha } = await (await preparePrimal([known.x], options)).score(known.y, {}, { r2: true })
    const differences: number[] = []
    for (const [i, expected] of known.r.entries()) {
      if (alpha[i] === 255) continue
      expect(known.gap[i * known.alphas.length + alpha[i]]).toBeLessThan(1e-6)
      if (alpha[i] !== known.alpha[i]) continue
      differences.push(Math.abs(r[i] - expected))
      expect(Math.abs(r2![i] - known.r2[i]) / Math.max(1, 1 - known.r2[i])).toBeLessThan(1e-5)
    }
    expect(differences.length).toBeGreaterThan(0.05 * known.r.length)
    expect(Math.max(...differences)).toBeLessThan(1e-6)
  })
})

test('which problems there are: both kinds of oracle have some', () => {
  expect(ridgeCases().filter(tall).length).toBeGreaterThan(2)
  expect(kfoldCases().filter(tall).length).toBeGreaterThan(2)
})

describe('against scikit-learn on lags written out with numpy', () => {
  const kinds = [
    ['loo', 'leave-one-out'],
    ['kfold', { kfold: 5 }],
  ] as const
  const all = trfCases.flatMap((known) =>
    kinds.map(([kind, selection]) => [known.name, kind, known, selection] as const),
  )
  test.each(all)('%s, %s', async (_name, kind, known, selection) => {
    const lags = sampleLags(known.seconds, 1 / rate)
    const folds = contiguousFolds(known.y.rows, trfFolds)
    const problem = await preparePrimal(known.runs, { folds, alphas: trfAlphas, gemm, selection, lags })
    const { r, alpha } = await problem.score(known.y)
    expect([...alpha]).toEqual([...known[kind].alpha])
    for (const [i, expected] of known[kind].r.entries()) expect(Math.abs(r[i] - expected)).toBeLessThan(1e-6)
  })
})

describe('as the other solver', () => {
  const alphas = logspace(0, 5, 8)
  const runs = [random(130, 3, 1), random(90, 3, 2), random(7, 3, 3), random(110, 3, 4)]
  const lags = { from: -2, to: 5 }
  const x = lagged(runs, lags.from, lags.to)
  const y = planted(x, 140, 5)
  const folds = contiguousFolds(x.rows, 4)

  test.each([
    ['leave-one-out', {}],
    ['inner folds', { selection: { kfold: 4 } }],
    ['inner runs', { selection: { runs: runs.map(({ rows }) => rows) } }],
    ['leave-one-out, no intercept', { intercept: false }],
    ['inner folds, no intercept', { selection: { kfold: 3 }, intercept: false }],
    [
      'folds that leave samples out',
      {
        folds: [
          { start: 20, end: 60 },
          { start: 200, end: 337 },
        ],
      },
    ],
  ] as const)('%s', async (_what, changed) => {
    const options = { folds, alphas, gemm, ...changed }
    const ours = await (await preparePrimal(runs, { ...options, lags })).score(y, {}, everything)
    const theirs = await (await prepareRidge(x, options)).score(y, {}, everything)
    expectClose(ours, theirs, 1e-5)
  })

  test('errors at every alpha, scores at given ones, dual coefficients', async () => {
    const options = { folds, alphas, gemm }
    const [ours, theirs] = [await preparePrimal(runs, { ...options, lags }), await prepareRidge(x, options)]
    const [a, b] = [await ours.score(y, {}, { curves: true }), await theirs.score(y, {}, { curves: true })]
    for (const [i, value] of b.curves!.entries()) expect(Math.abs(a.curves![i] / value - 1)).toBeLessThan(1e-4)
    const given = Uint8Array.of(1, 6, 0, 7)
    const [c, d] = [await ours.score(y, {}, { given, duals: true }), await theirs.score(y, {}, { given, duals: true })]
    expect(c.alpha).toEqual(d.alpha)
    const size = Math.max(...d.duals!.map(Math.abs))
    for (const [i, value] of d.duals!.entries()) expect(Math.abs(c.duals![i] - value)).toBeLessThan(1e-5 * size)
    for (const [i, value] of d.r.entries()) expect(Math.abs(c.r[i] - value)).toBeLessThan(1e-5)
  })

  test('runs and lags of any kind', async () => {
    const arbitrary = fc.record({
      lengths: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      units: fc.integer({ min: 1, max: 4 }),
      from: fc.integer({ min: -9, max: 9 }),
      count: fc.integer({ min: 1, max: 9 }),
      offset: fc.constantFrom(0, 100),
      kfold: fc.constantFrom(undefined, 2, 3),
      seed: fc.integer({ min: 0, max: 1000 }),
    })
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ lengths, units, from, count, offset, kfold, seed }) => {
        const some = lengths.map((rows, i) => {
          const run = random(rows, units, seed + i)
          return { ...run, data: run.data.map((value) => value + offset) }
        })
        const written = lagged(some, from, from + count - 1)
        fc.pre(written.rows > 24)
        const targets = planted(written, 3, seed)
        const options: PrimalOptions = {
          ...{ folds: contiguousFolds(written.rows, 3), alphas: [1, 30, 1000], gemm },
          ...(kfold !== undefined && { selection: { kfold } }),
        }
        const span = { from, to: from + count - 1 }
        const ours = await (await preparePrimal(some, { ...options, lags: span })).score(targets, {}, everything)
        const theirs = await (await prepareRidge(written, options)).score(targets, {}, everything)
        for (const [i, error] of theirs.errors!.entries()) {
          if (!Number.isFinite(error)) continue
          expect(Math.abs(ours.errors![i] / error - 1)).toBeLessThan(1e-3)
          if (ours.alpha[i] === theirs.alpha[i]) expect(Math.abs(ours.r[i] - theirs.r[i])).toBeLessThan(2e-4)
        }
      }),
      { numRuns: 15 },
    )
  })
})

describe('what is kept changes no bit', () => {
  const runs = [random(150, 4, 6), random(150, 4, 7)]
  const y = planted(lagged(runs, 0, 3), 300, 8)
  const folds = contiguousFolds(300, 3)
  const options = { folds, alphas: [1, 10, 100], gemm, lags: { from: 0, to: 3 } }

  test.each([['leave-one-out'], [{ kfold: 3 }]] as const)('%o', async (selection) => {
    const all = await preparePrimal(runs, { ...options, selection })
    const none = await preparePrimal(runs, { ...options, selection, keptBytes: 0 })
    const first = await all.score(y, {}, everything)
    expect(await all.score(y, {}, everything)).toEqual(first)
    expect(await none.score(y, {}, everything)).toEqual(first)
    expect(all.bytes).toBeGreaterThan(none.bytes)
  })

  test('nor does what a target is scored with', async () => {
    const problem = await preparePrimal(runs, { ...options, selection: { kfold: 3 } })
    const all = await problem.score(y)
    const which = [299, 3, 150, 7]
    const data = Float32Array.from({ length: 300 * 4 }, (_, i) => y.data[Math.floor(i / 4) * 300 + which[i % 4]])
    const some = await problem.score({ data, rows: 300, cols: 4 })
    for (const [j, target] of which.entries())
      for (let fold = 0; fold < 3; fold++) expect(some.r[fold * 4 + j]).toBe(all.r[fold * 300 + target])
  })
})

describe('edges', () => {
  const x = random(120, 4, 9)
  const y = planted(x, 6, 10)
  const options = { folds: contiguousFolds(120, 3), alphas: [1, 10], gemm }

  test('targets that are constant, or not finite, are NaN and leave the others alone', async () => {
    const plain = await (await preparePrimal([x], options)).score(y)
    const damaged = { ...y, data: y.data.slice() }
    damaged.data[7 * 6 + 1] = NaN
    damaged.data[100 * 6 + 2] = -Infinity
    for (let i = 0; i < 120; i++) damaged.data[i * 6 + 3] = 1 / 3
    const { r, alpha } = await (await preparePrimal([x], options)).score(damaged)
    for (let i = 0; i < 18; i++) {
      expect(r[i]).toBe([1, 2, 3].includes(i % 6) ? NaN : plain.r[i])
      expect(alpha[i]).toBe([1, 2, 3].includes(i % 6) ? 255 : plain.alpha[i])
    }
  })

  test('a target that varies only where it is held out: nothing to fit, its mean is predicted', async () => {
    const still = { data: new Float32Array(120).fill(2), rows: 120, cols: 1 }
    for (let i = 0; i < 40; i++) still.data[i] = Math.sin(i)
    const { r, alpha, predictions } = await (await preparePrimal([x], options)).score(still, {}, everything)
    expect([r[0], alpha[0]]).toEqual([0, 255])
    expect([...predictions!.subarray(0, 40)]).toEqual(Array(40).fill(2))
    expect(alpha[1]).not.toBe(255)
  })

  test('features that never vary, or only where they are held out, predict nothing', async () => {
    const flat = { data: new Float32Array(120 * 2).fill(0.1), rows: 120, cols: 2 }
    const nothing = await (await preparePrimal([flat], options)).score(y)
    expect([...nothing.r]).toEqual(Array(18).fill(0))
    expect([...nothing.alpha]).toEqual(Array(18).fill(255))
    for (let i = 0; i < 40; i++) flat.data[i * 2] = Math.sin(i)
    const { r, alpha } = await (await preparePrimal([flat], options)).score(y)
    expect([...alpha.subarray(0, 6)]).toEqual(Array(6).fill(255))
    expect([...r]).toEqual(Array(18).fill(0))
  })

  test('columns that repeat, and lags beyond every run', async () => {
    const twice = lagged([x], 0, 0)
    const data = Float32Array.from({ length: 120 * 8 }, (_, i) => twice.data[Math.floor(i / 8) * 4 + (i % 4)])
    const ours = await (await preparePrimal([{ data, rows: 120, cols: 8 }], options)).score(y)
    const once = await (await preparePrimal([x], { ...options, alphas: [0.5, 5] })).score(y)
    for (const [i, r] of once.r.entries()) expect(Math.abs(ours.r[i] - r)).toBeLessThan(1e-6)
    const far = await (await preparePrimal([x], { ...options, lags: { from: 500, to: 501 } })).score(y)
    expect([...far.alpha]).toEqual(Array(18).fill(255))
  })

  test('no targets; progress rises to 1; CANCELLED', async () => {
    const problem = await preparePrimal([x], options)
    expect((await problem.score({ data: new Float32Array(0), rows: 120, cols: 0 })).r.length).toBe(0)
    const seen: number[] = []
    await problem.score(y, { onProgress: (fraction) => seen.push(fraction) })
    expect(seen.at(-1)).toBe(1)
    expect([...seen].sort((a, b) => a - b)).toEqual(seen)
    const many = await preparePrimal([random(4000, 40, 11)], { ...options, folds: contiguousFolds(4000, 5) })
    const scoring = many.score(random(4000, 1500, 12), { cancelled: () => true })
    await expect(scoring).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  test.each([
    ['runs of other widths', [x, random(10, 3, 1)], {}, 'SHAPE_MISMATCH'],
    ['no run', [], {}, 'SHAPE_MISMATCH'],
    ['lags the wrong way round', [x], { lags: { from: 2, to: 1 } }, 'OPTION_INVALID'],
    ['a part of a sample', [x], { lags: { from: 0, to: 1.5 } }, 'OPTION_INVALID'],
    ['no alpha', [x], { alphas: [] }, 'OPTION_INVALID'],
    ['folds outside', [x], { folds: [{ start: 0, end: 121 }] }, 'OPTION_INVALID'],
  ] as const)('refused: %s', async (_what, runs, changed, code) => {
    await expect(preparePrimal(runs, { ...options, ...changed })).rejects.toMatchObject({ code })
  })

  test('refused: features that are not finite, responses of another length', async () => {
    const broken = { ...x, data: x.data.slice() }
    broken.data[7] = NaN
    await expect(preparePrimal([broken], options)).rejects.toMatchObject({ code: 'NUMERICAL' })
    const problem = await preparePrimal([x], options)
    await expect(problem.score(random(119, 2, 1))).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })
})

test('when it is used: by samples and features alone', () => {
  const cases = [
    [2600, 3072, false],
    [2600, 300, true],
    [900, 10, false],
    [30_000, 3200, true],
    [12_000, 11_000, true],
    [12_000, 12_000, false],
  ] as const
  for (const [n, p, expected] of cases) expect(primalIsCheaper(n, p)).toBe(expected)
})

test('an hour at 100 Hz is planned within 4 GB; ten times the samples cost at most ten times as much', () => {
  const sizes = { features: 3200, lagCount: 40, folds: 5, alphas: logspace(2, 7, 10), threads: 2 }
  for (const inner of [undefined, 5]) {
    const [short, long] = [36_000, 360_000].map((samples) => ridgeCost({ ...sizes, samples, inner }))
    expect(long.solutions).toBeLessThan(4e9)
    expect(long.prepare / short.prepare).toBeLessThanOrEqual(10)
    expect(long.perTarget / short.perTarget).toBeLessThanOrEqual(10)
  }
})

test('nothing grows with the square of the samples: twenty minutes at 100 Hz take what is told, and no more', async () => {
  const n = 120_000
  const runs = [random(n, 1, 13)]
  // Before anything is made that may be given back while it is measured.
  const before = process.memoryUsage().arrayBuffers
  const options = {
    folds: contiguousFolds(n, 2),
    alphas: [1e3],
    gemm,
    lags: { from: 0, to: 9 },
    selection: { kfold: 2 },
  }
  const problem = await preparePrimal(runs, options)
  const y = { data: runs[0].data.map((value, i) => value + (runs[0].data[i - 4] ?? 0)), rows: n, cols: 1 }
  let most = 0
  const watch = { onProgress: () => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)) }
  const { r } = await problem.score(y, watch)
  expect(Math.min(...r)).toBeGreaterThan(0.99)
  // A panel of the design is most of it; one [n, n] matrix would be 115 GB.
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(primalBytes(n, 1, 10, 0) + y.data.byteLength)
})
