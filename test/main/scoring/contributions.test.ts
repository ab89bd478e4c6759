/** Scores taken apart, against numpy and scikit-learn (test/reference/inspect). */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pickMoments, ScoreParts } from '../../../src-main/scoring/contributions.ts'
import type { ScoreOf } from '../../../src-main/scoring/contributions.ts'

interface Reference {
  readonly measured: readonly number[]
  readonly predicted: readonly number[]
  readonly folds: readonly (readonly number[])[]
  readonly width: number
  readonly cases: readonly (ScoreOf & {
    readonly score: number
    readonly contributions: readonly number[]
    readonly drops: readonly number[]
  })[]
}
const reference = JSON.parse(
  readFileSync(new URL('../../reference/inspect/contributions.json', import.meta.url), 'utf8'),
) as Reference
const folds = reference.folds.map((fold) => Uint32Array.from(fold))
const { measured, predicted } = reference

// float64 on both sides, sums in another order: 1e-12 of numbers below 1.
const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(1e-12)

describe.each(reference.cases)('$measure over $over', ({ measure, over, ...known }) => {
  const parts = new ScoreParts({ measured, predicted, folds }, { measure, over })

  test('the score, and the contributions that add up to it', () => {
    close(parts.score, known.score)
    for (const [i, value] of parts.contributions().entries()) close(value, known.contributions[i])
  })

  test('what is lost without a window, also one that crosses folds or holds samples that no fold has', () => {
    for (const [start, drop] of known.drops.entries()) close(parts.drop(start, start + reference.width), drop)
  })
})

test('a fold without samples left does not count; without any the score is no number', () => {
  const parts = new ScoreParts({ measured, predicted, folds: folds.slice(0, 2) }, { measure: 'r', over: 'folds' })
  const other = new ScoreParts({ measured, predicted, folds: folds.slice(1, 2) }, { measure: 'r', over: 'folds' })
  close(parts.score - parts.drop(0, 20), other.score)
  expect(parts.drop(0, 60)).toBeNaN()
  expect(parts.drop(20, 22)).toBe(0)
})

test('what is constant scores 0 and contributes 0', () => {
  for (const measure of ['r', 'r-squared', 'r2'] as const) {
    const flat = new Array<number>(60).fill(0.3)
    const parts = new ScoreParts({ measured: flat, predicted, folds }, { measure, over: 'folds' })
    expect(parts.score).toBe(0)
    expect(parts.contributions().every((value) => value === 0)).toBe(true)
    expect(parts.drop(0, 5)).toBe(0)
  }
  const still = new ScoreParts(
    { measured, predicted: new Array<number>(60).fill(0.3), folds },
    { measure: 'r', over: 'folds' },
  )
  expect(still.score).toBe(0)
})

test('units do not matter to r, however large or small', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: -9, max: 9 }), (shift, power) => {
      const scale = 10 ** power
      const moved = measured.map((value) => shift * scale + scale * value)
      const [a, b] = [measured, moved].map(
        (series) => new ScoreParts({ measured: series, predicted, folds }, { measure: 'r', over: 'folds' }),
      )
      // Shifted by a million of its SDs a number loses six digits of its sixteen.
      expect(Math.abs(a.score - b.score)).toBeLessThan(1e-8)
      expect(Math.abs(a.drop(3, 9) - b.drop(3, 9))).toBeLessThan(1e-8)
    }),
    { numRuns: 50 },
  )
})

test('moments: the largest losses and gains that share no sample', () => {
  const drops = Float64Array.of(0.1, 0.4, 0.3, NaN, -0.2, -0.5, 0, 0.2)
  const { carry, breaks } = pickMoments(drops, () => 2, 3)
  expect(carry.map(({ from }) => from)).toEqual([1, 7])
  expect(breaks.map(({ from }) => from)).toEqual([5])
  expect(pickMoments(new Float64Array(4), () => 2, 3)).toEqual({ carry: [], breaks: [] })
})
