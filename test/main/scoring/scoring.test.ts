import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  interSubjectCeiling,
  reliableTargets,
  layerPreference,
  meanOverFolds,
  pearson,
  percentiles,
  spearman,
  standardizeColumns,
  summarize,
} from '../../../src-main/scoring/index.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { normal } from '../linalg/random.ts'

const oracle = JSON.parse(readFileSync(new URL('../../reference/encoding/scoring.json', import.meta.url), 'utf8'))
const matrix = (rows: readonly (readonly number[])[]): Matrix32 => ({
  data: Float32Array.from(rows.flat()),
  rows: rows.length,
  cols: rows[0].length,
})
const series = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 30 })

describe('correlation', () => {
  test('agrees with scipy', () => {
    for (const { a, b, pearson: r, spearman: rho } of oracle.correlation) {
      expect(pearson(a, b)).toBeCloseTo(r, 12)
      expect(spearman(a, b)).toBeCloseTo(rho, 12)
    }
  })

  test('is symmetric, within -1 to 1, and 1 with itself', () => {
    fc.assert(
      fc.property(series, fc.integer(), (a, seed) => {
        const b = a.map(normal(seed))
        for (const correlation of [pearson, spearman]) {
          const r = correlation(a, b)
          if (new Set(a).size === 1) expect(r).toBeNaN()
          else {
            expect(Math.abs(r)).toBeLessThanOrEqual(1)
            expect(correlation(b, a)).toBeCloseTo(r, 12)
            expect(correlation(a, a)).toBeCloseTo(1, 12)
          }
        }
      }),
    )
  })

  test('ranks alone count for Spearman', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 })), fc.integer(), (a, seed) => {
        const b = a.map(normal(seed))
        const cubes = a.map((value) => value ** 3)
        expect(spearman(cubes, b)).toBe(spearman(a, b))
      }),
    )
  })

  test('NaN where there is nothing to correlate', () => {
    for (const correlation of [pearson, spearman]) {
      expect(correlation([], [])).toBeNaN()
      expect(correlation([1], [2])).toBeNaN()
      expect(correlation([0.1, 0.1, 0.1], [1, 2, 3])).toBeNaN()
      expect(correlation([1, NaN, 3], [1, 2, 3])).toBeNaN()
      expect(() => correlation([1, 2], [1])).toThrowError(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
    }
    expect(pearson([1, Infinity, 3], [1, 2, 3])).toBeNaN()
    expect(pearson([1e-300, 2e-300, 4e-300], [1e300, 2e300, 4e300])).toBeCloseTo(1, 12)
  })
})

describe('standardising', () => {
  test('agrees with numpy', () => {
    const { data } = standardizeColumns(matrix(oracle.standardize.x))
    for (const [i, value] of oracle.standardize.answer.flat().entries())
      expect(Math.abs(data[i] - value)).toBeLessThan(1e-6)
  })

  test('a run alone, whatever stands around it; constant columns 0, others not finite NaN', () => {
    const x = matrix([
      [9, 9, 9, 9],
      [1, 0.1, NaN, 1],
      [3, 0.1, 5, Infinity],
      [NaN, NaN, NaN, NaN],
    ])
    const run = standardizeColumns(x, { start: 1, end: 3 })
    expect([run.rows, run.cols]).toEqual([2, 4])
    expect([...run.data]).toEqual([-1, 0, NaN, NaN, 1, 0, NaN, NaN])
  })
})

