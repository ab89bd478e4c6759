/** Files that may be gzipped: told by their first bytes, not by their names, and unpacked as they are read. */
import { createReadStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip, createGzip, gunzipSync } from 'node:zlib'
import { HeschlError } from '../errors.ts'
import { withFile } from './fileBytes.ts'
import type { FileBytes } from './fileBytes.ts'

/** Deflate makes of one byte at most 1,032 (zlib's technical details). */
export const mostExpansion = 1032

/** Pieces in which a file is read and unpacked. */
const packedPiece = 256 * 1024
const unpackedPiece = 256 * 1024
const plainPiece = 256 * 1024
/** What is unpacked ahead of who reads. */
const unpackedAhead = 1 << 22
/** What is small enough to be unpacked at once. */
const smallPacked = 1 << 16
const smallUnpacked = 1 << 22
/** FreeSurfer writes after its numbers what was done to a file. */
const longestTail = 1 << 26

/** The bytes that a file holds, unpacked where it is gzipped. */
export interface ByteSource {
  readonly path: string
  readonly gzipped: boolean
  /** Bytes: as many as there are, or, of a gzipped file, as many as there can be. */
  readonly most: number
  /** The first bytes, so many or as many as there are. */
  readonly first: (bytes: number) => Promise<Uint8Array<ArrayBuffer>>
  /**
   * Fills `target` from `position` on. A gzipped file is unpacked from front to back, and from its beginning again where
   * `position` lies before what was read last: nothing but the piece at hand is in memory.
   * @throws HeschlError FORMAT_INVALID when the bytes end before that, or are not gzip's
   */
  readonly read: (position: number, target: Uint8Array) => Promise<void>
  /**
   * To be called when all is read that is wanted: reads a gzipped file to its end, so that its checksum is looked at.
   * @param end where what the format says of the file ends; a tail of 64 MiB is allowed
   * @throws HeschlError FORMAT_INVALID when the checksum is wrong, or more follows
   */
  readonly finish: (end: number) => Promise<void>
  /** As `FileBytes` has it; of a gzipped file there is none. */
  readonly file?: number
}

/**
 * Opens a file, gzipped or not, hands it to `use` and closes it.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, or whatever `use` throws
 */
export async function withBytes<Result>(path: string, use: (source: ByteSource) => Promise<Result>): Promise<Result> {
  return withFile(path, async (file) => {
    if (!(await isGzipped(file))) return use(plainSource(file))
    const source = new GzipSource(file)
    try {
      return await use(source)
    } finally {
      await source.close()
    }
  })
}

const plainSource = ({ path, size, read, file }: FileBytes): ByteSource => ({
  path,
  ...(file !== undefined && { file }),
  gzipped: false,
  most: size,
  async first(bytes) {
    const start = new Uint8Array(Math.min(bytes, size))
    await read(0, start)
    return start
  },
  read,
  finish: () => Promise.resolve(),
})

/** Whether a file begins as gzip does. */
export async function isGzipped(file: FileBytes): Promise<boolean> {
  const start = new Uint8Array(Math.min(2, file.size))
  await file.read(0, start)
  return start[0] === 0x1f && start[1] === 0x8b
}

/**
 * A file's bytes one piece after the other, unpacked where it is gzipped. A piece is to be used before the next is asked
 * for, which may take its place in memory.
 */
export async function* unpackedPieces(path: string, gzipped: boolean): AsyncGenerator<Uint8Array> {
  if (!gzipped) {
    yield* plainPieces(path)
    return
  }
  const whole = await unpackSmall(path)
  if (whole) {
    yield whole
    return
  }
  const file = createReadStream(path, { highWaterMark: packedPiece })
  const gunzip = createGunzip({ chunkSize: unpackedPiece, ...{ readableHighWaterMark: unpackedAhead } })
  file.on('error', (error) => gunzip.destroy(error))
  try {
    yield* file.pipe(gunzip) as AsyncIterable<Uint8Array>
  } catch (error) {
    throw notGzip(error, path)
  } finally {
    file.destroy()
  }
}

