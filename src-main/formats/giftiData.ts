/** The contents of a GIFTI `<Data>` element: text to typed array, with sizes checked before memory is asked for. */
import { promisify } from 'node:util'
import { unzip } from 'node:zlib'
import { HeschlError } from '../errors.ts'
import type { ErrorPlace } from '../errors.ts'
import { decode, toCOrder } from './npy.ts'
import type { NpyData, NumberLayout, Numbers } from './npy.ts'

/** 64-bit integers come as float64, as everywhere. */
export type GiftiValues = Numbers
export type GiftiEncoding = 'ascii' | 'base64' | 'gzip' | 'external'

/** What the attributes of a `<DataArray>` say about its data. */
export interface GiftiLayout extends NumberLayout {
  readonly dims: readonly number[]
  /** Product of `dims`. */
  readonly count: number
  readonly encoding: GiftiEncoding
  readonly columnMajor: boolean
  /** Where the numbers are, of an array that keeps them in another file: its name, and the first byte. */
  readonly external?: { readonly name: string; readonly offset: number }
}

/** Characters of one number in ASCII, with the space after it. */
const MAX_NUMBER = 64
/** V8 makes no longer strings than 2^29 - 24. */
const LONGEST_STRING = 500_000_000

/** Bytes of the decoded array. */
export const decodedBytes = (layout: GiftiLayout) => layout.count * layout.itemBytes

/**
 * The most characters an honest writer needs for `layout`: more than that is refused while the file is still being
 * read, so that a small compressed file cannot fill the memory.
 */
export function textLimit(layout: GiftiLayout): number {
  if (layout.encoding === 'external') return 1_048_576
  // Base64 takes 4 characters for 3 bytes; zlib may grow what does not compress; lines and indentation double it
  const honest = layout.encoding === 'ascii' ? layout.count * MAX_NUMBER : Math.ceil(decodedBytes(layout) * 2.8)
  return Math.min(honest + 1_048_576, LONGEST_STRING)
}

/**
 * Decodes the text of one `<Data>` element to row-major values.
 * @throws HeschlError FORMAT_INVALID when the text is not what `layout` says
 */
export async function decodeData(text: string, layout: GiftiLayout, where: ErrorPlace): Promise<GiftiValues> {
  if (layout.encoding === 'ascii') return rowMajor(fromText(text, layout, where), layout)
  return decodeBytes(await unpacked(text, layout, where), layout, where)
}

/** As `decodeData`, of bytes. */
export function decodeBytes(raw: Uint8Array, layout: GiftiLayout, where: ErrorPlace): GiftiValues {
  const bytes = decodedBytes(layout)
  if (raw.length !== bytes) {
    throw invalid(
      `A GIFTI array is ${raw.length < bytes ? 'shorter' : 'longer'} than it says`,
      `${bytes} bytes (${sizes(layout)})`,
      `${raw.length} bytes`,
      where,
    )
  }
  return rowMajor(decode(ownBytes(raw), layout, where.file ?? ''), layout)
}

/** What zlib gave has a buffer of its own, a byte longer; a copy of what lies among other things. */
function ownBytes({ buffer, byteOffset, length }: Uint8Array): Uint8Array<ArrayBuffer> {
  const own = buffer instanceof ArrayBuffer && byteOffset === 0 && buffer.byteLength <= length + 1
  if (own) return new Uint8Array(buffer, 0, length)
  return new Uint8Array(new Uint8Array(buffer, byteOffset, length))
}

const rowMajor = (values: NpyData, { dims, columnMajor }: GiftiLayout) =>
  columnMajor && dims.length > 1 ? toCOrder(values, dims) : values

const sizes = ({ dims, type }: GiftiLayout) => `${dims.join(' x ')} of ${type}`

const arrays = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  i8: Float64Array,
  u8: Float64Array,
} as const

/** Types that GIFTI arrays have. */
export type GiftiType = keyof typeof arrays

function fromText(text: string, layout: GiftiLayout, where: ErrorPlace): NpyData {
  const expected = `${layout.count} values (${layout.dims.join(' x ')})`
  // Every value but the last takes a digit and a space at least
  if (text.length < layout.count * 2 - 1) {
    throw invalid('A GIFTI array is shorter than it says', expected, `${text.length} characters`, where)
  }
  const type = layout.type as GiftiType
  const values = new arrays[type](layout.count)
  let index = 0
  for (const [token] of text.matchAll(/\S+/g)) {
    if (index === layout.count) throw invalid('A GIFTI array is longer than it says', expected, 'more values', where)
    values[index++] = parseNumber(token, type, where)
  }
  if (index < layout.count) {
    throw invalid('A GIFTI array is shorter than it says', expected, `${index} values`, where)
  }
  return values
}

const special = new Map([
  ['nan', NaN],
  ['-nan', NaN],
  ['inf', Infinity],
  ['-inf', -Infinity],
])

/** The least and the most of an integer; of 64 bits what float64 holds exactly. */
function rangeOf(type: GiftiType): readonly [number, number] {
  const bits = Math.min(53, 8 * Number(type.slice(1)))
  if (type.startsWith('u')) return [0, 2 ** bits - 1]
  return bits === 53 ? [-(2 ** 53) + 1, 2 ** 53 - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
}

function parseNumber(token: string, type: GiftiType, where: ErrorPlace): number {
  const integer = !type.startsWith('f')
  const plain = integer ? /^[-+]?\d+(\.0*)?$/ : /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/
  const value =
    token.length > MAX_NUMBER
      ? undefined
      : plain.test(token)
        ? Number(token)
        : integer
          ? undefined
          : special.get(token.toLowerCase())
  const [least, most] = integer ? rangeOf(type) : [-Infinity, Infinity]
  if (value === undefined || value < least || value > most) {
    throw invalid('A GIFTI array has a value that is not a number of its type', type, `"${token.slice(0, 40)}"`, where)
  }
  return value
}

const unzipping = promisify(unzip)

async function unpacked(text: string, layout: GiftiLayout, where: ErrorPlace): Promise<Uint8Array> {
  const packed = Buffer.from(text, 'base64')
  // Node passes over what is no base64: what was passed over is missing
  if (packed.length < Math.floor((text.length * 3) / 4) - 3 && /[^A-Za-z0-9+/=\s]/.test(text)) {
    throw invalid('A GIFTI array is not base64 text', 'letters, digits, "+", "/" and "="', 'other characters', where)
  }
  if (layout.encoding !== 'gzip') return packed
  const bytes = decodedBytes(layout)
  try {
    // One byte more than expected, so that "too long" is told apart from "as long as it says"
    return await unzipping(packed, {
      maxOutputLength: bytes + 1,
      chunkSize: Math.max(64, Math.min(bytes + 1, 1 << 20)),
    })
  } catch (error) {
    const tooLong = error instanceof RangeError
    throw new HeschlError(
      'FORMAT_INVALID',
      tooLong ? 'A GIFTI array is longer than it says' : 'A GIFTI array is not a zlib stream',
      {
        expected: `${bytes} bytes (${sizes(layout)})`,
        found: error instanceof Error ? error.message : String(error),
        where,
        remedy: 'Write the file again, or fetch it again: it is damaged',
        cause: error,
      },
    )
  }
}

const invalid = (summary: string, expected: string, found: string, where: ErrorPlace) =>
  new HeschlError('FORMAT_INVALID', summary, {
    expected,
    found,
    where,
    remedy: 'Write the file again, or fetch it again: it is damaged',
  })
