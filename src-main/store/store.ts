import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import Database from 'better-sqlite3'
import { HeschlError } from '../errors.ts'
import { chunkBytes, dtypeOf, dtypes } from './arrays.ts'
import type { Dtype, StoredArray } from './arrays.ts'
import { hashFile } from './keys.ts'
import { migrations } from './migrations.ts'
import { KnownFiles } from './knownFiles.ts'
import { PartTable } from './parts.ts'
import type { StoredPart } from './parts.ts'

/** Large pages: most of the file is arrays. */
const pageBytes = 16384

/** A finished step, without its arrays. */
export interface StepRecord {
  readonly key: string
  readonly kind: string
  readonly label: string
  /** What the key is a hash of. */
  readonly inputs: unknown
  /** Versions, provider, counts of what could not be computed: recorded, not part of the key. */
  readonly provenance: Readonly<Record<string, unknown>>
  readonly seconds: number
  readonly work: number
}

export interface StoreOptions {
  /** How long to wait for another process to let go of the study. */
  readonly waitMilliseconds?: number
  /** A limit on the file's size; writing past it fails as on a full disk. */
  readonly maxBytes?: number
}

interface Chunk {
  readonly crc: number
  readonly data: Uint8Array<ArrayBuffer>
}

interface ArrayRow {
  id: number
  dtype: Dtype
  shape: string
  bytes: number
}

/**
 * A study's results in one SQLite file. One process writes and reads it: the file is locked while it is open, and the
 * lock goes with the process, however that ends. A step and its arrays are stored in one transaction, so a step that
 * is there is whole.
 */
export class Store {
  readonly path: string
  readonly #db: Database.Database
  readonly #owner: string
  readonly #parts: PartTable
  /** Statements that are run tens of thousands of times while a large study's scores are read. */
  readonly #statements = new Map<string, Database.Statement>()
  /** Of all finished steps, read when it is first asked for: a large study's plan asks for tens of thousands. */
  #keys: Set<string> | undefined
  /** Counts what was put or removed: who looked through all steps need not do so again while it stays. */
  #changes = 0
  readonly #known: KnownFiles