/** Two pieces in turn: while one is used, the other is read. */
async function* plainPieces(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    const rooms = [plainPiece, plainPiece].map((bytes) => new Uint8Array(bytes))
    const read = async (turn: number) =>
      rooms[turn].subarray(0, (await handle.read(rooms[turn], 0, plainPiece)).bytesRead)
    let next = read(0)
    for (let turn = 1; ; turn = 1 - turn) {
      const piece = await next
      if (piece.length === 0) return
      next = read(turn)
      // A failure is told where the piece is awaited; until then it is nobody's
      next.catch(() => undefined)
      yield piece
    }
  } finally {
    await handle.close()
  }
}

/** What a file is to hold, gzipped where its name says so. */
export function packedAsNamed(
  path: string,
  pieces: Iterable<Uint8Array>,
): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return /gz$/i.test(path) ? (Readable.from(pieces).pipe(createGzip()) as AsyncIterable<Uint8Array>) : pieces
}

/** A small file at once, which is quicker than a stream; undefined where it or what it holds is not small. */
async function unpackSmall(path: string): Promise<Uint8Array | undefined> {
  if ((await stat(path)).size > smallPacked) return undefined
  try {
    return gunzipSync(await readFile(path), { maxOutputLength: smallUnpacked })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw notGzip(error, path)
  }
}

class GzipSource implements ByteSource {
  readonly path: string
  readonly gzipped = true
  readonly most: number
  #pieces: AsyncGenerator<Uint8Array> | undefined
  #piece: Uint8Array = new Uint8Array(0)
  /** Where the piece begins. */
  #at = 0

  constructor(file: FileBytes) {
    this.path = file.path
    this.most = file.size * mostExpansion
  }

  async first(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.#from(0)
    const start = new Uint8Array(bytes)
    let done = 0
    do {
      start.set(this.#piece.subarray(0, bytes - done), done)
      done += Math.min(this.#piece.length, bytes - done)
    } while (done < bytes && (await this.#next()))
    return start.slice(0, done)
  }

  async read(position: number, target: Uint8Array): Promise<void> {
    await this.#from(position)
    for (let done = 0; done < target.length;) {
      const from = position + done - this.#at
      if (from >= this.#piece.length) {
        if (await this.#next()) continue
        throw new HeschlError('FORMAT_INVALID', 'The file ends too early', {
          where: { file: this.path },
          expected: `at least ${(position + target.length).toLocaleString('en')} bytes, unpacked`,
          found: `${this.#at.toLocaleString('en')} bytes`,
          remedy: 'Copy or download the file again',
        })
      }
      const part = this.#piece.subarray(from, from + target.length - done)
      target.set(part, done)
      done += part.length
    }
  }

  async finish(end: number): Promise<void> {
    while (await this.#next())
      if (this.#at > end + longestTail)
        throw new HeschlError('FORMAT_INVALID', 'The file goes on after its data', {
          where: { file: this.path },
          expected: `the end of the file after ${end.toLocaleString('en')} bytes, unpacked`,
          found: 'far more',
          remedy: 'Write the file again, or fetch it again: it is damaged',
        })
  }

  async #from(position: number): Promise<void> {
    if (this.#pieces && position >= this.#at) return
    await this.close()
    this.#pieces = unpackedPieces(this.path, true)
  }

  /** The piece after this one; false at the end. */
  async #next(): Promise<boolean> {
    this.#at += this.#piece.length
    const step = await this.#pieces!.next()
    this.#piece = step.done === true ? new Uint8Array(0) : step.value
    return step.done !== true
  }

  async close(): Promise<void> {
    await this.#pieces?.return(undefined)
    this.#pieces = undefined
    this.#piece = new Uint8Array(0)
    this.#at = 0
  }
}

function notGzip(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!code.startsWith('Z_')) return error
  return new HeschlError('FORMAT_INVALID', 'A gzipped file cannot be unpacked', {
    where: { file: path },
    expected: 'gzip data to the end of the file',
    found: (error as Error).message,
    remedy: 'Copy or download the file again: it is damaged or cut short',
    cause: error,
  })
}
