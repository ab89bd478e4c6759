import { HeschlError } from '../errors.ts'
import type { Table, TableRow } from '../formats/tsv.ts'

/** The columns of a table by the names that the published files give them. */
export class Columns {
  readonly #table: Table
  readonly #path: string

  constructor(table: Table, path: string) {
    this.#table = table
    this.#path = path
  }

  /** Where a column is, under the first of its names that the table has. */
  find(...names: readonly string[]): number | undefined {
    const found = names.map((name) => this.#table.columns.indexOf(name)).find((at) => at >= 0)
    return found
  }

  /** @throws HeschlError FORMAT_INVALID where the table has none of the names */
  need(...names: readonly string[]): number {
    const at = this.find(...names)
    if (at !== undefined) return at
    throw new HeschlError('FORMAT_INVALID', 'The table lacks a column', {
      where: { file: this.#path, line: 1 },
      expected: names.map((name) => `"${name}"`).join(' or '),
      found: this.#table.columns.map((name) => `"${name}"`).join(', '),
      remedy: 'Name the column so, or check that this is the right file',
    })
  }

  /** @throws HeschlError FORMAT_INVALID */
  number(row: TableRow, at: number): number {
    const text = row.values[at].trim()
    const value = Number(text)
    if (text !== '' && Number.isFinite(value)) return value
    throw this.#invalid(row, at, 'a number')
  }

  /** `True` and `False` as pandas writes them, or 1 and 0. @throws HeschlError FORMAT_INVALID */
  truth(row: TableRow, at: number): boolean {
    const text = row.values[at].trim().toLowerCase()
    if (text === 'true' || text === '1') return true
    if (text === 'false' || text === '0') return false
    throw this.#invalid(row, at, 'True or False')
  }

  /** @throws HeschlError FORMAT_INVALID where it is empty */
  text(row: TableRow, at: number): string {
    const text = row.values[at].trim()
    if (text !== '') return text
    throw this.#invalid(row, at, 'some text')
  }

  #invalid(row: TableRow, at: number, expected: string): HeschlError {
    return new HeschlError('FORMAT_INVALID', `The column "${this.#table.columns[at]}" has another kind of value`, {
      where: { file: this.#path, line: row.line },
      expected,
      found: `"${row.values[at].slice(0, 40)}"`,
    })
  }
}
