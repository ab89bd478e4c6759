/** Kernel weights drawn from Dirichlet distributions: moments and marginals against what is known of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bandCandidates } from '../../../../src-main/encoding/banded/candidates.ts'

describe('candidates', () => {
  test('the first has equal weights, and a seed gives the same again', () => {
    const candidates = bandCandidates(4, { iterations: 50, seed: 7 })
    expect(candidates[0]).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(bandCandidates(4, { iterations: 50, seed: 7 })).toEqual(candidates)
    expect(bandCandidates(4, { iterations: 50, seed: 8 })).not.toEqual(candidates)
    // A longer search begins with the shorter one.
    expect(bandCandidates(4, { iterations: 60, seed: 7 }).slice(0, 50)).toEqual(candidates)
  })

  test('are points of the simplex, for any concentration', () => {
    const concentration = fc.oneof(fc.double({ min: 1e-4, max: 1e4, noNaN: true }), fc.constant(Infinity))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), concentration, fc.nat(), (bands, one, seed) => {
        for (const weights of bandCandidates(bands, { iterations: 20, seed, concentrations: [one] })) {
          expect(weights).toHaveLength(bands)
          expect(weights.every((weight) => weight >= 0 && weight <= 1)).toBe(true)
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12)
        }
      }),
    )
  })

  // Mean 1/k, variance (1/k)(1 - 1/k)/(k c + 1), covariance -(1/k²)/(k c + 1). With 20,000 draws four standard errors of
  // the mean are at most 4 sqrt(0.22 / 20000) = 0.013; those of the variance are smaller.
  test.each([0.1, 0.5, 1, 3])('have the moments of a Dirichlet distribution of concentration %f', (concentration) => {
    const draws = bandCandidates(3, { iterations: 20_001, seed: 11, concentrations: [concentration] }).slice(1)
    const mean = (value: (weights: number[]) => number) =>
      draws.reduce((sum, weights) => sum + value(weights), 0) / draws.length
    const scale = 1 / (3 * concentration + 1)
    for (let a = 0; a < 3; a++) {
      expect(Math.abs(mean((w) => w[a]) - 1 / 3)).toBeLessThan(0.014)
      expect(Math.abs(mean((w) => (w[a] - 1 / 3) ** 2) - (2 / 9) * scale)).toBeLessThan(0.01)
      const covariance = mean((w) => (w[a] - 1 / 3) * (w[(a + 1) % 3] - 1 / 3))
      expect(Math.abs(covariance + scale / 9)).toBeLessThan(0.01)
    }
  })

  // Kolmogorov and Smirnov's distance of 5,000 draws is below 1.95 / sqrt(5000) = 0.0276 with probability 0.999.
  test.each([
    // Of two bands Beta(c, c), of three the first is Beta(c, 2c).
    { bands: 2, concentration: 1, distribution: (x: number) => x },
    { bands: 3, concentration: 1, distribution: (x: number) => 1 - (1 - x) ** 2 },
    { bands: 2, concentration: 0.5, distribution: (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x)) },
    { bands: 3, concentration: 0.5, distribution: (x: number) => Math.sqrt(x) },
    { bands: 2, concentration: 2, distribution: (x: number) => 3 * x ** 2 - 2 * x ** 3 },
  ])('are distributed as they should: $bands bands, $concentration', ({ bands, concentration, distribution }) => {
    const draws = bandCandidates(bands, { iterations: 5001, seed: 3, concentrations: [concentration] }).slice(1)
    const first = draws.map((weights) => weights[0]).sort((a, b) => a - b)
    const gaps = first.map((x, i) => Math.max(distribution(x) - i / 5000, (i + 1) / 5000 - distribution(x)))
    expect(Math.max(...gaps)).toBeLessThan(0.0276)
  })

  test('take the concentrations in turn, 0.1 and 1 where none are given', () => {
    const both = bandCandidates(5, { iterations: 4001, seed: 5 }).slice(1)
    const largest = (parity: number) => {
      const some = both.filter((_, i) => i % 2 === parity)
      return some.reduce((sum, weights) => sum + Math.max(...weights), 0) / some.length
    }
    // Candidate 1 is of concentration 1, whose largest weight is (1 + 1/2 + … + 1/5) / 5 = 0.457 on average.
    expect(Math.abs(largest(0) - 0.457)).toBeLessThan(0.02)
    expect(largest(1)).toBeGreaterThan(0.8)
    expect(both).toEqual(bandCandidates(5, { iterations: 4001, seed: 5, concentrations: [0.1, 1] }).slice(1))
  })

  test('what makes no distribution is refused', () => {
    for (const options of [
      { iterations: 0, seed: 1 },
      { iterations: 1.5, seed: 1 },
      { iterations: 70_000, seed: 1 },
      { iterations: 5, seed: -1 },
      { iterations: 5, seed: 2 ** 32 },
      { iterations: 5, seed: 1, concentrations: [] },
      { iterations: 5, seed: 1, concentrations: [0] },
      { iterations: 5, seed: 1, concentrations: [NaN] },
    ])
      expect(() => bandCandidates(3, options)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
})
