import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StudyOverview } from '../../../src-main/contract/study.ts'
import { overviewOf } from '../../../src-main/jobs/overview.ts'
import { Providers } from '../../../src-main/jobs/providers.ts'
import { StudySession } from '../../../src-main/jobs/session.ts'
import { computeDesign, OpenModel } from '../../../src-main/pipeline/designs.ts'
import type { DesignTask } from '../../../src-main/pipeline/tasks.ts'
import type { StepIdentity } from '../../../src-main/store/keys.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'

const names = {
  acoustic: ['mel', 'mel-128', 'mfcc', 'rms', 'intensity', 'envelope', 'pitch', 'pitch-bins'],
  lexical: ['word-rate', 'word-onset'],
  phonetic: ['phones', 'articulatory'],
}
const all = Object.entries(names).flatMap(([family, list]) => list.map((name) => ({ family, name })))
const units = {
  mel: 80,
  'mel-128': 128,
  mfcc: 13,
  rms: 1,
  intensity: 1,
  envelope: 2,
  pitch: 4,
  'pitch-bins': 31,
  'word-rate': 1,
  'word-onset': 1,
  phones: 3,
  articulatory: 14,
}
const context = { progress: () => undefined, cancelled: () => false }

let folder: string
let path: string
let text: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-spaces-'))
  const study = await makeSmallStudy(folder)
  path = study.path
  transcript('words', ['0.5 0.4 one', '4 0.2 two', '9 1 three'])
  transcript('phones', ['0.5 0.2 AH1', '0.7 0.2 N', '4 0.1 T', '4.2 0.3 sil'])

  text = readFileSync(path, 'utf8')
    .replaceAll(/audio: run-\d.wav/g, (audio) => `${audio}, words: words.tsv, phones: phones.tsv`)
    .replace(
      /models:[^]*?(?=encoding:)/,
      `spaces:\n${all.map(({ family, name }) => `  - {id: my-${name}, ${family}: ${name}}\n`).join('')}`,
    )
  writeFileSync(path, text)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function transcript(kind: string, rows: readonly string[]): void {
  const lines = ['onset duration text', ...rows].map((row) => row.replaceAll(' ', '\t'))
  writeFileSync(join(folder, `${kind}.tsv`), lines.join('\n'))
}

interface Looked {
  readonly overview: StudyOverview
  readonly designs: readonly { readonly key: string; readonly task: DesignTask; readonly identity: StepIdentity }[]
}

async function look(): Promise<Looked> {
  const session = new StudySession(path, new Providers())
  try {
    const snapshot = await session.refresh()
    const designs = snapshot.steps.filter(({ spec }) => spec.kind === 'design')
    return {
      overview: overviewOf(session, snapshot),
      designs: designs.map(({ key, identity, task }) => ({ key, identity, task: task() as DesignTask })),
    }
  } finally {
    session.close()
  }
}

test('every space is planned and described by itself, and its design is [volumes, units] with something in it', async () => {
  const { overview, designs } = await look()
  expect(overview.problems).toEqual([])
  expect(overview.models.map(({ id, layers }) => [id, layers.map((layer) => layer.units)])).toEqual(
    all.map(({ name }) => [`my-${name}`, [units[name as keyof typeof units]]]),
  )
  expect(new Set(overview.models.map(({ source }) => source)).size).toBe(all.length)
  expect(designs).toHaveLength(2 * all.length)
  const models = new OpenModel(1)
  for (const { task } of designs.filter(({ task }) => task.run.stimulus === 'run-1')) {
    if (task.space.kind === 'model' || task.space.kind === 'text') throw new Error('a space was planned as a model')
    const { arrays, provenance } = await computeDesign(task, models, context)
    const name = String(provenance['space'])
    expect(task.space.layer).toBe(`my-${name}`)
    expect(arrays.map(({ shape }) => shape)).toEqual([[task.run.volumes, units[name as keyof typeof units]]])
    const { data } = arrays[0]
    expect(data.every(Number.isFinite)).toBe(true)
    expect(data.some((value) => value !== 0)).toBe(true)
  }
}, 60_000)

test('a design’s key names a sound’s space as it always has, and a phone’s unit by all phones of the study', async () => {
  const { designs } = await look()
  const of = (name: string) => designs[all.findIndex((each) => each.name === name) * 2].identity
  const audio = of('mel').inputs
  expect(audio).toHaveLength(1)
  expect(of('mel').parameters).toMatchObject({ basis: { space: 'mel' }, layers: ['my-mel'] })
  expect(of('phones')).toMatchObject({
    parameters: { basis: { space: { name: 'phones', inventory: ['AH', 'N', 'T'] } } },
    inputs: [audio[0], expect.any(String)],
  })
}, 60_000)

test('a design’s key follows the space’s own transcript', async () => {
  const keys = async () =>
    (await look()).designs.filter(({ task }) => task.run.stimulus === 'run-1').map(({ key }) => key)
  const changedIn = (a: readonly string[], b: readonly string[]) =>
    all.map(({ name }) => name).filter((_, i) => a[i] !== b[i])
  const before = await keys()
  expect(new Set(before).size).toBe(all.length)
  transcript('words', ['0.5 0.4 one', '4 0.2 two'])
  const fewerWords = await keys()
  expect(changedIn(before, fewerWords)).toEqual(['word-rate', 'word-onset'])
  transcript('phones', ['0.5 0.2 AH1', '0.7 0.2 N', '4 0.1 D'])
  expect(changedIn(fewerWords, await keys())).toEqual(['phones', 'articulatory'])
}, 60_000)

test('a transcript that cannot be read is told, and hides its own spaces alone', async () => {
  rmSync(join(folder, 'phones.tsv'))
  const { overview, designs } = await look()
  expect(overview.problems.map(({ path: at }) => at)).toEqual(['stimuli[0].phones', 'stimuli[1].phones'])
  expect(overview.models.filter(({ layers }) => layers.length === 0).map(({ id }) => id)).toEqual([
    'my-phones',
    'my-articulatory',
  ])
  expect(designs).toHaveLength(2 * (all.length - 2))
}, 60_000)
