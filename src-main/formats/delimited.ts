import { HeschlError } from '../errors.ts'
import type { Table, TableRow } from './tsv.ts'

/**
 * A table with a header line and tabs or commas between its values, whatever the file's name says: the header tells
 * which. Values may stand in double quotes, in which a quote is written twice (RFC 4180). Empty lines are passed over.
 *
 * @param source the file's text
 * @param path for errors
 * @throws HeschlError FORMAT_INVALID with the line
 */
export function parseDelimited(source: string, path: string): Table {
  const text = source.replace(/^\uFEFF/, '')
  const header = /^[^\r\n]*/.exec(text)![0]
  const delimiter = header.includes('\t') ? '\t' : ','
  const records = delimitedRecords(text, delimiter, path)
  const first = records.shift()
  if (!first) throw invalid(path, 'a header line', 'an empty file', 1)
  const columns = first.values.map((name) => name.trim())
  const twice = columns.find((name, i) => columns.indexOf(name) !== i)
  if (twice !== undefined) throw invalid(path, 'column names that differ', `"${twice}" twice`, first.line)
  for (const { line, values } of records) {
    if (values.length !== columns.length)
      throw invalid(path, `${columns.length} values, as the header has`, `${values.length}`, line)
  }
  return { columns, rows: records }
}

/**
 * Lines of values alone, for tables without a header; as `parseDelimited` otherwise.
 * @throws HeschlError FORMAT_INVALID with the line
 */
export function delimitedRecords(text: string, delimiter: ',' | '\t', path: string): TableRow[] {
  const records: TableRow[] = []
  let values: string[] = []
  let at = 0
  let line = 1
  let began = 1
  const end = (): void => {
    if (values.some((value) => value.trim() !== '')) records.push({ line: began, values })
    values = []
  }
  while (at < text.length) {
    if (values.length === 0) began = line
    if (text[at] === '"') {
      const [value, next] = quoted(text, at, path, line)
      values.push(value)
      line += value.split('\n').length - 1
      at = next
    } else {
      const start = at
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++
      values.push(text.slice(start, at))
    }
    if (text[at] === delimiter) {
      at++
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue
      values.push('')
    } else if (at < text.length && text[at] !== '\n' && text[at] !== '\r') {
      throw invalid(path, 'a delimiter after a closing quote', `"${text.slice(at, at + 10)}"`, line)
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    at++
    line++
    end()
  }
  if (values.length > 0) end()
  return records
}

/** The value of a quoted field that begins at `at`, and where the text goes on. */
function quoted(text: string, at: number, path: string, line: number): [value: string, next: number] {
  const parts: string[] = []
  let from = at + 1
  for (;;) {
    const close = text.indexOf('"', from)
    if (close < 0) throw invalid(path, 'a closing quote', 'the end of the file', line)
    parts.push(text.slice(from, close))
    if (text[close + 1] !== '"') return [parts.join('"'), close + 1]
    from = close + 2
  }
}

function invalid(path: string, expected: string, found: string, line: number): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'This is not a sound table', {
    where: { file: path, line },
    expected,
    found,
    remedy: 'Put a header line first, and tabs or commas (one of them, everywhere) between the values',
  })
}
