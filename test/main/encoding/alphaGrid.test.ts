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

/** Evaluates what is asked for, from the coarse grid on. @returns the choice, and how many errors it took */
function choose(errors: ErrorCurve, coarse: readonly number[], truth: Float64Array) {
  const known = truth.map((error, i) => (coarse.includes(i) ? error : NaN))
  for (let count = coarse.length; ; count++) {
    const { next, choice } = errors.look(known)
    if (next === undefined) return { choice, count }
    expect(known[next]).toBeNaN()
    known[next] = truth[next]!
  }
}

const leastOf = (values: Float64Array) => values.indexOf(values.reduce((a, b) => (b < a ? b : a), Infinity))

test.each([
  [20, 13.5],
  [100, 17],
])('the choice is that of all %i alphas evaluated, for fewer evaluations', (count, most) => {
  const alphas = logspace(1, 8, count)
  const coarse = coarseGrid(alphas)
  const errors = new ErrorCurve(alphas)
  let evaluations = 0
  const runs = 500
  for (let seed = 0; seed < runs; seed++) {
    const truth = curve(alphas, seed)
    const found = choose(errors, coarse, truth)
    // The very alpha, or one whose error is the same to within half of the rounding of products in float32.
    if (found.choice !== leastOf(truth)) {
      expect(truth[found.choice] / truth[leastOf(truth)] - 1).toBeLessThan(5e-7)
    }
    evaluations += found.count / runs
  }
  expect(evaluations).toBeLessThan(most)
})

test('a quadratic is interpolated exactly: nothing is evaluated but where two alphas are as good', () => {
  const alphas = logspace(0, 6, 25)
  const coarse = coarseGrid(alphas)
  const errors = new ErrorCurve(alphas)
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 5.5, noNaN: true }), (centre) => {
      const truth = Float64Array.from(alphas, (alpha) => Math.exp((Math.log10(alpha) - centre) ** 2))
      const { choice, count } = choose(errors, coarse, truth)
      expect(truth[choice] / truth[leastOf(truth)] - 1).toBeLessThan(1e-6)
      expect(count).toBeLessThanOrEqual(coarse.length + 2)
    }),
  )
})

test('two minima, the lower one between coarse points', () => {
  const alphas = logspace(0, 6, 25)
  const coarse = coarseGrid(alphas)
  for (const shallow of [1e-4, 1e-3, 1e-2]) {
    const well = (x: number, centre: number, depth: number) => depth * Math.exp(-((x - centre) ** 2) / 0.5)
    const truth = Float64Array.from(alphas, (alpha) => {
      const x = Math.log10(alpha)
      return 1 - well(x, 1.5, 0.1) - well(x, 4.25, 0.1 + shallow)
    })
    expect(choose(new ErrorCurve(alphas), coarse, truth).choice).toBe(leastOf(truth))
  }
})

test('errors of 0 or none: every alpha is asked for; the first of equals is chosen', () => {
  const alphas = logspace(0, 6, 26)
  const coarse = coarseGrid(alphas)
  const asked = (error: (i: number) => number) =>
    choose(
      new ErrorCurve(alphas),
      coarse,
      Float64Array.from(alphas, (_, i) => error(i)),
    )
  expect(asked((i) => i)).toEqual({ choice: 0, count: 26 })
  expect(asked((i) => (i === 7 || i === 9 ? 0 : 1))).toEqual({ choice: 7, count: 26 })
  expect(asked((i) => (i < 20 ? Infinity : 30 - i))).toEqual({ choice: 25, count: 26 })
  expect(asked(() => Infinity)).toEqual({ choice: 255, count: 26 })
  expect(asked((i) => Math.exp(i)).count).toBeLessThan(coarse.length + 2)
})
