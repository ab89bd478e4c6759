import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { interSubjectCeiling } from '../../../src-main/scoring/ceiling.ts'
import { shareOfCeiling } from '../../../src-main/scoring/shares.ts'
import { splitHalf } from '../../../src-main/scoring/splitHalf.ts'

const oracle = JSON.parse(readFileSync(new URL('../../reference/scoring/scoring.json', import.meta.url), 'utf8'))
const matrix = (rows: readonly (readonly number[])[]): Matrix32 => ({
  data: Float32Array.from(rows.flat()),
  rows: rows.length,
  cols: rows[0].length,
})
const close = (found: Float32Array, expected: readonly number[], tolerance = 1e-6) => {
  expect(found.length).toBe(expected.length)
  for (const [j, value] of expected.entries()) expect(Math.abs(found[j] - value)).toBeLessThan(tolerance)
}
const mismatch = expect.objectContaining({ code: 'SHAPE_MISMATCH' })

describe('a stimulus heard again and again', () => {
  const { data, explainable, half } = oracle.repeats
  const targets = explainable.length

  test('explainable variance is that of voxelwise_tutorials, with its bias correction', () => {
    const ceiling = interSubjectCeiling(targets)
    for (const response of data) ceiling.add('story', matrix(response))
    close(ceiling.finish().correlation, explainable)
  })

  test('halves are those of numpy, corrected to the full number', () => {
    const halves = splitHalf(data[0].length, targets)
    for (const response of data) halves.add(matrix(response))
    const found = halves.finish()
    close(found.half, half)
    close(
      found.reliability,
      half.map((r: number) => (2 * r) / (1 + r)),
    )
  })

  test('one presentation has no reliability', () => {
    const halves = splitHalf(data[0].length, targets)
    halves.add(matrix(data[0]))
    expect([...halves.finish().reliability]).toEqual(Array.from({ length: targets }, () => NaN))
  })
})

describe('bounds of the ceiling', () => {
  const { runs, lower, upper } = oracle.bounds as Record<string, never> & { runs: number[][][][] }
  const all = (of: readonly number[][][][]) => {
    const ceiling = interSubjectCeiling(of[0][0][0].length)
    for (const take of [ceiling.add, ceiling.compare])
      for (const [r, run] of of.entries()) for (const response of run) take(String(r), matrix(response))
    return { ...ceiling.bounds(), ...ceiling.finish() }
  }

  test('each subject with the mean of the others, and of all, as numpy has them', () => {
    const found = all(runs)
    close(found.lower, lower)
    close(found.upper, upper)
  })

  test('the lower is at most the upper, and both are within -1 to 1', () => {
    const value = fc.double({ min: -100, max: 100, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { minLength: 6, maxLength: 6 }), { minLength: 2, maxLength: 5 }),
        (subjects) => {
          const found = all([subjects.map((series) => series.map((each) => [each]))])
          if (Number.isNaN(found.lower[0])) return
          expect(found.lower[0]).toBeLessThanOrEqual(found.upper[0] + 1e-5)
          for (const r of [found.lower[0], found.upper[0]]) expect(Math.abs(r)).toBeLessThanOrEqual(1 + 1e-5)
        },
      ),
    )
  })

  test('a subject whose target is constant is left out; one alone has no bounds', () => {
    const flat = runs.map((run) => [...run, run[0].map((row) => row.map(() => 4))])
    const found = all(flat)
    close(found.lower, [...all(runs).lower])
    expect([...all(runs.map((run) => run.slice(0, 1))).upper]).toEqual([NaN, NaN, NaN])
    const ceiling = interSubjectCeiling(2)
    ceiling.add('a', matrix([[1, 2]]))
    expect(() => ceiling.compare('a', matrix([[1], [2]]))).toThrowError(mismatch)
  })
})

describe('shares and means', () => {
  test('share of the ceiling: sums over reliable targets, squared for shares of variance', () => {
    const ceiling = Float32Array.of(0.5, 0.4, 0, 0.3, NaN)
    expect(shareOfCeiling(Float32Array.of(0.25, 0.2, 9, NaN, 1), ceiling, 'r')).toBeCloseTo(0.5, 6)
    const squares = Float32Array.of(0.25 * 0.25, 0.2 * 0.2, 9, NaN, 1)
    for (const measure of ['r-squared', 'r2'] as const)
      expect(shareOfCeiling(squares, ceiling, measure)).toBeCloseTo((0.0625 + 0.04) / (0.25 + 0.16), 6)
    expect(shareOfCeiling(ceiling, new Float32Array(5), 'r')).toBeNaN()
    expect(() => shareOfCeiling(ceiling, new Float32Array(4), 'r')).toThrowError(mismatch)
  })
})
