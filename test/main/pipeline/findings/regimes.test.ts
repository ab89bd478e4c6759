import { expect, test } from 'vitest'
import { HeschlError } from '../../../../src-main/errors.ts'
import { testDifferences } from '../../../../src-main/pipeline/findings/regimes/testing.ts'
import { figuresSchema } from '../../../../src-main/study/figures.ts'
import type { FindingResult } from '../../../../src-main/pipeline/findings/result.ts'
import { plantedScores } from '../../../support/plantedScores.ts'
import type { PlantedPlace } from '../../../support/plantedScores.ts'
import { expectNear } from '../../statistics/oracle.ts'
import { analysed, crossedModels, crossedScores, expected, octahedra, rowsOf } from './crossedDesign.ts'

/** Calls `check` with each expected contrast and its row of the table. */
function againstTable(found: FindingResult, check: (row: number, wanted: (typeof expected.contrasts)[number]) => void) {
  const rows = rowsOf(found, 'contrasts')
  expect(rows.length).toBe(expected.contrasts.length)
  for (const wanted of expected.contrasts) {
    const { group, region, higher } = wanted
    const [row] = rows.where({ group, region }).filter((each) => rows.text(each, 'contrast').startsWith(`${higher} `))
    check(row, wanted)
  }
}

/** Sums of float64 in another order; p values are of ranks, or of continued fractions. */
const close = 1e-9
/** A mean that is exactly 0. */
const rounding = 1e-13

test('Wilcoxon, Benjamini–Hochberg and effect sizes as scipy, statsmodels and pandas on the same table', async () => {
  const found = await analysed(crossedScores())
  const rows = rowsOf(found, 'contrasts')
  againstTable(found, (row, wanted) => {
    expect(rows.number(row, 'n')).toBe(wanted['n'])
    for (const [column, key] of [
      ['mean_difference', 'mean'],
      ['sem', 'sem'],
      ['statistic', 'statistic'],
      ['p', 'p'],
      ['q', 'bh'],
      ['rank_biserial', 'rankBiserial'],
      ['hedges_g', 'g'],
    ] as const)
      expectNear(rows.number(row, column), wanted[key], close, rounding)
  })
  const index = rowsOf(found, 'specialisation')
  for (const { group, region, higher, index: value } of expected.specialisation) {
    const [row] = index.where({ group, region, higher })
    expectNear(index.number(row, 'index'), value, close)
    expect(index.number(row, 'index_low')).toBeLessThanOrEqual(value)
    expect(index.number(row, 'index_high')).toBeGreaterThanOrEqual(value)
  }
})

test('other tests and corrections: t with Holm, Benjamini–Yekutieli, sign flips with the largest statistic', async () => {
  const [holm, by, flips] = await Promise.all([
    analysed(crossedScores(), { test: 't', correction: 'family-wise' }),
    analysed(crossedScores(), { correction: 'benjamini-yekutieli' }),
    analysed(crossedScores(), { test: 'sign-flip' }),
  ])
  againstTable(holm, (row, wanted) => {
    const rows = rowsOf(holm, 'contrasts')
    expectNear(rows.number(row, 'statistic'), wanted['t'], close, rounding)
    expectNear(rows.number(row, 'p'), wanted['pT'], close)
    expectNear(rows.number(row, 'q'), wanted['holmT'], close)
  })
  againstTable(by, (row, wanted) => expectNear(rowsOf(by, 'contrasts').number(row, 'q'), wanted['by'], close))
  // All 2^11 or fewer flips are taken: the same set as the oracle's, and 5 contrasts in the family.
  againstTable(flips, (row, wanted) => expectNear(rowsOf(flips, 'contrasts').number(row, 'q'), wanted['flips'], close))
  expect(flips.methods).toContain('The family-wise error')
  expect(flips.tests.join(' ')).toContain('Bonferroni over 5 contrasts')
})

test('mixed models as statsmodels', async () => {
  const found = await analysed(crossedScores())
  const rows = rowsOf(found, 'mixed')
  for (const { group, region, terms, variance, residual } of expected.mixed) {
    for (const [term, [estimate, error]] of Object.entries(terms)) {
      const [row] = rows.where({ group, region, term })
      expectNear(rows.number(row, 'estimate'), estimate, 1e-6, 1e-9)
      // What statsmodels' optimiser stops at.
      expectNear(rows.number(row, 'standard_error'), error, 2e-4)
      expectNear(rows.number(row, 'subject_variance'), variance, 2e-3)
      expectNear(rows.number(row, 'residual_variance'), residual, 2e-3)
    }
  }
})

