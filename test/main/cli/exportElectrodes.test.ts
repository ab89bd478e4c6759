/** `heschl export --maps` of a study of electrodes: the scores that are stored, with coordinates as its tables have them. */
import { readFileSync, readdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parquetReadObjects } from 'hyparquet'
import { readTable } from '../../../src-main/formats/tableFile.ts'
import { parseTsv } from '../../../src-main/formats/tsv.ts'
import { Store } from '../../../src-main/store/store.ts'
import { makeElectrodeStudy } from '../../support/electrodeStudy.ts'
import type { ElectrodeStudy } from '../../support/electrodeStudy.ts'
import { heschl } from './heschl.ts'

let folder: string
let study: ElectrodeStudy

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-electrode-maps-'))
  study = await makeElectrodeStudy(folder)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const error = (stdout: string) => (JSON.parse(stdout) as { error: { code: string; expected?: string } }).error
const exported = (...args: readonly string[]) => heschl(folder, 'export', 'study.yaml', '--maps', ...args, '--json')
type Sidecar = Readonly<
  Record<string, { readonly Description: string; readonly Keys?: Readonly<Record<string, string>> }>
>

test('a row an electrode, placed or not, a column a map, with the numbers of the store', async () => {
  const before = await exported('--out', 'early')
  expect([before.code === 0, error(before.stdout).code]).toEqual([false, 'FILE_MISSING'])
  expect(readdirSync(folder)).not.toContain('early')
  expect((await heschl(folder, 'run', 'study.yaml')).code).toBe(0)

  const { code, stdout } = await exported('--as', 'func.gii,tsv,parquet', '--out', 'maps')
  expect(code).toBe(0)
  const told = JSON.parse(stdout) as { files: string[]; failed: { what: string }[] }
  expect(told.failed.map(({ what }) => what)).toEqual(['mean, layers, regimes, ceiling'])
  expect(readdirSync(join(folder, 'maps')).toSorted()).toEqual(told.files.toSorted())
  expect(told.files).toEqual(
    expect.arrayContaining(['electrodes.tsv', 'electrodes.parquet', 'electrodes.json', 'dataset_description.json']),
  )

  const { columns, rows } = await readTable(join(folder, 'maps', 'electrodes.tsv'), parseTsv)
  expect(columns).toEqual([
    ...['subject', 'name', 'x', 'y', 'z', 'units', 'space', 'table', 'score:loud', 'score:edges'],
  ])
  const cells = rows.map(({ values }) => Object.fromEntries(columns.map((name, i) => [name, values[i]])))
  expect(cells.map(({ subject, name }) => `${subject}:${name}`)).toEqual([
    ...study.names.a.map((name) => `a:${name}`),
    ...study.names.b.map((name) => `b:${name}`),
  ])
  for (const subject of ['a', 'b']) {
    const table = parseTsv(readFileSync(join(folder, `sub-${subject}_electrodes.tsv`), 'utf8'), subject)
    const own = cells.filter((row) => row['subject'] === subject)
    for (const [i, { values }] of table.rows.entries()) {
      const { name, x, y, z, units, space, table: file } = own[i]
      const numbers = (words: readonly string[]) => words.map((word) => (word === 'n/a' ? word : Number(word)))
      expect([name, ...numbers([x, y, z])]).toEqual([values[0], ...numbers(values.slice(1))])
      expect([units, space, file]).toEqual(['mm', 'schematic', `sub-${subject}_electrodes.tsv`])
    }
  }

  const about = JSON.parse(readFileSync(join(folder, 'maps', 'electrodes.json'), 'utf8')) as Sidecar
  expect(Object.keys(about)).toEqual(columns)
  const store = new Store(join(folder, '.heschl', 'study.db'))
  try {
    for (const column of ['score:loud', 'score:edges'])
      for (const subject of ['a', 'b']) {
        const own = cells.filter((row) => row['subject'] === subject).map((row) => Number(row[column]))
        expect(own).toEqual([...store.array(about[column].Keys![subject], 'r').data])
      }
  } finally {
    store.close()
  }
  expect(Math.max(...cells.map((row) => Number(row['score:loud'])))).toBeGreaterThan(0.3)

  const bytes = readFileSync(join(folder, 'maps', 'electrodes.parquet'))
  const file = new Uint8Array(bytes).buffer
  const read = await parquetReadObjects({ file })
  expect(
    read.map((row) =>
      columns.map((name) => String((row as Readonly<Record<string, string | number | null>>)[name] ?? 'n/a')),
    ),
  ).toEqual(rows.map(({ values }) => values))
}, 120_000)

test('one subject and one space; other kinds of maps are refused with nothing written', async () => {
  const { code } = await exported('scores', '--subject', 'b', '--model', 'edges', '--out', 'one')
  expect(code).toBe(0)
  const { columns, rows } = await readTable(join(folder, 'one', 'electrodes.tsv'), parseTsv)
  expect(columns.slice(8)).toEqual(['score:edges'])
  expect(rows.map(({ values }) => values[1])).toEqual([...study.names.b])
  const layers = await heschl(folder, 'export', 'study.yaml', '--maps', 'layers', '--out', 'layers', '--json')
  expect(error(layers.stdout)).toMatchObject({ code: 'OPTION_INVALID', expected: '--maps scores' })
  expect(readdirSync(folder)).not.toContain('layers')
}, 120_000)
