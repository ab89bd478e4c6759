/**
 * Writes protobuf messages field by field. Source: https://protobuf.dev/programming-guides/encoding.
 * A message is kept as chunks until `bytes` joins them, so nesting copies nothing.
 */
export class Message {
  readonly #chunks: Uint8Array[] = []
  #length = 0

  /** int32, int64, uint or enum: a varint; negative numbers take ten bytes, as two's complement. */
  integer(field: number, value: number): this {
    return this.#push(varint(field * 8)).#push(varint(value))
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.#push(varint(field * 8 + 5)).#push(bytes)
  }

  string(field: number, value: string): this {
    return this.raw(field, new TextEncoder().encode(value))
  }

  /** Bytes as they are; they are not copied until `bytes`. */
  raw(field: number, value: Uint8Array): this {
    return this.#push(varint(field * 8 + 2))
      .#push(varint(value.length))
      .#push(value)
  }

  message(field: number, value: Message): this {
    this.#push(varint(field * 8 + 2)).#push(varint(value.#length))
    for (const chunk of value.#chunks) this.#push(chunk)
    return this
  }

  /** Fields that are encoded already, with their tags. */
  encoded(fields: Uint8Array): this {
    return this.#push(fields)
  }

  bytes(): Uint8Array {
    const joined = new Uint8Array(this.#length)
    let offset = 0
    for (const chunk of this.#chunks) {
      joined.set(chunk, offset)
      offset += chunk.length
    }
    return joined
  }

  #push(chunk: Uint8Array): this {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    return this
  }
}

/** Seven bits a byte, least significant first; the top bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
