import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { endianness } from 'node:os'
import { HeschlError } from '../errors.ts'
import { writeHeader } from './npy.ts'

/** Transposed a column at a time: this many bytes at once. */
const pieceBytes = 1 << 24

/** A float32 matrix that is written a few columns after the others, in Fortran order: for more than memory holds. */
export class NpyAppender {
  readonly #path: string
  readonly #file: FileHandle
  readonly #rows: number

  private constructor(path: string, file: FileHandle, rows: number) {
    this.#path = path
    this.#file = file
    this.#rows = rows
  }

  /** @throws HeschlError FILE_UNREADABLE, DISK_FULL */
  static async create(path: string, rows: number, cols: number): Promise<NpyAppender> {
    const file = await failing(path, () => open(path, 'w'))
    const appender = new NpyAppender(path, file, rows)
    try {
      await appender.#write(writeHeader('<f4', [rows, cols], true))
    } catch (error) {
      await file.close()
      throw error
    }
    return appender
  }

  /**
   * The next columns.
   * @param data [rows, cols], in C order
   * @throws HeschlError DISK_FULL, FILE_UNREADABLE
   */
  async append(data: Float32Array, cols: number): Promise<void> {
    const most = Math.max(1, Math.floor(pieceBytes / (4 * this.#rows)))
    for (let from = 0; from < cols; from += most) {
      const width = Math.min(most, cols - from)
      const piece = new Float32Array(width * this.#rows)
      for (let i = 0; i < this.#rows; i++) {
        for (let j = 0; j < width; j++) piece[j * this.#rows + i] = data[i * cols + from + j]!
      }
      const bytes = Buffer.from(piece.buffer)
      await this.#write(endianness() === 'LE' ? bytes : bytes.swap32())
    }
  }

  async close(): Promise<void> {
    await failing(this.#path, () => this.#file.close())
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await failing(this.#path, async () => {
      for (let done = 0; done < bytes.length;) done += (await this.#file.write(bytes, done)).bytesWritten
    })
  }
}

async function failing<T>(file: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    throw HeschlError.from(error, { file })
  }
}
