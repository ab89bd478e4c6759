import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openTextModel } from '../../../../src-main/activations/index.ts'
import { groupWindows, planTextWindows, tokensIn } from '../../../../src-main/activations/text/windows.ts'
import { largestDifference } from '../reference.ts'
import { checkpoints, readTextReference, readTexts, textFolder } from './reference.ts'

const lengths = { 'gpt2-1': 64, 'gpt2-lm': 48, 'gpt2-bfloat16': 40, 'gpt2-float16': 57 }
const story = fc
  .integer({ min: 1, max: 40 })
  .chain((longest) => fc.tuple(fc.constant(longest), fc.array(fc.integer({ min: 1, max: longest }), { maxLength: 80 })))

describe.each(checkpoints)('%s', (name) => {
  test('windows are those that Python lays down by the same words', async () => {
    const { stories } = await readTextReference(name)
    for (const { counts, full, context3 } of Object.values(stories)) {
      const plain = (context: number | 'full') =>
        planTextWindows(counts, context, lengths[name]).map(({ start, first, end }) => [start, first, end])
      expect(plain('full')).toEqual(full)
      expect(plain(3)).toEqual(context3)
    }
  })
})

test('every word is in one window, none is longer than the model reads, and its past is what can be had', () => {
  fc.assert(
    fc.property(story, ([longest, counts]) => {
      const windows = planTextWindows(counts, 'full', longest)
      expect(windows.flatMap(({ first, end }) => counts.slice(first, end))).toEqual(counts)
      for (const [i, window] of windows.entries()) {
        expect(window.start).toBeLessThanOrEqual(window.first)
        expect(window.first).toBeLessThan(window.end)
        expect(window.first).toBe(windows[i - 1]?.end ?? 0)
        expect(tokensIn(window, counts)).toBeLessThanOrEqual(longest)
        const past = tokensIn({ start: window.start, end: window.first }, counts)
        expect(past).toBeLessThanOrEqual(longest / 2)
        // One more word of the past would not have fitted.
        if (window.start > 0) {
          const room = Math.min(Math.floor(longest / 2), longest - counts[window.first])
          expect(past + counts[window.start - 1]).toBeGreaterThan(room)
        }
        // Nor one more of the future.
        if (window.end < counts.length) expect(tokensIn(window, counts) + counts[window.end]).toBeGreaterThan(longest)
      }
    }),
  )
})

test('a context of words is that many, or as many as there are and fit', () => {
  fc.assert(
    fc.property(story, fc.integer({ min: 0, max: 50 }), ([longest, counts], context) => {
      const windows = planTextWindows(counts, context, longest)
      expect(windows.map(({ first, end }) => [first, end])).toEqual(counts.map((_, i) => [i, i + 1]))
      for (const { start, first, end } of windows) {
        expect(first - start).toBeLessThanOrEqual(context)
        expect(tokensIn({ start, end }, counts)).toBeLessThanOrEqual(longest)
        if (first - start < Math.min(context, first))
          expect(tokensIn({ start: start - 1, end }, counts)).toBeGreaterThan(longest)
      }
    }),
  )
})

test('groups keep the windows in order, and none but a long one alone has more than 512 tokens', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 60 }), (counts) => {
      const windows = planTextWindows(counts, 2, 1024)
      const groups = groupWindows(windows, counts)
      expect(groups.flat()).toEqual(windows)
      for (const group of groups) {
        const tokens = group.reduce((sum, window) => sum + tokensIn(window, counts), 0)
        expect(tokens <= 512 || group.length === 1).toBe(true)
      }
    }),
  )
})

test.each([
  [[1, 9, 1], 'full', 'OPTION_INVALID'],
  [[1, 9, 1], 2, 'OPTION_INVALID'],
  [[1, 1], -1, 'OPTION_INVALID'],
  [[1, 1], 1.5, 'OPTION_INVALID'],
  [[1, 1], NaN, 'OPTION_INVALID'],
] as const)('tokens %j with context %j are refused', (counts, context, code) => {
  expect(() => planTextWindows(counts, context, 8)).toThrow(expect.objectContaining({ code }))
})

test('stretches that are computed together do not see each other', async () => {
  const layers = ['embedding', 'transf0', 'transf2.norm']
  const model = await openTextModel({ checkpoint: textFolder('gpt2-1') }, { layers, threads: 1 })
  const ids = model.tokenize(readTexts().words.long)
  const stretches = [ids.slice(0, 8), ids.slice(3, 5), ids.slice(20, 35), ids.slice(0, 1)].map((list) => list.flat())
  const together = await model.run(stretches)
  let row = 0
  for (const stretch of stretches) {
    const alone = await model.run([stretch])
    for (const [layer, { data, rows, cols }] of alone) {
      const found = together.get(layer)!.data.subarray(row * cols, (row + rows) * cols)
      expect(rows).toBe(stretch.length)
      expect(largestDifference(found, data), layer).toBeLessThan(1e-5)
    }
    row += stretch.length
  }
  await model.close()
})