test('the nested map counts a contrast where all below it hold, and nowhere else', async () => {
  const level = 0.15
  const found = await analysed(crossedScores(), { level })
  const group = 'french'
  const nested = found.maps.find(({ name }) => name === `${group}: nested`)!
  const chain = ['untrained > chance', 'non-speech > untrained', 'non-native > non-speech', 'native > non-native']
  const q = chain.map((name) => found.maps.find((map) => map.name === `${group}: ${name}: p`)!.values)
  const classes = Array.from(nested.values, (_, v) => {
    const failed = q.findIndex((values) => !(values[v] <= level))
    return failed < 0 ? 4 : failed
  })
  expect([...nested.values]).toEqual(classes)
  expect(new Set(classes)).toEqual(new Set([1, 2]))
  expect(found.notes.join('\n')).toContain('french: at 6 vertices a contrast holds although one below it does not')
  const rows = rowsOf(found, 'nested')
  const counts = rows.where({ group, region: 'whole cortex' }).map((row) => rows.number(row, 'vertices'))
  expect(counts).toEqual([0, 1, 2, 3, 4].map((k) => classes.filter((each) => each === k).length))
  const vertices = rowsOf(found, 'vertices')
  for (const [k, contrast] of chain.entries()) {
    const [row] = vertices.where({ group, contrast })
    expect(vertices.number(row, 'significant')).toBe(q[k].filter((value) => value <= level).length)
  }
})

test('clusters on the mesh: every vertex has a p, and smooth effects survive', async () => {
  const found = await analysed(crossedScores(), { test: 'tfce', permutations: 99 })
  const { values } = found.maps.find(({ name }) => name === 'all listeners: untrained > chance: p')!
  expect(values.every((p) => p <= 0.05)).toBe(true)
  expect(found.tests.join(' ')).toContain('threshold-free cluster enhancement, E = 0.5, H = 2')
})

const listeners = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `s${i}`, language: 'english' }))

test('best layers are chosen by the others, so that noise alone gains nothing', async () => {
  // Twelve layers of pure noise: their own best would be well above 0, the others' best is not.
  const layers = Array.from({ length: 12 }, (_, i) => `transf${i}`)
  const scores = plantedScores({
    ...{ surface: octahedra(), models: [{ id: 'random', regime: 'untrained', layers }], subjects: listeners(40) },
    ...{ seed: 5, score: (_: PlantedPlace, noise: () => number) => noise() },
  })
  const found = await analysed(scores, { layer: 'best' })
  const rows = rowsOf(found, 'regions')
  const [row] = rows.where({ region: 'whole cortex', group: 'all listeners' })
  // SE of a mean of 40 subjects' 12 vertices: 0.046. The best of 12 layers' own means would be at about 0.075.
  expect(Math.abs(rows.number(row, 'mean'))).toBeLessThan(3 * rows.number(row, 'sem'))
  const taken = rowsOf(found, 'layers')
  expect(taken.words('layer').length).toBeGreaterThan(1)
  const planted = plantedScores({
    ...{
      surface: octahedra(),
      models: [{ id: 'random', regime: 'untrained', layers }],
      subjects: listeners(6),
      seed: 5,
    },
    score: ({ layer }, noise) => (layer === 'transf7' ? 0.5 : 0) + 0.01 * noise(),
  })
  const best = await analysed(planted, { layer: 'best' })
  expect(rowsOf(best, 'layers').words('layer')).toEqual(['transf7'])
  const alone = plantedScores({
    ...{ surface: octahedra(), models: crossedModels, subjects: listeners(1), seed: 5, score: () => 0.1 },
  })
  await expect(analysed(alone, { layer: 'best' })).rejects.toThrow(/no others to choose/)
})

