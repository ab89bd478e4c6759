/** PNG's chunks, to add to a finished picture what it is and how large. Source: PNG specification (W3C, third edition). */
import { crc32 } from 'node:zlib'
import { HeschlError } from '../errors.ts'

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

export const isPng = (bytes: Uint8Array): boolean => signature.equals(bytes.subarray(0, signature.length))

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

/**
 * @param png a whole file
 * @returns views into it
 * @throws HeschlError FORMAT_INVALID where a chunk's size or checksum is wrong, or the end is missing
 */
function* chunksOf(png: Uint8Array): Generator<Chunk> {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  if (!isPng(bytes)) throw invalid('the signature of a PNG', 'other bytes')
  let at = signature.length
  for (let first = true; ; first = false) {
    if (at + 12 > bytes.length) throw invalid('chunks up to IEND', `the end of the file at byte ${bytes.length}`)
    const length = bytes.readUInt32BE(at)
    if (length > bytes.length - at - 12)
      throw invalid(`a chunk within ${bytes.length} bytes`, `${length} bytes at ${at}`)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== bytes.readUInt32BE(at + 8 + length))
      throw invalid('a chunk with its checksum', `another checksum in the chunk at byte ${at}`)
    if (first && type !== 'IHDR') throw invalid('IHDR first', 'another chunk')
    yield { type, data: bytes.subarray(at + 8, at + 8 + length) }
    if (type === 'IEND') return
    at += 12 + length
  }
}

/** The text of the first iTXt chunk with this keyword, where it is not compressed; undefined where there is none. */
export function textOf(png: Uint8Array, keyword: string): string | undefined {
  for (const { type, data } of chunksOf(png)) {
    if (type !== 'iTXt') continue
    const end = data.indexOf(0)
    if (end < 0 || Buffer.from(data.subarray(0, end)).toString('latin1') !== keyword || data[end + 1] !== 0) continue
    // After the flag and method of compression: a language tag and a translated keyword, both ended by a zero.
    const language = data.indexOf(0, end + 3)
    const translated = language < 0 ? -1 : data.indexOf(0, language + 1)
    if (translated >= 0) return Buffer.from(data.subarray(translated + 1)).toString('utf8')
  }
  return undefined
}

/**
 * The picture with its printed size (pHYs), and a text under a keyword (iTXt).
 * @param dpi dots an inch
 * @param keyword 1 to 79 Latin letters
 */
export function withText(png: Uint8Array, dpi: number, keyword: string, text: string): Uint8Array {
  const pieces: Uint8Array[] = [signature]
  for (const { type, data } of chunksOf(png)) {
    if (type === 'pHYs') continue
    pieces.push(chunk(type, data))
    if (type !== 'IHDR') continue
    const size = Buffer.alloc(9)
    const perMetre = Math.round(dpi / 0.0254)
    size.writeUInt32BE(perMetre, 0)
    size.writeUInt32BE(perMetre, 4)
    size[8] = 1
    pieces.push(chunk('pHYs', size))
    if (text !== '') pieces.push(chunk('iTXt', Buffer.from(`${keyword}\0\0\0\0\0${text}`, 'utf8')))
  }
  return Buffer.concat(pieces)
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length)
  return bytes
}

const invalid = (expected: string, found: string) =>
  new HeschlError('FORMAT_INVALID', 'This is not a sound PNG file', { expected, found })
