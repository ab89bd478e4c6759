import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adjacencyOf } from '../../../src-main/linalg/adjacency.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import type { BootstrapOptions } from '../../../src-main/statistics/bootstrap.ts'
import {
  describe as inWords,
  plateau,
  specialization,
  spinTest,
  spinTests,
} from '../../../src-main/statistics/index.ts'
import { NearestPoints } from '../../../src-main/linalg/nearestPoints.ts'
import type { Plateau } from '../../../src-main/statistics/plateau.ts'
import type { SpinTest } from '../../../src-main/statistics/spinTest.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import { smooth } from '../../../src-main/surfaces/mesh.ts'
import { expectAllNear, expectNear, matrixOf, oracle } from './oracle.ts'

const how: BootstrapOptions = { level: 0.9, resamples: 299, seed: 2, method: 'percentile' }

describe('spin test', () => {
  const given = oracle('spin') as {
    left: number[]
    right: number[]
    seed: number
    x: (number | null)[]
    y: (number | null)[]
    rho: number
    spun: number[]
  }
  const spheres = [
    { points: given.left, mirrored: false },
    { points: given.right, mirrored: true },
  ]
  const map = (values: readonly (number | null)[]) => Float64Array.from(values, (value) => value ?? NaN)
  const tested = (result: SpinTest) => {
    if (!result.testable) throw new Error(result.reason)
    return result
  }

  test('as scipy’s trees and ranks under the same rotations', () => {
    for (const [alternative, size] of [
      ['two-sided', Math.abs],
      ['greater', (rho: number) => rho],
      ['less', (rho: number) => -rho],
    ] as const) {
      const options = { alternative, spins: 40, seed: given.seed }
      const ours = tested(spinTest(spheres, map(given.x), map(given.y), options))
      expectNear(ours.rho, given.rho, 1e-12)
      expectAllNear(ours.spun, given.spun, 1e-11)
      const reached = given.spun.filter((rho) => size(rho) >= size(given.rho)).length
      expect(ours.p).toBe((1 + reached) / 41)
      expect(ours.n).toBe(296)
    }
  })

  test('finds the nearest of points, whatever their layout', () => {
    const coordinate = fc.double({ min: -2, max: 2, noNaN: true })
    const point = fc.tuple(coordinate, coordinate, coordinate)
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), point, (points, [x, y, z]) => {
        const found = points[new NearestPoints(points.flat()).find(x, y, z)]
        const square = ([a, b, c]: readonly number[]) => (a - x) ** 2 + (b - y) ** 2 + (c - z) ** 2
        expect(square(found)).toBe(Math.min(...points.map(square)))
      }),
    )
    // A whole sphere, each point its own nearest.
    const { points } = icosphere(4)
    const tree = new NearestPoints(points)
    for (let v = 0; v < points.length / 3; v += 7) {
      expect(tree.find(points[3 * v], points[3 * v + 1], points[3 * v + 2])).toBe(v)
    }
  })

  test('smooth maps that have nothing to do with each other are rarely found', () => {
    // 200 pairs of smooth maps, 39 spins: p <= 0.05 is 2 of 40, binomial SD 1.5 %. By vertices alone, p would be below
    // 0.05 for most pairs: |rho| > 1.96 / √161.
    const mesh = icosphere(2)
    const adjacency = adjacencyOf(mesh.triangles, 162)
    const random = seededRandom(12)
    const smoothed = () => smooth(Float64Array.from({ length: 162 }, random.normal), adjacency, 12)
    const sphere = [{ points: mesh.points, mirrored: false }]
    let found = 0
    let naive = 0
    for (let pair = 0; pair < 200; pair++) {
      const result = tested(
        spinTest(sphere, smoothed(), smoothed(), { alternative: 'two-sided', spins: 39, seed: pair }),
      )
      if (result.p <= 0.05) found++
      if (Math.abs(result.rho) > 1.96 / Math.sqrt(161)) naive++
    }
    expect(Math.abs(found / 200 - 0.05)).toBeLessThan(4 * 0.0155)
    expect(naive).toBeGreaterThan(80)
  })

  test('parts that are turned together are what each is alone', () => {
    const { points } = icosphere(1)
    const two = [
      { points, mirrored: false },
      { points, mirrored: true },
    ]
    const random = seededRandom(4)
    const [x, y] = [1, 2].map(() => Float64Array.from({ length: 84 }, (_, v) => (v % 9 === 0 ? NaN : random.normal())))
    const options = { alternative: 'two-sided', spins: 20, seed: 2 } as const
    const together = spinTests(two, x, y, [[0], [1], [0, 1]], options)
    const alone = (from: number, to: number, spheres: typeof two) =>
      spinTest(spheres, x.subarray(from, to), y.subarray(from, to), options)
    expect(together).toEqual([alone(0, 42, [two[0]]), alone(42, 84, [two[1]]), alone(0, 84, two)])
    // A part without a value leaves the others as they are.
    const bare = spinTests(two, x, y.fill(NaN, 0, 42), [[0], [1]], options)
    expect(bare).toEqual([{ testable: false, reason: 'no value' }, together[1]])
  })

  test('says what it did, and what it cannot', () => {
    const options = { alternative: 'greater', spins: 10, seed: 1 } as const
    const x = map(given.x)
    const { test: description } = tested(spinTest(spheres, x, x, options))
    expect(inWords(description)).toBe(
      "Spearman's rank correlation with a spin test (one-sided, greater, n = 297; n counts vertices; " +
        '10 random rotations, seed 1; uncorrected)',
    )
    expect(
      spinTest(
        spheres,
        x,
        x.map(() => 3),
        options,
      ),
    ).toEqual({ testable: false, reason: 'all equal' })
    expect(
      spinTest(
        spheres,
        x,
        x.map(() => NaN),
        options,
      ),
    ).toEqual({ testable: false, reason: 'no value' })
    expect(() => spinTest(spheres, x, x.slice(1), options)).toThrowError(/these spheres/)
    expect(() => spinTest(spheres, x, x, { ...options, spins: 0 })).toThrowError(/out of range/)
    const centre = [{ points: new Float64Array(900), mirrored: false }]
    expect(() => spinTest(centre, x, x, options)).toThrowError(/without a direction/)
  })
})