test('a plateau is found where it was planted, for listeners of each language', async () => {
  const at = [0, 1, 3, 10, 30, 100, 300, 1000]
  const scores = plantedScores({
    surface: octahedra(),
    models: [{ id: 'w2v', regime: 'native', language: 'english', series: { axis: 'hours', at } }],
    subjects: listeners(12).map((one, i) => ({ ...one, language: i % 2 === 0 ? 'english' : 'french' })),
    seed: 2,
    score: (place, noise) =>
      0.02 + 0.05 * Math.min(Math.log10(Math.max(place.at!, 0.5)), Math.log10(50)) + 0.004 * noise(),
  })
  const found = await analysed(scores)
  const rows = rowsOf(found, 'plateaus')
  expect(rows.words('regime')).toEqual(['native or non-native', 'native', 'non-native'])
  for (const row of rows.where({ region: 'whole cortex' })) {
    expect(Math.abs(Math.log10(rows.number(row, 'reached') / 50))).toBeLessThan(0.05)
    expect(rows.number(row, 'reached_low')).toBeLessThanOrEqual(rows.number(row, 'reached'))
  }
  expect(found.notes.join(' ')).toContain('The checkpoint at 0')
  const training = rowsOf(found, 'training')
  expect(training.where({ region: 'two', group: 'english' })).toHaveLength(at.length)
})

test('what cannot be tested says so', async () => {
  const one = await analysed(
    plantedScores({
      ...{ surface: octahedra(), models: crossedModels.slice(0, 4), subjects: listeners(1), seed: 3 },
      score: ({ model }) => (model.regime === 'untrained' ? 0.1 : 0.2),
    }),
  )
  expect(one.notes.join(' ')).toContain('1 listener; nothing says how listeners differ')
  expect(rowsOf(one, 'contrasts').words('untested')).toEqual(['one value'])
  expect(rowsOf(one, 'nested').words('vertices')).toEqual(['0'])
  expect(rowsOf(one, 'mixed').words('unfitted')).not.toContain('')

  // Ties: each listener has the same scores for native and non-native models.
  const tied = await analysed(
    plantedScores({
      ...{ surface: octahedra(), models: crossedModels.slice(0, 4), subjects: listeners(3), seed: 3 },
      score: ({ model, subject }) => (model.language === undefined ? 0.1 : 0.2) + 0.01 * Number(subject.id.slice(1)),
    }),
  )
  const contrasts = rowsOf(tied, 'contrasts')
  const [row] = contrasts.where({ contrast: 'native > non-native', region: 'one' })
  expect(contrasts.text(row, 'untested')).toBe('all zero')
  expect(tied.notes.join('\n')).toMatch(/native > non-native: 12 vertices without a test \(12 all zero\)/)
  expect(tied.notes.join('\n')).toMatch(/with 3 listeners no p below 0.125 is possible/)

  // A vertex that one listener has no score at, where whole subjects' signs are flipped.
  const gap = await analysed(
    plantedScores({
      ...{ surface: octahedra(), models: [{ id: 'random', regime: 'untrained' }], subjects: listeners(6), seed: 3 },
      score: ({ vertex, subject }, noise) => (vertex === 0 && subject.id === 's2' ? NaN : 0.1 + 0.01 * noise()),
    }),
    { test: 'sign-flip' },
  )
  expect(gap.notes.join('\n')).toContain('1 vertex without a test (1 incomplete)')
  expect(gap.notes.join('\n')).toContain('No non-speech, non-native and native models have scores')
})

test('chance is 0, or what the same responses score when they are shifted in time; the figure says which', async () => {
  const planted = {
    ...{ surface: octahedra(), models: [{ id: 'b', regime: 'untrained' }], subjects: listeners(12), seed: 9 },
    score: (_: unknown, noise: () => number) => 0.03 + 0.01 * noise(),
    chance: () => 0.03,
  }
  const contrasts = (finding: Parameters<typeof rowsOf>[0], column: string) => {
    const rows = rowsOf(finding, 'contrasts')
    return rows.where({}).map((row) => rows.number(row, column))
  }
  const zero = { preset: 'standard', chance: 'zero' } as const
  const above = await analysed(plantedScores({ ...planted, encoding: zero }))
  expect(contrasts(above, 'q').every((q) => q < 0.05)).toBe(true)
  expect(above.notes.join(' ')).toContain('in contiguous folds without a gap')
  const shifts = { preset: 'standard', chance: { shifts: 2, seed: 1 } } as const
  const level = await analysed(plantedScores({ ...planted, encoding: shifts }))
  expect(contrasts(level, 'q').some((q) => q < 0.05)).toBe(false)
  expect(contrasts(level, 'mean_difference').every((value) => Math.abs(value) < 0.01)).toBe(true)
  const said = 'the score of the same responses shifted in time'
  expect([level.caption, level.methods, level.notes.join(' ')].every((words) => words.includes(said))).toBe(true)
  for (const [encoding, words] of [
    [{ ...zero, gap: 3 }, 'a gap of 3 volumes'],
    [{ ...zero, gap: { seconds: 8 } }, 'a gap of 8 s'],
    [{ preset: 'voxelwise' }, 'folds hold out whole runs'],
  ] as const)
    expect((await analysed(plantedScores({ ...planted, encoding }))).notes.join(' ')).toContain(words)
})

