import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import { zeros32, type Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { blockNull, nullThreshold, type BlockNullOptions } from '../../../src-main/scoring/blockNull.ts'
import { cutBlocks, permuteBlocks } from '../../../src-main/scoring/blockPermutations.ts'

const oracle = JSON.parse(readFileSync(new URL('../../reference/scoring/scoring.json', import.meta.url), 'utf8')).null
const matrix = (rows: readonly (readonly number[])[]): Matrix32 => ({
  data: Float32Array.from(rows.flat()),
  rows: rows.length,
  cols: rows[0].length,
})
const columns = ({ data, rows, cols }: Matrix32, from: number, to: number): Matrix32 => {
  const out = zeros32(rows, to - from)
  for (let i = 0; i < rows; i++) out.data.set(data.subarray(i * cols + from, i * cols + to), i * out.cols)
  return out
}
const folds = (oracle.folds as [number, number][][]).map((stretches) =>
  stretches.map(([start, end]) => ({ start, end })),
)
const [y, predictions] = [matrix(oracle.y), matrix(oracle.predictions)]
const options = (more: Partial<BlockNullOptions> = {}): BlockNullOptions => ({
  ...{ folds, nSamples: y.rows, nTargets: y.cols, block: oracle.block, permutations: oracle.permutations },
  ...{ seed: oracle.seed, measure: 'r', over: 'folds' },
  ...more,
})
const run = (of: BlockNullOptions, p = predictions, of_y = y, steps = [0, of_y.cols]) => {
  const sum = blockNull(of)
  for (let k = 0; k + 1 < steps.length; k++)
    sum.add(columns(p, steps[k], steps[k + 1]), columns(of_y, steps[k], steps[k + 1]), steps[k])
  return sum.finish()
}
const refused = expect.objectContaining({ code: 'OPTION_INVALID' })

describe('block permutations', () => {
  test('are those of the reference', () => {
    const blocks = cutBlocks(folds, oracle.block)
    expect([...permuteBlocks(blocks, oracle.permutations, oracle.seed)].slice(0, oracle.order.length)).toEqual(
      oracle.order,
    )
  })

  test('permute within folds, blocks of one length alone, and every block once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 12, max: 40 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 0xffffffff }),
        (sizes, length, seed) => {
          let end = 0
          const stretches = sizes.map((size) => [{ start: end, end: (end += size) }])
          const blocks = cutBlocks(stretches, length)
          const covered = blocks.lengths.reduce((a, b) => a + b, 0)
          expect(covered).toBe(end)
          const order = permuteBlocks(blocks, 1, seed)
          expect(new Set(order).size).toBe(order.length)
          const foldOf = (b: number) => blocks.bounds.findIndex((bound) => bound > b)
          for (const [to, from] of order.entries()) {
            expect(blocks.lengths[from]).toBe(blocks.lengths[to])
            expect(foldOf(from)).toBe(foldOf(to))
          }
        },
      ),
    )
  })

  test('all orders come equally often', () => {
    const counts = new Map<string, number>()
    const orders = permuteBlocks(cutBlocks([[{ start: 0, end: 8 }]], 2), 20, 1).length
    expect(orders).toBe(80)
    for (let seed = 0; seed < 1000; seed++) {
      const drawn = permuteBlocks(cutBlocks([[{ start: 0, end: 8 }]], 2), 24, seed)
      for (let p = 0; p < 24; p++) {
        const key = drawn.subarray(4 * p, 4 * p + 4).join(' ')
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    }
    expect(counts.size).toBe(24)
    // Chi-squared with 23 degrees of freedom exceeds 58.6 once in 17,000 times.
    let chi = 0
    for (const count of counts.values()) chi += (count - 1000) ** 2 / 1000
    expect(chi).toBeLessThan(58.6)
  })

  test('what cannot be permuted is refused', () => {
    const one = [[{ start: 0, end: 15 }]]
    for (const length of [0, 1.5, 8, 20]) expect(() => cutBlocks(one, length)).toThrowError(refused)
    expect(() => permuteBlocks(cutBlocks(one, 5), 7, 1)).toThrowError(refused)
    for (const count of [0, 2.5, NaN]) expect(() => permuteBlocks(cutBlocks(one, 1), count, 1)).toThrowError(refused)
    expect(() => permuteBlocks(cutBlocks([[{ start: 0, end: 2000 }]], 1), 1e6, 1)).toThrowError(refused)
  })
})

