import { HeschlError } from '../errors.ts'

export interface TableRow {
  /** Counted from 1; the header is line 1. */
  readonly line: number
  /** One a column of the header. */
  readonly values: readonly string[]
}

export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly TableRow[]
}

/**
 * A table with tabs between its values and a header line, as BIDS has it. Empty lines are passed over.
 *
 * @param source the file's text
 * @param path for errors
 * @throws HeschlError FORMAT_INVALID with the line
 */
export function parseTsv(source: string, path: string): Table {
  const lines = source
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .map((text, i) => ({ line: i + 1, values: text.split('\t') }))
    .filter(({ values }) => values.some((value) => value.trim() !== ''))
  const header = lines.shift()
  if (!header) throw invalid(path, 'a header line', 'an empty file', 1)
  for (const { line, values } of lines) {
    if (values.length !== header.values.length)
      throw invalid(path, `${header.values.length} values, as the header has`, `${values.length}`, line)
  }
  const columns = header.values.map((name) => name.trim())
  const twice = columns.find((name, i) => columns.indexOf(name) !== i)
  if (twice !== undefined) throw invalid(path, 'column names that differ', `"${twice}" twice`, header.line)
  return { columns, rows: lines }
}

/** For what is not known, as in BIDS. */
const missing = 'n/a'

/** Numbers with all their digits; null, NaN and empty text are `n/a`; text on one line, whatever is in it. */
export const tsvText = (rows: readonly (readonly (string | number | null)[])[]): string =>
  rows.map((cells) => `${cells.map(written).join('\t')}\n`).join('')

function written(cell: string | number | null): string {
  if (cell === null || cell === '' || Number.isNaN(cell)) return missing
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return String(cell).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
}

function invalid(path: string, expected: string, found: string, line: number): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'This is not a sound table of tab-separated values', {
    where: { file: path, line },
    expected,
    found,
    remedy: 'Put a header line first and tabs (not spaces or commas) between the values',
  })
}
