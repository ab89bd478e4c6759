/** `levels: cumulative`: a layer is fitted together with all before it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contiguousFolds } from '../../../src-main/encoding/folds.ts'
import { logspace, prepareRidge } from '../../../src-main/encoding/ridge.ts'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { Providers } from '../../../src-main/jobs/providers.ts'
import { StudySession } from '../../../src-main/jobs/session.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import { zeros32, type Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { standardizeColumns } from '../../../src-main/scoring/index.ts'
import type { FitTask } from '../../../src-main/pipeline/tasks.ts'
import { runStudy } from '../../support/runStudy.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'

const layers = ['conv6', 'transf0', 'transf1']
let folder: string
let path: string
let engine: EngineHandle

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-levels-'))
  path = (await makeSmallStudy(folder, { layers, subjects: 1 })).path
  engine = await startEngine({ spawn: 'child_process' })
}, 60_000)
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const run = () => runStudy(engine, path)

const map = async (layer: string) => {
  const { left, right, label } = await engine.call('scoreMap', { study: path, subject: 'mean', model: 'w2v-1', layer })
  return { r: [...left, ...right], label }
}

const hstack = (parts: readonly Matrix32[]): Matrix32 => {
  const out = zeros32(
    parts[0].rows,
    parts.reduce((sum, { cols }) => sum + cols, 0),
  )
  for (let i = 0; i < out.rows; i++) {
    const row = parts.flatMap(({ data, cols }) => [...data.subarray(i * cols, (i + 1) * cols)])
    out.data.set(row, i * out.cols)
  }
  return out
}

test('each level is ridge of its layer and all before it, side by side; the first is computed only once', async () => {
  await run()
  const alone = await map('conv6')
  expect(alone.label).not.toContain('layers up to')
  writeFileSync(path, readFileSync(path, 'utf8').replace('encoding: {', 'encoding: {levels: cumulative, '))
  const plan = await engine.call('plan', { study: path })
  const cached = plan.steps.filter((step) => step.cached).map(({ label }) => label)
  expect(cached.filter((label) => label.includes('w2v-1') && label.startsWith('Fit'))).toEqual([
    expect.stringContaining('conv6'),
  ])
  await run()
  const maps = [await map('conv6'), await map('transf0'), await map('transf1')]
  expect(maps[0].r).toEqual(alone.r)
  expect(maps[2].label).toContain('layers up to this one')
  await engine.close()

  const session = new StudySession(path, new Providers())
  const gemm = await createGemm()
  try {
    const { steps } = await session.refresh()
    const designs = steps.filter(({ spec }) => spec.kind === 'design' && spec.space === 'w2v-1')
    const fit = steps.find(({ spec }) => spec.kind === 'fit' && spec.space === 'w2v-1')!.task() as FitTask
    const y = await Promise.all(
      fit.recordings.map(async ({ files }) => {
        const { data, shape } = await readNpy(files as string)
        return standardizeColumns({ data: Float32Array.from(data), rows: shape[0], cols: shape[1] })
      }),
    )
    const responses: Matrix32 = {
      data: Float32Array.from(y.flatMap(({ data }) => [...data])),
      rows: y.reduce((sum, { rows }) => sum + rows, 0),
      cols: y[0].cols,
    }
    for (const [level, { r }] of maps.entries()) {
      const runs = designs.map(({ key }) =>
        standardizeColumns(
          hstack(
            layers.slice(0, level + 1).map((layer): Matrix32 => {
              const { shape, data } = session.store.array(key, layer)
              return { rows: shape[0], cols: shape[1], data: data as Float32Array }
            }),
          ),
        ),
      )
      const data = Float32Array.from(runs.flatMap((run) => [...run.data]))
      const x = { data, rows: responses.rows, cols: runs[0].cols }
      const { from, to, count } = fit.encoding.alphas
      const folds = contiguousFolds(x.rows, fit.encoding.folds as number)
      const problem = await prepareRidge(x, { folds, alphas: logspace(from, to, count), gemm })
      const { r: byFold } = await problem.score(responses)
      for (const [t, value] of r.entries()) {
        const mean = folds.reduce((sum, _, fold) => sum + byFold[fold * r.length + t], 0) / folds.length
        expect(Math.abs(value - mean), `${layers[level]}, vertex ${t}`).toBeLessThan(1e-5)
      }
    }
  } finally {
    session.close()
    await gemm.close()
  }
}, 120_000)
