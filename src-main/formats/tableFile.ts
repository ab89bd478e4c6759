/** A table in a file, of text or Parquet: its content tells which. */
import { parseDelimited } from './delimited.ts'
import { withFile } from './fileBytes.ts'
import { looksLikeParquet } from './parquet/footer.ts'
import { readParquetTable } from './parquet/parquet.ts'
import { readText } from './text.ts'
import type { Table } from './tsv.ts'

/**
 * @param parse of a table that is text: tabs or commas; or `parseTsv`, where the format has tabs alone
 * @param mostBytes of text, as `readText` has it
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readTable(
  path: string,
  parse: (text: string, path: string) => Table = parseDelimited,
  mostBytes?: number,
): Promise<Table> {
  return (await parquetTable(path)) ?? parse(await readText(path, mostBytes), path)
}

/** Undefined where the file is no Parquet. @throws HeschlError as `readTable` */
export async function parquetTable(path: string): Promise<Table | undefined> {
  const isParquet = await withFile(path, async (file) => {
    const start = Buffer.alloc(Math.min(4, file.size))
    await file.read(0, start)
    return looksLikeParquet(start)
  })
  return isParquet ? readParquetTable(path) : undefined
}
