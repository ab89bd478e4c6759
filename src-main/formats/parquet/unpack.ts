/** What Parquet's pages are packed with. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { notParquet, otherParquet } from './invalid.ts'

const codecs = ['none', 'Snappy', 'gzip', 'LZO', 'Brotli', 'LZ4 of Hadoop', 'Zstandard', 'LZ4']

/**
 * Most bytes that one packed byte gives: of Snappy a copy of 64 bytes takes three, of LZ4 a length grows by 255 a byte, of
 * deflate by 1,032 bytes (zlib's technical details). zlib's other decoders take room as they fill it.
 */
const mostOf: Readonly<Record<number, number>> = { 1: 22, 2: 1032, 7: 256 }

/**
 * @param size bytes that are to come out
 * @throws HeschlError FORMAT_INVALID for another number, damage, and codecs that are not known
 */
export function unpack(bytes: Uint8Array, codec: number, size: number, path: string): Uint8Array {
  const name = codecs[codec] ?? `number ${codec}`
  if (size > (mostOf[codec] ?? Infinity) * bytes.length + 64)
    throw notParquet(path, `a page of what ${bytes.length} bytes of ${name} can hold`, `${size} bytes`)
  const out = unpackers[codec]?.(bytes, size, path)
  if (!out) throw otherParquet(path, 'pages packed with Snappy, gzip, Brotli, Zstandard or LZ4, or not at all', name)
  if (out.length === size) return out
  throw notParquet(path, `${size} bytes in a page of ${name}`, `${out.length}`)
}

type Unpacker = (bytes: Uint8Array, size: number, path: string) => Uint8Array

const byZlib =
  (name: string, unpacker: (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array): Unpacker =>
  (bytes, size, path) => {
    if (size === 0 && bytes.length === 0) return bytes
    try {
      return unpacker(bytes, { maxOutputLength: Math.max(1, size) })
    } catch (error) {
      throw notParquet(path, `a page packed with ${name}`, error instanceof Error ? error.message : String(error))
    }
  }

const unpackers: Readonly<Record<number, Unpacker>> = {
  0: (bytes) => bytes,
  1: snappy,
  2: byZlib('gzip', gunzipSync),
  4: byZlib('Brotli', brotliDecompressSync),
  6: byZlib('Zstandard', zstdDecompressSync),
  7: lz4,
}

/** Copies what was written `back` bytes before, which may reach into what it writes. */
function copyBack(out: Uint8Array, at: number, back: number, length: number): boolean {
  if (back < 1 || back > at || at + length > out.length) return false
  if (back >= length) out.copyWithin(at, at - back, at - back + length)
  else for (let i = at; i < at + length; i++) out[i] = out[i - back]
  return true
}

/** google/snappy, format_description.txt. */
function snappy(bytes: Uint8Array, size: number, path: string): Uint8Array {
  const out = new Uint8Array(size)
  let [from, at] = [0, 0]
  let [told, scale] = [0, 1]
  for (let more = true; more && from < bytes.length && scale < 2 ** 35; scale *= 128) {
    told += (bytes[from] & 127) * scale
    more = bytes[from++] >= 128
  }
  const damaged = () => notParquet(path, 'a page packed with Snappy', 'a copy or a length that cannot be')
  if (told !== size) throw damaged()
  while (from < bytes.length) {
    const tag = bytes[from++]
    const kind = tag & 3
    if (kind === 0) {
      let length = tag >> 2
      const extra = length - 59
      if (extra > 0) {
        length = 0
        for (let i = 0; i < extra; i++) length += (bytes[from + i] ?? 0) * 256 ** i
        from += extra
      }
      length++
      if (from + length > bytes.length || at + length > size) throw damaged()
      out.set(bytes.subarray(from, from + length), at)
      from += length
      at += length
      continue
    }
    const wide = kind === 1 ? 1 : kind === 2 ? 2 : 4
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2)
    let back = kind === 1 ? (tag >> 5) * 256 : 0
    for (let i = 0; i < wide; i++) back += (bytes[from + i] ?? 0) * 256 ** i
    from += wide
    if (from > bytes.length || !copyBack(out, at, back, length)) throw damaged()
    at += length
  }
  return out.subarray(0, at)
}

/** lz4/lz4, lz4_Block_format.md. */
function lz4(bytes: Uint8Array, size: number, path: string): Uint8Array {
  const out = new Uint8Array(size)
  const damaged = () => notParquet(path, 'a page packed with LZ4', 'a copy or a length that cannot be')
  let [from, at] = [0, 0]
  const longer = (length: number): number => {
    if (length < 15) return length
    for (let next = 255; next === 255; length += next) {
      if (from >= bytes.length) throw damaged()
      next = bytes[from++]
    }
    return length
  }
  while (from < bytes.length) {
    const token = bytes[from++]
    const literal = longer(token >> 4)
    if (from + literal > bytes.length || at + literal > size) throw damaged()
    out.set(bytes.subarray(from, from + literal), at)
    from += literal
    at += literal
    if (from >= bytes.length) break
    const back = bytes[from] + (bytes[from + 1] ?? 0) * 256
    from += 2
    const length = longer(token & 15) + 4
    if (!copyBack(out, at, back, length)) throw damaged()
    at += length
  }
  return out.subarray(0, at)
}
