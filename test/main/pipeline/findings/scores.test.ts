/** The scores' finding against pandas, scipy and statsmodels on a small table (test/reference/findings/generate.py). */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Finding } from '../../../../src-main/contract/findings.ts'
import { Scores } from '../../../../src-main/pipeline/findings/input.ts'
import type { FindingInput, FindingSpace } from '../../../../src-main/pipeline/findings/input.ts'
import { scoresFinding } from '../../../../src-main/pipeline/findings/scores/scores.ts'
import { figuresSchema } from '../../../../src-main/study/figures.ts'

type Row = Readonly<Record<string, string | number>>
interface Expected extends Readonly<
  Record<'spaces' | 'regions' | 'languages' | 'contrasts' | 'chosen', readonly Row[]>
> {
  readonly layer: string
  readonly weights: 'equal' | 'area' | 'ceiling'
  readonly map: readonly (number | null)[]
}
interface Reference extends Readonly<Record<'subjects' | 'languages' | 'regions', readonly string[]>> {
  readonly layers: Readonly<Record<string, readonly string[]>>
  readonly labels: readonly number[]
  readonly maps: readonly (Row & { readonly values: readonly (number | null)[] })[]
  readonly correlation: readonly number[]
  readonly ceiling: readonly number[]
  readonly positions: readonly number[]
  readonly triangles: readonly (readonly number[])[]
  readonly expected: readonly Expected[]
}

const path = fileURLToPath(new URL('../../../reference/findings/scores.json', import.meta.url))
const reference = JSON.parse(readFileSync(path, 'utf8')) as Reference
const half = reference.labels.length / 2

function hemisphere(from: number) {
  const own = <T>(values: readonly T[], width = 1) => values.slice(from * width, (from + half) * width)
  const triangles = reference.triangles.filter(([first]) => first >= from && first < from + half)
  return {
    folded: Float32Array.from(own(reference.positions, 3)),
    inflated: Float32Array.from(own(reference.positions, 3)),
    triangles: Uint32Array.from(triangles.flat(), (vertex) => vertex - from),
    sulc: new Float32Array(half),
    labels: Uint16Array.from(own(reference.labels)),
  }
}

const regimes: Readonly<Record<string, string>> = { native: 'native', untrained: 'untrained', mel: '' }
const spaces = Object.entries(reference.layers).map(([id, layers]): FindingSpace => ({
  ...{ id, kind: id === 'mel' ? 'space' : 'model', regime: regimes[id], language: '', layers, axis: null },
  members: [{ id, at: null }],
}))
const numbers = (values: readonly (number | null)[]) => Float32Array.from(values, (value) => value ?? NaN)
const arrays = new Map(
  reference.maps.map(({ space, layer, subject, values }) => [`${space} ${layer} ${subject}/r`, numbers(values)]),
)
arrays.set('ceiling/correlation', numbers(reference.correlation)).set('ceiling/ceiling', numbers(reference.ceiling))

const colour = [0, 0, 0] as const
const against0 = { encoding: { preset: 'standard', chance: 'zero' } } as unknown as FindingInput['study']
const input: FindingInput = {
  study: against0,
  measure: { name: 'Pearson r', symbol: 'r' },
  spaces,
  subjects: reference.subjects.map((id, i) => ({ id, language: reference.languages[i] })),
  scores: reference.maps.map(({ space, layer, subject }) => ({
    ...{ member: String(space), layer: String(layer), subject: String(subject) },
    key: `${space} ${layer} ${subject}`,
  })),
  ceilings: [{ subjects: reference.subjects, key: 'ceiling' }],
  behaviour: null,
  surface: {
    ...{ name: 'strip', schematic: true, notes: [], left: hemisphere(0), right: hemisphere(half) },
    regions: ['unknown', ...reference.regions].map((name) => ({ name, colour })),
  },
}

const found = (options: object, changed: Partial<FindingInput> = {}) =>
  scoresFinding(
    new Scores({ ...input, ...changed }, (step, name) => {
      const data = arrays.get(`${step}/${name}`)!
      return Promise.resolve({ name, shape: [data.length], data })
    }),
    figuresSchema.parse({ scores: options }).scores,
    { progress: () => undefined, cancelled: () => false },
  )

function rowsOf({ tables }: Pick<Finding, 'tables'>, name: string): readonly Row[] {
  const columns = tables.find((table) => table.name === name)!.columns
  return Array.from({ length: columns[0].values.length }, (_, row) =>
    Object.fromEntries(columns.map((column) => [column.name, column.values[row]])),
  )
}

