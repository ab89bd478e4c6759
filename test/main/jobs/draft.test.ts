/** A guided new study: a data set is read, corrected, estimated, written; then it is a study like any other. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Draft, FoundFolder } from '../../../src-main/contract/newStudy.ts'
import { DraftDesk } from '../../../src-main/jobs/draft/desk.ts'
import { Providers } from '../../../src-main/jobs/providers.ts'
import { planOf } from '../../../src-main/jobs/runner.ts'
import { StudySession } from '../../../src-main/jobs/session.ts'
import { readStudy } from '../../../src-main/study/parse.ts'
import { makeDataSet } from '../../support/dataSet.ts'

let base: string
let root: string
let found: FoundFolder
let draft: Draft
const told: { request: string; files: number }[] = []
const providers = new Providers()
const desk = new DraftDesk(providers, (state) => void told.push(state))

const check = (own: Draft, request = 'check') => desk.check({ ...own, request })

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'heschl-draft-'))
  root = await makeDataSet(join(base, 'data'))
  found = await desk.read({ path: root, tasks: [], space: null, request: 'r1' })
  draft = {
    ...{ path: root, tasks: [], space: null, file: found.file, name: found.name, preset: found.preset, tr: null },
    surface: join(root, 'surface'),
    ...{ subjects: [], stimuli: [], withoutSubjects: [], withoutStimuli: [], models: [] },
  }
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

test('what was understood: subjects, runs, sounds, models; and what was not used, with the reason', () => {
  expect(found).toMatchObject({
    path: root,
    ...{ layout: 'fMRIPrep', name: 'Synthetic sounds', surface: 'fsaverage5', space: 'fsaverage5' },
    ...{ preset: 'standard', tasks: ['sounds'], spaces: ['fsaverage5'], studies: [] },
    file: join(root, 'derivatives', 'heschl', 'study.yaml'),
    stimuli: [
      { id: 'sounds_run-1', audio: 'stimuli/sounds_run-1.wav', words: false, phones: false, language: '' },
      { id: 'sounds_run-2' },
    ],
  })
  expect(found.subjects.map(({ id }) => id)).toEqual(['sub-01', 'sub-02', 'sub-03'])
  expect(found.subjects[0].runs[0]).toEqual({
    ...{ stimulus: 'sounds_run-1', tr: 2, start: 0, confounds: true },
    data: 'sub-01_task-sounds_run-1_space-fsaverage5_hemi-L_bold.func.gii',
  })
  expect(found.models).toMatchObject([
    { kind: 'checkpoint', id: 'w2v', path: join(root, 'models', 'w2v'), usable: true },
  ])
  expect(found.unused.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('pickled'),
    ...Array<unknown>(6).fill('not preprocessed: it is in no space'),
  ])
  expect(told[0]).toMatchObject({ request: 'r1' })
})

test('a draft is estimated as the study that it becomes is planned, and nothing is written until that is asked for', async () => {
  const models: Draft['models'] = [
    { id: 'native', regime: 'native', language: 'english', source: { checkpoint: found.models[0].path } },
    { id: 'draws', regime: 'untrained', language: '', source: { architecture: 'wav2vec2-demo', seeds: 2 } },
  ]
  const edited: Draft = {
    ...draft,
    name: 'Sounds, corrected: "quoted"',
    subjects: [{ id: 'sub-01', language: 'english' }],
    withoutSubjects: ['sub-03'],
    stimuli: [{ id: 'sounds_run-1', language: 'none' }],
    models,
  }
  const before = await check(edited)
  expect(before.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(before).toMatchObject({ subjects: 2, recordings: 4, exists: false, plan: { provider: 'cpu' } })
  expect(before.freeDisk).toBeGreaterThan(0)
  expect(readdirSync(join(root, 'derivatives'))).toEqual(['fmriprep'])

  const path = await desk.write({ ...edited, replace: false })
  expect(path).toBe(found.file)
  expect(readFileSync(path, 'utf8')).toBe(before.text)
  expect(readdirSync(join(root, 'derivatives', 'heschl')).toSorted()).toEqual(['study.import.tsv', 'study.yaml'])
  expect(readFileSync(join(root, 'derivatives', 'heschl', 'study.import.tsv'), 'utf8').split('\n')).toHaveLength(8)
  const { study } = await readStudy(path)
  expect(study).toMatchObject({
    name: edited.name,
    subjects: [{ id: 'sub-01', language: 'english' }, { id: 'sub-02' }],
    stimuli: [{ id: 'sounds_run-1', language: 'none' }, { id: 'sounds_run-2' }],
    models: [
      { id: 'native', regime: 'native', language: 'english', checkpoint: '../../models/w2v' },
      { id: 'draws', regime: 'untrained', architecture: 'wav2vec2-demo', seeds: 2 },
    ],
  })
  const session = new StudySession(path, providers)
  const plan = await planOf(session, await session.refresh())
  expect(before.plan!.steps).toBe(plan.steps.length)
  // The pace is measured twice, so seconds differ by what else the machine does.
  expect(before.plan!.totals).toMatchObject({
    memoryBytes: plan.totals.memoryBytes,
    diskBytes: plan.totals.diskBytes,
    seconds: expect.any(Number) as number,
  })
  session.close()

  await expect(desk.write({ ...edited, replace: false })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    parts: { where: { file: path } },
  })
  expect((await check(edited)).exists).toBe(true)
  await desk.write({ ...edited, name: 'Replaced', replace: true })
  expect((await readStudy(path)).study?.name).toBe('Replaced')
  expect((await desk.read({ path: root, tasks: [], space: null, request: 'r' })).studies).toEqual([path])
})

test('problems of a draft are told with their remedies: a name that is no id, no subject left, a surface that does not fit', async () => {
  const source = { architecture: 'wav2vec2-demo', seeds: 1 }
  const odd = await check({ ...draft, models: [{ id: 'a b', regime: 'native', language: '', source }] })
  expect(odd.plan).toBeNull()
  expect(odd.problems[0].message).toMatch(/letters, digits/)
  const nobody = await check({ ...draft, withoutSubjects: found.subjects.map(({ id }) => id) })
  expect(nobody.problems.some(({ severity }) => severity === 'error')).toBe(true)
  const absent = await check({ ...draft, surface: null })
  expect(absent.plan).toBeNull()
  expect(absent.problems.some(({ message }) => message.includes('fsaverage5'))).toBe(true)
  const unfit = await check({ ...draft, surface: 'schematic' })
  expect(unfit.problems.some(({ message }) => /vertices/.test(message))).toBe(true)
  expect(existsSync(join(base, 'other.yaml'))).toBe(false)
})

test('a look into the files stops when asked, writes nothing, and can be begun again', async () => {
  const looking = check(draft, 'slow').catch((error: unknown) => error)
  desk.stop('slow')
  expect(await looking).toMatchObject({ code: 'CANCELLED' })
  expect((await check(draft)).plan).not.toBeNull()
})

test('a place where no study file can be is told', async () => {
  writeFileSync(join(base, 'file'), '')
  await expect(desk.write({ ...draft, file: join(base, 'study.txt'), replace: false })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
  await expect(desk.write({ ...draft, file: join(base, 'file', 'study.yaml'), replace: false })).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
  })
})

test('models are found in any folder; reading stops when asked', async () => {
  const models = await desk.models({ path: join(root, 'models'), request: 'm' })
  expect(models.map(({ id }) => id)).toEqual(['w2v'])
  await expect(desk.models({ path: join(root, 'models', 'pickled'), request: 'm' })).rejects.toMatchObject({
    code: 'FORMAT_INVALID',
    parts: { found: expect.stringContaining('safetensors') as string },
  })
  desk.stop('r9')
  await expect(desk.read({ path: root, tasks: [], space: null, request: 'r9' })).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  await expect(desk.read({ path: base, tasks: ['rest'], space: null, request: 'r' })).rejects.toMatchObject({
    code: 'FORMAT_INVALID',
  })
})
