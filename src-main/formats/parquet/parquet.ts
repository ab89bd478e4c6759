/** Parquet: columns of numbers as a matrix, and of numbers and texts as a table. */
import { withFile } from '../fileBytes.ts'
import type { FileBytes } from '../fileBytes.ts'
import { mostExpansion } from '../gzipped.ts'
import type { StoredArray } from '../storedArray.ts'
import type { Table } from '../tsv.ts'
import { readFooter } from './footer.ts'
import type { Footer, ParquetColumn } from './footer.ts'
import { notParquet, otherParquet } from './invalid.ts'
import { Budget, readPages } from './pages.ts'
import { numbersOf, textsOf, typeWords } from './values.ts'
import type { Stored } from './values.ts'

/**
 * A run of one value takes a few bytes however long it is, so that a file's size does not bound what it holds. So many bytes
 * of numbers are read of any file, and of a large one as many as deflate could have made of it.
 */
const leastAllowed = 32 * 1024 * 1024
const allowedOf = (size: number) => Math.max(leastAllowed, mostExpansion * size)
/** Cells of a table: as many as a text table of 16 MB can have. */
const mostCells = 4 * 1024 * 1024

/** pandas' row names where they have no name of their own. */
const isIndex = ({ name }: ParquetColumn) => /^__index_level_\d+__$/.test(name)

/** Places of the columns that are not pandas' row names. */
const dataColumns = ({ columns }: Footer): readonly number[] =>
  columns.flatMap((column, i) => (isIndex(column) ? [] : [i]))

/** Sizes, and the type of each column in words. @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID */
export async function readParquetHeader(
  path: string,
): Promise<{ readonly rows: number; readonly columns: readonly { readonly name: string; readonly type: string }[] }> {
  return withFile(path, async (file) => {
    const { rows, columns } = await readFooter(file)
    return { rows, columns: columns.map((column) => ({ name: column.name, type: typeWords(column) })) }
  })
}

/**
 * A table of numbers as [rows, columns], float32 where all of them are; what is missing is NaN, true 1 and false 0. Of the
 * wanted columns alone the pages are read, a column of a group of rows at a time.
 * @throws HeschlError FORMAT_INVALID for what is damaged or no numbers
 */
export async function parquetArray(file: FileBytes): Promise<StoredArray> {
  const footer = await readFooter(file)
  const places = dataColumns(footer)
  const isSingle = places.length > 0 && places.every((place) => isFloat32(footer.columns[place]))
  const Room = isSingle ? Float32Array : Float64Array
  return {
    shape: [footer.rows, places.length],
    type: isSingle ? 'f4' : 'f8',
    async block([fromRow, fromColumn], [rows, cols]) {
      if (!(footer.rows * cols * 8 <= allowedOf(file.size)))
        throw notParquet(file.path, `a matrix that fits a file of ${file.size} bytes`, `${footer.rows} x ${cols}`)
      const out = new Room(rows * cols)
      const budget = budgetOf(file)
      for (let c = 0; c < cols; c++) {
        const column = new Float64Array(footer.rows).fill(NaN)
        await readColumn(file, footer, places[fromColumn + c], column, numbersOf, budget)
        for (let r = 0; r < rows; r++) out[r * cols + c] = column[fromRow + r]
      }
      return out
    },
  }
}

const isFloat32 = ({ type, meaning }: ParquetColumn) => type === 'FLOAT' || meaning.kind === 'float16'

/**
 * A table as if it had been read from text. Numbers that are missing or NaN are `n/a`, and texts that are missing are
 * empty; a row's line is the one that it would have under a line of names.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readParquetTable(path: string): Promise<Table> {
  return withFile(path, async (file) => {
    const footer = await readFooter(file)
    const places = dataColumns(footer)
    if (footer.rows * places.length > mostCells)
      throw otherParquet(
        path,
        `a table of at most ${mostCells.toLocaleString('en')} values`,
        `${footer.rows.toLocaleString('en')} rows of ${places.length.toLocaleString('en')}`,
      )
    const budget = budgetOf(file)
    const columns: string[][] = []
    for (const place of places) {
      const missing = footer.columns[place].meaning.kind === 'text' ? '' : 'n/a'
      const column = new Array<string>(footer.rows).fill(missing)
      await readColumn(file, footer, place, column, textsOf, budget)
      columns.push(column)
    }
    return {
      columns: places.map((place) => footer.columns[place].name.trim()),
      rows: Array.from({ length: footer.rows }, (_, row) => ({
        line: row + 2,
        values: columns.map((column) => column[row]),
      })),
    }
  })
}

/** Every byte of the file once, and what it may hold once more. */
const budgetOf = ({ size, path }: FileBytes) => new Budget(size + 2 * allowedOf(size), path)

async function readColumn<Value>(
  file: FileBytes,
  { groups, columns }: Footer,
  place: number,
  out: { [place: number]: Value },
  convert: (stored: Stored, column: ParquetColumn, path: string) => ArrayLike<Value>,
  budget: Budget,
): Promise<void> {
  const column = columns[place]
  let at = 0
  for (const { rows, chunks } of groups) {
    const chunk = chunks[place]
    budget.spend(chunk.bytes)
    const bytes = new Uint8Array(chunk.bytes)
    await file.read(chunk.start, bytes)
    const room = { out, at, convert: (stored: Stored) => convert(stored, column, file.path) }
    readPages(bytes, chunk, column, rows, room, budget, file.path)
    at += rows
  }
}
