/** Numbers and tables as people read them in a terminal. Pure. */

export { formatBytes, formatDuration } from '../units.ts'

/** A correlation: three digits; `–` where there is none. */
export function formatScore(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '–'
}

/** A share as a percentage; `–` where there is none. */
export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : '–'
}

/** `1 error`, `2 errors`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

export interface Column {
  readonly title: string
  /** Numbers stand on the right, so that their units and digits line up. */
  readonly align: 'left' | 'right'
}

/** Columns two spaces apart under their titles; no trailing spaces. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map((column) => column.title)
  const widths = columns.map((_, index) => Math.max(...[titles, ...rows].map((row) => width(row[index] ?? ''))))
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => pad(cells[index] ?? '', widths[index] ?? 0, align))
      .join('  ')
      .trimEnd()
  return [line(titles), line(widths.map((each) => '─'.repeat(each))), ...rows.map(line)].join('\n')
}

function pad(cell: string, to: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, to - width(cell)))
  return align === 'left' ? cell + space : space + cell
}

/** Characters as a terminal counts them, for scripts whose characters take one cell. */
export function width(text: string): number {
  return [...text.normalize('NFC').replace(/\p{M}/gu, '')].length
}

/** The text's first `columns` characters, the last of them "…" where it is longer. */
export function clipped(text: string, columns: number): string {
  const characters = [...text.normalize('NFC')]
  if (characters.length <= columns) return text
  return columns <= 0 ? '' : `${characters.slice(0, columns - 1).join('')}…`
}

/**
 * Text that cannot steer a terminal: names out of files may hold escape sequences.
 * Line feeds stay; every other control character becomes "�".
 */
export function harmless(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd')
}