describe('ceiling', () => {
  const runs: number[][][][] = oracle.ceiling.runs
  const [subjects, targets] = [runs[0].length, oracle.ceiling.ceiling.length]

  test('agrees with the mean of all pairs of np.corrcoef, in any order of subjects and runs', () => {
    for (const reversed of [false, true]) {
      const ceiling = interSubjectCeiling(targets)
      const order = runs.flatMap((run, r) => run.map((response, s) => ({ r, s, response })))
      if (reversed) order.reverse()
      for (const { r, response } of order) ceiling.add(`run ${r}`, matrix(response))
      const found = ceiling.finish()
      for (let j = 0; j < targets; j++) {
        expect(Math.abs(found.correlation[j] - oracle.ceiling.correlation[j])).toBeLessThan(1e-6)
        expect(found.ceiling[j]).toBeCloseTo(Math.sqrt(Math.max(0, oracle.ceiling.correlation[j])), 5)
      }
    }
  })

  test('a subject whose target is constant or NaN in a run is left out there alone', () => {
    const ceiling = interSubjectCeiling(targets)
    const without = interSubjectCeiling(targets)
    for (const [r, run] of runs.entries()) {
      for (const [s, response] of run.entries()) {
        const rows = response.map((row) => [...row])
        if (s === subjects - 1) for (const [i, row] of rows.entries()) row[r % 2] = r === 1 && i === 4 ? NaN : 3
        ceiling.add(`${r}`, matrix(rows))
        if (s < subjects - 1) without.add(`${r}`, matrix(response))
      }
    }
    // Target 3 keeps all subjects; target 1 loses one in the second run only, which the difference shows.
    const [found, fewer] = [ceiling.finish().correlation, without.finish().correlation]
    expect(found[3]).toBeCloseTo(oracle.ceiling.correlation[3], 6)
    expect(found[1]).not.toBeCloseTo(oracle.ceiling.correlation[1], 3)
    expect(found[1]).not.toBeCloseTo(fewer[1], 3)
  })

  test('equal subjects have a ceiling of 1, a single one has none', () => {
    const ceiling = interSubjectCeiling(2)
    const response = matrix([
      [1, 4],
      [2, 4],
      [5, 4],
    ])
    ceiling.add('a', response)
    expect([...ceiling.finish().ceiling]).toEqual([NaN, NaN])
    ceiling.add('a', response)
    ceiling.add('a', response)
    expect(ceiling.finish().ceiling[0]).toBeCloseTo(1, 6)
    expect(ceiling.finish().ceiling[1]).toBeNaN()
  })

  test('responses of different shape are refused', () => {
    const ceiling = interSubjectCeiling(2)
    ceiling.add('a', matrix([[1, 2]]))
    const refused = expect.objectContaining({ code: 'SHAPE_MISMATCH' })
    expect(() =>
      ceiling.add(
        'a',
        matrix([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toThrowError(refused)
    expect(() => ceiling.add('b', matrix([[1, 2, 3]]))).toThrowError(refused)
  })
})

describe('summaries', () => {
  test('percentiles agree with numpy, and leave out what is not finite', () => {
    const { values, percents, answer } = oracle.percentiles
    const map = Float32Array.from([NaN, ...values, Infinity])
    for (const [i, value] of percentiles(map, percents).entries()) expect(value).toBeCloseTo(answer[i], 6)
    expect(percentiles(Float32Array.of(NaN), [50])).toEqual([NaN])
    expect(percentiles(Float32Array.of(3), [0, 50, 100])).toEqual([3, 3, 3])
  })

  test('percentiles are those of all values in order, whatever the values', () => {
    const sorted = (map: Float32Array, percents: readonly number[]) => {
      const values = map.filter((value) => Number.isFinite(value)).sort()
      return percents.map((percent) => {
        const position = (percent / 100) * (values.length - 1)
        const [low, high] = [values[Math.floor(position)] ?? NaN, values[Math.ceil(position)] ?? NaN]
        return low + (high - low) * (position - Math.floor(position))
      })
    }
    const percents = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 4 })
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 300 }), percents, (map, asked) => {
        expect(percentiles(map, asked)).toEqual(sorted(map, asked))
      }),
    )
  })

  test('means over all and by region', () => {
    const map = Float32Array.of(1, 3, NaN, 5, Infinity)
    expect(summarize(map)).toEqual({ mean: 3, byRegion: [] })
    expect(summarize(map, Uint16Array.of(0, 2, 2, 2, 1), 4)).toEqual({ mean: 3, byRegion: [1, NaN, 4, NaN] })
    expect(summarize(Float32Array.of(NaN)).mean).toBeNaN()
    const short = () => summarize(map, Uint16Array.of(0), 1)
    expect(short).toThrowError(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
  })

  test('mean over folds', () => {
    expect([...meanOverFolds(Float32Array.of(1, 2, NaN, 3, 6, 1), 2)]).toEqual([2, 4, NaN])
    for (const folds of [0, 4, 1.5]) {
      const wrong = () => meanOverFolds(new Float32Array(6), folds)
      expect(wrong).toThrowError(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
    }
  })

  test('layer preference: first best layer, centre of mass of positive scores', () => {
    const maps = [Float32Array.of(0.1, -1, NaN, 0.2, -1), Float32Array.of(0.3, -2, NaN, 0.2, NaN)]
    const { argmax, centre } = layerPreference([...maps, Float32Array.of(0.2, -3, NaN, -0.5, 0.4)])
    expect([...argmax]).toEqual([1, 0, 255, 0, 2])
    expect(centre[0]).toBeCloseTo((0.3 + 2 * 0.2) / 0.6, 6)
    expect(centre[1]).toBeNaN()
    expect(centre[2]).toBeNaN()
    expect(centre[3]).toBeCloseTo(0.5, 6)
    expect(centre[4]).toBe(2)
    for (const bad of [[], [new Float32Array(2), new Float32Array(3)]]) {
      expect(() => layerPreference(bad)).toThrowError(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
    }
  })
})

describe('reliable targets', () => {
  test('pure noise passes at about 1 %, and what is shared passes', () => {
    const random = normal(11)
    const noise = Float32Array.from({ length: 20_000 }, () => 0.05 * random())
    const shared = Float32Array.from({ length: 2000 }, () => 0.3 + 0.05 * random())
    const reliable = reliableTargets(Float32Array.from([...noise, ...shared]))
    const share = (from: number, to: number) => reliable.subarray(from, to).reduce((a, b) => a + b, 0) / (to - from)
    // 1 % of 20,000 with a binomial standard error of 0.07 %.
    expect(Math.abs(share(0, 20_000) - 0.01)).toBeLessThan(0.003)
    expect(share(20_000, 22_000)).toBeGreaterThan(0.99)
  })

  test('NaN, zero and negative correlations never; any positive one where none is negative', () => {
    expect([...reliableTargets(new Float32Array([NaN, 0, 0.01, 0.9]))]).toEqual([0, 0, 1, 1])
    expect([...reliableTargets(new Float32Array([-0.1, 0.2, 0.3]))]).toEqual([0, 0, 1])
    expect([...reliableTargets(new Float32Array())]).toEqual([])
  })
})
