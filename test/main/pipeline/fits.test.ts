/**
 * The presets through the `fit` step, on the regressors and recordings of test/reference/encoding/protocol: what Python
 * scripts after the papers' released code give.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import { shiftsOf } from '../../../src-main/pipeline/chance.ts'
import { computeFit, SharedRidge } from '../../../src-main/pipeline/fits.ts'
import { ResponseCache } from '../../../src-main/pipeline/responseCache.ts'
import type { FitTask } from '../../../src-main/pipeline/tasks.ts'
import type { Encoding } from '../../../src-main/study/encodingSchema.ts'
import { protocolCases, runs, x, y } from '../encoding/protocol/oracle.ts'
import { presets, runOf, stimuli, taskOf } from './protocolFit.ts'

const gemm = await createGemm({ threads: 1 })
const folder = mkdtempSync(join(tmpdir(), 'heschl-fits-'))
afterAll(async () => {
  await gemm.close()
  rmSync(folder, { recursive: true })
})

async function fit(encoding: Encoding, width?: number, responses = y) {
  const context = { progress: () => {}, cancelled: () => false }
  const task = await taskOf(folder, encoding, responses)
  const { arrays } = await computeFit(task, new SharedRidge(), new ResponseCache(0), { gemm }, context, width)
  return Object.fromEntries(arrays.map(({ name, ...array }) => [name, array]))
}

const cases = new Map(protocolCases().map((known) => [known.name, known]))
/** Mean over folds. */
const meanOf = (values: Float64Array) =>
  Float64Array.from({ length: y.cols }, (_, t) => {
    const folds = values.length / y.cols
    return Array.from({ length: folds }, (_, fold) => values[fold * y.cols + t]).reduce((a, b) => a + b, 0) / folds
  })

describe.each(presets)('%s', (_name, encoding, name) => {
  const known = cases.get(name)!

  test('the scores and alphas of the peers', async () => {
    const { r, alpha } = await fit(encoding)
    const expected = meanOf(encoding.preset === 'voxelwise' ? known.r2 : known.r)
    expect(alpha.shape).toEqual([known.options.folds.length, known.alpha.length / known.options.folds.length])
    expect([...alpha.data]).toEqual([...known.alpha])
    for (const [t, value] of r.data.entries()) expect(Math.abs(value - expected[t])).toBeLessThan(1e-5)
  })

  test('does not depend on how many targets are scored at a time, where they are not coupled', async () => {
    const whole = await fit(encoding)
    const stripes = await fit(encoding, 5)
    expect(stripes).toEqual(whole)
  })
})

test('scores: measure, and over what', async () => {
  const { rAll, r2All, r } = cases.get('standard')!
  const together = await fit({ preset: 'standard', score: { over: 'concatenated' } })
  const determination = await fit({ preset: 'standard', score: { measure: 'r2', over: 'concatenated' } })
  const squares = await fit({ preset: 'standard', score: { measure: 'r-squared' } })
  const squared = meanOf(r.map((value) => value ** 2))
  for (let t = 0; t < y.cols; t++) {
    expect(Math.abs(together['r'].data[t] - rAll[t])).toBeLessThan(1e-5)
    expect(Math.abs(determination['r'].data[t] - r2All[t])).toBeLessThan(1e-5)
    expect(Math.abs(squares['r'].data[t] - squared[t])).toBeLessThan(1e-5)
  }
})

test('chance: the mean score of the responses moved round in time within each run, a fit of its own', async () => {
  const encoding = { preset: 'standard', chance: { shifts: 2, seed: 5 } } as const
  const { r, chance } = await fit(encoding)
  expect(r).toEqual((await fit({ preset: 'standard' }))['r'])
  const expected = new Float64Array(y.cols)
  const shifts = shiftsOf(encoding.chance, runs, 'sub-01')
  for (const by of shifts) {
    for (const [run, rows] of runs.entries()) {
      expect(by[run]).toBeGreaterThanOrEqual(Math.round(rows / 4))
      expect(by[run]).toBeLessThanOrEqual(Math.round((3 * rows) / 4))
    }
    const moved = { ...y, data: y.data.slice() }
    for (const [run, rows] of runs.entries()) {
      const first = runs.slice(0, run).reduce((a, b) => a + b, 0)
      for (let i = 0; i < rows; i++)
        for (let t = 0; t < y.cols; t++)
          moved.data[(first + ((i + by[run]) % rows)) * y.cols + t] = y.data[(first + i) * y.cols + t]
    }
    const { r: own } = await fit({ preset: 'standard' }, undefined, moved)
    own.data.forEach((value, t) => (expected[t] += value / shifts.length))
  }
  for (let t = 0; t < y.cols; t++) expect(Math.abs(chance.data[t] - expected[t])).toBeLessThan(1e-6)
  expect(await fit(encoding, 5)).toEqual(await fit(encoding))
  expect(shiftsOf(encoding.chance, runs, 'sub-02')).not.toEqual(shifts)
})

