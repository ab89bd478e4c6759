import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  effectOf,
  shareInterval,
  simulatedPower,
  subjectsBySimulation,
  subjectsForT,
  subjectsForWilcoxon,
  subjectsInterval,
  tTestPower,
} from '../../../src-main/statistics/power.ts'
import type { Alternative } from '../../../src-main/statistics/result.ts'

const reference = JSON.parse(
  readFileSync(new URL('../../reference/power/reference.json', import.meta.url), 'utf8'),
) as {
  readonly power: readonly [effect: number, n: number, alpha: number, side: Alternative, power: number][]
  readonly subjects: readonly [effect: number, alpha: number, power: number, side: Alternative, n: number][]
  readonly wilson: readonly [found: number, of: number, low: number, high: number][]
}

const usual = { alpha: 0.05, power: 0.8, alternative: 'two-sided' } as const

describe('the paired t test', () => {
  test('has the power that statsmodels gives it', () => {
    for (const [effect, n, alpha, alternative, power] of reference.power)
      expect(Math.abs(tTestPower(effect, n, { alpha, alternative }) - power), `${effect} ${n}`).toBeLessThan(1e-8)
  })

  test('needs as many subjects as statsmodels says', () => {
    for (const [effect, alpha, power, alternative, n] of reference.subjects)
      expect(subjectsForT(effect, { alpha, power, alternative })).toBe(n)
  })

  test('needs no more subjects for a larger effect, and Wilcoxon’s more than its', () => {
    const effect = fc.double({ min: 0.05, max: 3, noNaN: true })
    fc.assert(
      fc.property(effect, effect, (a, b) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)].map((d) => subjectsForT(d, usual)!)
        expect(small).toBeGreaterThanOrEqual(large)
        expect(subjectsForT(-a, usual)).toBe(subjectsForT(a, usual))
        expect(subjectsForWilcoxon(a, usual)).toBeGreaterThan(subjectsForT(a, usual)!)
      }),
      { numRuns: 40 },
    )
  })

  test('says what it cannot', () => {
    expect(subjectsForT(0, usual)).toBeNull()
    expect(subjectsForT(NaN, usual)).toBeNull()
    expect(subjectsForT(-0.5, { ...usual, alternative: 'greater' })).toBeNull()
    expect(subjectsForT(Infinity, usual)).toBe(2)
    expect(() => subjectsForT(1, { ...usual, alpha: 0 })).toThrowError(/out of range/)
    expect(() => subjectsForT(1, { ...usual, power: 0.01 })).toThrowError(/out of range/)
  })
})

describe('simulated studies', () => {
  test('intervals of a share are statsmodels’', () => {
    for (const [found, of, low, high] of reference.wilson) {
      const ours = shareInterval(found, of)
      expect(Math.abs(ours[0] - low)).toBeLessThan(1e-12)
      expect(Math.abs(ours[1] - high)).toBeLessThan(1e-12)
    }
  })

  test('of normal subjects agree with the formula, and without an effect find as often as the level says', () => {
    const how = { studies: 2000, seed: 1 }
    const needed = subjectsForWilcoxon(0.5, usual)!
    const found = subjectsBySimulation({ kind: 'normal', mean: 0.5, sd: 1 }, usual, how)!
    // The formula is asymptotic, and so many studies leave an SD of 0.009.
    expect(Math.abs(found.subjects - needed)).toBeLessThanOrEqual(3)
    const null_ = simulatedPower({ kind: 'normal', mean: 0, sd: 2 }, 20, usual, how)
    expect(null_.low).toBeLessThan(0.05)
    expect(null_.high).toBeGreaterThan(0.035)
    expect(simulatedPower({ kind: 'normal', mean: 0.5, sd: 1 }, needed, usual, how)).toEqual(
      simulatedPower({ kind: 'normal', mean: 5, sd: 10 }, needed, usual, how),
    )
  })

  test('of a pilot’s subjects, and the interval over pilots', () => {
    const pilot = [0.3, 0.1, 0.5, -0.2, 0.4, 0.6, 0.2, 0.1, -0.1, 0.5, 0.3, 0.2]
    const { subjects } = subjectsBySimulation({ kind: 'resampled', values: pilot }, usual, { studies: 1000, seed: 1 })!
    const needed = subjectsForWilcoxon(effectOf(pilot), usual)!
    expect(Math.abs(subjects - needed)).toBeLessThanOrEqual(3)
    const [low, high] = subjectsInterval(pilot, usual, { resamples: 500, seed: 1 })
    expect(low!).toBeLessThanOrEqual(needed)
    expect(high!).toBeGreaterThanOrEqual(needed)
    expect(effectOf([2, 2, 2])).toBe(Infinity)
    expect(effectOf([0, 0])).toBeNaN()
    expect(subjectsInterval([0, 0], usual, { resamples: 20, seed: 1 })).toEqual([null, null])
  })
})
