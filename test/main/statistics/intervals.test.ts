import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Gemm } from '../../../src-main/linalg/gemm.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import type { BootstrapOptions } from '../../../src-main/statistics/bootstrap.ts'
import type { EffectSize } from '../../../src-main/statistics/effectSizes.ts'
import {
  bootstrapInterval,
  bootstrapMeans,
  cliffsDelta,
  rankBiserial,
  standardizedDifference,
  standardizedMean,
} from '../../../src-main/statistics/index.ts'
import { expectAllNear, expectNear, matrixOf, oracle } from './oracle.ts'

type Method = BootstrapOptions['method']
const { a, b, level, resamples, seed, intervals, ...effects } = oracle('effects') as {
  a: number[]
  b: number[]
  level: number
  resamples: number
  seed: number
  intervals: [string, Method, number, [number, number]][]
} & Record<'d' | 'g' | 'dTwo' | 'gTwo', [number, number, number]>
const options = (method: Method): BootstrapOptions => ({ level, resamples, seed, method })

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const median = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort()
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}
const picked = (values: readonly number[], indices: Uint32Array): number[] => Array.from(indices, (i) => values[i])

let gemm: Gemm
beforeAll(async () => {
  gemm = await createGemm()
})
afterAll(() => gemm.close())

describe('as scipy’s intervals of the same resamples', () => {
  const found = (name: string, method: Method) => intervals.find(([n, m]) => n === name && m === method)!
  test.each(['percentile', 'bca'] as const)('%s', async (method) => {
    const how = options(method)
    const plain = {
      mean: bootstrapInterval([12], ([s]) => mean(picked(a, s)), how),
      median: bootstrapInterval([12], ([s]) => median(picked(a, s)), how),
      difference: bootstrapInterval([12, 9], ([s, t]) => mean(picked(a, s)) - mean(picked(b, t)), how),
      biserial: rankBiserial(a, how),
      cliff: cliffsDelta(a, b, how),
    }
    for (const [name, ours] of Object.entries(plain)) {
      const [, , estimate, interval] = found(name, method)
      if (!ours.testable) throw new Error(name)
      expectAllNear([ours.low, ours.high], interval, 1e-11)
      if ('estimate' in ours) expectNear(ours.estimate, estimate, 1e-12)
    }
    const [, , estimate, [low, high]] = found('mean', method)
    const map = await bootstrapMeans(matrixOf(a.map((value) => [0, value, -value])), how, { gemm })
    expectAllNear([map.mean[1], map.low[1], map.high[1]], [estimate, low, high], 1e-10)
    expectAllNear([map.mean[2], map.low[2], map.high[2]], [-estimate, -high, -low], 1e-10)
    // Values whose cubes are nothing to float64.
    const small = a.map((value) => value * 1e-150)
    const tiny = await bootstrapMeans(matrixOf(small.map((value) => [value])), how, { gemm })
    const again = bootstrapInterval([12], ([s]) => mean(picked(small, s)), how)
    expectAllNear([tiny.low[0], tiny.high[0]], [1e-150 * low, 1e-150 * high], 1e-10)
    if (again.testable) expectAllNear([again.low, again.high], [1e-150 * low, 1e-150 * high], 1e-10)
    expect([map.mean[0], map.low[0], map.untested]).toEqual([0, NaN, { 'all zero': 1 }])
  })
})

test('a 90 % interval holds the truth in about 90 % of studies', async () => {
  // 1,500 vertices of 20 normal subjects with mean 1. The percentile interval of a mean of n = 20 is a normal interval
  // with the SD over n: it holds the truth with P(|t19| < 1.645 √(19/20)) = 87.4 %; binomial SD 0.86 %.
  const random = seededRandom(3)
  const data = Float64Array.from({ length: 20 * 1500 }, () => 1 + random.normal())
  const how: BootstrapOptions = { level: 0.9, resamples: 400, seed: 1, method: 'percentile' }
  const { low, high } = await bootstrapMeans({ data, rows: 20, cols: 1500 }, how, { gemm })
  const rate = low.filter((from, v) => from <= 1 && 1 <= high[v]).length / 1500
  // The subjects' resamples are shared by all vertices, whose intervals therefore lean together: 3 % more room.
  expect(Math.abs(rate - 0.874)).toBeLessThan(0.03 + 4 * 0.0086)
})

describe('effect sizes', () => {
  const values = (effect: EffectSize): number[] => {
    if (!effect.testable) throw new Error(effect.reason)
    return [effect.estimate, effect.low, effect.high]
  }
  test('intervals as scipy’s noncentral t', () => {
    expectAllNear(values(standardizedMean(a, false, level)), effects.d, 1e-8)
    expectAllNear(values(standardizedMean([...a, NaN], true, level)), effects.g, 1e-8)
    expectAllNear(values(standardizedDifference(a, b, false, level)), effects.dTwo, 1e-8)
    expectAllNear(values(standardizedDifference(a, b, true, level)), effects.gTwo, 1e-8)
  })

  test('turned groups turn the sign', () => {
    const [estimate, low, high] = values(standardizedDifference(b, a, false, 0.95))
    const turned = values(standardizedDifference(a, b, false, 0.95))
    expectAllNear([-estimate, -high, -low], turned, 1e-9)
    expect(values(cliffsDelta([1, 2, 4], [3, 5], options('percentile')))[0]).toBeCloseTo(-2 / 3, 12)
  })

  test('large effects of many subjects have intervals', () => {
    const random = seededRandom(1)
    const strong = Float64Array.from({ length: 412 }, () => 3 + random.normal())
    const [estimate, low, high] = values(standardizedMean(strong, true, 0.95))
    // The large-sample standard error of d: √(1/n + d²/2n).
    const reach = 1.96 * Math.sqrt((1 + estimate ** 2 / 2) / 412)
    expectAllNear([low, high], [estimate - reach, estimate + reach], 0.01)
  })

  test('what has no size says why', () => {
    const how = options('bca')
    expect(standardizedMean([1], false, 0.9)).toMatchObject({ testable: false, reason: 'one value' })
    expect(standardizedMean([0.1, 0.1, 0.1], false, 0.9)).toMatchObject({ reason: 'all equal' })
    expect(standardizedMean([1, 2], true, 0.9)).toMatchObject({ reason: 'undefined' })
    expect(standardizedDifference([1, 1], [2, 2], true, 0.9)).toMatchObject({ reason: 'all equal' })
    expect(standardizedDifference([1], [2, 3], true, 0.9)).toMatchObject({ reason: 'one value' })
    expect(rankBiserial([0, 0, 0], how)).toMatchObject({ reason: 'undefined' })
    expect(rankBiserial([1, 2, 3], how)).toMatchObject({ reason: 'all equal' })
    expect(cliffsDelta([1], [2, 3], how)).toMatchObject({ reason: 'one value' })
    expect(bootstrapInterval([3], () => NaN, how)).toMatchObject({ reason: 'undefined' })
  })
})

test('maps without an interval say why, and options out of range are refused', async () => {
  const map = await bootstrapMeans(
    matrixOf([
      [1, null, null],
      [1, 2, null],
    ]),
    options('bca'),
    { gemm },
  )
  expect(map.untested).toEqual({ 'all equal': 1, incomplete: 1, 'no value': 1 })
  expect(map.words).toBe('90 % BCa bootstrap interval, 499 resamples, seed 7')
  for (const wrong of [{ level: 1 }, { resamples: 1 }, { seed: 0.5 }]) {
    expect(() => bootstrapInterval([3], () => 1, { ...options('bca'), ...wrong })).toThrowError(/out of range/)
  }
})
