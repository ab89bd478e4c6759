import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { HeschlError } from '../errors.ts'
import { safetensorsHeader } from './safetensors.ts'

interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  /** Float32 where it is left out; those of float64 come first, so that all are aligned. */
  readonly dtype?: 'F32' | 'F64'
}

/** A safetensors file whose tensors are filled in any order, a block of rows at a time. */
export class TensorFile {
  readonly #path: string
  readonly #handle: FileHandle
  /** Bytes from the start of the file. */
  readonly #offsets = new Map<string, number>()

  private constructor(path: string, handle: FileHandle, tensors: readonly Tensor[], dataStart: number) {
    this.#path = path
    this.#handle = handle
    let offset = dataStart
    for (const { name, shape, dtype } of tensors) {
      this.#offsets.set(name, offset)
      offset += shape.reduce((product, size) => product * size, dtype === 'F64' ? 8 : 4)
    }
  }

  /** @throws HeschlError FILE_MISSING (no such folder), FILE_UNREADABLE, DISK_FULL */
  static async create(path: string, tensors: readonly Tensor[]): Promise<TensorFile> {
    const header = safetensorsHeader(tensors)
    try {
      const handle = await open(path, 'w')
      await writeAll(handle, header, 0)
      return new TensorFile(path, handle, tensors, header.length)
    } catch (error) {
      throw HeschlError.from(error, { file: path })
    }
  }

  /**
   * @param first index of the block's first element, rows before it times the elements of each
   * @throws HeschlError DISK_FULL, FILE_UNREADABLE
   */
  async write(name: string, first: number, data: Float32Array | Float64Array): Promise<void> {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    try {
      await writeAll(this.#handle, bytes, this.#offsets.get(name)! + data.BYTES_PER_ELEMENT * first)
    } catch (error) {
      throw HeschlError.from(error, { file: this.#path })
    }
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/** A single write is kept below what any platform takes at once. */
const pieceBytes = 1 << 26

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const length = Math.min(pieceBytes, bytes.length - done)
    const { bytesWritten } = await handle.write(bytes, done, length, position + done)
    done += bytesWritten
  }
}
