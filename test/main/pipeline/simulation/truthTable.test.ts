import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readParquetHeader } from '../../../../src-main/formats/parquet/parquet.ts'
import { readTable } from '../../../../src-main/formats/tableFile.ts'
import { parseTsv } from '../../../../src-main/formats/tsv.ts'
import { defaultTruth } from '../../../../src-main/pipeline/simulation/defaultTruth.ts'
import { resolveTruth } from '../../../../src-main/pipeline/simulation/resolveTruth.ts'
import type { TruthContext } from '../../../../src-main/pipeline/simulation/resolveTruth.ts'
import { parseTruth, truthParquet, truthText } from '../../../../src-main/pipeline/simulation/truthTable.ts'

const parse = (text: string) => parseTruth(parseTsv(text, 'truth.tsv'), 'truth.tsv')
const table = (...rows: readonly string[]) => parse(rows.join('\n'))

const context: TruthContext = {
  regions: ['STG', 'IFG', 'motor'],
  models: [
    { id: 'en', regime: 'native', language: 'English' },
    { id: 'fr', regime: 'native', language: 'french' },
    { id: 'noise', regime: 'non-speech' },
  ],
  memberOf: (id) =>
    id === 'e' ? undefined : { id: id === 'noise' ? 'noise@1' : id, layers: ['conv0', 'transf0', 'transf1'] },
  hrf: 'glover',
  languages: ['english', 'french'],
}

describe('a table', () => {
  test('gives what it says; what is empty or n/a is left out', () => {
    const rows = table('region\tlayer\tweight\thrf\tsmoothing', 'STG\ttransf0\t\tSPM\tn/a', '', 'IFG\t0.5\t2e1\t\t3')
    expect(rows).toEqual([
      { line: 2, region: 'STG', layer: 'transf0', hrf: 'spm' },
      { line: 4, region: 'IFG', layer: '0.5', weight: 20, smoothing: 3 },
    ])
  })

  test.each([
    ['weight', '-1', 'a number from 0.000001 to 1000000'],
    ['weight', 'much', 'a number from 0.000001 to 1000000'],
    ['signal', '1', 'a share from 0 to below 1'],
    ['autocorrelation', '-0.1', 'a correlation from 0 to below 1'],
    ['hemisphere', 'top', 'both, left or right'],
    ['hrf', 'glover-derivative', 'glover, spm, none'],
    ['smoothing', '2.5', 'a whole number of rounds, up to 20'],
    ['delay', '31', 'seconds, from -30 to 30'],
    ['signal_sd', 'Infinity', 'a number from 0 to 10'],
  ])('of a bad %s says line, column and what was expected', (column, value, expected) => {
    expect(() => table(`region\t${column}`, 'STG\t', `IFG\t${value}`)).toThrowError(
      expect.objectContaining({
        code: 'FORMAT_INVALID',
        summary: `A value of the column "${column}" cannot be planted`,
        parts: expect.objectContaining({ where: { file: 'truth.tsv', line: 3 }, expected, found: `"${value}"` }),
      }),
    )
  })

  test('with a column that is not known, without regions, or without rows is refused', () => {
    expect(() => table('region\tsnr', 'STG\t1')).toThrowError(expect.objectContaining({ code: 'FORMAT_INVALID' }))
    expect(() => table('layer', 'transf0')).toThrowError(/other columns/)
    expect(() => table('region\tlayer', '\ttransf0')).toThrowError(/"region" cannot/)
    expect(() => table('region')).toThrowError(/no rows/)
  })
})

