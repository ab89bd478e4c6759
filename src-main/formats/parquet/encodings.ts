/** How values are written within Parquet's pages. Apache Parquet, Encodings.md. */
import { notParquet } from './invalid.ts'

/** Indices of dictionaries are not wider. */
const widest = 24

/** A stretch of a page, and for errors the file. */
export interface Stretch {
  readonly bytes: Uint8Array
  at: number
  readonly path: string
}

const short = (path: string) => notParquet(path, 'as many values as a page says', 'fewer')

export function take(stretch: Stretch, length: number): Uint8Array {
  const { bytes, at } = stretch
  if (!(length >= 0 && at + length <= bytes.length)) throw short(stretch.path)
  stretch.at += length
  return bytes.subarray(at, at + length)
}

function varint(stretch: Stretch): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const [next] = take(stretch, 1)
    value |= BigInt(next & 127) << shift
    if (next < 128) return value
  }
  throw notParquet(stretch.path, 'a number of at most ten bytes', 'a longer one')
}

/** @throws HeschlError FORMAT_INVALID for more than 2^31 */
function count(stretch: Stretch): number {
  const value = varint(stretch)
  if (value > 0x7fffffffn) throw short(stretch.path)
  return Number(value)
}

export const uint32 = (stretch: Stretch): number => {
  const [a, b, c, d] = take(stretch, 4)
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}

/** Runs of one value and of packed bits (RLE, RLE_DICTIONARY): so many numbers of `width` bits. */
export function hybrid(stretch: Stretch, width: number, values: number): Uint32Array {
  if (width > widest) throw notParquet(stretch.path, `numbers of at most ${widest} bits`, `${width} bits`)
  const out = new Uint32Array(values)
  for (let done = 0; done < values;) {
    const head = count(stretch)
    const length = head >> 1
    if (length === 0) throw short(stretch.path)
    if (head % 2 === 1) {
      // The last of its groups of eight may be cut short
      const some = Math.min(8 * length, values - done)
      const bytes = take(stretch, Math.min(length * width, Math.max(Math.ceil((some * width) / 8), left(stretch))))
      unpackBits(bytes, width, out.subarray(done, done + some))
      done += some
    } else {
      const value = take(stretch, Math.ceil(width / 8)).reduce((sum, byte, i) => sum + byte * 256 ** i, 0)
      out.fill(value, done, done + length)
      done += length
    }
  }
  return out
}

const left = ({ bytes, at }: Stretch) => bytes.length - at

/** Numbers of at most 24 bits, the lowest bits first. */
function unpackBits(bytes: Uint8Array, width: number, out: Uint32Array): void {
  if (width === 0) return
  const mask = 2 ** width - 1
  let [bits, held, at] = [0, 0, 0]
  for (let i = 0; i < out.length; i++) {
    for (; held < width; held += 8) bits |= bytes[at++] << held
    out[i] = bits & mask
    bits >>>= width
    held -= width
  }
}

/**
 * Differences in blocks (DELTA_BINARY_PACKED).
 * @param values at most so many
 */
export function deltas(stretch: Stretch, values: number, bits: 32 | 64): BigInt64Array {
  const [block, parts, total] = [count(stretch), count(stretch), count(stretch)]
  const each = block / parts
  if (!(parts > 0 && parts <= 512 && each > 0 && each % 32 === 0 && block <= 2 ** 20) || total > values)
    throw notParquet(stretch.path, 'blocks of differences as Parquet has them', `${parts} parts of ${block}`)
  const signed = (value: bigint) => (value & 1n ? -(value >> 1n) - 1n : value >> 1n)
  const out = new BigInt64Array(total)
  let value = signed(varint(stretch))
  if (total > 0) out[0] = BigInt.asIntN(bits, value)
  for (let done = 1; done < total;) {
    const least = signed(varint(stretch))
    const widths = take(stretch, parts)
    for (let part = 0; part < parts && done < total; part++) {
      const width = widths[part]
      if (width > 64) throw notParquet(stretch.path, 'differences of at most 64 bits', `${width} bits`)
      const bytes = take(stretch, (each / 8) * width)
      for (let i = 0; i < each && done < total; i++, done++) {
        value = BigInt.asIntN(bits, value + least + bitsAt(bytes, i * width, width))
        out[done] = value
      }
    }
  }
  return out
}

function bitsAt(bytes: Uint8Array, from: number, width: number): bigint {
  let value = 0n
  for (let bit = from; bit < from + width;) {
    const some = Math.min(8 - (bit % 8), from + width - bit)
    const piece = (bytes[bit >> 3] >> (bit % 8)) & (2 ** some - 1)
    value |= BigInt(piece) << BigInt(bit - from)
    bit += some
  }
  return value
}

/** Byte `b` of value `i` stands at b · values + i (BYTE_STREAM_SPLIT). */
export function joinedStreams(stretch: Stretch, values: number, width: number): Uint8Array {
  const bytes = take(stretch, values * width)
  const out = new Uint8Array(values * width)
  for (let b = 0; b < width; b++) for (let i = 0; i < values; i++) out[i * width + b] = bytes[b * values + i]
  return out
}
