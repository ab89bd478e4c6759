/** The pages of one column in one group of rows: unpacked one at a time, each size held against what there is. */
import { crc32 } from 'node:zlib'
import { deltas, hybrid, joinedStreams, take, uint32 } from './encodings.ts'
import type { Stretch } from './encodings.ts'
import type { Chunk, ParquetColumn } from './footer.ts'
import { notParquet, otherParquet } from './invalid.ts'
import { Thrift } from './thrift.ts'
import { unpack } from './unpack.ts'
import type { Stored } from './values.ts'

/** Bytes that may still be read and unpacked, over all pages of one reading. */
export class Budget {
  #left: number
  readonly #path: string

  constructor(bytes: number, path: string) {
    this.#left = bytes
    this.#path = path
  }

  /** @throws HeschlError FORMAT_INVALID where the file claims to hold far more than its size allows */
  spend(bytes: number): void {
    this.#left -= bytes
    if (!(bytes >= 0 && this.#left >= 0))
      throw notParquet(this.#path, 'pages that fit the size of the file', `one of ${bytes} bytes, unpacked`)
  }
}

interface PageHeader {
  kind: number
  unpacked: number
  packed: number
  crc: number | undefined
  values: number
  encoding: number
  /** Of the second version, bytes of its levels, which are not packed. */
  levels: number
  isPacked: boolean
}

const [dataPage, indexPage, dictionaryPage, dataPageV2] = [0, 1, 2, 3]
const [plain, plainDictionary, rle, deltaBinary, deltaLength, deltaBytes, rleDictionary, byteStreams] = [
  ...[0, 2, 3, 5, 6, 7, 8, 9],
]

interface Room<Value> {
  /** Where values go, from `at` on; what is missing is left as it is. */
  readonly out: { [place: number]: Value }
  readonly at: number
  readonly convert: (stored: Stored) => ArrayLike<Value>
}

/**
 * @param bytes those of the chunk
 * @param rows values there are
 * @throws HeschlError FORMAT_INVALID
 */
export function readPages<Value>(
  bytes: Uint8Array,
  { codec }: Chunk,
  column: ParquetColumn,
  rows: number,
  { out, at: start, convert }: Room<Value>,
  budget: Budget,
  path: string,
): void {
  let dictionary: ArrayLike<Value> | undefined
  let at = 0
  for (let done = 0; done < rows;) {
    const thrift = new Thrift(bytes, at, path)
    const header = readHeader(thrift)
    const { kind, unpacked, packed, values, encoding } = header
    const page: Stretch = { bytes, at: thrift.at, path }
    const body = take(page, packed)
    at = page.at
    if (header.crc !== undefined && crc32(body) !== header.crc >>> 0)
      throw notParquet(path, 'pages with the checksums that they were written with', 'another checksum')
    if (kind === indexPage) continue
    budget.spend(unpacked)
    if (kind === dictionaryPage) {
      if (encoding !== plain && encoding !== plainDictionary)
        throw notParquet(path, 'a plain dictionary', `encoding ${encoding}`)
      const stretch = { bytes: unpack(body, codec, unpacked, path), at: 0, path }
      dictionary = convert(plainValues(stretch, column, values))
      continue
    }
    if (kind !== dataPage && kind !== dataPageV2) throw notParquet(path, 'a kind of page that there is', String(kind))
    if (!(values >= 0 && done + values <= rows))
      throw notParquet(path, `pages of ${rows} values`, `${done} and ${values} more`)
    const { present, stretch } = openPage(body, header, codec, column, path)
    const there = present ? present.reduce((sum, level) => sum + level, 0) : values
    const isIndexed = encoding === rleDictionary || encoding === plainDictionary
    const found = isIndexed
      ? fromDictionary(stretch, there, dictionary)
      : convert(decode(stretch, encoding, column, there, budget))
    for (let i = 0, next = 0; i < values; i++) if (!present || present[i] === 1) out[start + done + i] = found[next++]
    done += values
  }
}

function readHeader(thrift: Thrift): PageHeader {
  const header: PageHeader = {
    ...{ kind: -1, unpacked: -1, packed: -1, crc: undefined, values: -1 },
    ...{ encoding: -1, levels: 0, isPacked: true },
  }
  const values = () => (header.values = thrift.int())
  const encoding = () => (header.encoding = thrift.int())
  const levels = () => (header.levels += thrift.int())
  thrift.struct({
    1: () => (header.kind = thrift.int()),
    2: () => (header.unpacked = thrift.int()),
    3: () => (header.packed = thrift.int()),
    4: () => (header.crc = thrift.int()),
    5: () => thrift.struct({ 1: values, 2: encoding }),
    7: () => thrift.struct({ 1: values, 2: encoding }),
    8: () =>
      thrift.struct({ 1: values, 4: encoding, 5: levels, 6: levels, 7: () => (header.isPacked = thrift.bool()) }),
  })
  return header
}

/** Which values are there (undefined: all), and where they begin. */
function openPage(body: Uint8Array, header: PageHeader, codec: number, column: ParquetColumn, path: string) {
  const { values, unpacked } = header
  if (header.kind === dataPage) {
    const stretch: Stretch = { bytes: unpack(body, codec, unpacked, path), at: 0, path }
    if (!column.optional) return { present: undefined, stretch }
    const levels = { bytes: take(stretch, uint32(stretch)), at: 0, path }
    return { present: hybrid(levels, 1, values), stretch }
  }
  const rest: Stretch = { bytes: body, at: 0, path }
  const levels = { bytes: take(rest, header.levels), at: 0, path }
  const present = column.optional ? hybrid(levels, 1, values) : undefined
  const packed = body.subarray(rest.at)
  const bytes = header.isPacked ? unpack(packed, codec, unpacked - rest.at, path) : packed
  return { present, stretch: { bytes, at: 0, path } satisfies Stretch }
}

function fromDictionary<Value>(stretch: Stretch, count: number, dictionary: ArrayLike<Value> | undefined): Value[] {
  if (count === 0) return []
  if (!dictionary) throw notParquet(stretch.path, 'a dictionary before values that are looked up', 'none')
  const indices = hybrid(stretch, take(stretch, 1)[0], count)
  return Array.from(indices, (index) => {
    if (index < dictionary.length) return dictionary[index]
    throw notParquet(stretch.path, `places in a dictionary of ${dictionary.length}`, String(index))
  })
}

const widths = { BOOLEAN: 0, INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8, BYTE_ARRAY: 0 } as const
const widthOf = ({ type, width }: ParquetColumn) => (type === 'FIXED_LEN_BYTE_ARRAY' ? width : widths[type])

function decode(stretch: Stretch, encoding: number, column: ParquetColumn, count: number, budget: Budget): Stored {
  const { type } = column
  const { path } = stretch
  if (encoding === plain || count === 0) return plainValues(stretch, column, count)
  const exactly = <Values extends { readonly length: number }>(values: Values): Values => {
    if (values.length === count) return values
    throw notParquet(path, `${count} values in a page`, String(values.length))
  }
  if (encoding === rle && type === 'BOOLEAN')
    return Uint8Array.from(hybrid({ bytes: take(stretch, uint32(stretch)), at: 0, path }, 1, count))
  if (encoding === deltaBinary && type === 'INT32') return Int32Array.from(exactly(deltas(stretch, count, 32)), Number)
  if (encoding === deltaBinary && type === 'INT64') return exactly(deltas(stretch, count, 64))
  if (encoding === byteStreams && widthOf(column) > 0)
    return plainValues({ bytes: joinedStreams(stretch, count, widthOf(column)), at: 0, path }, column, count)
  const isBytes = type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY'
  if (encoding === deltaLength && isBytes) return exactly(lengthsAndBytes(stretch, count))
  if (encoding === deltaBytes && isBytes) {
    const shared = exactly(deltas(stretch, count, 32))
    const suffixes = exactly(lengthsAndBytes(stretch, count))
    return checkWidth(sharedBeginnings(shared, suffixes, budget, path), column, path)
  }
  throw otherParquet(path, 'values in an encoding that is known', `${type} in encoding ${encoding}`)
}

const lengthsAndBytes = (stretch: Stretch, count: number): readonly Uint8Array[] =>
  Array.from(deltas(stretch, count, 32), (length) => take(stretch, Number(length)))

/** Each begins as the one before does, for so many bytes. */
function sharedBeginnings(shared: BigInt64Array, suffixes: readonly Uint8Array[], budget: Budget, path: string) {
  let before = new Uint8Array(0)
  return suffixes.map((suffix, i) => {
    const length = Number(shared[i])
    if (!(length >= 0 && length <= before.length))
      throw notParquet(path, `a beginning of at most ${before.length} bytes`, String(length))
    budget.spend(length + suffix.length)
    const value = new Uint8Array(length + suffix.length)
    value.set(before.subarray(0, length))
    value.set(suffix, length)
    before = value
    return value
  })
}

function checkWidth(values: readonly Uint8Array[], { type, width }: ParquetColumn, path: string) {
  if (type !== 'FIXED_LEN_BYTE_ARRAY' || values.every(({ length }) => length === width)) return values
  throw notParquet(path, `values of ${width} bytes`, 'others')
}

/** One after the other, the lowest byte first. */
function plainValues(stretch: Stretch, column: ParquetColumn, count: number): Stored {
  const { type } = column
  const width = widthOf(column)
  if (type === 'BYTE_ARRAY') {
    // A length takes four bytes, so that a count that lies is found before room is made for it
    if (!(count >= 0 && 4 * count <= stretch.bytes.length - stretch.at)) take(stretch, Infinity)
    return Array.from({ length: count }, () => take(stretch, uint32(stretch)))
  }
  if (type === 'BOOLEAN') {
    const bytes = take(stretch, Math.ceil(count / 8))
    return Uint8Array.from({ length: count }, (_, i) => (bytes[i >> 3] >> (i % 8)) & 1)
  }
  const bytes = take(stretch, count * width)
  if (type === 'INT96' || type === 'FIXED_LEN_BYTE_ARRAY')
    return Array.from({ length: count }, (_, i) => bytes.subarray(i * width, (i + 1) * width))
  // A copy, from a place that these arrays can begin at
  const { buffer } = new Uint8Array(bytes)
  if (type === 'INT32') return new Int32Array(buffer)
  if (type === 'INT64') return new BigInt64Array(buffer)
  return type === 'FLOAT' ? new Float32Array(buffer) : new Float64Array(buffer)
}