describe('null of block-shuffled time', () => {
  for (const { measure, over, score, p, pMax, maxima } of oracle.cases) {
    test(`${measure} over ${over}: scores, p and maxima are those of numpy with the same permutations`, () => {
      const found = run(options({ measure, over }))
      for (const [t, value] of score.entries()) expect(Math.abs(found.score[t] - value)).toBeLessThan(1e-6)
      expect([...found.p]).toEqual(p.map(Math.fround))
      expect([...found.pMax]).toEqual(pMax.map(Math.fround))
      for (const [k, value] of maxima.entries()) expect(Math.abs(found.maxima[k] - value)).toBeLessThan(1e-12)
    })
  }

  test('one by one, in any order, or all at once: the same bits', () => {
    const whole = run(options())
    const sum = blockNull(options())
    for (const t of [2, 0, 3, 1]) sum.add(columns(predictions, t, t + 1), columns(y, t, t + 1), t)
    expect(sum.finish()).toEqual(whole)
    expect(run(options(), predictions, y, [0, 3, 4])).toEqual(whole)
  })

  test('few permutations, whose products are not shared, score as many do', () => {
    // One block a sample: 60 permutations need fewer products than the 24 x 24 table of each fold.
    const stretches = Array.from({ length: 2 }, (_, f) => [{ start: 33 * f, end: 33 * f + 33 }])
    const few = run(options({ folds: stretches, block: 1, permutations: 20 }))
    const many = run(options({ folds: stretches, block: 1, permutations: 500 }))
    expect(few.score).toEqual(many.score)
    // The first 20 permutations of the 500 are these 20.
    for (const value of few.maxima) expect([...many.maxima]).toContain(value)
  })

  test('constant and NaN targets have no p and no say in the maximum', () => {
    const wide = zeros32(y.rows, 4)
    const wideP = zeros32(y.rows, 4)
    for (let i = 0; i < y.rows; i++) {
      wide.data.set([y.data[i * 4 + 3], 2.5, y.data[i * 4 + 3], y.data[i * 4 + 3]], i * 4)
      wideP.data.set([predictions.data[i * 4 + 3], predictions.data[i * 4], i === 40 ? NaN : 1, 7], i * 4)
    }
    const found = run(options(), wideP, wide)
    expect([...found.p].map(Number.isNaN)).toEqual([false, true, true, false])
    expect([...found.score].map(Number.isNaN)).toEqual([false, true, true, false])
    expect(found.score[3]).toBe(0)
    expect(found.p[3]).toBe(1)
    const alone = run(options({ nTargets: 1 }), columns(wideP, 0, 1), columns(wide, 0, 1))
    // A constant prediction scores 0 in every order, which can only raise a maximum to 0.
    expect(found.p[0]).toBe(alone.p[0])
    expect([...found.maxima]).toEqual([...alone.maxima].map((value) => Math.max(0, value)))
  })

  test('shapes that do not fit are refused', () => {
    const sum = blockNull(options())
    const wrong = expect.objectContaining({ code: 'SHAPE_MISMATCH' })
    expect(() => sum.add(predictions, columns(y, 0, 2), 0)).toThrowError(wrong)
    expect(() => sum.add(predictions, y, 1)).toThrowError(wrong)
    expect(() => sum.add({ ...predictions, rows: 3 }, y, 0)).toThrowError(wrong)
  })

  test('threshold: what exceeds it has a family-wise p of at most the level', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.constantFrom(0.01, 0.05, 0.2, 0.5),
        (values, level) => {
          const maxima = Float64Array.from(values).sort().reverse()
          const threshold = nullThreshold({ maxima }, level)
          const p = (score: number) => (1 + maxima.filter((value) => value >= score).length) / (1 + maxima.length)
          if (threshold === null) expect(p(Infinity)).toBeGreaterThan(level)
          else {
            expect(p(threshold + 1e-9)).toBeLessThanOrEqual(level + 1e-12)
            expect(p(threshold)).toBeGreaterThan(level)
          }
        },
      ),
    )
  })
})

/** [n_samples, targets] of AR(1) noise. */
function noise(n: number, targets: number, phi: number, normal: () => number): Matrix32 {
  const out = zeros32(n, targets)
  for (let j = 0; j < targets; j++) {
    let value = normal() / Math.sqrt(1 - phi * phi)
    for (let i = 0; i < n; i++) out.data[i * targets + j] = value = phi * value + normal()
  }
  return out
}

describe('false positives', () => {
  const halves = [[{ start: 0, end: 100 }], [{ start: 100, end: 200 }]]
  const rates = (studies: number, targets: number, phi: number, block: number) => {
    const { normal } = seededRandom(77)
    let [single, familywise] = [0, 0]
    for (let study = 0; study < studies; study++) {
      const found = run(
        options({ folds: halves, nSamples: 200, nTargets: targets, block, permutations: 99, seed: study }),
        noise(200, targets, phi, normal),
        noise(200, targets, phi, normal),
      )
      single += found.p.reduce((sum, p) => sum + (p <= 0.05 ? 1 : 0), 0)
      if (found.pMax.some((p) => p <= 0.05)) familywise++
    }
    return { single: single / (studies * targets), familywise: familywise / studies }
  }

  test('white noise: 5 % of targets, and of studies any target at all', () => {
    const { single, familywise } = rates(200, 20, 0, 10)
    // Four standard errors: of 4,000 targets 1.4 %; of 200 studies 6.2 %.
    expect(Math.abs(single - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / 4000))
    expect(Math.abs(familywise - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / 200))
  })

  test('autocorrelated noise: blocks keep close to 5 %, single samples do not', () => {
    const blocks = rates(100, 20, 0.8, 10).single
    const samples = rates(100, 20, 0.8, 1).single
    // With r's variance (1 + phi²) / (1 - phi²) = 4.6 times that of white noise a z of 1.64 is passed by 22 %.
    expect(samples).toBeGreaterThan(0.15)
    expect(blocks).toBeLessThan(0.09)
  })
})