test('models are compared above chance, where noise scores more with the regressors of one; means stay as scored', async () => {
  const byChance = ({ model }: PlantedPlace) => (model.id === 'smooth' ? 0.05 : 0.02)
  const planted = {
    surface: octahedra(),
    models: [
      { id: 'smooth', regime: 'native', language: 'english' },
      { id: 'rough', regime: 'untrained' },
    ],
    ...{ subjects: listeners(12), seed: 11, chance: byChance },
    score: (place: PlantedPlace, noise: () => number) => byChance(place) + 0.002 * noise(),
  }
  const whole = async (encoding: NonNullable<Parameters<typeof plantedScores>[0]['encoding']>) => {
    const found = await analysed(plantedScores({ ...planted, encoding }))
    const row = (table: string, where: Readonly<Record<string, string>>) => {
      const rows = rowsOf(found, table)
      const [at] = rows.where({ group: 'all listeners', region: 'whole cortex', ...where })
      return (column: string) => rows.number(at, column)
    }
    return {
      found,
      contrast: row('contrasts', { contrast: 'native > untrained' }),
      native: row('regions', { regime: 'native' }),
      index: row('specialisation', { higher: 'native' }),
    }
  }
  const against0 = await whole({ preset: 'standard', chance: 'zero' })
  const shifted = await whole({ preset: 'standard' })
  expect(against0.contrast('q')).toBeLessThan(0.01)
  expect(against0.contrast('mean_difference')).toBeCloseTo(0.03, 2)
  expect(shifted.contrast('q')).toBeGreaterThan(0.05)
  expect(shifted.contrast('mean_difference')).toBeCloseTo(0, 2)
  for (const { native } of [against0, shifted]) expect(native('mean')).toBeCloseTo(0.05, 2)
  expect(against0.index('index')).toBeCloseTo(3 / 7, 1)
  expect(Math.abs(shifted.contrast('mean_difference'))).toBeLessThan(0.002)
  const own = rowsOf(shifted.found, 'subjects')
  const [at] = own.where({ regime: 'native', region: 'whole cortex' })
  expect(own.number(at, 'mean') - own.number(at, 'above')).toBeCloseTo(0.05, 6)
  expect(shifted.found.caption).toContain('Whole cortex, each less the score of the same responses shifted in time')
})

test('regimes that a study lacks are passed over; others are described and not compared', async () => {
  const found = await analysed(
    plantedScores({
      surface: octahedra(),
      models: [
        { id: 'a', regime: 'native', language: 'english' },
        { id: 'b', regime: 'untrained' },
        { id: 'c', regime: 'music' },
        { id: 'd', regime: 'supervised', language: 'dutch' },
      ],
      ...{ subjects: listeners(8), seed: 4, score: (_, noise) => 0.1 + 0.01 * noise() },
    }),
  )
  expect(rowsOf(found, 'contrasts').words('contrast')).toEqual(['untrained > chance', 'native > untrained'])
  expect(rowsOf(found, 'regions').words('regime')).toEqual(['untrained', 'native', 'supervised', 'music'])
  expect(found.notes.join(' ')).toContain('described and not compared: music')
  expect(found.notes.join(' ')).toContain('no self-supervised counterpart')
  // One language: nothing was tested within languages.
  expect(found.methods).not.toContain('within each language')
  expect((await analysed(crossedScores())).methods).toContain('within each language')
})

test('a cancelled test of many vertices stops in its next block of 256', async () => {
  const differences = { data: Float64Array.from({ length: 3000 }, (_, k) => Math.sin(k)), rows: 3, cols: 1000 }
  const seen: number[] = []
  const progress = (done: number) => {
    seen.push(done)
    if (done > 256) throw new HeschlError('CANCELLED', 'Cancelled')
  }
  const options = figuresSchema.parse({}).regimes
  const gemm = undefined as never
  await expect(testDifferences(differences, 'greater', options, null, { gemm, progress })).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  expect(seen).toEqual([0, 256, 512])
})
