/** A story through a text model: one activation a word. */
import { HeschlError } from '../../errors.ts'
import { zeros32 } from '../../linalg/matrix.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import type { TextModel } from './types.ts'
import { groupWindows, planTextWindows, tokensIn } from './windows.ts'
import type { TextWindow, WordContext } from './windows.ts'

/** A word of several tokens: the mean of their activations, or that of the last, which has read all of them. */
export type WordTokens = 'mean' | 'last'

export interface WordOptions {
  /** What the model reads before each word (windows.ts). */
  readonly context: WordContext
  readonly tokens: WordTokens
  /** Words firstWord … firstWord + block.rows − 1 of a layer. The block is the callee's own. */
  onBlock(layer: string, firstWord: number, block: Matrix32): void | Promise<void>
  /** After each pass: words done, of how many. */
  onProgress?(done: number, total: number): void
  /** Looked at before each pass. */
  cancelled?(): boolean
}

interface StoryCounts {
  readonly tokens: number
  readonly windows: number
  /** Tokens that were read, those of contexts counted every time. */
  readonly tokensRead: number
}

/**
 * The words are joined by single spaces and split into tokens once; every window reads a stretch of these tokens, so
 * that a word has the same tokens wherever it is read. Blocks come in order and without gaps for each layer.
 * @param words as they were said, without empty ones
 * @throws HeschlError OPTION_INVALID (an empty or endless word, a context that is not a number of words), CANCELLED,
 *   NUMERICAL
 */
export async function streamWords(
  model: TextModel,
  words: readonly string[],
  options: WordOptions,
): Promise<StoryCounts> {
  const ids = model.tokenize(words)
  const counts = ids.map(({ length }) => length)
  const windows = planTextWindows(counts, options.context, model.description.longest)
  for (const group of groupWindows(windows, counts)) {
    if (options.cancelled?.()) throw new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
    const activations = await model.run(group.map(({ start, end }) => ids.slice(start, end).flat()))
    for (const [layer, activation] of activations) {
      await options.onBlock(layer, group[0].first, wordsOf(activation, group, counts, options.tokens))
    }
    options.onProgress?.(group.at(-1)!.end, words.length)
  }
  return {
    tokens: counts.reduce((sum, count) => sum + count, 0),
    windows: windows.length,
    tokensRead: windows.reduce((sum, window) => sum + tokensIn(window, counts), 0),
  }
}

/** @param activation [tokens, units] of the group's windows, one after the other */
function wordsOf(
  { data, cols: units }: Matrix32,
  group: readonly TextWindow[],
  counts: readonly number[],
  how: WordTokens,
): Matrix32 {
  const firstWord = group[0].first
  const block = zeros32(group.at(-1)!.end - firstWord, units)
  const sums = new Float64Array(units)
  let token = 0
  for (const { start, first, end } of group) {
    token += tokensIn({ start, end: first }, counts)
    for (let word = first; word < end; word++) {
      const next = token + counts[word]
      const from = how === 'last' ? next - 1 : token
      sums.fill(0)
      for (let t = from; t < next; t++) for (let u = 0; u < units; u++) sums[u] += data[t * units + u]
      for (let u = 0; u < units; u++) block.data[(word - firstWord) * units + u] = sums[u] / (next - from)
      token = next
    }
  }
  return block
}