describe.each(reference.expected.map((one) => [`${one.layer}, ${one.weights}`, one] as const))('%s', (_, expected) => {
  const finding = found({ layer: expected.layer, weights: expected.weights })
  /** Every number of the expected rows, in the rows that have the same words. */
  async function agree(table: string, rows: readonly Row[], names: Readonly<Record<string, string>> = {}) {
    const ours = rowsOf(await finding, table)
    for (const row of rows) {
      const words = Object.entries(row).filter(([, value]) => typeof value === 'string')
      const own = ours.filter((each) => words.every(([name, value]) => each[name] === value))
      expect(own, JSON.stringify(words)).toHaveLength(1)
      for (const [name, value] of Object.entries(row)) {
        if (typeof value === 'string') continue
        const ourName = names[name] ?? name
        const number = Number(own[0][ourName])
        expect(Math.abs(number - value), `${words.join(' ')} ${name}: ${number} for ${value}`).toBeLessThanOrEqual(
          1e-9 * Math.max(Math.abs(value), 1e-3),
        )
      }
    }
  }
  const means = { low: 'mean_low', high: 'mean_high' }
  const differences = { mean: 'difference', low: 'difference_low', high: 'difference_high' }
  const noSem = (rows: readonly Row[]) =>
    rows.map((row): Row => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'sem')))

  test('means, intervals, ceiling and shares', () => agree('spaces', expected.spaces, means))
  test('regions', () => agree('regions', expected.regions, means))
  test('language groups', () => agree('languages', expected.languages, means))
  test('paired differences, Wilcoxon, Benjamini–Hochberg, effect sizes', () =>
    agree('contrasts', noSem(expected.contrasts), differences))
  test('the layer of every subject', async () => {
    const rows = rowsOf(await finding, 'subjects').filter(({ region }) => region === 'whole cortex')
    expect(rows.map(({ space, subject, layer }) => ({ space, subject, layer }))).toEqual(expected.chosen)
  })
  test('the map', async () => {
    const { values } = (await finding).maps.find(({ name }) => name === 'native')!
    for (const [v, value] of expected.map.entries())
      if (value === null) expect(values[v]).toBeNaN()
      else expect(Math.abs(values[v] - value)).toBeLessThan(1e-6)
  })
})

test('models are compared less what the same responses score when they are shifted; means stay as scored', async () => {
  const chance: Readonly<Record<string, number>> = { native: 0.04, untrained: 0.01, mel: 0.02 }
  for (const { space, layer, subject, values } of reference.maps)
    arrays.set(`${space} ${layer} ${subject}/chance`, new Float32Array(values.length).fill(chance[space]))
  const shifted = { encoding: { preset: 'standard' } } as unknown as FindingInput['study']
  const [plain, above] = [await found({}), await found({}, { study: shifted })]
  for (const table of ['spaces', 'regions', 'subjects'])
    expect(rowsOf(above, table).map(({ chance: _, ...row }) => row)).toEqual(rowsOf(plain, table))
  for (const { space, chance: by } of rowsOf(above, 'spaces')) expect(Number(by)).toBeCloseTo(chance[space], 6)
  const [raw, own] = [plain, above].map((finding) => rowsOf(finding, 'contrasts'))
  for (const [i, { space, baseline, region, difference }] of raw.entries()) {
    if (region === 'empty') continue
    const less = chance[space] - chance[baseline]
    expect(Number(own[i]['difference'])).toBeCloseTo(Number(difference) - less, 6)
  }
  expect(above.caption).toContain(
    'Differences within subjects, each less the score of the same responses shifted in time',
  )
  expect(above.methods).toContain('Chance is the score of the same responses shifted in time within runs (once)')
})

describe('what cannot be said is said', () => {
  test('a region without vertices has no value and no test', async () => {
    const rows = rowsOf(await found({}), 'contrasts').filter(({ region }) => region === 'empty')
    expect(rows.map(({ p, not_tested }) => [p, not_tested])).toEqual([
      [NaN, 'no value'],
      [NaN, 'no value'],
      [NaN, 'no value'],
    ])
  })
  test('one subject has scores, no interval, no test', async () => {
    const { caption, notes, ...finding } = await found({}, { subjects: input.subjects.slice(0, 1) })
    const [row] = rowsOf(finding, 'spaces')
    expect([row.n, row.sem, row.mean_low]).toEqual([1, NaN, NaN])
    expect(rowsOf(finding, 'contrasts').every(({ p }) => Number.isNaN(Number(p)))).toBe(true)
    expect(notes.join(' ')).toContain('one subject')
    expect(caption).toContain('not tested')
  })
  test('three subjects cannot give a small p', async () => {
    const { notes } = await found({}, { subjects: input.subjects.slice(0, 3) })
    expect(notes.join(' ')).toContain('cannot give a p below 0.25')
  })
  test('without a ceiling there is no share, and no weighting by it', async () => {
    const finding = await found({}, { ceilings: [] })
    expect(rowsOf(finding, 'spaces')[0].share).toBeNaN()
    expect(finding.notes.join(' ')).toContain('no noise ceiling')
    await expect(found({ weights: 'ceiling' }, { ceilings: [] })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
  test('a model that is not there is named', async () => {
    await expect(found({ baselines: ['nativ'] })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(found({ model: 'nativ' })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(found({ layer: 'transf9' }, { spaces: spaces.slice(0, 2) })).rejects.toMatchObject({
      code: 'FILE_MISSING',
    })
  })
})

test('the model that is shown comes first, with what it is compared with', async () => {
  const finding = await found({ model: 'untrained', baselines: ['native'] })
  expect(finding.maps.map(({ name }) => name)).toEqual(['untrained', 'native', 'mel'])
  expect(new Set(rowsOf(finding, 'contrasts').map(({ baseline }) => baseline))).toEqual(new Set(['native']))
  expect(finding.caption).toContain('native')
})