  /**
   * Opens or creates a store.
   * @param path the SQLite file; its folder is made where it is missing
   * @throws HeschlError STUDY_LOCKED, STORE_NEWER, STORE_CORRUPT, DISK_FULL, FILE_UNREADABLE
   */
  constructor(path: string, options: StoreOptions = {}) {
    this.path = path
    this.#owner = `${path}.owner`
    this.#db = guard(path, () => {
      mkdirSync(dirname(path), { recursive: true })
      return new Database(path, { timeout: options.waitMilliseconds ?? 1500 })
    })
    try {
      guard(path, () => this.#prepare(options), this.#owner)
      this.#parts = guard(path, () => new PartTable(this.#db))
      this.#known = guard(path, () => new KnownFiles(this.#db))
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  #prepare({ maxBytes }: StoreOptions): void {
    const db = this.#db
    db.pragma(`page_size = ${pageBytes}`)
    if (maxBytes !== undefined) db.pragma(`max_page_count = ${Math.floor(maxBytes / pageBytes)}`)
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma('trusted_schema = OFF')
    db.exec('BEGIN IMMEDIATE')
    try {
      const version = db.pragma('user_version', { simple: true }) as number
      if (version > migrations.length)
        throw new HeschlError('STORE_NEWER', 'These results were written by a newer Heschl', {
          where: { file: this.path },
          expected: `store version ${migrations.length} or older`,
          found: `version ${version}`,
          remedy: 'Update Heschl, or move this file away to compute the results again',
        })
      if (version < migrations.length) {
        for (const migration of migrations.slice(version)) db.exec(migration)
        db.pragma(`user_version = ${migrations.length}`)
      }
      db.exec('COMMIT')
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      throw error
    }
    try {
      writeFileSync(this.#owner, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }))
    } catch {
      // A courtesy to whoever finds the study locked; on a full disk the study opens all the same.
    }
  }

  has(key: string): boolean {
    // Nobody else writes while this store is open.
    this.#keys ??= new Set(this.#read(() => this.#db.prepare('SELECT key FROM steps').pluck().all() as string[]))
    return this.#keys.has(key)
  }

  get changes(): number {
    return this.#changes
  }

  /** What is known of a file as of a stamp, as `keepKnown` was told; undefined where that is nothing. */
  known(name: string, stamp: string): unknown {
    return this.#read(() => this.#known.get(name, stamp))
  }

  /** Remembers of a file, as of its stamp, what JSON can hold; it is written by `writeKnown`. */
  keepKnown(name: string, stamp: string, value: unknown): void {
    this.#known.put(name, stamp, value)
  }

  /** Writes in one transaction what was learnt since the last time. */
  writeKnown(): void {
    try {
      guard(this.path, () => this.#known.write())
    } catch (error) {
      // On a full disk files are opened anew the next time.
      if (!(error instanceof HeschlError) || error.code !== 'DISK_FULL') throw error
    }
  }

  step(key: string): StepRecord | undefined {
    return this.#read(() => {
      const row = this.#db.prepare('SELECT * FROM steps WHERE key = ?').get(key) as
        | {
            key: string
            kind: string
            label: string
            inputs: string
            provenance: string
            seconds: number
            work: number
          }
        | undefined
      if (!row) return undefined
      return {
        ...row,
        inputs: JSON.parse(row.inputs) as unknown,
        provenance: JSON.parse(row.provenance) as Record<string, unknown>,
      }
    })
  }

  /** Stores a finished step with all its arrays, and forgets its parts; or, where anything fails, nothing. */
  put(record: StepRecord, arrays: readonly StoredArray[]): void {
    guard(this.path, () =>
      this.#db.transaction(() => {
        this.#db.prepare('DELETE FROM steps WHERE key = ?').run(record.key)
        this.#db
          .prepare(
            `INSERT INTO steps (key, kind, label, inputs, provenance, seconds, work, created)
             VALUES (@key, @kind, @label, @inputs, @provenance, @seconds, @work, @created)`,
          )
          .run({
            ...record,
            inputs: JSON.stringify(record.inputs),
            provenance: JSON.stringify(record.provenance),
            created: Date.now(),
          })
        for (const array of arrays) this.#putArray(record.key, array)
        this.#parts.forget(record.key)
      })(),
    )
    this.#keys?.add(record.key)
    this.#changes++
  }

  /** Stores what a step that goes on has finished of its targets; replaces an earlier part of that place. */
  putPart(step: string, part: StoredPart): void {
    guard(this.path, () => this.#parts.put(step, part))
  }

  /** What an interrupted step has left. A part that is damaged is forgotten: it is computed again. */
  parts(step: string): readonly StoredPart[] {
    return guard(this.path, () => this.#parts.of(step))
  }

  /** Forgets the parts of all other steps: of options that were changed before their steps were whole. */
  keepParts(steps: readonly string[]): void {
    guard(this.path, () => this.#parts.keep(new Set(steps)))
  }

  /** A measurement of this machine that was made before; undefined where there is none. */
  measured(name: string): number | undefined {
    return this.#read(() => {
      const row = this.#db.prepare('SELECT value FROM machine WHERE name = ?').get(name) as
        { value: number } | undefined
      return row?.value
    })
  }

  /** Remembers a measurement of this machine. */
  putMeasured(name: string, value: number): void {
    guard(this.path, () =>
      this.#db.prepare('INSERT OR REPLACE INTO machine (name, value) VALUES (?, ?)').run(name, value),
    )
  }

  #putArray(step: string, { name, shape, data }: StoredArray): void {
    const expected = shape.reduce((product, n) => product * n, 1)
    if (expected !== data.length)
      throw new RangeError(`array ${name}: shape ${shape.join('×')} has not ${data.length} values`)
    const { lastInsertRowid } = this.#db
      .prepare('INSERT INTO arrays (step, name, dtype, shape, bytes) VALUES (?, ?, ?, ?, ?)')
      .run(step, name, dtypeOf(data), JSON.stringify(shape), data.byteLength)
    const insert = this.#db.prepare('INSERT INTO chunks (array, part, crc, data) VALUES (?, ?, ?, ?)')
    for (let part = 0, at = 0; at < data.byteLength; part++, at += chunkBytes) {
      const length = Math.min(chunkBytes, data.byteLength - at)
      const bytes = new Uint8Array(data.buffer, data.byteOffset + at, length)
      insert.run(lastInsertRowid, part, crc32(bytes), bytes)
    }
  }

  /**
   * One array of a finished step.
   * @throws HeschlError STORE_CORRUPT where bytes are missing or do not match their checksum
   */
  array(step: string, name: string): StoredArray {
    return this.#read(() => {
      const row = this.#prepared('SELECT id, dtype, shape, bytes FROM arrays WHERE step = ? AND name = ?').get(
        step,
        name,
      ) as ArrayRow | undefined
      if (!row) throw this.#corrupt(`array ${name} of step ${step.slice(0, 12)} is missing`)
      const type = dtypes[row.dtype]
      const shape = JSON.parse(row.shape) as number[]
      if (row.bytes > 0 && row.bytes <= chunkBytes) {
        // As it comes, where the memory is its own: a large study's maps are read by tens of thousands.
        const only = this.#prepared('SELECT crc, data FROM chunks WHERE array = ?').get(row.id) as Chunk | undefined
        if (only?.data.buffer.byteLength === row.bytes && crc32(only.data) === only.crc)
          return { name, shape, data: new type(only.data.buffer) }
      }
      const bytes = new Uint8Array(row.bytes)
      let at = 0
      const parts = this.#prepared('SELECT crc, data FROM chunks WHERE array = ? ORDER BY part').iterate(row.id)
      for (const { crc, data } of parts as Iterable<Chunk>) {
        if (crc32(data) !== crc || at + data.length > bytes.length)
          throw this.#corrupt(`array ${name} of step ${step.slice(0, 12)} does not match its checksum`)
        bytes.set(data, at)
        at += data.length
      }
      if (at !== bytes.length) throw this.#corrupt(`array ${name} of step ${step.slice(0, 12)} is incomplete`)
      return { name, shape, data: new type(bytes.buffer) }
    })
  }

  /** Forgets a step and its arrays: for one that turned out to be damaged. */
  remove(key: string): void {
    guard(this.path, () => this.#db.prepare('DELETE FROM steps WHERE key = ?').run(key))
    this.#keys?.delete(key)
    this.#changes++
  }

  /** Median seconds per unit of work over the latest finished steps of a kind; undefined before there is one. */
  pace(kind: string): number | undefined {
    return this.#read(() => {
      const rows = this.#db
        .prepare('SELECT seconds / work AS pace FROM steps WHERE kind = ? AND work > 0 ORDER BY created DESC LIMIT 25')
        .all(kind) as { pace: number }[]
      const paces = rows.map((row) => row.pace).sort((a, b) => a - b)
      return paces[paces.length >> 1]
    })
  }

  /** sha256 of a file, from the store when size and modification time are those of the last time. */
  async fileHash(path: string): Promise<string> {
    const { size, mtimeMs } = statSync(path)
    const known = this.#read(
      () =>
        this.#prepared('SELECT sha256 FROM files WHERE path = ? AND size = ? AND mtime = ?').get(
          ...[path, size, mtimeMs],
        ) as { sha256: string } | undefined,
    )
    if (known) return known.sha256
    const sha256 = await hashFile(path)
    // A file written within the clock's grain of now could change again without a new time: do not trust it yet.
    if (Date.now() - mtimeMs > 2000) this.#remember(path, size, mtimeMs, sha256)
    return sha256
  }

  #remember(path: string, size: number, mtime: number, sha256: string): void {
    try {
      guard(this.path, () =>
        this.#db
          .prepare('INSERT OR REPLACE INTO files (path, size, mtime, sha256) VALUES (?, ?, ?, ?)')
          .run(path, size, mtime, sha256),
      )
    } catch (error) {
      // The hash itself is known; on a full disk it is merely not remembered, so that the study still opens.
      if (!(error instanceof HeschlError) || error.code !== 'DISK_FULL') throw error
    }
  }

  close(): void {
    if (!this.#db.open) return
    this.#db.close()
    rmSync(this.#owner, { force: true })
  }

  #prepared(sql: string): Database.Statement {
    const known = this.#statements.get(sql)
    if (known) return known
    const made = this.#db.prepare(sql)
    this.#statements.set(sql, made)
    return made
  }

  #read<T>(query: () => T): T {
    return guard(this.path, query)
  }

  #corrupt(found: string): HeschlError {
    return corrupt(this.path, found)
  }
}

