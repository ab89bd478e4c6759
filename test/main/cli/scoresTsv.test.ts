import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scoresParquet, scoresTsv } from '../../../src-main/cli/scoresTsv.ts'
import { readParquetHeader } from '../../../src-main/formats/parquet/parquet.ts'
import { readTable } from '../../../src-main/formats/tableFile.ts'
import { syntheticTable } from '../../renderer/syntheticStudy.ts'

/** Lines as maps from column to cell. */
function read(text: string): Record<string, string>[] {
  expect(text.endsWith('\n')).toBe(true)
  const [head, ...lines] = text.slice(0, -1).split('\n')
  const names = head.split('\t')
  return lines.map((line) => {
    const cells = line.split('\t')
    expect(cells).toHaveLength(names.length)
    return Object.fromEntries(names.map((name, i) => [name, cells[i]]))
  })
}

const lines = read(scoresTsv(syntheticTable))
const of = (model: string, layer: string) => lines.filter((line) => line['model'] === model && line['layer'] === layer)

test('a line a model and layer, and one for each of its members', () => {
  expect(lines).toHaveLength(14 * (1 + 5) + 14 * (1 + 3) + 1)
  expect(of('w2v-native', 'transf4').map(({ member, at, steps }) => [member, at, steps])).toEqual([
    ['n/a', '400000', '400000'],
    ['w2v-native@0', '0', '0'],
    ['w2v-native@10000', '10000', '10000'],
    ['w2v-native@50000', '50000', '50000'],
    ['w2v-native@100000', '100000', '100000'],
    ['w2v-native@400000', '400000', '400000'],
  ])
  expect(of('w2v-untrained', 'conv4').map(({ member, axis, at, seeds }) => [member, axis, at, seeds])).toEqual([
    ['n/a', 'seed', 'n/a', '3'],
    ['w2v-untrained@1', 'seed', '1', '1'],
    ['w2v-untrained@2', 'seed', '2', '1'],
    ['w2v-untrained@3', 'seed', '3', '1'],
  ])
})

test('what the study says of the training is in every line, and what is not known is n/a', () => {
  const [native] = of('w2v-native', 'transf4')
  const training = { regime: 'native', language: 'english', hours: '600', corpus: 'a made-up corpus' }
  expect(native).toMatchObject({ ...training, note: 'Nothing was trained.', axis: 'steps' })
  expect(of('mel', 'mel')).toMatchObject([
    { member: 'n/a', axis: 'n/a', regime: 'n/a', hours: 'n/a', seeds: 'n/a', sd_seeds: 'n/a' },
  ])
})

test('numbers keep all their digits', () => {
  const row = syntheticTable.rows.find(({ model }) => model === 'w2v-untrained')!
  const [line, first] = of('w2v-untrained', row.layer)
  expect(Number(line['mean'])).toBe(row.meanR)
  expect(Number(line['se_subjects'])).toBe(row.semR)
  expect(Number(line['sd_seeds'])).toBe(row.spread!.sd)
  expect(Number(line['share_of_ceiling'])).toBe(row.ceilingShare)
  expect(line[`region:${syntheticTable.regions[0]}`]).toBe('n/a')
  expect(Number(line[`region:${syntheticTable.regions[1]}`])).toBe(row.byRegion[1])
  expect(Number(first['mean'])).toBe(row.members[0].meanR)
  expect(first['sd_seeds']).toBe('n/a')
})

test('as Parquet the same lines, with all digits of their numbers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-scores-'))
  try {
    const file = join(folder, 'scores.parquet')
    writeFileSync(file, scoresParquet(syntheticTable))
    const { columns, rows } = await readTable(file)
    expect(columns).toEqual(Object.keys(lines[0]))
    const told = rows.map(({ values }) => Object.fromEntries(columns.map((name, i) => [name, values[i] || 'n/a'])))
    expect(told).toEqual(lines)
    const types = new Map((await readParquetHeader(file)).columns.map(({ name, type }) => [name, type]))
    expect([types.get('mean'), types.get('hours')]).toEqual([types.get('at'), types.get('subjects')])
    expect(types.get('note')).toBe(types.get('model'))
    expect(types.get('note')).not.toBe(types.get('mean'))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('whatever stands in a note or a name, the table keeps its shape', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      const models = syntheticTable.models.map((model) => ({ ...model, note: text, corpus: text }))
      const regions = syntheticTable.regions.map((name, i) => `${i}${text}${name}`)
      expect(read(scoresTsv({ ...syntheticTable, models, regions }))).toHaveLength(lines.length)
    }),
    { numRuns: 30 },
  )
})

test('a set of spaces has a line, and one for each part of what it explains', () => {
  const { regions } = syntheticTable
  const score = (name: string, mean: number) => ({ name, mean, byRegion: regions.map((_, i) => mean + i) })
  const parts = [score('only mel', 0.5), score('only words', -0.25), score('mel & words', 0.125)]
  const set = { id: 'joint', of: ['mel', 'words'], solver: 'ridge', subjects: 4, score: score('joint', 0.375) }
  const sets = [
    { ...set, partition: { measure: 'r2' as const, unions: parts, parts } },
    { ...set, id: 'banded', partition: null },
  ]
  const found = read(scoresTsv({ ...syntheticTable, sets })).slice(lines.length)
  expect(found.map(({ model, layer, subjects, score, mean }) => [model, layer, subjects, score, mean])).toEqual([
    ['joint', 'all', '4', syntheticTable.measure.symbol, '0.375'],
    ['joint', 'only mel', '4', 'R²', '0.5'],
    ['joint', 'only words', '4', 'R²', '-0.25'],
    ['joint', 'mel & words', '4', 'R²', '0.125'],
    ['banded', 'all', '4', syntheticTable.measure.symbol, '0.375'],
  ])
  expect(found[1]).toMatchObject({ regime: 'n/a', seeds: 'n/a', [`region:${regions[1]}`]: '1.5' })
})
