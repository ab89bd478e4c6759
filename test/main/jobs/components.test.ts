/** `pcaY` in a study: components of responses are a step of their own, which all layers share. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { Providers } from '../../../src-main/jobs/providers.ts'
import { StudySession } from '../../../src-main/jobs/session.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import { computeFit, SharedRidge } from '../../../src-main/pipeline/fits.ts'
import { ResponseCache } from '../../../src-main/pipeline/responseCache.ts'
import type { FitTask } from '../../../src-main/pipeline/tasks.ts'
import { runStudy } from '../../support/runStudy.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'

let folder: string
let path: string
let engine: EngineHandle

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-components-'))
  path = (await makeSmallStudy(folder, { layers: ['conv6', 'transf0'], subjects: 2 })).path
  writeFileSync(path, readFileSync(path, 'utf8').replace('encoding: {', 'encoding: {pcaY: 5, '))
  engine = await startEngine({ spawn: 'child_process' })
}, 60_000)
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const labels = async (cached: boolean) =>
  (await engine.call('plan', { study: path })).steps.filter((step) => step.cached === cached).map(({ label }) => label)

test('one step a subject, before all fits, which give what they give without it', async () => {
  const all = await labels(false)
  expect(all.filter((label) => label.startsWith('Components of the responses'))).toHaveLength(2)
  expect(all.slice(0, 2).every((label) => label.startsWith('Components of the responses'))).toBe(true)
  await runStudy(engine, path)
  expect(await labels(false)).toEqual([])
  // Another alpha needs no other components; another number of them does, of every fit, and of no design.
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace('pcaY: 5', 'pcaY: 4'))
  expect((await labels(false)).every((label) => /^(Components|Fit)/.test(label))).toBe(true)
  writeFileSync(path, text)
  await engine.close()

  const session = new StudySession(path, new Providers())
  const gemm = await createGemm()
  try {
    const { steps } = await session.refresh()
    const fits = steps.filter(({ spec }) => spec.kind === 'fit' && spec.space === 'w2v-1')
    expect(fits).toHaveLength(4)
    for (const fit of fits) {
      const { components, ...without } = fit.task() as FitTask
      expect(components!.vectors.rows).toBe(5 * (without.encoding.folds as number))
      const context = { progress: () => {}, cancelled: () => false }
      const { arrays } = await computeFit(without, new SharedRidge(), new ResponseCache(1e8), { gemm }, context)
      const stored = session.store.array(fit.key, 'r').data as Float32Array
      const r = arrays.find(({ name }) => name === 'r')!.data
      expect(r.length).toBe(stored.length)
      for (const [t, value] of stored.entries()) {
        if (Number.isNaN(value)) expect(r[t]).toBeNaN()
        else expect(Math.abs(value - r[t])).toBeLessThan(1e-6)
      }
      // The score of a recording that was shortened since is refused, not computed from other volumes' components.
      const short = { ...components!, vectors: { ...components!.vectors, cols: components!.vectors.cols - 1 } }
      await expect(
        computeFit({ ...without, components: short }, new SharedRidge(), new ResponseCache(1e8), { gemm }, context),
      ).rejects.toThrow(/components are not those/)
    }
  } finally {
    session.close()
    await gemm.close()
  }
}, 120_000)
