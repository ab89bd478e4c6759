/** Panels in the order of reading, and their letters. */
import type { FigurePage, PagePanel } from '../../../src-main/contract/figurePage.ts'

/** Row by row: a panel that begins above the middle of a row's first panel stands in that row. */
export function inReadingOrder<Panel extends Pick<PagePanel, 'at' | 'size'>>(
  panels: readonly Panel[],
): readonly Panel[] {
  const waiting = panels.toSorted((a, b) => a.at[1] - b.at[1])
  const ordered: Panel[] = []
  while (waiting.length > 0) {
    const [{ at, size }] = waiting
    const row = waiting.filter((panel) => panel.at[1] < at[1] + size[1] / 2)
    ordered.push(...row.toSorted((a, b) => a.at[0] - b.at[0]))
    waiting.splice(0, waiting.length, ...waiting.filter((panel) => !row.includes(panel)))
  }
  return ordered
}

/** By panel id; words have no letter, and no panel has one where letters are `none`. */
export function lettersOf({ panels, letters }: Pick<FigurePage, 'panels' | 'letters'>): ReadonlyMap<string, string> {
  if (letters === 'none') return new Map()
  const lettered = inReadingOrder(panels.filter(({ show }) => show !== 'text'))
  return new Map(lettered.map(({ id }, i) => [id, letterOf(i, letters)]))
}

/** a … z, aa, ab … */
function letterOf(index: number, first: 'a' | 'A'): string {
  const own = String.fromCharCode(first.charCodeAt(0) + (index % 26))
  return index < 26 ? own : letterOf(Math.floor(index / 26) - 1, first) + own
}
