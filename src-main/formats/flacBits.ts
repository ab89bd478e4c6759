/** The bytes ended before the number did. */
export class BitsEnded extends Error {}

/** Reads numbers of any number of bits, most significant bit first. */
export class FlacBits {
  readonly #bytes: Uint8Array
  /** In bits from the first byte. */
  position: number

  /** @param start byte to begin with */
  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes
    this.position = start * 8
  }

  /** @param count 0 to 32 bits */
  unsigned(count: number): number {
    if (count === 0) return 0
    if (count > 24) return this.unsigned(count - 16) * 65536 + this.unsigned(16)
    const value = this.#next32() >>> (32 - count)
    this.#skip(count)
    return value
  }

  /** Two's complement. @param count 0 to 33 bits */
  signed(count: number): number {
    if (count === 0) return 0
    const negative = this.unsigned(1) === 1
    return this.unsigned(count - 1) - (negative ? 2 ** (count - 1) : 0)
  }

  /** The number of 0 bits before the next 1, which is read as well. */
  zeros(): number {
    for (let count = 0; ; count += 25) {
      // Of the 32 bits, the last 7 may lie beyond what could be read.
      const leading = Math.clz32(this.#next32())
      if (leading < 25) {
        this.#skip(leading + 1)
        return count + leading
      }
      this.#skip(25)
    }
  }

  /** @returns the byte at which reading goes on, once the rest of the present one is passed over */
  align(): number {
    this.position = Math.ceil(this.position / 8) * 8
    return this.position / 8
  }

  /** At least 25 valid bits from the position on, left-aligned; zeros beyond the end. */
  #next32(): number {
    const byte = Math.floor(this.position / 8)
    const bytes = this.#bytes
    const word = (bytes[byte] << 24) | (bytes[byte + 1] << 16) | (bytes[byte + 2] << 8) | bytes[byte + 3]
    return word << (this.position % 8)
  }

  #skip(count: number): void {
    this.position += count
    if (this.position > this.#bytes.length * 8) throw new BitsEnded()
  }
}
