import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  pairedDifferences,
  normalQuantile,
  normalTail,
  tQuantile,
  tTail,
  adjust,
  corrected,
  describe as inWords,
  outcomeAt,
  oneSampleT,
  twoSampleT,
  wilcoxon,
} from '../../../src-main/statistics/index.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import { noncentralTBelow } from '../../../src-main/statistics/distributions.ts'
import type { Correction } from '../../../src-main/statistics/multiple.ts'
import type { Alternative } from '../../../src-main/statistics/result.ts'
import type { WilcoxonOptions } from '../../../src-main/statistics/wilcoxon.ts'
import { expectAllNear, expectNear, matrixOf, oracle } from './oracle.ts'
import type { Table } from './oracle.ts'

const standard: WilcoxonOptions = { alternative: 'two-sided', zeros: 'wilcox', method: 'auto', continuity: false }
const column = (values: readonly number[]) => matrixOf(values.map((value) => [value]))

describe('distributions as scipy’s', () => {
  const { normalTail: tails, ...rest } = oracle('distributions') as Record<string, number[][]>
  test.each([
    ['normal tail', tails, normalTail, 2e-13],
    ['normal quantile', rest.normalQuantile, normalQuantile, 1e-12],
    ['t tail', rest.tTail, tTail, 1e-11],
    ['t quantile', rest.tQuantile, tQuantile, 1e-10],
  ] as const)('%s', (_, rows, ours, tolerance) => {
    for (const row of rows) expectNear(ours(row[0], row[1]), row[row.length - 1], tolerance)
  })
  test('noncentral t', () => {
    for (const [t, df, shift, p] of rest.noncentralTBelow) expectNear(noncentralTBelow(t, df, shift), p, 0, 1e-10)
  })
})

describe('Wilcoxon', () => {
  interface Case {
    readonly kind: string
    readonly d: number[]
    readonly results: [Alternative, WilcoxonOptions['zeros'], WilcoxonOptions['method'], boolean, number, number][]
  }
  test.each(oracle('wilcoxon') as Case[])('as scipy: $d.length $kind', ({ d, results }) => {
    for (const [alternative, zeros, method, continuity, statistic, p] of results) {
      const ours = wilcoxon(column(d), { alternative, zeros, method, continuity })
      expectNear(ours.statistic[0], statistic, 1e-12)
      expectNear(ours.p[0], p, 1e-11)
    }
  })

  test('exactly what counting all signs gives, with ties and zeros', () => {
    const some = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 9 })
    fc.assert(
      fc.property(some, fc.constantFrom('wilcox', 'pratt', 'zsplit'), (d, zeros) => {
        fc.pre(d.some((value) => value !== 0))
        const options = { ...standard, alternative: 'greater', zeros, method: 'exact' } as const
        const ours = wilcoxon(column(d), options)
        let reached = 0
        for (let signs = 0; signs < 2 ** d.length; signs++) {
          const flipped = d.map((value, i) => ((signs >> i) & 1 ? -value : value))
          if (wilcoxon(column(flipped), options).statistic[0] >= ours.statistic[0]) reached++
        }
        expect(ours.p[0]).toBeCloseTo(reached / 2 ** d.length, 12)
      }),
      { numRuns: 30 },
    )
  })

  test('a vertex’s numbers do not depend on its neighbours, float32 or float64', () => {
    const random = seededRandom(5)
    const [rows, cols] = [17, 700]
    const data = Float32Array.from({ length: rows * cols }, () => random.normal() + 0.2)
    const map = wilcoxon({ data, rows, cols }, standard)
    for (const v of [0, 255, 256, 699]) {
      const alone = wilcoxon(column(Array.from({ length: rows }, (_, i) => data[i * cols + v])), standard)
      expect([map.statistic[v], map.p[v]]).toEqual([alone.statistic[0], alone.p[0]])
    }
  })

  test('rejects as often as it says under the null', () => {
    // 4,000 vertices of noise at level 0.05: binomial SD 0.0034; the exact test of n = 12 rejects at 0.0425.
    const random = seededRandom(8)
    const data = Float64Array.from({ length: 12 * 4000 }, () => random.normal())
    const { p } = wilcoxon({ data, rows: 12, cols: 4000 }, standard)
    const rate = p.filter((value) => value <= 0.05).length / 4000
    const nominal = 0.0425
    expect(Math.abs(rate - nominal)).toBeLessThan(4 * Math.sqrt((nominal * (1 - nominal)) / 4000))
  })

  test('says what cannot be tested, and why', () => {
    const map = wilcoxon(
      matrixOf([
        [1, 0, null, null, 2, Infinity],
        [2, 0, null, 3, 2, 1],
        [3, 0, null, null, 2, 2],
      ]),
      standard,
    )
    expect(Array.from({ length: 6 }, (_, v) => outcomeAt(map, v))).toEqual([
      { testable: true, statistic: 0, p: 0.25, n: 3 },
      { testable: false, reason: 'all zero', n: 3 },
      { testable: false, reason: 'no value', n: 0 },
      { testable: false, reason: 'one value', n: 1 },
      { testable: true, statistic: 0, p: 0.25, n: 3 },
      { testable: true, statistic: 0, p: 0.5, n: 2 },
    ])
    expect(map.untested).toEqual({ 'all zero': 1, 'no value': 1, 'one value': 1 })
    expect(outcomeAt(wilcoxon(column([4]), standard), 0)).toEqual({ testable: false, reason: 'one value', n: 1 })
  })

  test('refuses an exact test of too many', () => {
    const many = matrixOf(Array.from({ length: 101 }, (_, i) => [i + 1]))
    expect(() => wilcoxon(many, { ...standard, method: 'exact' })).toThrowError(/at most 100/)
    expect(wilcoxon(many, standard).p[0]).toBeGreaterThan(0)
  })
})

