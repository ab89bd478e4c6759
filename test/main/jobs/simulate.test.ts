/** Simulated listeners in place of a study's subjects, from the engine's side. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTable } from '../../../src-main/formats/tableFile.ts'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import type { EngineHandle, SimulateArgument } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import type { PowerRow } from '../../../src-main/jobs/engineHandle.ts'
import { subjectsForT, subjectsForWilcoxon } from '../../../src-main/statistics/power.ts'
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
  const tableIn = (ending: string) => join(base, 'first', `truth.${ending}`)
  const truth = readFileSync(tableIn('tsv'), 'utf8').split('\n')
  expect(truth[1].split('\t').slice(0, 3)).toEqual(['front', 'both', 'english'])
  // front, back: two places for listeners of two languages
  expect(truth.filter((line) => line !== '')).toHaveLength(5)
  const [text, parquet] = [await readTable(tableIn('tsv')), await readTable(tableIn('parquet'))]
  expect(parquet).toEqual(text)
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

test('a planted response: an analysis that assumes it loses less than one that assumes another', async () => {
  const truth = join(base, 'responses.tsv')
  writeFileSync(truth, 'region\tlayer\thrf\tsignal\tindividual\nfront\t0\tglover\t0.8\t0\nback\t0\tnone\t0.8\t0\n')
  expect(await simulate('responses', { truth }, 2)).toMatchObject({ state: 'done', error: null })
  const shares = async () => {
    await runStudy(engine, studyIn('responses'))
    await engine.call('openStudy', { path: studyIn('responses') })
    const { planted } = await engine.call('scoreTable', { study: studyIn('responses') })
    return planted.map(({ responses }) =>
      Object.fromEntries(responses.map(({ hrf, score, possible }) => [hrf, score / possible])),
    )
  }
  const assumesGlover = await shares()
  writeFileSync(
    studyIn('responses'),
    readFileSync(studyIn('responses'), 'utf8').replace('  preset: standard\n', '  preset: standard\n  hrf: none\n'),
  )
  const assumesNone = await shares()
  for (const [i, glover] of assumesGlover.entries()) {
    const none = assumesNone[i]
    expect(glover.glover, JSON.stringify([glover, none])).toBeGreaterThan(none.glover)
    expect(none.none, JSON.stringify([glover, none])).toBeGreaterThan(glover.none)
    expect(glover.glover).toBeLessThanOrEqual(1)
  }
}, 120_000)

test('how many subjects a contrast needs, for each number of runs, from the scores that are stored', async () => {
  const text = readFileSync(studyIn('responses'), 'utf8')
  writeFileSync(studyIn('responses'), text.replace('  preset: standard\n', '  preset: standard\n  chance: zero\n'))
  await runStudy(engine, studyIn('responses'))
  const job = await engine.power({
    ...{ study: studyIn('responses'), contrast: ['w2v-1', 'w2v-2'], power: 0.8, alpha: 0.05, alternative: 'two-sided' },
    ...{ studies: 200, seed: 1 },
  })
  expect(await finished(engine, job)).toMatchObject({ state: 'done', error: null })
  const [report] = await engine.arrayReports(job.id)
  const { rows, simulated } = report as unknown as { readonly rows: readonly PowerRow[]; readonly simulated: boolean }
  expect(simulated).toBe(true)
  expect(rows.map(({ runs, subjects }) => [runs, subjects])).toEqual([
    [1, 4],
    [2, 4],
  ])
  expect(rows[1].minutes).toBeCloseTo(2 * rows[0].minutes!, 6)
  // All runs: the very scores of the study.
  const { rows: scores } = await engine.call('scoreTable', { study: studyIn('responses') })
  const mean = (id: string) => {
    const own = scores.filter(({ model }) => model === id)
    return own.reduce((sum, row) => sum + row.meanR, 0) / own.length
  }
  expect(rows[1].mean).toBeCloseTo(mean('w2v-1') - mean('w2v-2'), 5)
  for (const { effect, mean: difference, sd, needsT, needsWilcoxon } of rows) {
    expect(effect).toBeCloseTo(difference! / sd!, 9)
    const options = { power: 0.8, alpha: 0.05, alternative: 'two-sided' } as const
    expect(needsT).toBe(subjectsForT(effect, options))
    expect(needsWilcoxon).toBe(subjectsForWilcoxon(effect, options))
  }
}, 120_000)

test('cancelled in the middle, nothing is left half-written, and it goes on where it stopped', async () => {
  const from = { study: source.path, subjects: 24 }
  const job = await engine.simulate({ study: studyIn('stopped'), from, seed: 3 })
  const folder = join(base, 'stopped', 'recordings')
  while (!existsSync(folder) || readdirSync(folder).length < 6) await new Promise((resolve) => setTimeout(resolve, 5))
  await engine.call('cancel', { job: job.id })
  expect(await finished(engine, job)).toMatchObject({ state: 'cancelled' })
  const left = recordings('stopped')
  expect(left.size).toBeLessThan(96)
  expect([...left.keys()].filter((name) => !/^sim-(english|french)-\d\d_[12]\.npy$/.test(name))).toEqual([])
  expect(existsSync(join(base, 'stopped', 'planted.json'))).toBe(false)
  const made = new Map([...left.keys()].map((name) => [name, statSync(join(folder, name)).mtimeMs]))
  const again = await engine.simulate({ study: studyIn('stopped'), from, seed: 3 })
  await expect(finished(engine, again)).resolves.toMatchObject({
    state: 'done',
  })
  const whole = recordings('stopped')
  expect(whole.size).toBe(96)
  for (const [name, bytes] of left) expect(whole.get(name)).toBe(bytes)
  // A listener whose last run was not there yet is made again, to the same bytes.
  const complete = [...made].filter(([name]) => made.has(name.replace(/_[12]\.npy$/, '_2.npy')))
  for (const [name, time] of complete) expect(statSync(join(folder, name)).mtimeMs).toBe(time)
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
