import { crc32 } from 'node:zlib'
import type Database from 'better-sqlite3'
import { dtypeOf, dtypes } from './arrays.ts'
import type { Dtype, StoredArray } from './arrays.ts'

/** Some of a step's targets, finished before the step was. */
export interface StoredPart {
  /** Which of its targets, as the step counts them. */
  readonly place: number
  readonly arrays: readonly StoredArray[]
  /** That it took. */
  readonly seconds: number
}

interface PartRow {
  readonly place: number
  readonly name: string
  readonly dtype: Dtype
  readonly shape: string
  readonly seconds: number
  readonly crc: number
  readonly data: Uint8Array
}

/** The table of parts: transactions and errors are the store's business. */
export class PartTable {
  readonly #db: Database.Database

  constructor(db: Database.Database) {
    this.#db = db
  }

  /** All arrays of a part, or, where anything fails, none. */
  put(step: string, { place, arrays, seconds }: StoredPart): void {
    const insert = this.#db.prepare(
      'INSERT INTO parts (step, place, name, dtype, shape, seconds, crc, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#db.transaction(() => {
      this.#remove(step, place)
      for (const { name, shape, data } of arrays) {
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        insert.run(step, place, name, dtypeOf(data), JSON.stringify(shape), seconds, crc32(bytes), bytes)
      }
    })()
  }

  /** In the order of their places, arrays in the order in which they were put. */
  of(step: string): readonly StoredPart[] {
    const rows = this.#db
      .prepare('SELECT place, name, dtype, shape, seconds, crc, data FROM parts WHERE step = ? ORDER BY place, rowid')
      .all(step) as PartRow[]
    const parts = new Map<number, { place: number; seconds: number; arrays: StoredArray[] }>()
    const damaged = new Set<number>()
    for (const { place, name, dtype, shape, seconds, crc, data } of rows) {
      if (crc32(data) !== crc) damaged.add(place)
      const part = parts.get(place) ?? { place, seconds, arrays: [] }
      // A copy, so that numbers of eight bytes are aligned.
      part.arrays.push({
        name,
        shape: JSON.parse(shape) as number[],
        data: new dtypes[dtype](Uint8Array.from(data).buffer),
      })
      parts.set(place, part)
    }
    for (const place of damaged) {
      this.#remove(step, place)
      parts.delete(place)
    }
    return [...parts.values()]
  }

  forget(step: string): void {
    this.#db.prepare('DELETE FROM parts WHERE step = ?').run(step)
  }

  /** Forgets all but those of some steps. */
  keep(steps: ReadonlySet<string>): void {
    const found = this.#db.prepare('SELECT DISTINCT step FROM parts').all() as { step: string }[]
    for (const { step } of found) if (!steps.has(step)) this.forget(step)
  }

  #remove(step: string, place: number): void {
    this.#db.prepare('DELETE FROM parts WHERE step = ? AND place = ?').run(step, place)
  }
}
