/** `behaviour:` of a study, from the file to the figure's data; against `heschl abx` and `heschl listeners`, which have oracles. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import { parseTsv } from '../../../src-main/formats/tsv.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'
import { heschl as heschlIn } from './heschl.ts'

let folder: string
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)
const figure = (...args: readonly string[]) =>
  heschl('export', 'study.yaml', '--figure', 'behaviour', '--with', 'samples=20', '--json', ...args)

const section = `behaviour:
  triplets: triplets.csv
  items: items.csv
  audio: .
  answers: answers.csv
  languages: {EN: english, FR: french}
  layer: transf1
  dtw: as-published
`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-behaviour-'))
  const { path } = await makeSmallStudy(folder, { layers: ['transf1'], subjects: 1, runs: 1 })
  const text = (await readFile(path, 'utf8'))
    .replace('{id: w2v-1, regime: untrained', '{id: w2v-1, regime: native, language: English')
    .replace('{id: w2v-2, regime: untrained', '{id: w2v-2, regime: non-native, language: French')
  await writeFile(path, text)
  await writeFile(join(folder, 'with.yaml'), text + section)
  const random = seededRandom(5)
  const phones = ['a', 'e', 'i', 'o']
  const items = Array.from({ length: 16 }, (_, i) => {
    const onset = 1.3 * i + 0.1
    return `${i},x${i}.wav,run-1.wav,${onset.toFixed(2)},${(onset + 0.15 + 0.2 * random.uniform()).toFixed(3)},${phones[i % 4]}`
  })
  await writeFile(join(folder, 'items.csv'), [',#file_extract,#file_source,onset,offset,#phone', ...items].join('\n'))
  // The layout of the ACL 2022 release: phones are in the table of stimuli alone.
  const triplets = Array.from({ length: 48 }, (_, k) => {
    const target = k % 16
    const language = k % 2 === 0 ? 'EN' : 'FR'
    const [other, x] = [(target + 1 + (k % 3)) % 16, (target + 4 + 4 * (k % 2)) % 16]
    return {
      id: `triplet_${k}`,
      row: `x${target}.wav,x${other}.wav,x${x}.wav,${language},${language},${k % 5 === 0 ? 'True' : 'False'},pilot`,
      target,
      other,
      language,
    }
  })
  const header = 'triplet_id,TGT_item,OTH_item,X_item,language_TGT,language_OTH,TGT_first,dataset'
  await writeFile(join(folder, 'triplets.csv'), [header, ...triplets.map(({ id, row }) => `${id},${row}`)].join('\n'))
  const answers = Array.from({ length: 12 }, (_, person) =>
    triplets.map(({ id, target, other, language }, heard) => {
      const listener = person % 2 === 0 ? 'EN' : 'FR'
      const right = random.uniform() < (listener === language ? 0.75 : 0.55) ? 1 : -1
      return [
        `p${person}`,
        listener,
        id,
        phones[target % 4],
        phones[other % 4],
        language,
        language,
        heard % 5 === 0 ? 'True' : 'False',
        right,
        heard,
        'pilot',
      ].join(',')
    }),
  ).flat()
  const columns =
    'subject_id,subject_language,triplet_id,phone_TGT,phone_OTH,language_TGT,language_OTH,TGT_first,user_ans,nb_stimuli,dataset'
  await writeFile(join(folder, 'answers.csv'), [columns, ...answers].join('\n'))
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

const rowsOf = async (file: string) => {
  const { columns, rows } = parseTsv(await readFile(join(folder, file), 'utf8'), file)
  return rows.map(({ values }) => Object.fromEntries(columns.map((name, i) => [name, values[i]])))
}

test('a study without the section is told what to add; one that was not run, to run it', async () => {
  const without = await figure('--out', 'early')
  expect(without.code).toBe(2)
  expect(without.stdout).toContain('Add it to the study file')
  await writeFile(join(folder, 'study.yaml'), await readFile(join(folder, 'with.yaml'), 'utf8'))
  expect((await heschl('validate', 'study.yaml')).code).toBe(0)
  const early = await figure('--out', 'early')
  expect(JSON.parse(early.stdout)).toMatchObject({ error: { code: 'FILE_MISSING' } })
}, 120_000)

test('its numbers are those of abx and listeners', async () => {
  const plan = JSON.parse((await heschl('plan', 'study.yaml', '--json')).stdout) as {
    steps: { kind: string; seconds: number }[]
  }
  expect(plan.steps.filter(({ kind }) => kind === 'abx')).toHaveLength(2)
  expect((await heschl('run', 'study.yaml')).code).toBe(0)
  const again = JSON.parse((await heschl('plan', 'study.yaml', '--json')).stdout) as { steps: { cached: boolean }[] }
  expect(again.steps.every(({ cached }) => cached)).toBe(true)
  const { code, stdout } = await figure('--out', 'out')
  expect(code).toBe(0)
  const report = JSON.parse(stdout) as {
    caption: string
    methods: string
    tests: string[]
    provenance: { sources: { space: string }[]; key: string }
  }
  expect(report.provenance.sources.map(({ space }) => space)).toEqual(['w2v-1', 'w2v-2', 'listeners'])
  expect(report.tests.length).toBe(3)

  const tables = ['--triplets', 'triplets.csv', '--items', 'items.csv', '--audio', '.', '--dtw', 'as-published']
  for (const seed of ['1', '2']) {
    const asked = await heschl(
      'abx',
      '--model',
      'wav2vec2-demo',
      '--seed',
      seed,
      '--layers',
      'transf1',
      ...tables,
      '--out',
      `abx${seed}.tsv`,
      '--json',
    )
    expect(asked.code).toBe(0)
    const { layers } = JSON.parse(asked.stdout) as { layers: { contrasts: Record<string, { accuracy: number }> }[] }
    for (const row of await rowsOf('out/behaviour.contrasts.tsv'))
      expect(Number(row[`model_w2v-${seed}`])).toBeCloseTo(layers[0].contrasts[row.contrast].accuracy, 12)
    const written = (await readFile(join(folder, `abx${seed}.tsv`), 'utf8')).replace(
      'delta_transf1',
      `delta_w2v-${seed}`,
    )
    await writeFile(join(folder, `abx${seed}.tsv`), written)
  }
  const compared = await heschl(
    'listeners',
    '--answers',
    'answers.csv',
    '--deltas',
    'abx1.tsv',
    'abx2.tsv',
    '--listener',
    'FR',
    '--native',
    'FR=w2v-2',
    'EN=w2v-1',
    '--json',
  )
  const listeners = JSON.parse(compared.stdout) as {
    models: { model: string; rho: number; probit: { logLikelihood: number } }[]
    native: { r: number }
  }
  const rows = await rowsOf('out/behaviour.comparison.tsv')
  for (const { model, rho, probit } of listeners.models) {
    const row = rows.find((one) => one.listeners === 'FR' && one.model === model)!
    expect(Number(row.rho)).toBeCloseTo(rho, 12)
    expect(Number(row.log_likelihood)).toBeCloseTo(probit.logLikelihood, 9)
    expect(row.regime).toBe(model === 'w2v-2' ? 'native' : 'non-native')
    expect(Number(row.rho_low)).toBeLessThanOrEqual(Number(row.rho_high))
  }
  expect(report.caption).toContain(`Pearson r = ${listeners.native.r.toFixed(3).replace('-', '−')}`)

  // A model is native to the triplets of its language: the mean over those contrasts.
  const contrasts = await rowsOf('out/behaviour.contrasts.tsv')
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const models = await rowsOf('out/behaviour.models.tsv')
  for (const [language, native] of [
    ['EN', 'w2v-1'],
    ['FR', 'w2v-2'],
  ] as const)
    for (const model of ['w2v-1', 'w2v-2']) {
      const own = contrasts.filter((row) => row.language === language).map((row) => Number(row[`model_${model}`]))
      const role = model === native ? 'native' : 'non-native'
      const row = models.find((one) => one.model === model && one.regime === role)!
      expect(Number(row.accuracy)).toBeCloseTo(mean(own), 12)
    }
  expect(JSON.parse((await figure('--out', 'twice')).stdout)).toMatchObject({
    provenance: { key: report.provenance.key },
  })
}, 240_000)
