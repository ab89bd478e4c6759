import type { Database } from 'better-sqlite3'

interface Row {
  readonly name: string
  readonly stamp: string
  readonly value: string
}

/** What files said of themselves: read together when it is first asked for, and written together. */
export class KnownFiles {
  readonly #db: Database
  #rows: Map<string, Row> | undefined
  readonly #unwritten = new Map<string, Row>()

  constructor(db: Database) {
    this.#db = db
  }

  get(name: string, stamp: string): unknown {
    const row = this.#all.get(name)
    return row?.stamp === stamp ? (JSON.parse(row.value) as unknown) : undefined
  }

  put(name: string, stamp: string, value: unknown): void {
    const row = { name, stamp, value: JSON.stringify(value) }
    this.#all.set(name, row)
    this.#unwritten.set(name, row)
  }

  write(): void {
    if (this.#unwritten.size === 0) return
    const insert = this.#db.prepare('INSERT OR REPLACE INTO known (name, stamp, value) VALUES (@name, @stamp, @value)')
    this.#db.transaction(() => {
      for (const row of this.#unwritten.values()) insert.run(row)
    })()
    this.#unwritten.clear()
  }

  get #all(): Map<string, Row> {
    this.#rows ??= new Map((this.#db.prepare('SELECT * FROM known').all() as Row[]).map((row) => [row.name, row]))
    return this.#rows
  }
}
