import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contiguousFolds, scoredPart, withGap } from '../../../src-main/encoding/folds.ts'
import { logspace } from '../../../src-main/encoding/ridge.ts'

const oracle = JSON.parse(readFileSync(new URL('../../reference/encoding/scoring.json', import.meta.url), 'utf8'))

test('folds tile the samples and differ in size by one at most, longer ones first', () => {
  const arbitrary = fc
    .integer({ min: 2, max: 500 })
    .chain((samples) => fc.tuple(fc.constant(samples), fc.integer({ min: 2, max: samples })))
  fc.assert(
    fc.property(arbitrary, ([samples, count]) => {
      const folds = contiguousFolds(samples, count)
      expect(folds.length).toBe(count)
      let end = 0
      for (const [i, fold] of folds.entries()) {
        expect(fold.start).toBe(end)
        end = fold.end
        const size = fold.end - fold.start
        expect(size).toBe(Math.floor(samples / count) + (i < samples % count ? 1 : 0))
      }
      expect(end).toBe(samples)
    }),
  )
})

test('a gap keeps samples of the same runs out of the training, on both sides, and nothing else', () => {
  const runs = [
    { start: 0, end: 20 },
    { start: 20, end: 50 },
    { start: 50, end: 60 },
  ]
  const arbitrary = fc.record({ start: fc.nat(59), length: fc.integer({ min: 1, max: 60 }), gap: fc.nat(40) })
  fc.assert(
    fc.property(arbitrary, ({ start, length, gap }) => {
      const held = { start, end: Math.min(60, start + length) }
      const fold = withGap(held, gap, runs)
      expect(scoredPart(fold)).toEqual(held)
      const runOf = (sample: number) => runs.findIndex((run) => sample < run.end)
      for (let i = 0; i < 60; i++) {
        const before = i < held.start && held.start - i <= gap && runOf(i) === runOf(held.start)
        const after = i >= held.end && i - held.end < gap && runOf(i) === runOf(held.end - 1)
        const left = before || after || (i >= held.start && i < held.end)
        expect(i >= fold.start && i < fold.end).toBe(left)
      }
    }),
  )
})

test.each([
  [10, 1],
  [10, 11],
  [10, 2.5],
  [0, 2],
  [10, NaN],
])('%i samples in %d folds are refused', (samples, folds) => {
  expect(() => contiguousFolds(samples, folds)).toThrowError(expect.objectContaining({ code: 'OPTION_INVALID' }))
})

test('logspace agrees with numpy', () => {
  for (const [i, [from, to, count]] of oracle.logspace.arguments.entries()) {
    const found = logspace(from, to, count)
    expect(found.length).toBe(count)
    for (const [k, value] of oracle.logspace.answer[i].entries()) expect(found[k] / value).toBeCloseTo(1, 14)
  }
})
