import { HeschlError } from '../errors.ts'
import { withFile } from './fileBytes.ts'

/** FreeSurfer's files of one hemisphere: the largest, of the finest meshes, have tens of megabytes. */
const mostBytes = 2 ** 30

/** Reads a file of big-endian numbers from front to back; whatever goes past its end is refused before it is allocated. */
export class BigEndianReader {
  readonly path: string
  readonly length: number
  at = 0
  readonly #bytes: Buffer
  readonly #kind: string

  /** @param kind of the file, for errors: "a FreeSurfer surface" */
  constructor(bytes: Uint8Array, path: string, kind: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.length = bytes.length
    this.path = path
    this.#kind = kind
  }

  /** @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID for files beyond 1 GiB */
  static async open(path: string, kind: string): Promise<BigEndianReader> {
    return withFile(path, async (file) => {
      if (file.size > mostBytes) throw invalid(path, kind, 'at most 1 GiB', `${file.size.toLocaleString('en')} bytes`)
      const bytes = new Uint8Array(file.size)
      await file.read(0, bytes)
      return new BigEndianReader(bytes, path, kind)
    })
  }

  get left(): number {
    return this.length - this.at
  }

  uint24(): number {
    return this.#bytes.readUIntBE(this.#take(3), 3)
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4))
  }

  float32(): number {
    return this.#bytes.readFloatBE(this.#take(4))
  }

  /** A count that the file says: a whole number of things of at least so many bytes each, which must be there. */
  count(value: number, eachBytes: number, what: string): number {
    if (value >= 0 && value * eachBytes <= this.left) return value
    const room = Math.floor(this.left / eachBytes)
    throw this.invalid(`at most ${room} ${what}, by the file's size`, `${value}`)
  }

  float32s(count: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#turned(count, 4))
  }

  int32s(count: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#turned(count, 4))
  }

  int16s(count: number): Int16Array<ArrayBuffer> {
    return new Int16Array(this.#turned(count, 2))
  }

  /** Up to a line feed, without it. */
  line(most: number): string {
    const end = this.#bytes.indexOf(10, this.at)
    if (end < 0 || end - this.at > most) throw this.invalid(`a line of at most ${most} characters`, 'none')
    const text = this.#bytes.toString('utf8', this.at, end)
    this.at = end + 1
    return text
  }

  /** Text of so many bytes, up to the first zero. */
  text(bytes: number): string {
    const from = this.#take(this.count(bytes, 1, 'characters'))
    const part = this.#bytes.subarray(from, from + bytes)
    const end = part.indexOf(0)
    return part.toString('utf8', 0, end < 0 ? bytes : end)
  }

  invalid(expected: string, found: string): HeschlError {
    return invalid(this.path, this.#kind, expected, found)
  }

  /** A copy in the machine's byte order. */
  #turned(count: number, width: 2 | 4): ArrayBuffer {
    const from = this.#take(this.count(count, width, 'numbers') * width)
    const copy = new Uint8Array(count * width)
    copy.set(this.#bytes.subarray(from, from + copy.length))
    if (littleEndian) {
      if (width === 2) Buffer.from(copy.buffer).swap16()
      else Buffer.from(copy.buffer).swap32()
    }
    return copy.buffer
  }

  #take(bytes: number): number {
    if (bytes > this.left) throw this.invalid(`${bytes} bytes more`, `${this.left} until the end of the file`)
    const from = this.at
    this.at += bytes
    return from
  }
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

const invalid = (path: string, kind: string, expected: string, found: string) =>
  new HeschlError('FORMAT_INVALID', `This is not ${kind}`, {
    where: { file: path },
    expected,
    found,
    remedy: 'Name the right file, or copy it again: it is damaged, cut short, or another format',
  })