test('a gap in seconds is as many volumes as it takes', async () => {
  const seconds = await fit({ preset: 'standard', gap: { seconds: 3 } })
  expect(seconds).toEqual(await fit({ preset: 'standard', gap: 2 }))
  const expected = meanOf(cases.get('apart')!.r)
  for (const [t, value] of seconds['r'].data.entries()) expect(Math.abs(value - expected[t])).toBeLessThan(1e-5)
})

test('folds by stimuli are the runs of those stimuli, and splits that hold out one each are the runs in turn', async () => {
  const one = { preset: 'voxelwise', folds: { splits: stimuli.map((id) => [id]) } } as const
  expect(await fit(one)).toEqual(await fit({ preset: 'voxelwise' }))
  const two = await fit({ preset: 'standard', folds: { splits: [['s1', 's3'], ['s4']] } })
  expect(two['alpha'].shape).toEqual([2, y.cols])
  const three: Encoding = { preset: 'standard', folds: { splits: [['s1'], ['s9']] } }
  await expect(fit(three)).rejects.toMatchObject({
    code: 'STUDY_INVALID',
    parts: { where: { subject: 'sub-01', stimulus: 's9' } },
  })
})

test('a constant vertex and one that is not finite are NaN, and leave the others alone', async () => {
  const damaged = { ...y, data: y.data.slice() }
  for (let i = 0; i < y.rows; i++) damaged.data[i * y.cols + 3] = 7
  damaged.data[20 * y.cols + 8] = NaN
  for (const encoding of [{ preset: 'standard' }, { preset: 'narratives' }] as const) {
    const plain = await fit(encoding)
    const { r } = await fit(encoding, undefined, damaged)
    for (let t = 0; t < y.cols; t++) expect(r.data[t]).toBe(t === 3 || t === 8 ? NaN : plain['r'].data[t])
  }
  const { r } = await fit({ preset: 'lpp', pcaY: 4 }, undefined, damaged)
  for (let t = 0; t < y.cols; t++) expect(Number.isNaN(r.data[t])).toBe(t === 3 || t === 8)
})

test('layers that are fitted together: their products are added up, to the same bits from wherever the first fit began', async () => {
  const task = await taskOf(folder, { preset: 'standard', levels: 'cumulative' })
  const columns = (from: number, to: number) =>
    runs.map((_, i) => {
      const { data, rows, cols } = runOf(x, i)
      const out = { data: new Float32Array(rows * (to - from)), rows, cols: to - from }
      for (let row = 0; row < rows; row++)
        out.data.set(data.subarray(row * cols + from, row * cols + to), row * (to - from))
      return out
    })
  const borders = [0, Math.floor(x.cols / 3), Math.floor(x.cols / 2), x.cols]
  const levels = [0, 1, 2].map((i) => ({ designKey: `level ${i}`, designs: columns(borders[i], borders[i + 1]) }))
  const at = (level: number): FitTask => ({ ...task, ...levels[level], before: levels.slice(0, level) })
  const context = { progress: () => {}, cancelled: () => false }
  const compute = async (shared: SharedRidge, level: number) =>
    (await computeFit(at(level), shared, new ResponseCache(0), { gemm }, context)).arrays
  const shared = new SharedRidge()
  const inTurn = [await compute(shared, 0), await compute(shared, 1), await compute(shared, 2)]
  // Back to fewer, and from the start to all.
  expect(await compute(shared, 1)).toEqual(inTurn[1])
  expect(await compute(new SharedRidge(), 2)).toEqual(inTurn[2])
  const whole = await fit({ preset: 'standard' })
  const [r, alpha] = inTurn[2]
  expect(alpha.data).toEqual(whole['alpha'].data)
  for (const [t, value] of r.data.entries()) expect(Math.abs(value - whole['r'].data[t])).toBeLessThan(1e-5)
})
