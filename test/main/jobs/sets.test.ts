/** `sets:` of a study: spaces fitted together, and the variance that each explains. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareBands } from '../../../src-main/encoding/banded/bands.ts'
import { fitSpaces } from '../../../src-main/encoding/banded/fitSpaces.ts'
import { inMemory } from '../../../src-main/encoding/banded/search.ts'
import { contiguousFolds } from '../../../src-main/encoding/folds.ts'
import { logspace } from '../../../src-main/encoding/ridge.ts'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { Providers } from '../../../src-main/jobs/providers.ts'
import { StudySession } from '../../../src-main/jobs/session.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { standardizeColumns } from '../../../src-main/scoring/index.ts'
import { meanOverFolds } from '../../../src-main/scoring/summary.ts'
import { partition } from '../../../src-main/scoring/partition.ts'
import type { SetTask } from '../../../src-main/pipeline/tasks.ts'
import { runStudy } from '../../support/runStudy.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'

let folder: string
let path: string
let engine: EngineHandle

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-sets-'))
  path = (await makeSmallStudy(folder, { layers: ['conv6'], subjects: 2 })).path
  const sets = [
    '  - {id: parts, of: [mel, w2v-1/conv6], partition: true}',
    '  - {id: weighed, of: [mel, rms, w2v-1/conv6], solver: banded-random, iterations: 3, seed: 1}',
  ]
  const text = readFileSync(path, 'utf8').replace(
    'encoding: {',
    `  - {id: rms, acoustic: rms}\nsets:\n${sets.join('\n')}\nencoding: {`,
  )
  writeFileSync(path, text)
  engine = await startEngine({ spawn: 'child_process' })
}, 60_000)
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const run = () => runStudy(engine, path)

const stacked = (runs: readonly Matrix32[]): Matrix32 => ({
  data: Float32Array.from(runs.flatMap(({ data }) => [...data])),
  rows: runs.reduce((sum, { rows }) => sum + rows, 0),
  cols: runs[0].cols,
})
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length

test('sets are planned after the fits, computed as their solvers do, and told with the other scores', async () => {
  const plan = await engine.call('plan', { study: path })
  const own = plan.steps.filter(({ kind }) => kind === 'set')
  expect(own.map(({ id }) => id)).toEqual(
    ['parts', 'weighed'].flatMap((id) => [`set:${id}:sub-01`, `set:${id}:sub-02`]),
  )
  for (const { seconds, memoryBytes, diskBytes } of own)
    expect([seconds > 0, memoryBytes > 0, diskBytes > 0]).toEqual([true, true, true])
  await run()
  const { sets = [] } = await engine.call('scoreTable', { study: path })
  expect(sets.map(({ id, of, solver, subjects }) => ({ id, of, solver, subjects }))).toEqual([
    { id: 'parts', of: ['mel', 'w2v-1/conv6'], solver: 'ridge', subjects: 2 },
    { id: 'weighed', of: ['mel', 'rms', 'w2v-1/conv6'], solver: 'banded-random', subjects: 2 },
  ])
  const [parts, weighed] = sets
  expect(parts.partition?.parts.map(({ name }) => name)).toEqual(['only mel', 'only w2v-1/conv6', 'mel & w2v-1/conv6'])
  expect(parts.partition?.unions.map(({ name }) => name)).toEqual(['mel', 'w2v-1/conv6', 'mel + w2v-1/conv6'])
  expect(weighed.partition).toBeNull()
  await engine.close()

  const session = new StudySession(path, new Providers())
  const gemm = await createGemm()
  try {
    const { steps } = await session.refresh()
    const found = steps.filter(({ spec }) => spec.kind === 'set')
    const totals = { parts: [0, 0, 0], r: [0, 0] }
    for (const { key, task: make } of found) {
      const task = make() as SetTask
      const kept = (name: string) => session.store.array(key, name).data
      totals.r[task.partition ? 0 : 1] += mean(kept('r')) / 2
      const width = kept('r').length
      for (let i = 0; task.partition && i < 3; i++)
        totals.parts[i] += mean(kept('parts').slice(i * width, (i + 1) * width)) / 2
      // The other subject's recordings are GIFTI files.
      if (task.subject !== 'sub-01') continue
      const y = await Promise.all(
        task.recordings.map(async ({ files }) => {
          const { data, shape } = await readNpy(files as string)
          return standardizeColumns({ data: Float32Array.from(data), rows: shape[0], cols: shape[1] })
        }),
      )
      const spaces = task.spaces.map((runs) => stacked(runs.map((each) => standardizeColumns(each))))
      const responses = stacked(y)
      const { from, to, count } = task.encoding.alphas
      const folds = contiguousFolds(responses.rows, task.encoding.folds as number)
      const options = { folds, alphas: logspace(from, to, count), gemm }
      const bands = await prepareBands(spaces, gemm)
      const fitted = (some: readonly number[]) =>
        fitSpaces(
          some.map((space) => bands[space]),
          inMemory(responses),
          options,
          task.how,
        )
      const all = await fitted(spaces.map((_, space) => space))
      const r = meanOverFolds(all.r, folds.length)
      for (const [t, value] of r.entries()) expect(kept('r')[t]).toBeCloseTo(value, 5)
      const deltas = session.store.array(key, 'deltas')
      expect(deltas.shape).toEqual([folds.length, spaces.length, responses.cols])
      for (const [i, value] of all.deltas.entries()) expect(deltas.data[i]).toBeCloseTo(value, 5)
      if (!task.partition) continue
      const unions = [await fitted([0]), await fitted([1]), all].map(({ r2 }) => meanOverFolds(r2, folds.length))
      const expected = partition(2, unions)
      for (const [i, value] of expected.entries()) expect(kept('parts')[i]).toBeCloseTo(value, 4)
    }
    expect([parts.score.mean, weighed.score.mean]).toEqual(totals.r.map((value) => expect.closeTo(value, 5) as number))
    expect(parts.partition!.parts.map((part) => part.mean)).toEqual(
      totals.parts.map((value) => expect.closeTo(value, 4) as number),
    )
    // A set or its spaces by another name are not computed again.
    const text = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      text
        .replace('id: parts', 'id: shares')
        .replaceAll(/\bmel(?=[,\]])/g, 'sound')
        .replace('acoustic: sound', 'acoustic: mel'),
    )
    const renamed = await session.refresh()
    const keys = (list: typeof found) => list.filter(({ spec }) => spec.kind === 'set').map(({ key }) => key)
    expect(renamed.problems).toEqual([])
    expect(keys([...renamed.steps])).toEqual(keys(found))
  } finally {
    session.close()
    await gemm.close()
  }
}, 120_000)
