/** Numbers and lists in captions, methods and notes. */
import type { CaptionParts, Finding } from '../../contract/findings.ts'

/** Three significant digits, with a true minus sign. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return value === Infinity ? '∞' : value === -Infinity ? '−∞' : 'none'
  return String(Number(value.toPrecision(3))).replace('-', '−')
}

/** "0.031 [0.028, 0.034]"; without its interval where there is none. */
export function estimateText({ value, low, high }: Readonly<Record<'value' | 'low' | 'high', number>>): string {
  const written = numberText(value)
  return Number.isNaN(low) || Number.isNaN(high) ? written : `${written} [${numberText(low)}, ${numberText(high)}]`
}

/** "p = 0.0012", "p < 0.0001". */
export function pText(p: number, symbol = 'p'): string {
  return p < 1e-4 ? `${symbol} < 0.0001` : `${symbol} = ${String(Number(p.toPrecision(2)))}`
}

/** "a", "a and b", "a, b and c". */
export function listText(items: readonly string[]): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`
}

/** "1 subject", "12 subjects". */
export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`
}

/** The caption of a figure that has all of the panels, lettered in their order; parts without words are left out. */
export function captioned(parts: CaptionParts): Pick<Finding, 'caption' | 'captionParts'> {
  const panels = parts.panels.filter(({ words }) => words !== '')
  const lettered = panels.map(({ words }, i) => `${String.fromCharCode(65 + i)}, ${words}`)
  return {
    caption: [parts.opening, ...lettered, parts.closing].filter((words) => words !== '').join(' '),
    captionParts: { ...parts, panels },
  }
}
