/** Thrift's compact protocol, in which Parquet's footer and page headers are written: read without believing a size. */
import { notParquet } from './invalid.ts'

/** Deeper is no Parquet. */
const deepest = 16

/** Types on the wire. */
const [truth, untruth, byte, i16, i32, i64, double, binary, list, set, map, struct, uuid] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
]
const whole: readonly number[] = [byte, i16, i32, i64]

/**
 * A cursor over one structure. Fields are handed to handlers by their ids, and what has no handler is passed over. Nothing
 * is allocated by a count: every element takes a byte at least, so that a list that lies about its length ends with the bytes.
 */
export class Thrift {
  readonly #bytes: Uint8Array
  readonly #path: string
  /** Of the value that comes next. */
  #type = struct
  #depth = 0
  /** Where the cursor is. */
  at: number

  constructor(bytes: Uint8Array, at: number, path: string) {
    this.#bytes = bytes
    this.at = at
    this.#path = path
  }

  /** @throws HeschlError FORMAT_INVALID, as all that follow */
  struct(fields: Readonly<Record<number, () => void>>): void {
    this.#expect([struct], 'a structure')
    if (++this.#depth > deepest) throw notParquet(this.#path, 'at most 16 structures in one another', 'more')
    for (let id = 0; ;) {
      const head = this.#byte()
      if (head === 0) break
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4)
      this.#type = head & 15
      const read = fields[id]
      if (read) read()
      else this.#skip()
    }
    this.#depth--
  }

  list(each: () => void): void {
    this.#expect([list], 'a list')
    this.#elements(each)
  }

  int(): number {
    this.#expect(whole, 'a whole number')
    return this.#type === byte ? (this.#byte() << 24) >> 24 : this.#zigzag()
  }

  bool(): boolean {
    this.#expect([truth, untruth], 'a truth value')
    return this.#type === truth
  }

  text(): string {
    this.#expect([binary], 'a text')
    return new TextDecoder().decode(this.#binary())
  }

  #elements(each: () => void): void {
    const head = this.#byte()
    const type = head & 15
    for (let left = head >> 4 === 15 ? this.#varint() : head >> 4; left > 0; left--) {
      this.#type = type
      each()
    }
  }

  #skip(): void {
    const type = this.#type
    if (type === truth || type === untruth) return
    if (type === byte) this.#byte()
    else if (whole.includes(type)) this.#passVarint()
    else if (type === double) this.#pass(8)
    else if (type === binary) this.#binary()
    else if (type === uuid) this.#pass(16)
    else if (type === struct) this.struct({})
    else if (type === list || type === set) this.#skipElements()
    else if (type === map) this.#skipMap()
    else throw notParquet(this.#path, 'a type of Thrift’s compact protocol', String(type))
  }

  #skipElements(): void {
    if (++this.#depth > deepest) throw notParquet(this.#path, 'at most 16 lists in one another', 'more')
    this.#elements(() => this.#skipElement())
    this.#depth--
  }

  #skipMap(): void {
    const size = this.#varint()
    if (size === 0) return
    if (++this.#depth > deepest) throw notParquet(this.#path, 'at most 16 maps in one another', 'more')
    const types = this.#byte()
    for (let left = size; left > 0; left--)
      for (const type of [types >> 4, types & 15]) {
        this.#type = type
        this.#skipElement()
      }
    this.#depth--
  }

  /** In lists and maps a truth value is a byte of its own. */
  #skipElement(): void {
    if (this.#type === truth || this.#type === untruth) this.#byte()
    else this.#skip()
  }

  #expect(types: readonly number[], what: string): void {
    if (!types.includes(this.#type)) throw notParquet(this.#path, what, `a value of Thrift’s type ${this.#type}`)
  }

  #byte(): number {
    this.#pass(1)
    return this.#bytes[this.at - 1]
  }

  #pass(bytes: number): void {
    this.at += bytes
    if (this.at > this.#bytes.length) throw notParquet(this.#path, 'the rest of a header', 'its end')
  }

  #passVarint(): void {
    while (this.#byte() >= 128);
  }

  #varint(): number {
    let value = 0
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const next = this.#byte()
      value += (next & 127) * scale
      if (next < 128) {
        if (Number.isSafeInteger(value)) return value
        break
      }
    }
    throw notParquet(this.#path, 'a number below 2^53', 'a larger one')
  }

  #zigzag(): number {
    const value = this.#varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  #binary(): Uint8Array {
    const length = this.#varint()
    this.#pass(length)
    return this.#bytes.subarray(this.at - length, this.at)
  }
}
