/**
 * What a text model reads to give each word its activation.
 *
 * `full`: as much of the story as the model can read. The first window is the story's beginning, as many whole words
 * as fit. Every window after it begins with at most half a window of words that were read before, as many as fit, and
 * gives the words that follow them. A word therefore has all of the story before it in its context, or at least half a
 * window less one word.
 *
 * A number of words: each word is read with so many words before it, in a window of its own; fewer at the story's
 * beginning, and where they would not fit.
 */
import { HeschlError } from '../../errors.ts'

/** Words [start, end) are read together; those from `first` on take their activations from it. */
export interface TextWindow {
  readonly start: number
  readonly first: number
  readonly end: number
}

/** Words before each word, or as many as the model can read. */
export type WordContext = number | 'full'

/**
 * Windows in order; every word is in [first, end) of one.
 * @param counts tokens of each word, at least one
 * @param longest tokens that the model can read at once
 * @throws HeschlError OPTION_INVALID for a word that is longer than that, or a context that is not a number of words
 */
export function planTextWindows(
  counts: readonly number[],
  context: WordContext,
  longest: number,
): readonly TextWindow[] {
  if (context !== 'full' && !(Number.isInteger(context) && context >= 0)) {
    throw new HeschlError('OPTION_INVALID', 'A context is not a number of words', {
      expected: '`full`, or a whole number of words',
      found: String(context),
      remedy: 'Give the number of words before each word that the model reads',
    })
  }
  const long = counts.findIndex((count) => count > longest)
  if (long !== -1) {
    throw new HeschlError('OPTION_INVALID', 'A word is longer than what the model can read', {
      expected: `words of at most ${longest} tokens`,
      found: `${counts[long]} tokens in word ${long + 1}`,
      remedy: 'Check the transcript: a row of its table should hold one word',
    })
  }
  const windows: TextWindow[] = []
  for (let first = 0; first < counts.length;) {
    const room = context === 'full' ? Math.max(counts[first], longest - Math.floor(longest / 2)) : counts[first]
    let start = first
    let tokens = 0
    const earliest = context === 'full' ? 0 : Math.max(0, first - context)
    while (start > earliest && tokens + counts[start - 1] <= longest - room) tokens += counts[--start]
    let end = first
    const last = context === 'full' ? counts.length : first + 1
    while (end < last && tokens + counts[end] <= longest) tokens += counts[end++]
    windows.push({ start, first, end })
    first = end
  }
  return windows
}

/** Windows that are computed together hold at most so many tokens, unless one alone is longer. */
const tokensAtOnce = 512

/** Successive windows in groups that are computed in one pass, without seeing each other. */
export function groupWindows(windows: readonly TextWindow[], counts: readonly number[]): readonly TextWindow[][] {
  const groups: TextWindow[][] = []
  let tokens = Infinity
  for (const window of windows) {
    const size = tokensIn(window, counts)
    if (tokens + size > tokensAtOnce) {
      groups.push([])
      tokens = 0
    }
    groups.at(-1)!.push(window)
    tokens += size
  }
  return groups
}

export function tokensIn({ start, end }: Pick<TextWindow, 'start' | 'end'>, counts: readonly number[]): number {
  let tokens = 0
  for (let word = start; word < end; word++) tokens += counts[word]
  return tokens
}
