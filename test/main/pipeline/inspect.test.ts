/** Single targets against the fit that they are of, and against what `heschl export --what predictions,weights` writes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import { exportFit } from '../../../src-main/pipeline/exportFit.ts'
import { computeFit, SharedRidge } from '../../../src-main/pipeline/fits.ts'
import { computeInspect } from '../../../src-main/pipeline/inspect/inspect.ts'
import type { InspectFacts } from '../../../src-main/pipeline/inspect/inspect.ts'
import { KeptRidges } from '../../../src-main/pipeline/inspect/keptRidges.ts'
import { ResponseCache } from '../../../src-main/pipeline/responseCache.ts'
import type { FitTask, InspectTask } from '../../../src-main/pipeline/tasks.ts'
import type { Encoding } from '../../../src-main/study/encodingSchema.ts'
import { y } from '../encoding/protocol/oracle.ts'
import { presets, taskOf } from './protocolFit.ts'

const gemm = await createGemm({ threads: 1 })
const folder = mkdtempSync(join(tmpdir(), 'heschl-inspect-'))
afterAll(async () => {
  await gemm.close()
  rmSync(folder, { recursive: true })
})
const context = { progress: () => {}, cancelled: () => false }

async function stored(task: FitTask) {
  const { arrays } = await computeFit(task, new SharedRidge(), new ResponseCache(0), { gemm }, context)
  const [r, alpha] = arrays
  return { r: r.data as Float32Array, alpha: alpha.data as Uint8Array }
}

/** @param limit of what is kept, in bytes */
function inspector(fit: FitTask, alpha: Uint8Array, limit = 1e9) {
  const kept = new KeptRidges(limit)
  const responses = new ResponseCache(0)
  return async (targets: readonly number[], more: Partial<InspectTask> = {}) => {
    const task: InspectTask = { kind: 'inspect', fit, targets: Uint32Array.from(targets), alpha, window: 10, ...more }
    const { arrays, provenance } = await computeInspect(task, kept, responses, { gemm }, context)
    const facts = provenance as unknown as InspectFacts
    const found = Object.fromEntries(arrays.map(({ name, data }) => [name, data as Float64Array]))
    return { found, facts }
  }
}

async function exported(fit: FitTask, what: 'predictions' | 'weights') {
  const file = join(folder, `${what}.npy`)
  await exportFit({ kind: 'exportFit', fit, files: { [what]: file } }, new ResponseCache(0), { gemm }, context)
  const { data, shape } = await readNpy(file)
  return { data: data as Float32Array, shape }
}

const more: readonly (readonly [string, Encoding])[] = [
  ['a gap about what is held out', { preset: 'standard', gap: 3 }],
  ['inner folds', { preset: 'standard', selection: { kfold: 4 } }],
  ['one alpha for all', { preset: 'standard', alpha: 'shared' }],
  ['components of X', { preset: 'standard', pcaX: 6 }],
  ['r² of all folds together', { preset: 'standard', score: { measure: 'r2', over: 'concatenated' } }],
  ['squares', { preset: 'standard', score: { measure: 'r-squared' } }],
  ['folds of several runs', { preset: 'standard', folds: { splits: [['s1', 's3'], ['s4']] } }],
  ['lags', { preset: 'standard', hrf: { lags: { from: 0, to: 4 } } }],
]

describe.each([...presets, ...more].map(([name, encoding]) => [name, encoding] as const))('%s', (_name, encoding) => {
  test('the predictions, the score and the alphas of the fit, target by target', async () => {
    const fit = await taskOf(folder, encoding)
    const { r, alpha } = await stored(fit)
    const inspect = inspector(fit, alpha)
    const all = await exported(fit, 'predictions')
    for (const target of [0, 7, y.cols - 1]) {
      const { found } = await inspect([target])
      const column = all.data.filter((_, i) => i % y.cols === target)
      expect([...found['predicted']]).toEqual([...column])
      // Where targets hang together the score is taken from predictions that float32 holds.
      if (encoding.pcaY === undefined) expect(found['r'][0]).toBe(r[target])
      else expect(Math.abs(found['r'][0] - r[target])).toBeLessThan(2e-6)
      const sum = found['contribution'].reduce((total, value) => total + value, 0)
      expect(Math.abs(sum - r[target])).toBeLessThan(2e-6)
    }
  })
})

test('several targets: the means of each alone', async () => {
  const fit = await taskOf(folder, { preset: 'standard' })
  const { alpha, r } = await stored(fit)
  const inspect = inspector(fit, alpha)
  const [{ found: a }, { found: b }] = [await inspect([2]), await inspect([9])]
  const { found: both } = await inspect([2, 9])
  expect([...both['r']]).toEqual([r[2], r[9]])
  for (const name of ['measured', 'predicted', 'contribution', 'drop', 'foldScore'])
    for (const [i, value] of both[name].entries()) {
      const expected = (a[name][i] + b[name][i]) / 2
      if (Number.isNaN(expected)) expect(value).toBeNaN()
      else expect(Math.abs(value - expected)).toBeLessThan(1e-6)
    }
})

test('what is forgotten for want of memory is computed again, to the same bits', async () => {
  const fit = await taskOf(folder, { preset: 'standard' })
  const { alpha } = await stored(fit)
  const [roomy, narrow] = [inspector(fit, alpha), inspector(fit, alpha, 0)]
  const known = (await roomy([3])).found
  for (let again = 0; again < 2; again++) expect((await narrow([3])).found).toEqual(known)
})

test('weights are those of the fit; with components of the recordings they are refused', async () => {
  const fit = await taskOf(folder, { preset: 'standard' })
  const { alpha } = await stored(fit)
  const { found } = await inspector(fit, alpha)([4], { weights: true })
  const { data, shape } = await exported(fit, 'weights')
  expect(found['weight']).toHaveLength(shape[0])
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  for (const [j, weight] of found['weight'].entries())
    expect(Math.abs(weight - data[j * y.cols + 4])).toBeLessThan(1e-6 * largest)
  const coupled = await taskOf(folder, { preset: 'lpp', pcaY: 5 })
  const asked = inspector(coupled, (await stored(coupled)).alpha)([4], { weights: true })
  await expect(asked).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('a constant vertex has no score, no prediction and no moments', async () => {
  const data = y.data.map((value, i) => (i % y.cols === 6 ? 1 : value))
  const fit = await taskOf(folder, { preset: 'standard', standardizeY: 'none' }, { ...y, data })
  const { alpha } = await stored(fit)
  const { found, facts } = await inspector(fit, alpha)([6])
  expect(found['r'][0]).toBeNaN()
  expect(found['predicted'].every((value) => Number.isNaN(value))).toBe(true)
  expect(facts).toMatchObject({ scored: 0, moments: { carry: [], breaks: [] } })
})

test('windows stay within their runs and share no sample', async () => {
  const fit = await taskOf(folder, { preset: 'standard' })
  const { alpha } = await stored(fit)
  const { facts } = await inspector(fit, alpha)([1])
  const all = [...facts.moments.carry, ...facts.moments.breaks]
  expect(all.length).toBeGreaterThan(4)
  const taken = new Set<number>()
  for (const { from, to } of all)
    for (let i = from; i < to; i++) {
      expect(taken.has(i)).toBe(false)
      taken.add(i)
    }
})
