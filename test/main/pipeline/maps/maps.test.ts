import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { meanOfMaps, MomentsSum } from '../../../../src-main/pipeline/maps/moments.ts'
import { preferredLayer } from '../../../../src-main/pipeline/maps/preferred.ts'
import { signedRankSignificance } from '../../../../src-main/pipeline/maps/signedRanks.ts'
import { minusLog10, significance } from '../../../../src-main/pipeline/maps/significance.ts'

type Row = readonly (number | null)[]
type Tested = Readonly<Record<'p' | 'benjamini-hochberg' | 'benjamini-yekutieli', Row>>
const reference = JSON.parse(readFileSync(new URL('../../../reference/maps/tests.json', import.meta.url), 'utf8')) as {
  a: readonly Row[]
  b: readonly Row[]
  score: Tested
  difference: Tested
  ranks: { readonly score: Tested; readonly difference: Tested }
}

const map = (row: Row) => Float32Array.from(row, (value) => value ?? NaN)

function momentsOf(rows: readonly (Float32Array | Float64Array)[]) {
  const sum = new MomentsSum(rows[0].length)
  for (const row of rows) sum.add(row)
  const { count, mean, squares } = sum.finish()
  return { count, mean: Float32Array.from(mean), squares: Float32Array.from(squares) }
}

describe('p values over subjects are scipy’s, adjusted as statsmodels does', () => {
  const scores = momentsOf(reference.a.map(map))
  const differences = momentsOf(
    reference.a.map((row, s) => Float64Array.from(map(row), (value, v) => value - map(reference.b[s])[v])),
  )
  test.each([
    ['score', scores, false],
    ['difference', differences, true],
  ] as const)('%s', (name, moments, paired) => {
    for (const correction of [null, 'benjamini-hochberg', 'benjamini-yekutieli'] as const) {
      const found = significance(moments, { paired, correction, from: '' })!
      const expected = reference[name][correction ?? 'p']
      for (const [v, p] of expected.entries())
        if (p === null) expect(found.p[v]).toBeNaN()
        else expect(Math.abs(found.p[v] - p) / p).toBeLessThan(1e-5)
      expect(found.least).toBe(Math.min(...found.p.filter(Number.isFinite)))
    }
  })

  test('the words say what was done', () => {
    const { test: words } = significance(scores, { paired: false, correction: 'benjamini-hochberg', from: '' })!
    expect(words).toBe(
      'one-sample t test (one-sided, greater, n = 12; mean against 0; Benjamini–Hochberg over 37 vertices)',
    )
    expect(significance(differences, { paired: true, correction: null, from: '' })!.test).toMatch(
      /^paired t test \(two-sided, n = 12; .*; uncorrected\)$/,
    )
  })

  test('nothing is tested of one subject, or of subjects that agree', () => {
    expect(significance(momentsOf([map([1, 2])]), { paired: false, correction: null, from: '' })).toBeNull()
    expect(
      significance(momentsOf([map([0.1, 1e20]), map([0.1, 1e20])]), {
        paired: true,
        correction: 'benjamini-yekutieli',
        from: '',
      }),
    ).toBeNull()
  })
})

