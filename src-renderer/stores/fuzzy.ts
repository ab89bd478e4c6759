/** Search as one types: letters in order, words in any order. Pure. */

export interface Match<T> {
  readonly item: T
  readonly score: number
  /** Places of the letters that were found, to be shown. */
  readonly places: readonly number[]
}

/** Of a word's first letter, of a letter right after the one before, and what each letter left out in between costs. */
const points = { letter: 1, first: 8, next: 5, gap: 0.15, start: 4 }

/**
 * The items that have every word of the query, best first; all of them in their order where it is empty.
 * @param textOf what is searched
 */
export function search<T>(query: string, items: readonly T[], textOf: (item: T) => string): readonly Match<T>[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return items.map((item) => ({ item, score: 0, places: [] }))
  return items
    .flatMap((item) => {
      const text = textOf(item)
      const found = words.map((word) => place(word, text))
      if (found.includes(null)) return []
      const places = new Set(found.flatMap((each) => each!.places))
      // Of two that have the same letters, the shorter is meant.
      const score = found.reduce((sum, each) => sum + each!.score, 0) - text.length / 100
      return [{ item, score, places: [...places].toSorted((a, b) => a - b) }]
    })
    .toSorted((a, b) => b.score - a.score)
}

/** Where a word's letters stand best in a text: the best over every place where its first letter is. */
function place(word: string, text: string): { readonly score: number; readonly places: readonly number[] } | null {
  const lower = text.toLowerCase()
  // A letter may have another length in lower case; then places would be off.
  const searched = lower.length === text.length ? lower : text
  const whole = searched.indexOf(word)
  let best: { score: number; places: number[] } | null = null
  const starts = whole < 0 ? firstLetters(word, searched) : occurrences(word, searched)
  for (const start of starts) {
    const found = whole < 0 ? follow(word, searched, start) : run(start, word.length)
    if (!found) continue
    const score = scoreOf(found, text)
    if (best === null || score > best.score) best = { score, places: found }
  }
  return best
}

function occurrences(word: string, text: string): number[] {
  const found: number[] = []
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) found.push(at)
  return found
}

const firstLetters = (word: string, text: string) => occurrences(word.slice(0, 1), text)
const run = (start: number, length: number) => Array.from({ length }, (_, i) => start + i)

/** From a start on, each next letter where a word begins with it, else where it comes first. */
function follow(word: string, text: string, start: number): number[] | null {
  const places = [start]
  for (let i = 1; i < word.length; i++) {
    const after = places[i - 1] + 1
    const next = text.indexOf(word[i], after)
    if (next < 0) return null
    const rest = word.length - i
    const begins = occurrences(word[i], text.slice(after)).find(
      (at) => beginsWord(text, after + at) && text.length - (after + at) >= rest,
    )
    // A letter right here is what was typed; one further on is better where a word begins.
    places.push(next === after || begins === undefined ? next : after + begins)
  }
  return places
}

const beginsWord = (text: string, at: number) =>
  at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? '') || (/\d/.test(text[at] ?? '') && !/\d/.test(text[at - 1] ?? ''))

function scoreOf(places: readonly number[], text: string): number {
  let score = places[0] === 0 ? points.start : 0
  for (const [i, at] of places.entries()) {
    score += points.letter + (beginsWord(text, at) ? points.first : 0)
    if (i === 0) continue
    const gap = at - places[i - 1] - 1
    score += gap === 0 ? points.next : -Math.min(10, gap) * points.gap
  }
  return score
}
