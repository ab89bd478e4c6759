/** Tables of findings, from rows. */
import type { FindingColumn, FindingTable } from '../../contract/findings.ts'

export interface TableColumn<Row> {
  readonly name: string
  /** In words, with its unit. */
  readonly title: string
  readonly kind: 'text' | 'count' | 'number'
  readonly of: (row: Row) => string | number
}

export const textColumn = <Row>(name: string, title: string, of: (row: Row) => string): TableColumn<Row> => ({
  ...{ name, title, kind: 'text', of },
})

/** Whole numbers. */
export const countColumn = <Row>(name: string, title: string, of: (row: Row) => number): TableColumn<Row> => ({
  ...{ name, title, kind: 'count', of },
})

/** NaN where there is none. */
export const numberColumn = <Row>(name: string, title: string, of: (row: Row) => number): TableColumn<Row> => ({
  ...{ name, title, kind: 'number', of },
})

/** A value with the ends of its 95 % interval; NaN where there are none. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

export const estimateColumns = <Row>(
  name: string,
  title: string,
  of: (row: Row) => Estimate,
): readonly TableColumn<Row>[] => [
  numberColumn(name, title, (row) => of(row).value),
  numberColumn(`${name}_low`, `${title}: 95 % interval, lower end`, (row) => of(row).low),
  numberColumn(`${name}_high`, `${title}: 95 % interval, upper end`, (row) => of(row).high),
]

export function tableOf<Row>(
  name: string,
  title: string,
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
): FindingTable {
  return { name, title, columns: columns.map((column) => columnOf(rows, column)) }
}

function columnOf<Row>(rows: readonly Row[], { name, title, kind, of }: TableColumn<Row>): FindingColumn {
  if (kind === 'text') return { name, title, values: rows.map((row) => String(of(row))) }
  const numbers = rows.map((row) => Number(of(row)))
  return { name, title, values: kind === 'count' ? Int32Array.from(numbers) : Float64Array.from(numbers) }
}