describe('t', () => {
  const { a, b, results } = oracle('tTests') as {
    a: Table
    b: Table
    results: [Alternative, 'one' | 'paired' | 'equal' | 'unequal', number[], number[]][]
  }
  test.each(results)('as scipy: %s %s', (alternative, name, t, p) => {
    const pairs = { ...matrixOf(b.slice(0, a.length)) }
    const ours =
      name === 'one'
        ? oneSampleT(matrixOf(a), alternative)
        : name === 'paired'
          ? oneSampleT(pairedDifferences(matrixOf(a), pairs), alternative)
          : twoSampleT(matrixOf(a), matrixOf(b), alternative, name)
    expectAllNear(ours.statistic, t, 1e-12)
    expectAllNear(ours.p, p, 1e-11)
  })

  test('says what cannot be tested, and why', () => {
    const values = matrixOf([
      [0.1, 0, null, 1],
      [0.1, 0, 1, null],
      [0.1, 0, null, null],
    ])
    expect(oneSampleT(values, 'two-sided').untested).toEqual({ 'all equal': 1, 'all zero': 1, 'one value': 2 })
    expect(twoSampleT(values, values, 'two-sided', 'unequal').untested).toEqual({ 'all equal': 2, 'one value': 2 })
    expect(twoSampleT(values, values, 'two-sided', 'equal').p).toEqual(new Float64Array(4).fill(NaN))
  })

  test('very large and very small values are values', () => {
    const values = [1, -1, 2, 3, 1.5]
    const plain = oneSampleT(column(values), 'two-sided')
    for (const scale of [1e-305, 1e300]) {
      const scaled = column(values.map((value) => value * scale))
      expectNear(oneSampleT(scaled, 'two-sided').p[0], plain.p[0], 1e-9)
      for (const variances of ['equal', 'unequal'] as const) {
        const other = column([0, scale, 2 * scale])
        const ours = twoSampleT(scaled, other, 'two-sided', variances).p[0]
        expectNear(ours, twoSampleT(column(values), column([0, 1, 2]), 'two-sided', variances).p[0], 1e-9)
      }
    }
  })

  test('shapes that do not fit are refused', () => {
    const values = matrixOf([[1, 2]])
    expect(() => twoSampleT(values, matrixOf([[1]]), 'less', 'equal')).toThrowError(/differ in length/)
    expect(() =>
      pairedDifferences(
        values,
        matrixOf([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toThrowError(/same subjects/)
    expect(() => oneSampleT({ ...values, rows: 2 }, 'less')).toThrowError(/2 subjects x 2 vertices/)
  })
})

describe('many tests', () => {
  const { p, ...adjusted } = oracle('corrections') as { p: number[] } & Record<Correction, number[]>
  test.each(Object.entries(adjusted))('%s as statsmodels', (name, theirs) => {
    expectAllNear(adjust(Float64Array.from(p), name as Correction), theirs, 1e-12)
    // What was not tested changes nothing.
    const gaps = Float64Array.from(p.flatMap((value) => [NaN, value]))
    expectAllNear(
      adjust(gaps, name as Correction).filter((value) => !Number.isNaN(value)),
      theirs,
      1e-12,
    )
  })

  test('adjusted p values keep the order, never fall below p and stay within 1', () => {
    const some = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(some, fc.constantFrom<Correction>('holm', 'benjamini-hochberg', 'benjamini-yekutieli'), (p, how) => {
        const q = adjust(Float64Array.from(p), how)
        for (const [i, one] of p.entries()) {
          expect(q[i]).toBeLessThanOrEqual(1)
          expect(q[i]).toBeGreaterThanOrEqual(one * (1 - 1e-15))
          for (const [j, other] of p.entries()) if (one < other) expect(q[i]).toBeLessThanOrEqual(q[j])
        }
      }),
    )
  })

  test('what is no probability is refused; nothing at all stays nothing', () => {
    expect(() => adjust(Float64Array.of(0.5, 1.5), 'holm')).toThrowError(/no probability/)
    expect(adjust(Float64Array.of(NaN), 'holm')).toEqual(Float64Array.of(NaN))
    expect(adjust(new Float64Array(0), 'benjamini-yekutieli')).toEqual(new Float64Array(0))
  })

  test('a corrected map says so in words', () => {
    const map = wilcoxon(
      matrixOf([
        [1, 3, 0],
        [2, -1, 0],
        [3, 2, 0],
      ]),
      standard,
    )
    expect(inWords(corrected(map, 'benjamini-hochberg').test)).toBe(
      'Wilcoxon signed-rank test (two-sided, n = 3; exact null distribution; zero differences left out; ' +
        'no p below 0.25 is possible; Benjamini–Hochberg over 2 tests)',
    )
    expect(inWords(map.test)).toMatch(/; uncorrected\)$/)
    expect(corrected(map, 'holm').p[2]).toBeNaN()
  })
})
