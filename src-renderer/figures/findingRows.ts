/** Tables of findings, read by row. */
import type { Finding } from '../../src-main/contract/findings.ts'

/** What an analysis calls all targets together (pipeline/findings): of voxels another thing than a cortex. */
export function wholeOf({ tables }: Finding): 'whole cortex' | 'whole mask' {
  const ofMask = tables.some(({ columns }) =>
    columns.some(({ name, values }) => name === 'region' && (values as readonly string[]).includes('whole mask')),
  )
  return ofMask ? 'whole mask' : 'whole cortex'
}

export class Rows {
  readonly #columns: ReadonlyMap<string, ArrayLike<string | number>>
  readonly length: number

  /** A table that the finding does not have has no rows. */
  constructor({ tables }: Finding, name: string) {
    const columns = tables.find((table) => table.name === name)?.columns ?? []
    this.#columns = new Map(columns.map(({ name: own, values }) => [own, values]))
    this.length = columns[0]?.values.length ?? 0
  }

  text(row: number, column: string): string {
    return String(this.#columns.get(column)![row])
  }

  number(row: number, column: string): number {
    return Number(this.#columns.get(column)![row])
  }

  /** As `number`; undefined where the table has no such column. */
  numberIn(row: number, column: string): number | undefined {
    return this.#columns.has(column) ? this.number(row, column) : undefined
  }

  /** Rows in which columns have these words. */
  where(words: Readonly<Record<string, string>>): readonly number[] {
    const wanted = Object.entries(words).map(([column, word]) => [this.#columns.get(column)!, word] as const)
    const found: number[] = []
    for (let row = 0; row < this.length; row++)
      if (wanted.every(([values, word]) => values[row] === word)) found.push(row)
    return found
  }

  /** Each word of a column once, in its order. */
  words(column: string): readonly string[] {
    return this.length === 0 ? [] : [...new Set(Array.from(this.#columns.get(column)!, String))]
  }
}