const corrupt = (file: string, found: string, cause?: unknown) =>
  new HeschlError('STORE_CORRUPT', 'The stored results are damaged', {
    where: { file },
    found,
    remedy:
      'Move this file away and run again: results are computed anew from the study, whose own files are untouched',
    ...(cause === undefined ? {} : { cause }),
  })

/** Runs a database action and tells its failures in the user's words. */
function guard<T>(path: string, action: () => T, owner?: string): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof HeschlError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) throw locked(path, owner, error)
    if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
      throw corrupt(path, error instanceof Error ? error.message : code, error)
    if (code === 'SQLITE_CANTOPEN' || code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_PERM'))
      throw new HeschlError('FILE_UNREADABLE', 'Results cannot be stored beside the study file', {
        where: { file: path },
        found: error instanceof Error ? error.message : code,
        remedy: 'Make the folder writable, or copy the study to one that is',
        cause: error,
      })
    // SQLite calls a quota, or a limit on the size of files, a failed write.
    if (code === 'SQLITE_IOERR_WRITE' || code === 'SQLITE_IOERR_SHMSIZE')
      throw new HeschlError('DISK_FULL', 'The disk takes no more results', {
        where: { file: path },
        found: error instanceof Error ? error.message : code,
        remedy:
          'Free some space, or raise the quota or the limit on the size of files (ulimit -f), and run again: what was finished is stored',
        cause: error,
      })
    throw HeschlError.from(
      code.startsWith('SQLITE_IOERR') ? Object.assign(new Error(String(error)), { code: 'EIO' }) : error,
      { file: path },
    )
  }
}

function locked(path: string, owner: string | undefined, cause: unknown): HeschlError {
  let found = 'another process holds the lock'
  try {
    const { pid, since } = JSON.parse(readFileSync(owner ?? `${path}.owner`, 'utf8')) as { pid: number; since: string }
    found = `process ${pid} has had it open since ${since}`
  } catch {
    // Who holds it is a courtesy; that it is held is what counts.
  }
  return new HeschlError('STUDY_LOCKED', 'Another Heschl has this study open', {
    where: { file: path },
    found,
    remedy: 'Close the other window or wait for the other run; nothing was changed',
    cause,
  })
}
