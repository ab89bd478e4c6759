/** `encoding.ceiling` of a study, from its file to the table: every kind, and what is computed again. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { finished } from '../../support/runStudy.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'

const folder = mkdtempSync(join(tmpdir(), 'heschl-ceilings-'))
let path: string
let text: string
let engine: EngineHandle

beforeAll(async () => {
  const study = await makeSmallStudy(folder, { runs: 3, subjects: 3 })
  path = study.path
  text = readFileSync(path, 'utf8')
    .replace(/models:[^]*?(?=encoding:)/, 'spaces:\n  - {id: loudness, acoustic: rms}\n')
    // The third recording is of the second stimulus again.
    .replaceAll('stimulus: run-3', 'stimulus: run-2')
    .replace(/ {2}- \{id: run-3.*\n/, '')
  engine = await startEngine({ spawn: 'child_process' })
}, 60_000)
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

test('each kind is computed once and named in the table; fits stay as they are', async () => {
  const missing = async () => {
    const { steps } = await engine.call('plan', { study: path })
    return steps.filter(({ cached }) => !cached).map(({ id }) => id.split(':')[0])
  }
  const write = (ceiling: string) => writeFileSync(path, text.replace('folds: 4', `folds: 4, ceiling: ${ceiling}`))
  write('none')
  expect(new Set(await missing())).toEqual(new Set(['design', 'fit']))
  expect(await finished(engine, await engine.call('run', { study: path }))).toMatchObject({ state: 'done' })
  expect((await engine.call('scoreTable', { study: path })).ceiling).toBeNull()
  for (const kind of ['across-subjects', 'repeats', 'as-published', 'fold-wise']) {
    write(kind)
    expect(await missing(), kind).toEqual(['ceiling'])
    expect(await finished(engine, await engine.call('run', { study: path }))).toMatchObject({ state: 'done' })
    expect(await missing(), kind).toEqual([])
    expect((await engine.call('scoreTable', { study: path })).ceiling?.kind).toBe(kind)
  }
  write('repeats')
  expect(await missing()).toEqual([])
}, 60_000)
