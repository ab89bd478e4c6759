import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coarseGrid, ErrorCurve } from '../../../src-main/encoding/alphaGrid.ts'
import { logspace } from '../../../src-main/encoding/ridge.ts'
import { normal } from '../linalg/random.ts'

describe('the coarse grid', () => {
  test('skips where alphas lie close, and holds the first and the last', () => {
    expect(coarseGrid(logspace(1, 8, 20))).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 19])
    expect(coarseGrid(logspace(1, 8, 100)).length).toBe(11)
  })

  test('is every alpha where they are few or far apart', () => {
    for (const alphas of [[1], [1, 1.1], logspace(-1, 8, 10), logspace(0, 1, 4)]) {
      expect(coarseGrid(alphas)).toEqual(alphas.map((_, i) => i))
    }
  })
})

/** Leave-one-out-like errors of a ridge problem: a smooth curve with one or several minima. */
function curve(alphas: readonly number[], seed: number): Float64Array {
  const random = normal(seed)
  const terms = Array.from({ length: 60 }, () => ({
    d: 10 ** (4 + 2 * random()),
    g: random() ** 2 * 3,
    v: random() ** 2,
  }))
  return Float64Array.from(alphas, (alpha) => {
    let error = 0
    for (const { d, g, v } of terms) error += g * (alpha / (d + alpha)) ** 2 + v * (d / (d + alpha)) ** 2
    return error
  })
}

test('the choice is that of all alphas evaluated, for fewer evaluations', () => {
  const alphas = logspace(1, 8, 20)
  const coarse = coarseGrid(alphas)
  const errors = new ErrorCurve(alphas, coarse)
  let evaluations = 0
  const runs = 500
  for (let seed = 0; seed < runs; seed++) {
    const truth = curve(alphas, seed)
    const known = new Float64Array(20).fill(NaN)
    for (const i of coarse) known[i] = truth[i]!
    const wanted = new Uint8Array(20)
    errors.mark(known, wanted)
    for (let i = 0; i < 20; i++) if (wanted[i]) known[i] = truth[i]!
    const least = (values: Float64Array) => values.indexOf(values.reduce((a, b) => (b < a ? b : a), Infinity))
    expect(least(known)).toBe(least(truth))
    evaluations += known.filter((error) => !Number.isNaN(error)).length / runs
  }
  expect(evaluations).toBeLessThan(15)
})

test('a quadratic is interpolated exactly: what is asked for is what may be the minimum', () => {
  const alphas = logspace(0, 6, 25)
  const coarse = coarseGrid(alphas)
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 5.5, noNaN: true }), (centre) => {
      const errors = alphas.map((alpha) => Math.exp((Math.log10(alpha) - centre) ** 2))
      const known = Float64Array.from(errors, (error, i) => (coarse.includes(i) ? error : NaN))
      const wanted = new Uint8Array(25)
      new ErrorCurve(alphas, coarse).mark(known, wanted)
      const least = Math.min(...coarse.map((i) => errors[i]))
      for (const [i, error] of errors.entries()) {
        const distance = Math.log(error / least)
        if (distance < 0 && !coarse.includes(i)) expect(wanted[i]).toBe(1)
        if (distance > 2e-5) expect(wanted[i]).toBe(0)
      }
    }),
  )
})

test('an error of 0 has every alpha evaluated, a steep slope few', () => {
  const alphas = logspace(0, 6, 26)
  const coarse = coarseGrid(alphas)
  const asked = (curve: (i: number) => number) => {
    const wanted = new Uint8Array(26)
    new ErrorCurve(alphas, coarse).mark(
      Float64Array.from(alphas, (_, i) => curve(i)),
      wanted,
    )
    return wanted.reduce((count, flag) => count + flag, 0)
  }
  expect(asked((i) => i)).toBe(26)
  expect(asked((i) => Math.exp(i))).toBeLessThan(3)
})
