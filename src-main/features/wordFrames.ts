/** Vectors of words as frames of 10 ms: what a text model or a table of word vectors has for what is being said. */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'
import { framesAtOnce, hopSeconds } from './frames.ts'
import type { FeatureBlock } from './frames.ts'

/** When a word was said: seconds from the audio's first sample. */
interface Span {
  readonly start: number
  readonly end: number
}

/**
 * A word's vector holds from its onset to its offset: a frame is the sum of the vectors of the words that are said in
 * it, each times the share of the frame that its word takes up (as `shareFrames`), and zero in silence. A word's sum
 * over frames is therefore its vector times its duration.
 *
 * Vectors arrive in blocks, in the order of the words, and frames leave as soon as no later word can reach them, so
 * that memory holds some words and 10 s of frames.
 */
export class WordFrames {
  readonly #words: readonly Span[]
  readonly #units: number
  /** The first frame that a word from i on can reach; `frames` after the last. */
  readonly #reached: Float64Array
  /** Words whose vectors are known and that reach frames still to come. */
  #open: { readonly from: number; readonly to: number; readonly vector: Float32Array }[] = []
  #nextWord = 0
  #nextFrame = 0

  /**
   * @param words in the order of their vectors
   * @param frames of the recording (frames.ts); what is said after them is left out
   */
  constructor(words: readonly Span[], frames: number, units: number) {
    this.#words = words
    this.#units = units
    this.#reached = new Float64Array(words.length + 1).fill(frames)
    for (let i = words.length - 1; i >= 0; i--) {
      const from = Math.floor(Math.max(0, words[i].start / hopSeconds))
      this.#reached[i] = Math.min(from, this.#reached[i + 1])
    }
  }

  /**
   * @param firstWord the word of the block's first row
   * @param vectors [words, units]
   * @returns the frames that are complete now, in blocks of at most 10 s, from where the last call ended
   * @throws HeschlError SHAPE_MISMATCH where words are left out or too many
   */
  *add(firstWord: number, { data, rows, cols }: Matrix32): Generator<FeatureBlock> {
    if (firstWord !== this.#nextWord || firstWord + rows > this.#words.length || cols !== this.#units) {
      throw new HeschlError('SHAPE_MISMATCH', 'Vectors do not fit the words', {
        expected: `words from ${this.#nextWord} to at most ${this.#words.length}, ${this.#units} units`,
        found: `words ${firstWord} to ${firstWord + rows}, ${cols} units`,
      })
    }
    for (let row = 0; row < rows; row++) {
      const { start, end } = this.#words[firstWord + row]
      const from = Math.max(0, start / hopSeconds)
      const to = end / hopSeconds
      if (to > from) this.#open.push({ from, to, vector: data.slice(row * cols, (row + 1) * cols) })
    }
    this.#nextWord += rows
    const complete = this.#reached[this.#nextWord]
    while (this.#nextFrame < complete) yield this.#block(Math.min(complete, this.#nextFrame + framesAtOnce))
  }

  /** Frames from where the last block ended to before `end`. */
  #block(end: number): FeatureBlock {
    const firstFrame = this.#nextFrame
    const units = this.#units
    const block = zeros32(end - firstFrame, units)
    for (const { from, to, vector } of this.#open) {
      for (let frame = Math.max(firstFrame, Math.floor(from)); frame < Math.min(end, to); frame++) {
        const share = Math.min(to, frame + 1) - Math.max(from, frame)
        const at = (frame - firstFrame) * units
        for (let u = 0; u < units; u++) block.data[at + u] += share * vector[u]
      }
    }
    this.#open = this.#open.filter(({ to }) => to > end)
    this.#nextFrame = end
    return { firstFrame, block }
  }
}
