import { describe, expect, test } from 'vitest'
import type { Matrix64 } from '../../../src-main/linalg/matrix.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import { contrast, mixedModel, regionSummary } from '../../../src-main/statistics/index.ts'
import type { MixedModel, MixedModelInput } from '../../../src-main/statistics/mixedModel.ts'
import { expectAllNear, expectNear, oracle } from './oracle.ts'

interface Case {
  readonly subjects: number[]
  readonly items: number[]
  readonly x: number[]
  readonly y: number[]
  readonly crossed: boolean
  readonly method: 'REML' | 'ML'
  readonly estimates: number[]
  readonly errors: number[]
  readonly variances: number[]
  readonly residual: number
  readonly logLikelihood: number
}

const ones = (x: readonly number[]): Matrix64 => ({
  data: Float64Array.from(x.flatMap((value) => [1, value])),
  rows: x.length,
  cols: 2,
})
const inputOf = ({ subjects, items, x, y, crossed, method }: Omit<Case, 'estimates'>): MixedModelInput => ({
  response: y,
  fixed: ones(x),
  names: ['intercept', 'x'],
  random: [{ name: 'subject', levels: subjects }, ...(crossed ? [{ name: 'item', levels: items }] : [])],
  method,
  level: 0.95,
})
const fitted = (result: ReturnType<typeof mixedModel>): MixedModel => {
  if (!result.testable) throw new Error(result.reason)
  return result
}
const cases = oracle('mixed') as Case[]

test.each(cases)('as statsmodels: $method, crossed $crossed, $variances', (one) => {
  const ours = fitted(mixedModel(inputOf(one)))
  // The likelihood is flat at its top: where it agrees to 1e-9, variances agree to some 1e-5.
  expectNear(ours.logLikelihood, one.logLikelihood, 1e-9)
  expectAllNear(
    ours.coefficients.map(({ estimate }) => estimate),
    one.estimates,
    1e-5,
  )
  expectAllNear(
    ours.coefficients.map(({ standardError }) => standardError),
    one.errors,
    1e-4,
  )
  expectAllNear(
    ours.variances.map(({ variance }) => variance),
    one.variances,
    2e-4,
  )
  expectNear(ours.residualVariance, one.residual, 1e-4)
  // No other variances have more likelihood: statsmodels' optimiser stopped at or below ours.
  expect(ours.logLikelihood).toBeGreaterThanOrEqual(one.logLikelihood - 1e-10)
})

/** [subjects, regions]: a subject's own level, a region's own mean, noise. */
function scores(subjects: number, regions: number, between: number, seed: number): Matrix64 {
  const random = seededRandom(seed)
  const data = new Float64Array(subjects * regions)
  for (let s = 0; s < subjects; s++) {
    const own = between * random.normal()
    for (let r = 0; r < regions; r++) data[s * regions + r] = own + 0.1 * r + 0.2 * random.normal()
  }
  return { data, rows: subjects, cols: regions }
}

describe('balanced data', () => {
  const [subjects, regions] = [11, 4]
  const table = scores(subjects, regions, 0.5, 4)
  const names = ['A1', 'STG', 'STS', 'IFG']
  const model = fitted(regionSummary(table, names, 0.95))

  test('REML is the analysis of variance', () => {
    const { data } = table
    const rowMean = Array.from({ length: subjects }, (_, s) => meanOf(data.subarray(s * regions, (s + 1) * regions)))
    const columns = Array.from({ length: regions }, (_, r) => data.filter((__, i) => i % regions === r))
    const grand = meanOf(data)
    const between = (regions * rowMean.reduce((sum, m) => sum + (m - grand) ** 2, 0)) / (subjects - 1)
    let error = 0
    data.forEach((value, i) => {
      const [s, r] = [Math.floor(i / regions), i % regions]
      error += (value - rowMean[s] - meanOf(columns[r]) + grand) ** 2
    })
    error /= (subjects - 1) * (regions - 1)
    expectNear(model.residualVariance, error, 1e-6)
    expectNear(model.variances[0].variance, (between - error) / regions, 1e-6)
    for (const [r, { name, estimate, standardError }] of model.coefficients.entries()) {
      expect(name).toBe(names[r])
      expectNear(estimate, meanOf(columns[r]), 1e-12)
      expectNear(standardError ** 2, (model.variances[0].variance + error) / subjects, 1e-6)
    }
    // Subjects cancel in a difference of regions.
    const { estimate, standardError } = contrast(model, 'IFG - A1', [-1, 0, 0, 1])
    expectNear(estimate, meanOf(columns[3]) - meanOf(columns[0]), 1e-11)
    expectNear(standardError ** 2, (2 * error) / subjects, 1e-6)
  })

  test('a large mean changes nothing but the means', () => {
    const shifted = fitted(regionSummary({ ...table, data: table.data.map((value) => value + 1e5) }, names, 0.95))
    expectNear(shifted.residualVariance, model.residualVariance, 1e-6)
    expectNear(shifted.coefficients[2].estimate, model.coefficients[2].estimate + 1e5, 1e-12)
  })

  test('is described in words', () => {
    expect(model.words).toBe(
      'linear mixed model (two-sided, n = 44; random intercepts of 11 levels of subject; REML, Wald z; uncorrected)',
    )
  })
})

const meanOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length

test('subjects without variance between them have none', () => {
  // Noise whose subjects' means are all 0 varies less between subjects than chance.
  const table = scores(9, 4, 0, 2)
  for (let s = 0; s < 9; s++) {
    const row = table.data.subarray(s * 4, (s + 1) * 4)
    const mean = meanOf(row)
    row.forEach((value, i) => (row[i] = value - mean))
  }
  const model = fitted(regionSummary(table, ['a', 'b', 'c', 'd'], 0.95))
  expect(model.variances[0].variance).toBe(0)
})

test('gaps are left out, and a region of nothing but gaps is left out', () => {
  const table = scores(6, 3, 0.4, 9)
  table.data[4] = NaN
  for (let s = 0; s < 6; s++) table.data[s * 3 + 2] = NaN
  const model = fitted(regionSummary(table, ['a', 'b', 'c'], 0.9))
  expect(model.n).toBe(11)
  expect(model.coefficients.map(({ name }) => name)).toEqual(['a', 'b'])
})

test('Wald intervals hold the truth about as often as they say', () => {
  // 200 studies of 20 subjects; a mean over 20 subjects by z: P(|t19| < 1.96) = 93.5 %, binomial SD 1.7 %.
  let held = 0
  for (let study = 0; study < 200; study++) {
    const model = fitted(regionSummary(scores(20, 3, 0.5, 5000 + study), ['a', 'b', 'c'], 0.95))
    const { low, high } = model.coefficients[1]
    if (low <= 0.1 && 0.1 <= high) held++
  }
  expect(Math.abs(held / 200 - 0.935)).toBeLessThan(4 * 0.0174)
})

test('what cannot be fitted says why', () => {
  const [one] = cases
  const input = inputOf(one)
  const n = one.y.length
  expect(mixedModel({ ...input, random: [{ name: 'subject', levels: new Uint8Array(n) }] })).toEqual({
    testable: false,
    reason: 'one level',
    n,
  })
  const own = { name: 'subject', levels: one.y.map((_, i) => i) }
  expect(mixedModel({ ...input, random: [own] })).toMatchObject({ reason: 'one level' })
  expect(mixedModel({ ...input, response: one.x })).toMatchObject({ reason: 'no residual' })
  expect(mixedModel({ ...input, response: one.subjects.map((s) => s * s) })).toMatchObject({ reason: 'no residual' })
  const two = { response: [1, 2], fixed: ones([1, 2]), random: [{ name: 'subject', levels: [1, 2] }] }
  expect(mixedModel({ ...input, ...two })).toMatchObject({ reason: 'too few observations' })
  expect(() => mixedModel({ ...input, fixed: ones(one.x.map(() => 2)) })).toThrowError(/depend on each other/)
  expect(() => mixedModel({ ...input, response: one.y.map(() => NaN) })).toThrowError(/not finite/)
  expect(() => mixedModel({ ...input, names: ['x'] })).toThrowError(/fit together/)
  expect(() => mixedModel({ ...input, level: 1 })).toThrowError(/confidence level/)
  expect(() => contrast(fitted(mixedModel(input)), 'x', [1])).toThrowError(/2 weights/)
  expect(() => regionSummary(scores(3, 2, 1, 1), ['a'], 0.95)).toThrowError(/names/)
})