describe('p values by signed ranks are scipy’s, adjusted as statsmodels does', () => {
  const scores = reference.a.map(map)
  const differences = scores.map((row, s) => Float64Array.from(row, (value, v) => value - map(reference.b[s])[v]))
  test.each([
    ['score', scores, false],
    ['difference', differences, true],
  ] as const)('%s', async (name, maps, paired) => {
    for (const correction of [null, 'benjamini-hochberg', 'benjamini-yekutieli'] as const) {
      const found = (await signedRankSignificance(maps, { paired, correction, from: '' }, () => Promise.resolve()))!
      for (const [v, p] of reference.ranks[name][correction ?? 'p'].entries())
        if (p === null) expect(found.p[v]).toBeNaN()
        else expect(Math.abs(found.p[v] - p) / p).toBeLessThan(1e-9)
      expect(found.least).toBe(Math.min(...found.p.filter(Number.isFinite)))
    }
  })

  test('many targets are tested as few are, with turns for others between, and told as one test', async () => {
    const times = 30
    const wide = scores.map((row) => Float32Array.from({ length: row.length * times }, (_, v) => row[v % row.length]))
    let turns = 0
    const [found, few] = await Promise.all([
      signedRankSignificance(wide, { paired: false, correction: null, from: '' }, async () => void turns++),
      signedRankSignificance(
        scores,
        { paired: false, correction: 'benjamini-hochberg', from: '' },
        async () => undefined,
      ),
    ])
    const alone = await signedRankSignificance(
      scores,
      { paired: false, correction: null, from: '' },
      async () => undefined,
    )
    expect([...found!.p]).toEqual(Array.from(wide[0], (_, v) => alone!.p[v % scores[0].length]))
    expect(turns).toBeGreaterThan(1)
    expect(few!.test).toBe(
      'Wilcoxon signed-rank test (one-sided, greater, n = 12; exact null distribution; zero differences left out; Benjamini–Hochberg over 38 vertices)',
    )
  })

  test('nothing is tested of one subject', async () => {
    expect(
      await signedRankSignificance([map([1, 2])], { paired: false, correction: null, from: '' }, async () => undefined),
    ).toBeNull()
  })
})

test('moments are those of two passes, whatever the scale', () => {
  const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, fc.option(value, { nil: NaN })), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(1e-20, 1, 1e20),
      (rows, scale) => {
        const { count, mean, squares } = momentsOf64(rows.map((row) => Float64Array.from(row, (x) => x * scale)))
        for (const v of [0, 1]) {
          const own = rows.map((row) => row[v] * scale).filter(Number.isFinite)
          const centre = own.reduce((sum, x) => sum + x, 0) / own.length
          const spread = own.reduce((sum, x) => sum + (x - centre) ** 2, 0)
          const size = Math.max(...own.map(Math.abs), 0)
          expect(count[v]).toBe(own.length)
          if (own.length === 0) expect(mean[v]).toBeNaN()
          else expect(Math.abs(mean[v] - centre)).toBeLessThanOrEqual(1e-14 * size)
          expect(Math.abs(squares[v] - spread)).toBeLessThanOrEqual(1e-12 * size ** 2)
        }
      },
    ),
  )
})

function momentsOf64(rows: readonly Float64Array[]) {
  const sum = new MomentsSum(rows[0].length)
  for (const row of rows) sum.add(row)
  return sum.finish()
}

test('a mean of maps is over those that have a value', () => {
  const mean = meanOfMaps([map([1, null, 4, null]), map([3, 5, null, null])])
  expect([...mean]).toEqual([2, 5, 4, NaN])
})

test('the preferred layer: the first of the best, none where nothing is above 0', () => {
  const means = [map([1, 2, -1, 0, null]), map([3, 2, -2, null, 0.5]), map([2, 1, -3, 0, null])]
  expect([...preferredLayer(means)]).toEqual([1, 0, NaN, NaN, 1])
})

test('−log10 of p has a number for every p', () => {
  expect([...minusLog10([1, 0.01, 0, NaN])].map((x) => Number(x.toFixed(5)))).toEqual([0, 2, 308, NaN])
})

test('sums over subjects and each subject’s mean over targets are those added up one by one', () => {
  const value = fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(NaN))
  const rows = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(rows, (all) => {
      const maps = all.map((row) => Float32Array.from(row))
      const sum = new MomentsSum(3)
      for (const own of maps) {
        const there = [...own].filter((one) => !Number.isNaN(one))
        expect(sum.add(own)).toBe(there.reduce((a, b) => a + b, 0) / there.length)
      }
      for (const [v, mean] of sum.average().entries()) {
        const there = maps.map((own) => own[v]).filter((one) => !Number.isNaN(one))
        expect(mean).toBe(Math.fround(there.reduce((a, b) => a + b, 0) / there.length))
      }
    }),
  )
})