describe('plateau', () => {
  const { steps, curves } = oracle('curves') as {
    steps: number[]
    curves: { y: number[]; log10: number; score: number }[]
  }
  const reached = (result: Plateau) => {
    if (!result.testable) throw new Error(result.reason)
    return result
  }

  test.each(curves)('the least squares of a fine grid: $log10', ({ y, log10, score }) => {
    const ours = reached(plateau(matrixOf([y]), steps, 'log', how))
    expect(Math.abs(Math.log10(ours.reached) - log10)).toBeLessThan(2e-4)
    expectNear(ours.score, score, 1e-3)
    expect(ours.interval).toBe('no interval: one subject')
    const linear = reached(plateau(matrixOf([y]), steps.map(Math.log10), 'linear', how))
    expectNear(10 ** linear.reached, ours.reached, 1e-9)
  })

  /** Subjects whose curves bend at 10^at, each with noise and a level of its own. */
  const subjects = (count: number, at: number, noise: number, seed: number) => {
    const random = seededRandom(seed)
    return matrixOf(
      Array.from({ length: count }, () => {
        const level = random.normal()
        return steps.map((step) => level + 0.3 * Math.min(Math.log10(step) - at, 0) + noise * random.normal())
      }),
    )
  }

  test('the interval over subjects holds the planted point about as often as it says', () => {
    // 100 studies of 12 subjects; percentile intervals of 90 % are a little narrow: 75 % to 100 % is accepted, 5 SD.
    let held = 0
    for (let study = 0; study < 100; study++) {
      const { low, high } = reached(plateau(subjects(12, 1.7, 0.05, study), steps, 'log', how))
      if (low <= 10 ** 1.7 && 10 ** 1.7 <= high) held++
    }
    expect(held).toBeGreaterThanOrEqual(75)
  })

  test('a curve that may still be rising has an open interval', () => {
    const ours = reached(plateau(subjects(8, 2.9, 0.1, 2), steps, 'log', how))
    expect(ours.low).toBeLessThanOrEqual(ours.reached)
    expect(ours.high).toBe(Infinity)
  })

  test('says where there is no plateau', () => {
    const curve = (f: (x: number) => number) => matrixOf([steps.map((step) => f(Math.log10(step)))])
    const wobble = (x: number) => 0.01 * Math.cos(40 * x)
    expect(
      plateau(
        curve((x) => x),
        steps,
        'log',
        how,
      ),
    ).toEqual({ testable: false, reason: 'still rising' })
    expect(
      plateau(
        curve((x) => x + wobble(x)),
        steps,
        'log',
        how,
      ),
    ).toMatchObject({ reason: 'still rising' })
    expect(
      plateau(
        curve(() => 0.3),
        steps,
        'log',
        how,
      ),
    ).toMatchObject({ reason: 'no rise' })
    expect(
      plateau(
        curve((x) => -x),
        steps,
        'log',
        how,
      ),
    ).toMatchObject({ reason: 'no rise' })
    expect(
      plateau(
        curve(() => NaN),
        steps,
        'log',
        how,
      ),
    ).toMatchObject({ reason: 'no value' })
    expect(plateau(matrixOf([[1, 2, 3, 3]]), [1, 2, 3, 4], 'log', how)).toMatchObject({ reason: 'too few steps' })
    expect(() => plateau(matrixOf([[1, 2]]), [2, 1], 'linear', how)).toThrowError(/out of order/)
    expect(() => plateau(matrixOf([[1, 2]]), [0, 1], 'log', how)).toThrowError(/above 0/)
    expect(() => plateau(matrixOf([[1, 2]]), [1], 'log', how)).toThrowError(/not of these steps/)
  })
})

describe('specialisation index', () => {
  const native = [0.12, 0.1, 0.15, 0.2, 0.08]
  const other = [0.1, 0.09, 0.1, 0.19, 0.09]

  test('is of the means, turns its sign with its sides, and has an interval', () => {
    const ours = specialization([...native, NaN], [...other, 1], how)
    const turned = specialization(other, native, how)
    if (!ours.testable || !turned.testable) throw new Error('untested')
    expectNear(ours.index, (0.65 - 0.57) / (0.65 + 0.57), 1e-12)
    expectAllNear([-turned.index, -turned.high, -turned.low], [ours.index, ours.low, ours.high], 1e-12)
    expect(ours.n).toBe(5)
    expect(ours.low).toBeLessThan(ours.index)
    expect(ours.high).toBeGreaterThan(ours.index)
    // Scores of another scale have the same index.
    const scaled = specialization(
      native.map((value) => 7 * value),
      other.map((value) => 7 * value),
      how,
    )
    expect(scaled).toMatchObject({ testable: true })
    if (scaled.testable) expectAllNear([scaled.low, scaled.high], [ours.low, ours.high], 1e-12)
  })

  test('says where there is none', () => {
    expect(specialization([1], [2], how)).toEqual({ testable: false, reason: 'one value' })
    expect(specialization([-1, -1], [0.5, 0.6], how)).toEqual({ testable: false, reason: 'undefined' })
    expect(specialization([2, 2], [1, 1], how)).toEqual({ testable: false, reason: 'all equal' })
  })
})
