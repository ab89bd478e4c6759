/** Tables of typed columns as Parquet and as tab-separated values: the same values in both. */
import { parquetWriteBuffer } from 'hyparquet-writer'
import { tsvText } from './tsv.ts'

export interface Column {
  readonly name: string
  /** In words, with its unit. */
  readonly title: string
  /** Float64Array: NaN is a number that is not there. */
  readonly values: readonly string[] | Float64Array | Int32Array
}

/** All digits; what is not there, NaN or an empty text, is `n/a`. @param columns of one length */
export function columnsTsv(columns: readonly Column[]): string {
  const rows = Array.from({ length: columns[0].values.length }, (_, row) => columns.map(({ values }) => values[row]))
  return tsvText([columns.map(({ name }) => name), ...rows])
}

/**
 * Columns are STRING, DOUBLE and INT32; what is not there, NaN or an empty text, is null. Snappy. Columns' titles are the
 * file's key-value metadata, under `title:NAME`.
 *
 * @param columns of one length
 * @param about more of that metadata
 */
export function columnsParquet(columns: readonly Column[], about: Readonly<Record<string, string>>): Uint8Array {
  const columnData = columns.map(({ name, values }) => {
    if (values instanceof Int32Array) return { name, data: values, type: 'INT32' as const, nullable: false }
    if (values instanceof Float64Array) {
      const data = Array.from(values, (value) => (Number.isNaN(value) ? null : value))
      return { name, data, type: 'DOUBLE' as const, nullable: true }
    }
    return { name, data: values.map((value) => (value === '' ? null : value)), type: 'STRING' as const, nullable: true }
  })
  const titles = columns.map(({ name, title }) => ({ key: `title:${name}`, value: title }))
  const kvMetadata = [...Object.entries(about).map(([key, value]) => ({ key, value })), ...titles]
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata, createdBy: 'Heschl' }))
}
