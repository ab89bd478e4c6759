/**
 * The bytes of an HDF5 file by address, for a reader that trusts nothing. Every structure is read through here: it has to
 * lie in the file, and all structures that one reading asks for together may have no more bytes than the file a few times
 * over, so that trees whose branches meet or turn back on themselves end.
 */
import { HeschlError } from '../../errors.ts'
import type { FileBytes } from '../fileBytes.ts'
import { lookup3 } from './lookup3.ts'

/** A structure that is read costs at least so much: reading many small ones again and again is found out, too. */
const leastCost = 64
const readTimes = 4
const freeBytes = 1 << 20

/** No structure but a heap's segment has a size of its own choice; these are in the order of a megabyte. */
const mostStructure = 1 << 28

export class Hdf5Source {
  readonly path: string
  /** Bytes from the superblock's base address on. */
  readonly size: number
  readonly #file: FileBytes
  readonly #base: number
  /** Of an address, and of a length, in this file: 2, 4 or 8. */
  readonly offsetBytes: number
  readonly lengthBytes: number
  #left: number

  constructor(file: FileBytes, base: number, offsetBytes: number, lengthBytes: number) {
    this.path = file.path
    this.size = file.size - base
    this.#file = file
    this.#base = base
    this.offsetBytes = offsetBytes
    this.lengthBytes = lengthBytes
    this.#left = readTimes * file.size + freeBytes
  }

  /** A structure's bytes. @throws HeschlError FORMAT_INVALID where it is not in the file */
  async structure(address: number, length: number): Promise<Cursor> {
    if (!(address >= 0 && length >= 0 && address + length <= this.size) || length > mostStructure)
      throw this.invalid(`structures within its ${this.size} bytes`, `${length} bytes at ${address}`)
    this.#left -= Math.max(leastCost, length)
    if (this.#left < 0) throw this.invalid('structures that name each other once', 'a tree that meets itself')
    const bytes = Buffer.alloc(length)
    await this.#file.read(this.#base + address, bytes)
    return new Cursor(bytes, this)
  }

  /** A structure that begins with four letters. */
  async signed(signature: string, address: number, length: number): Promise<Cursor> {
    const cursor = await this.structure(address, length)
    const found = cursor.text(4)
    if (found !== signature) throw this.invalid(`"${signature}" at ${address}`, JSON.stringify(found))
    return cursor
  }

  /** As `signed`; its last four bytes are the checksum of the others, which the cursor then holds. */
  async checked(signature: string, address: number, length: number): Promise<Cursor> {
    const cursor = await this.signed(signature, address, length)
    cursor.check(`the structure "${signature}" at ${address}`)
    return cursor
  }

  /** Fills `target` with stored numbers. */
  async data(address: number, target: Uint8Array): Promise<void> {
    if (!(address >= 0 && address + target.length <= this.size))
      throw this.invalid(`numbers within its ${this.size} bytes`, `${target.length} bytes at ${address}`)
    await this.#file.read(this.#base + address, target)
  }

  invalid(expected: string, found: string): HeschlError {
    return new HeschlError('FORMAT_INVALID', 'This is not a sound HDF5 file', {
      where: { file: this.path },
      expected,
      found,
      remedy: 'Copy or write the file again: it is damaged, cut short, or was not closed',
    })
  }

  unsupported(what: string, remedy: string): HeschlError {
    return new HeschlError('FORMAT_INVALID', 'This part of HDF5 is not read', {
      where: { file: this.path },
      found: what,
      remedy,
    })
  }
}

/** Reads little-endian values from front to back, none beyond the end. */
export class Cursor {
  readonly source: Hdf5Source
  at = 0
  #bytes: Buffer

  constructor(bytes: Buffer, source: Hdf5Source) {
    this.#bytes = bytes
    this.source = source
  }

  get left(): number {
    return this.#bytes.length - this.at
  }

  u8(): number {
    return this.#bytes[this.#take(1)]
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.#take(2))
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4))
  }

  /** Of 1 to 8 bytes. @throws HeschlError FORMAT_INVALID where it is beyond 2⁵³ */
  uint(bytes: number): number {
    const from = this.#take(bytes)
    const low = this.#bytes.readUIntLE(from, Math.min(bytes, 4))
    if (bytes <= 4) return low
    const value = low + this.#bytes.readUIntLE(from + 4, bytes - 4) * 2 ** 32
    if (Number.isSafeInteger(value)) return value
    throw this.source.invalid('sizes and places below 2⁵³', `${value}`)
  }

  /** An address; undefined where nothing was allocated. */
  address(): number | undefined {
    const bytes = this.source.offsetBytes
    const from = this.at
    if (this.left >= bytes && this.#bytes.subarray(from, from + bytes).every((byte) => byte === 0xff)) {
      this.at += bytes
      return undefined
    }
    return this.uint(bytes)
  }

  /** An address where there has to be something. */
  place(): number {
    const address = this.address()
    if (address !== undefined) return address
    throw this.source.invalid('an address', 'none')
  }

  length(): number {
    return this.uint(this.source.lengthBytes)
  }

  /** A size that may be as large as a length can be, which stands for no limit: infinity. */
  limit(): number {
    const bytes = this.source.lengthBytes
    const all = this.#bytes.subarray(this.at, this.at + bytes)
    if (all.length < bytes || !all.every((byte) => byte === 0xff)) return this.length()
    this.at += bytes
    return Infinity
  }

  text(bytes: number): string {
    const from = this.#take(bytes)
    return this.#bytes.toString('latin1', from, from + bytes)
  }

  /** UTF-8 up to a zero, or to the end of so many bytes. */
  name(bytes: number): string {
    const part = this.bytes(bytes)
    const end = part.indexOf(0)
    return part.toString('utf8', 0, end < 0 ? part.length : end)
  }

  bytes(count: number): Buffer {
    const from = this.#take(count)
    return this.#bytes.subarray(from, from + count)
  }

  /** The next bytes as a cursor of their own. */
  part(bytes: number): Cursor {
    return new Cursor(this.bytes(bytes), this.source)
  }

  skip(bytes: number): void {
    this.#take(bytes)
  }

  /** Takes the last four bytes away, which have to be the checksum of all before. */
  check(what: string): void {
    const end = this.#bytes.length - 4
    if (end < this.at) throw this.source.invalid(what, 'its end')
    const [found, stored] = [lookup3(this.#bytes.subarray(0, end)), this.#bytes.readUInt32LE(end)]
    if (found !== stored) throw this.source.invalid(`the checksum of ${what}`, 'another')
    this.#bytes = this.#bytes.subarray(0, end)
  }

  #take(bytes: number): number {
    if (!(bytes >= 0 && bytes <= this.left))
      throw this.source.invalid(`${bytes} bytes more in a structure`, `${this.left}`)
    const from = this.at
    this.at += bytes
    return from
  }
}
