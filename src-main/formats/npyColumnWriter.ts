import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { endianness } from 'node:os'
import { HeschlError } from '../errors.ts'
import { writeHeader } from './npy.ts'

/** Transposed a column at a time: this many bytes at once. */
const pieceBytes = 1 << 24

/** A float32 matrix that is written a few columns at a time, in Fortran order: for more than memory holds. */
export class NpyColumnWriter {
  readonly #path: string
  readonly #file: FileHandle
  readonly #rows: number
  readonly #dataStart: number

  private constructor(path: string, file: FileHandle, rows: number, dataStart: number) {
    this.#path = path
    this.#file = file
    this.#rows = rows
    this.#dataStart = dataStart
  }

  /**
   * A new file, as long as the matrix; or, where it is that already, the one that is there, to go on with.
   * @throws HeschlError FILE_UNREADABLE, DISK_FULL
   */
  static async open(path: string, rows: number, cols: number): Promise<NpyColumnWriter> {
    const header = writeHeader('<f4', [rows, cols], true)
    const size = header.length + 4 * rows * cols
    const resumed = await stat(path).then(
      (found) => found.size === size,
      () => false,
    )
    const file = await failing(path, () => open(path, resumed ? 'r+' : 'w'))
    const writer = new NpyColumnWriter(path, file, rows, header.length)
    try {
      await writer.#write(header, 0)
      await failing(path, () => file.truncate(size))
    } catch (error) {
      await file.close()
      throw error
    }
    return writer
  }

  /**
   * Some columns.
   * @param from the first of them
   * @param data [rows, cols], in C order
   * @throws HeschlError DISK_FULL, FILE_UNREADABLE
   */
  async write(from: number, data: Float32Array, cols: number): Promise<void> {
    const most = Math.max(1, Math.floor(pieceBytes / (4 * this.#rows)))
    for (let first = 0; first < cols; first += most) {
      const width = Math.min(most, cols - first)
      const piece = new Float32Array(width * this.#rows)
      for (let i = 0; i < this.#rows; i++) {
        for (let j = 0; j < width; j++) piece[j * this.#rows + i] = data[i * cols + first + j]!
      }
      const bytes = Buffer.from(piece.buffer)
      const position = this.#dataStart + 4 * (from + first) * this.#rows
      await this.#write(endianness() === 'LE' ? bytes : bytes.swap32(), position)
    }
  }

  /** What was written stays, whatever happens to the machine. @throws HeschlError DISK_FULL, FILE_UNREADABLE */
  async flush(): Promise<void> {
    await failing(this.#path, () => this.#file.datasync())
  }

  async close(): Promise<void> {
    await failing(this.#path, () => this.#file.close())
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    await failing(this.#path, async () => {
      for (let done = 0; done < bytes.length;)
        done += (await this.#file.write(bytes, done, bytes.length - done, position + done)).bytesWritten
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
