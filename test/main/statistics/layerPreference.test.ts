/** Against scipy.stats.bootstrap, given the same resamples: test/reference/scoring/generate.py. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layerPreferenceIntervals } from '../../../src-main/statistics/layerPreference.ts'
import type { PreferenceOptions } from '../../../src-main/statistics/layerPreference.ts'

const {
  maps: given,
  cases,
  ...said
} = JSON.parse(readFileSync(new URL('../../reference/scoring/scoring.json', import.meta.url), 'utf8')).preference
/** [subjects][layers][vertices] */
const maps: Float32Array[][] = given.map((own: number[][]) => own.map((layer) => Float32Array.from(layer)))
const options = (more: Partial<PreferenceOptions> = {}): PreferenceOptions => ({
  ...{ level: said.level, resamples: said.resamples, seed: said.seed, method: 'percentile', least: -Infinity },
  ...more,
})
const intervals = (of = maps, more: Partial<PreferenceOptions> = {}) => {
  const found = layerPreferenceIntervals(of, options(more))
  if (!found.intervals.testable) throw new Error('no intervals')
  return { ...found, intervals: found.intervals }
}

describe('layer preference over subjects', () => {
  test('best layer, centre, agreement and percentiles are those of numpy', () => {
    const found = intervals()
    for (const [v, { argmax, centre, agreement, layers }] of cases.entries()) {
      expect(found.best[v]).toBe(argmax)
      expect(Math.abs(found.centre[v] - centre)).toBeLessThan(1e-6)
      expect(found.intervals.agreement[v]).toBeCloseTo(agreement, 6)
      expect(found.intervals.best.map((bound) => bound[v])).toEqual(layers.map(Math.fround))
    }
  })

  test.each([
    ['percentile', 'percentile'],
    ['bca', 'BCa'],
  ] as const)('intervals of the centre, %s, are those of scipy.stats.bootstrap', (method, name) => {
    const found = intervals(maps, { method })
    for (const [v, known] of cases.entries())
      for (const [i, bound] of found.intervals.centre.entries())
        expect(Math.abs(bound[v] - known[name][i])).toBeLessThan(1e-5)
    expect(found.words).toContain(`seed ${said.seed}`)
  })

  test('a part of the cortex has what it has in the whole', () => {
    const part = intervals(maps.map((own) => own.map((layer) => layer.subarray(2, 3))))
    expect(part.intervals.centre[1][0]).toBe(intervals().intervals.centre[1][2])
    expect(part.intervals.agreement[0]).toBe(intervals().intervals.agreement[2])
  })

  test('masked below the least score, and where a score is not finite', () => {
    const broken = maps.map((own) => own.map((layer) => layer.slice()))
    broken[3][1][0] = NaN
    const least = 0.5 * Math.max(...maps[0].map((layer) => layer[1]))
    const found = intervals(broken, { least })
    expect(found.best[0]).toBe(255)
    for (const map of [found.centre, found.intervals.agreement, ...found.intervals.best, ...found.intervals.centre])
      expect(map[0]).toBeNaN()
    expect(found.best[1]).toBe(cases[1].argmax)
    expect([...intervals(maps, { least: 10 }).best]).toEqual(cases.map(() => 255))
  })

  test('one subject has a preference and no interval; equal subjects have one of no width', () => {
    const alone = layerPreferenceIntervals(maps.slice(0, 1), options())
    expect(alone.intervals).toEqual({ testable: false, reason: 'one value' })
    expect(alone.best[0]).toBeLessThan(5)
    for (const method of ['percentile', 'bca'] as const) {
      const same = intervals([maps[0], maps[0], maps[0]], { method })
      expect(same.intervals.centre).toEqual([same.centre, same.centre])
      expect([...same.intervals.agreement]).toEqual([1, 1, 1, 1])
    }
  })

  test('intervals are in order and within the layers, and a centre of nothing positive has none', () => {
    const score = fc.double({ min: -1, max: 1, noNaN: true })
    const subject = fc.array(score, { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(subject, { minLength: 2, maxLength: 6 }), (scores) => {
        const found = intervals(
          scores.map((own) => own.map((value) => Float32Array.of(value))),
          { resamples: 50 },
        )
        for (const [low, high] of [found.intervals.best, found.intervals.centre]) {
          if (Number.isNaN(low[0])) continue
          expect(low[0]).toBeLessThanOrEqual(high[0])
          expect(low[0]).toBeGreaterThanOrEqual(0)
          expect(high[0]).toBeLessThanOrEqual(3)
        }
        if (scores.every((own) => own.every((value) => value < 0))) expect(found.intervals.centre[0][0]).toBeNaN()
      }),
    )
  })

  test('what does not fit is refused', () => {
    const refused = (code: string) => expect.objectContaining({ code })
    expect(() => layerPreferenceIntervals([], options())).toThrowError(refused('SHAPE_MISMATCH'))
    expect(() => layerPreferenceIntervals([maps[0], maps[1].slice(1)], options())).toThrowError(
      refused('SHAPE_MISMATCH'),
    )
    expect(() => layerPreferenceIntervals(maps, options({ level: 1 }))).toThrowError(refused('OPTION_INVALID'))
    const stop = () => {
      throw new Error('stop')
    }
    expect(() => layerPreferenceIntervals(maps, options(), stop)).toThrowError('stop')
  })
})
