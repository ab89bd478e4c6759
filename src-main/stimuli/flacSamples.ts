import { createHash } from 'node:crypto'
import type { FlacInfo } from '../formats/flac.ts'

/** With more bits than this, the decoder's float32 does not hold the integers exactly. */
const mostExactBits = 24

/**
 * Makes the integers of a FLAC file from what the decoder gives, and checks them against the file's MD5 sum.
 *
 * The decoder divides by 2^(bits − 1) − 1; libsndfile, and Heschl for WAV, divide by 2^(bits − 1), so that the same
 * recording is the same numbers in both formats.
 */
export class FlacSamples {
  readonly #bits: number
  readonly #md5: string | null
  readonly #hash = createHash('md5')

  constructor({ bits, md5 }: FlacInfo) {
    this.#bits = bits
    this.#md5 = bits <= mostExactBits ? md5 : null
  }

  /** Rescales decoded channels in place. */
  restore(channels: readonly Float32Array[]): void {
    const full = 2 ** (this.#bits - 1)
    const exact = this.#bits <= mostExactBits
    for (const channel of channels) {
      for (let i = 0; i < channel.length; i++) {
        const value = channel[i] * (full - 1)
        channel[i] = (exact ? Math.round(value) : value) / full
      }
    }
    if (this.#md5 !== null) this.#hash.update(this.#bytes(channels, full))
  }

  /** Whether everything restored so far has the MD5 sum of the header; true where there is none to check. */
  sound(): boolean {
    return this.#md5 === null || this.#hash.copy().digest('hex') === this.#md5
  }

  /** Interleaved little-endian integers of whole bytes, of which the sum is taken (RFC 9639, section 8.2). */
  #bytes(channels: readonly Float32Array[], full: number): Buffer {
    const width = Math.ceil(this.#bits / 8)
    const length = channels[0]?.length ?? 0
    const bytes = Buffer.alloc(length * channels.length * width)
    let at = 0
    for (let i = 0; i < length; i++) {
      for (const channel of channels) {
        const value = channel[i] * full
        for (let byte = 0; byte < width; byte++) bytes[at++] = value >> (8 * byte)
      }
    }
    return bytes
  }
}
