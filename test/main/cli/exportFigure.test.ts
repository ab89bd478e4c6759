/** `heschl export --figure`: the data behind a figure, against the scores that the study's run wrote. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseTsv } from '../../../src-main/formats/tsv.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'
import { heschl as heschlIn } from './heschl.ts'

let folder: string
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)
const figure = (...args: readonly string[]) => heschl('export', 'study.yaml', '--figure', ...args, '--json')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-figure-'))
  const { path } = await makeSmallStudy(folder, { layers: ['transf0', 'transf1'], subjects: 3 })
  // Listeners of two languages; the first model is native to one and non-native to the other.
  const text = (await readFile(path, 'utf8'))
    .replace('{id: w2v-1, regime: untrained', '{id: w2v-1, regime: native, language: French')
    .replace('- id: sub-01\n', '- id: sub-01\n    language: french\n')
    .replace('- id: sub-02\n', '- id: sub-02\n    language: English\n')
    .replace('- id: sub-03\n', '- id: sub-03\n    language: french\n')
  await writeFile(path, text)
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

const rowsOf = async (file: string) => {
  const { columns, rows } = parseTsv(await readFile(join(folder, file), 'utf8'), file)
  return rows.map(({ values }) => Object.fromEntries(columns.map((name, i) => [name, values[i]])))
}

test('before the study was run it says so and writes nothing', async () => {
  const { code, stdout } = await figure('regimes', '--out', 'early')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'FILE_MISSING' } })
  await expect(readFile(join(folder, 'early', 'regimes.md'))).rejects.toThrow()
}, 60_000)

test('each group has its own native model, and means are those of the scores', async () => {
  expect((await heschl('run', 'study.yaml', '--scores', 'scores.tsv')).code).toBe(0)
  const { code, stdout } = await figure('regimes', '--out', 'out')
  expect(code).toBe(0)
  const subjects = await rowsOf('out/regimes.subjects.tsv')
  const of = (subject: string, regime: string) =>
    subjects.find((row) => row.subject === subject && row.regime === regime)?.mean
  expect(of('sub-01', 'native')).not.toBe('n/a')
  expect(of('sub-01', 'non-native')).toBe('n/a')
  expect(of('sub-02', 'native')).toBe('n/a')
  expect(of('sub-02', 'non-native')).not.toBe('n/a')
  const mean = (values: readonly (string | undefined)[]) =>
    values.reduce((sum, v) => sum + Number(v), 0) / values.length
  const scored = (await rowsOf('scores.tsv')).filter((row) => row.model === 'w2v-2')
  const ours = ['sub-01', 'sub-02', 'sub-03'].map((subject) => of(subject, 'untrained'))
  expect(mean(ours)).toBeCloseTo(mean(scored.map((row) => row.mean)), 6)
  const regions = await rowsOf('out/regimes.regions.tsv')
  const front = regions.find((row) => row.regime === 'untrained' && row.region === 'front')
  expect(Number(front?.mean)).toBeCloseTo(mean(scored.map((row) => row['region:front'])), 6)
  const report = JSON.parse(stdout) as { provenance: { key: string; sources: unknown[] }; caption: string }
  expect(report.provenance.sources).toHaveLength(4)
  expect(report.caption).toContain('untrained (n = 3)')
  const again = JSON.parse((await figure('regimes', '--out', 'again')).stdout) as typeof report
  expect(again.provenance.key).toBe(report.provenance.key)
  const one = await figure('regimes', '--with', 'layer=transf1', '--out', 'one')
  expect((JSON.parse(one.stdout) as typeof report).provenance.key).not.toBe(report.provenance.key)
}, 120_000)

test('the hierarchy: means by layer are those of the scores, and the surface without spheres has no spin p', async () => {
  const { code, stdout } = await figure('hierarchy', '--with', 'model=w2v-2', '--formats', 'svg', '--out', 'layers')
  expect(code).toBe(0)
  const scored = (await rowsOf('scores.tsv')).filter((row) => row.model === 'w2v-2')
  const layers = await rowsOf('layers/hierarchy.layers.tsv')
  expect(layers.map(({ layer }) => layer)).toEqual(['transf0', 'transf1'])
  for (const { layer, mean, n } of layers) {
    expect(Number(mean)).toBeCloseTo(Number(scored.find((row) => row.layer === layer)?.mean), 6)
    expect(n).toBe('3')
  }
  const { notes } = JSON.parse(stdout) as { notes: readonly string[] }
  expect(notes.join()).toContain('3 subjects: no p below 0.13 is possible')
}, 120_000)

test('an option that the figure does not have is named', async () => {
  const { code, stdout } = await figure('regimes', '--with', 'layr=transf1', '--out', 'out')
  expect(code).toBe(2)
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string } }
  expect(error.code).toBe('OPTION_INVALID')
  expect(error.message).toContain('layr')
}, 60_000)

test('a study gives its figures, until it or they are changed', async () => {
  const made = await figure('scores', '--out', 'figures', '--width', '120', '--dpi', '96')
  expect(made.code).toBe(0)
  const { files } = JSON.parse(made.stdout) as { files: string[] }
  expect(files).toEqual(expect.arrayContaining(['scores.svg', 'scores.pdf', 'scores.png', 'scores.spaces.parquet']))
  const svg = await readFile(join(folder, 'figures', 'scores.svg'), 'utf8')
  expect(svg).toMatch(/^<svg [^>]*width="120mm"/)
  expect(await readFile(join(folder, 'figures', 'scores.md'), 'utf8')).toContain('Wilcoxon signed-rank test')
  const verify = (file: string, ...args: readonly string[]) => heschl('verify', `figures/${file}`, ...args, '--json')
  for (const file of ['scores.svg', 'scores.pdf', 'scores.png']) {
    const { code, stdout } = await verify(file)
    expect(JSON.parse(stdout)).toMatchObject({ figure: 'scores', same: true, changes: [], remarks: [] })
    expect(code).toBe(0)
  }

  // The picture in it, drawn over.
  await writeFile(join(folder, 'figures', 'edited.svg'), svg.replace('</svg>', '<g/></svg>'))
  const edited = await verify('edited.svg')
  expect(edited.code).toBe(1)
  expect(JSON.parse(edited.stdout)).toMatchObject({ changes: [expect.stringContaining('the file')] })

  // Another study: a model is gone, so its scores are used no more, and one subject's recordings are another's.
  const text = await readFile(join(folder, 'study.yaml'), 'utf8')
  await writeFile(
    join(folder, 'other.yaml'),
    text.replace(/ {2}- \{id: w2v-2.*\n/, '').replaceAll('sub-03_', 'sub-01_'),
  )
  expect((await heschl('run', 'other.yaml')).code).toBe(0)
  const other = await verify('scores.png', '--study', 'other.yaml')
  expect(other.code).toBe(1)
  const { changes } = JSON.parse(other.stdout) as { changes: string[] }
  expect(changes).toEqual(
    expect.arrayContaining([
      'subject sub-03: its recordings are others',
      'scores of w2v-2, transf0: they are no longer used',
      'the table spaces: other values',
      'the drawing',
    ]),
  )

  const foreign = await heschl('verify', 'study.yaml', '--json')
  expect(foreign.code).toBe(1)
  expect(JSON.parse(foreign.stdout)).toMatchObject({ error: { code: 'FORMAT_INVALID' } })
  const lost = await verify('scores.pdf', '--study', 'nowhere.yaml')
  expect(JSON.parse(lost.stdout)).toMatchObject({ error: { code: 'FILE_MISSING' } })
}, 400_000)

test('all writes what can be made', async () => {
  const { code, stdout } = await figure('all', '--out', 'all', '--dpi', '72', '--formats', 'svg')
  expect(code).toBe(0)
  const { figures, failed } = JSON.parse(stdout) as { figures: { figure: string }[]; failed: { error: object }[] }
  expect(figures.map((one) => one.figure)).toEqual(expect.arrayContaining(['scores', 'regimes']))
  for (const { error } of failed) expect(error).toMatchObject({ code: expect.any(String) as string })
  expect((await figure('all', '--with', 'layer=mean', '--out', 'all')).code).toBe(2)
}, 400_000)