describe('held against a study', () => {
  const resolve = (...rows: readonly string[]) => resolveTruth(table(...rows), 'truth.tsv', context)

  test('every listener has their own native model; everything is filled in', () => {
    const rows = resolve('region\tmodel\tlayer', 'STG\tnative\ttransf1', 'STG\tnon-native\t0.5', 'IFG\tnon-speech\t')
    expect(rows.map(({ region, language, model, layer }) => [region, language, model, layer])).toEqual([
      ['STG', 'english', 'en', 'transf1'],
      ['STG', 'french', 'fr', 'transf1'],
      ['STG', 'english', 'fr', '0.5'],
      ['STG', 'french', 'en', '0.5'],
      ['IFG', 'english', 'noise@1', '0.5'],
      ['IFG', 'french', 'noise@1', '0.5'],
    ])
    // Written and read again, it is the same.
    expect(parse(truthText(rows)).map(({ line: _, ...row }) => row)).toEqual(rows)
    expect(resolve(...truthText(rows).trimEnd().split('\n'))).toEqual(rows)
  })

  test('as Parquet it is the same table', async () => {
    const rows = resolve(
      'region\tmodel\tlayer\tdelay\tsmoothing',
      'STG\tnative\t0.5\t1.25\t3',
      'IFG\tnative\ttransf1\t\t',
    )
    const folder = mkdtempSync(join(tmpdir(), 'heschl-truth-'))
    try {
      const file = join(folder, 'truth.parquet')
      writeFileSync(file, truthParquet(rows, { title: 'simulated' }))
      expect(parseTruth(await readTable(file), file).map(({ line: _, ...row }) => row)).toEqual(rows)
      const { columns } = await readParquetHeader(file)
      expect(columns.map(({ name }) => name)).toEqual(truthText(rows).split('\n')[0].split('\t'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('a region’s own values hold for all of its rows, whichever gives them; * is all other regions', () => {
    const rows = resolve(
      'region\tlanguage\tmodel\tsignal\tautocorrelation',
      'STG\tenglish\ten\t\t0.1',
      'STG\tenglish\tfr\t0.2\t',
      '*\tfrench\t\t0\t',
    )
    expect(
      rows.map(({ region, language, signal, autocorrelation }) => [region, language, signal, autocorrelation]),
    ).toEqual([
      ['STG', 'english', 0.2, 0.1],
      ['STG', 'english', 0.2, 0.1],
      ['IFG', 'french', 0, 0.4],
      ['motor', 'french', 0, 0.4],
    ])
  })

  test.each([
    ['region', 'STC', 'STG, or another of: STG, IFG, motor'],
    ['model', 'e', 'en, or another of: en, fr, noise, native, non-native, non-speech'],
    ['layer', 'transf9', /^transf0, or another of: /],
    ['layer', '1.5', /conv0, transf0, transf1/],
    ['language', 'german', 'english, french'],
  ])('a %s that is not there is told with what is', (column, value, expected) => {
    const header = column === 'region' ? 'region' : `region\t${column}`
    const line = column === 'region' ? value : `STG\t${value}`
    expect(() => resolve(header, line)).toThrowError(
      expect.objectContaining({
        code: 'FORMAT_INVALID',
        parts: expect.objectContaining({
          where: { file: 'truth.tsv', line: 2 },
          found: `"${value}"`,
          expected: typeof expected === 'string' ? expected : expect.stringMatching(expected),
        }),
      }),
    )
  })

  test('two values for one region, and a layer that is planted twice, are refused', () => {
    expect(() => resolve('region\themisphere\tlayer\tsignal', 'STG\tleft\t0\t0.1', 'STG\tboth\t1\t0.2')).toThrowError(
      /"signal" cannot/,
    )
    expect(resolve('region\themisphere\tlayer\tsignal', 'STG\tleft\t0\t0.1', 'STG\tright\t0\t0.2')).toHaveLength(4)
    expect(() => resolve('region\tmodel', 'STG\ten', 'STG\ten')).toThrowError(/"model" cannot/)
  })
})

describe('without a table', () => {
  test('the hierarchy on Destrieux’s names, with regimes where a native model is among them', () => {
    const regions = ['lh_G_temp_sup-G_T_transv', 'S_temporal_sup', 'G_precentral']
    const alone = defaultTruth(regions, ['untrained'])
    expect(alone.map(({ region, layer }) => [region, layer])).toEqual([
      [regions[0], '0.1'],
      [regions[1], '0.5'],
    ])
    const mixed = defaultTruth(regions, ['untrained', 'native', 'supervised'])
    expect(mixed.map(({ model, weight }) => [model, weight])).toEqual([
      ['native', 4],
      ['untrained', 1],
      ['native', 4],
      ['untrained', 1],
    ])
  })

  test('on other parcellations places run along the regions', () => {
    expect(defaultTruth(['front', 'back'], []).map(({ region, layer }) => [region, layer])).toEqual([
      ['front', '0.25'],
      ['back', '0.75'],
    ])
  })
})
