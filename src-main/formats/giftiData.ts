/** The contents of a GIFTI `<Data>` element: text to typed array, with sizes checked before memory is asked for. */
import { endianness } from 'node:os'
import { unzipSync } from 'node:zlib'
import { HeschlError } from '../errors.ts'
import type { ErrorPlace } from '../errors.ts'

export type GiftiValues = Float32Array | Int32Array | Uint8Array | Float64Array
export type GiftiEncoding = 'ascii' | 'base64' | 'gzip' | 'external'
export type GiftiType = 'float32' | 'int32' | 'uint8' | 'float64'

/** What the attributes of a `<DataArray>` say about its data. */
export interface GiftiLayout {
  readonly type: GiftiType
  readonly dims: readonly number[]
  /** Product of `dims`. */
  readonly count: number
  readonly encoding: GiftiEncoding
  readonly bigEndian: boolean
  readonly columnMajor: boolean
}

const bytesPerValue: Record<GiftiType, number> = { float32: 4, int32: 4, uint8: 1, float64: 8 }

const arrayOver = (type: GiftiType, buffer: ArrayBuffer): GiftiValues => {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
    case 'uint8':
      return new Uint8Array(buffer)
    case 'float64':
      return new Float64Array(buffer)
  }
}

/** Characters of one number in ASCII, with the space after it. */
const MAX_NUMBER = 64
/** V8 makes no longer strings than 2^29 - 24. */
const LONGEST_STRING = 500_000_000

/** Bytes of the decoded array. */
export const decodedBytes = (layout: GiftiLayout) => layout.count * bytesPerValue[layout.type]

/**
 * The most characters an honest writer needs for `layout`: more than that is refused while the file is still being
 * read, so that a small compressed file cannot fill the memory.
 */
export function textLimit(layout: GiftiLayout): number {
  // Base64 takes 4 characters for 3 bytes; zlib may grow what does not compress; lines and indentation double it
  const honest = layout.encoding === 'ascii' ? layout.count * MAX_NUMBER : Math.ceil(decodedBytes(layout) * 2.8)
  return Math.min(honest + 1_048_576, LONGEST_STRING)
}

/**
 * Decodes the text of one `<Data>` element to row-major values.
 * @throws HeschlError FORMAT_INVALID when the text is not what `layout` says
 */
export function decodeData(text: string, layout: GiftiLayout, where: ErrorPlace): GiftiValues {
  const values = layout.encoding === 'ascii' ? fromText(text, layout, where) : fromBase64(text, layout, where)
  return layout.columnMajor && layout.dims.length > 1 ? toRowMajor(values, layout) : values
}

function fromText(text: string, layout: GiftiLayout, where: ErrorPlace): GiftiValues {
  const expected = `${layout.count} values (${layout.dims.join(' x ')})`
  // Every value but the last takes a digit and a space at least
  if (text.length < layout.count * 2 - 1) {
    throw invalid('A GIFTI array is shorter than it says', expected, `${text.length} characters`, where)
  }
  const values = arrayOver(layout.type, new ArrayBuffer(decodedBytes(layout)))
  let index = 0
  for (const [token] of text.matchAll(/\S+/g)) {
    if (index === layout.count) throw invalid('A GIFTI array is longer than it says', expected, 'more values', where)
    values[index++] = parseNumber(token, layout.type, where)
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

function parseNumber(token: string, type: GiftiType, where: ErrorPlace): number {
  const integer = type === 'int32' || type === 'uint8'
  const plain = integer ? /^[-+]?\d+(\.0*)?$/ : /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/
  const value =
    token.length > MAX_NUMBER
      ? undefined
      : plain.test(token)
        ? Number(token)
        : integer
          ? undefined
          : special.get(token.toLowerCase())
  const inRange =
    value !== undefined &&
    (!integer || (type === 'uint8' ? value >= 0 && value <= 255 : value >= -(2 ** 31) && value < 2 ** 31))
  if (!inRange) {
    throw invalid('A GIFTI array has a value that is not a number of its type', type, `"${token.slice(0, 40)}"`, where)
  }
  return value
}

function fromBase64(text: string, layout: GiftiLayout, where: ErrorPlace): GiftiValues {
  const bytes = decodedBytes(layout)
  if (/[^A-Za-z0-9+/=\s]/.test(text)) {
    throw invalid('A GIFTI array is not base64 text', 'letters, digits, "+", "/" and "="', 'other characters', where)
  }
  const packed = Buffer.from(text, 'base64')
  const raw = layout.encoding === 'gzip' ? inflate(packed, layout, where) : packed
  if (raw.length !== bytes) {
    throw invalid(
      `A GIFTI array is ${raw.length < bytes ? 'shorter' : 'longer'} than it says`,
      `${bytes} bytes (${layout.dims.join(' x ')} of ${layout.type})`,
      `${raw.length} bytes`,
      where,
    )
  }
  const copy = new Uint8Array(bytes)
  copy.set(raw)
  if (layout.bigEndian !== (endianness() === 'BE')) swapBytes(copy, bytesPerValue[layout.type])
  return arrayOver(layout.type, copy.buffer)
}

function inflate(packed: Buffer, layout: GiftiLayout, where: ErrorPlace): Buffer {
  const bytes = decodedBytes(layout)
  try {
    // One byte more than expected, so that "too long" is told apart from "as long as it says"
    return unzipSync(packed, { maxOutputLength: bytes + 1 })
  } catch (error) {
    const tooLong = error instanceof RangeError
    throw new HeschlError(
      'FORMAT_INVALID',
      tooLong ? 'A GIFTI array is longer than it says' : 'A GIFTI array is not a zlib stream',
      {
        expected: `${bytes} bytes (${layout.dims.join(' x ')} of ${layout.type})`,
        found: error instanceof Error ? error.message : String(error),
        where,
        remedy: 'Write the file again, or fetch it again: it is damaged',
        cause: error,
      },
    )
  }
}

function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (size === 4) buffer.swap32()
  if (size === 8) buffer.swap64()
}

/** First index fastest -> last index fastest, for any number of dimensions. */
function toRowMajor(values: GiftiValues, { type, dims, count }: GiftiLayout): GiftiValues {
  const result = arrayOver(type, new ArrayBuffer(values.byteLength))
  const index = dims.map(() => 0)
  const strides = dims.map((_, d) => dims.slice(d + 1).reduce((product, n) => product * n, 1))
  for (let from = 0; from < count; from++) {
    let to = 0
    for (let d = 0; d < dims.length; d++) to += index[d] * strides[d]
    result[to] = values[from]
    for (let d = 0; d < dims.length && ++index[d] === dims[d]; d++) index[d] = 0
  }
  return result
}

const invalid = (summary: string, expected: string, found: string, where: ErrorPlace) =>
  new HeschlError('FORMAT_INVALID', summary, {
    expected,
    found,
    where,
    remedy: 'Write the file again, or fetch it again: it is damaged',
  })
