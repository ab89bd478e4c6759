import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inBlocks } from '../../../src-main/features/frames.ts'
import { shareFrames } from '../../../src-main/features/tokens.ts'
import { WordFrames } from '../../../src-main/features/wordFrames.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'

interface Word {
  readonly start: number
  readonly end: number
}

/** All frames of words whose vectors arrive in blocks of `sizes`, over and over. */
function framesOf(words: readonly Word[], vectors: Matrix32, frames: number, sizes: readonly number[]): Float32Array {
  const units = vectors.cols
  const writer = new WordFrames(words, frames, units)
  const all = new Float32Array(frames * units)
  let next = 0
  let word = 0
  const take = (rows: number) => {
    const block = { data: vectors.data.slice(word * units, (word + rows) * units), rows, cols: units }
    for (const { firstFrame, block: done } of writer.add(word, block)) {
      expect(firstFrame).toBe(next)
      expect(done.rows).toBeLessThanOrEqual(1000)
      all.set(done.data, firstFrame * units)
      next += done.rows
    }
    word += rows
  }
  for (let i = 0; word < words.length; i++) take(Math.min(sizes[i % sizes.length], words.length - word))
  if (words.length === 0) take(0)
  expect(next).toBe(frames)
  return all
}

const story = fc
  .array(
    fc.record({
      start: fc.double({ min: 0, max: 30, noNaN: true }),
      length: fc.double({ min: 0, max: 2, noNaN: true }),
    }),
    { maxLength: 30 },
  )
  .map((list) => list.map(({ start, length }) => ({ start, end: start + length })).sort((a, b) => a.start - b.start))

describe('vectors of words as frames', () => {
  test('are the words’ shares of each frame, times their vectors, however they arrive', () => {
    fc.assert(
      fc.property(story, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (words, sizes) => {
        const units = 3
        const data = Float32Array.from({ length: words.length * units }, (_, i) => Math.sin(i + 1))
        const found = framesOf(words, { data, rows: words.length, cols: units }, 3100, sizes)
        // Independently: every word is a unit of its own in shareFrames, [frames, words] times [words, units].
        const tokens = words.map((word, i) => ({ text: String(i), ...word }))
        const writer = shareFrames(tokens, (text) => [Number(text)], words.length)
        for (const { firstFrame, block } of inBlocks(3100, words.length, writer)) {
          for (let row = 0; row < block.rows; row++) {
            for (let u = 0; u < units; u++) {
              let sum = 0
              for (let w = 0; w < words.length; w++) sum += block.data[row * words.length + w] * data[w * units + u]
              expect(found[(firstFrame + row) * units + u]).toBeCloseTo(sum, 5)
            }
          }
        }
      }),
      { numRuns: 20 },
    )
  })

  test('are zero in silence and whole where one word fills the frame', () => {
    const words = [
      { start: 0.02, end: 0.05 },
      { start: 0.1, end: 0.115 },
    ]
    const found = framesOf(words, { data: Float32Array.of(2, -4), rows: 2, cols: 1 }, 13, [1])
    expect([...found].map((value) => Number(value.toFixed(5)))).toEqual([0, 0, 2, 2, 2, 0, 0, 0, 0, 0, -4, -2, 0])
  })

  test('of words that begin after the recording or before it', () => {
    const words = [
      { start: -1, end: 0.01 },
      { start: 99, end: 100 },
    ]
    const found = framesOf(words, { data: Float32Array.of(1, 1), rows: 2, cols: 1 }, 3, [2])
    expect([...found]).toEqual([1, 0, 0])
  })

  test('that do not fit the words are refused', () => {
    const words = [{ start: 0, end: 1 }]
    const block = (rows: number, cols: number) => ({ data: new Float32Array(rows * cols), rows, cols })
    for (const [first, rows, cols] of [
      [1, 1, 2],
      [0, 2, 2],
      [0, 1, 3],
    ]) {
      const refused = () => [...new WordFrames(words, 100, 2).add(first, block(rows, cols))]
      expect(refused).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
    }
  })
})
