/** Simulated listeners in place of a study's subjects, from the engine's side. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import type { EngineHandle, SimulateArgument } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { finished, runStudy } from '../../support/runStudy.ts'
import { makeSmallStudy, smoothNoise } from '../../support/smallStudy.ts'
import type { SmallStudy } from '../../support/smallStudy.ts'

let base: string
let source: SmallStudy
let engine: EngineHandle

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'heschl-simulate-'))
  source = await makeSmallStudy(join(base, 'source'))
  // Two languages, so that listeners of each are simulated.
  const text = readFileSync(source.path, 'utf8')
  writeFileSync(
    source.path,
    text
      .replace('id: sub-01', 'id: sub-01\n    language: english')
      .replace('id: sub-02', 'id: sub-02\n    language: french'),
  )
  engine = await startEngine({ spawn: 'child_process' })
}, 60_000)
afterAll(async () => {
  await engine.close()
  rmSync(base, { recursive: true, force: true })
})

const studyIn = (folder: string) => join(base, folder, 'study.yaml')

async function simulate(folder: string, options: Partial<SimulateArgument> = {}, subjects?: number) {
  const from = { study: source.path, ...(subjects !== undefined && { subjects }) }
  return finished(engine, await engine.simulate({ study: studyIn(folder), from, seed: 3, ...options }))
}

const recordings = (folder: string) => {
  const path = join(base, folder, 'recordings')
  return new Map(readdirSync(path).map((name) => [name, readFileSync(join(path, name)).toString('base64')]))
}

test('a new study, the same bits again, and the source as it was', async () => {
  const before = readFileSync(join(source.folder, 'sub-01_run-1.npy'))
  expect(await simulate('first')).toMatchObject({ state: 'done', error: null })
  expect(await simulate('second')).toMatchObject({ state: 'done', error: null })
  expect(recordings('second')).toEqual(recordings('first'))
  expect([...recordings('first').keys()]).toEqual(
    ['english', 'french'].flatMap((language) => [1, 2].map((run) => `sim-${language}-01_${run}.npy`)),
  )
  expect(readFileSync(join(source.folder, 'sub-01_run-1.npy')).equals(before)).toBe(true)
  const overview = await engine.call('openStudy', { path: studyIn('first') })
  expect(overview.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(overview.notice).toMatch(/simulated/i)
  const truth = readFileSync(join(base, 'first', 'truth.tsv'), 'utf8').split('\n')
  expect(truth[1].split('\t').slice(0, 3)).toEqual(['front', 'both', 'english'])
  // front, back: two places for listeners of two languages
  expect(truth.filter((line) => line !== '')).toHaveLength(5)
  await runStudy(engine, studyIn('first'))
  const { planted } = await engine.call('scoreTable', { study: studyIn('first') })
  expect(planted.map(({ language }) => language)).toEqual(['english', 'french'])
  for (const group of planted) {
    expect(group.regions.map(({ name }) => name)).toEqual(['front', 'back'])
    expect(group).toMatchObject({ subjects: 1, found: null, responses: [{ hrf: 'glover', delay: 0, regions: 2 }] })
    expect(group.signal.all.vertices).toBeGreaterThanOrEqual(group.signal.planted.vertices)
  }
}, 120_000)

test('recordings of the same inputs are kept, others go; more listeners are added', async () => {
  expect(await simulate('kept')).toMatchObject({ state: 'done' })
  const file = join(base, 'kept', 'recordings', 'sim-english-01_1.npy')
  const lost = join(base, 'kept', 'recordings', 'sim-french-01_2.npy')
  const made = statSync(file).mtimeMs
  const whole = recordings('kept')
  rmSync(lost)
  expect(await simulate('kept')).toMatchObject({ state: 'done' })
  expect(statSync(file).mtimeMs).toBe(made)
  expect(recordings('kept')).toEqual(whole)
  expect(await simulate('kept', {}, 2)).toMatchObject({ state: 'done' })
  expect(statSync(file).mtimeMs).toBe(made)
  expect(recordings('kept').size).toBe(8)
  expect(await simulate('kept', { seed: 4 })).toMatchObject({ state: 'done' })
  expect(recordings('kept').get('sim-english-01_1.npy')).not.toBe(whole.get('sim-english-01_1.npy'))
  expect(existsSync(join(base, 'kept', 'planted.json.begun'))).toBe(false)
}, 120_000)

test('a table, another response, recorded noise and a map of signal', async () => {
  const truth = join(base, 'truth.tsv')
  writeFileSync(truth, 'region\tlanguage\tlayer\thrf\tdelay\nfront\tfrench\ttransf5\tspm\t1.5\n')
  const [noise, signal] = [join(base, 'rest.npy'), join(base, 'signal.npy')]
  const all = source.vertices
  await writeNpy(noise, { shape: [40, all], data: smoothNoise(40, all, 9) })
  await writeNpy(signal, { shape: [all], data: new Float32Array(all).fill(0.25) })
  expect(await simulate('given', { truth, noise: [noise], signal: [signal] })).toMatchObject({
    state: 'done',
    error: null,
  })
  const planted = JSON.parse(readFileSync(join(base, 'given', 'planted.json'), 'utf8')) as {
    readonly note: string
    readonly groups: readonly { readonly language: string; readonly signal: number[]; readonly layer: number[] }[]
  }
  expect(planted.note).toMatch(/rest\.npy/)
  const [english, french] = planted.groups
  expect(new Set(english.layer)).toEqual(new Set([-1]))
  expect(new Set(french.signal)).toEqual(new Set([0, 0.25]))
  await writeNpy(noise, { shape: [5, all], data: smoothNoise(5, all, 9) })
  expect(await simulate('given', { truth, noise: [noise] })).toMatchObject({
    state: 'failed',
    error: { code: 'SHAPE_MISMATCH', where: { file: noise }, found: '5' },
  })
  await writeNpy(signal, { shape: [all], data: new Float32Array(all).fill(1.25) })
  expect(await simulate('given', { signal: [signal] })).toMatchObject({ state: 'failed', error: { code: 'NUMERICAL' } })
  writeFileSync(truth, 'region\tlayer\nfront\ttransf99\n')
  expect(await simulate('given', { truth })).toMatchObject({
    state: 'failed',
    error: { code: 'FORMAT_INVALID', where: { file: truth, line: 2 } },
  })
}, 120_000)

test('nothing of others is written over', async () => {
  expect(await simulate('source')).toMatchObject({
    state: 'failed',
    error: { code: 'OPTION_INVALID', where: { file: source.path } },
  })
  await simulate('others')
  const file = join(base, 'others', 'recordings', 'sim-english-01_1.npy')
  rmSync(join(base, 'others', 'planted.json'))
  const before = readFileSync(file)
  expect(await simulate('others', { seed: 9 })).toMatchObject({ state: 'failed', error: { code: 'OPTION_INVALID' } })
  expect(readFileSync(file).equals(before)).toBe(true)
}, 120_000)
