/** Parquet's footer: columns, groups of rows, and where the pages of each column are. Apache Parquet, parquet.thrift. */
import type { FileBytes } from '../fileBytes.ts'
import { notParquet, otherParquet } from './invalid.ts'
import { Thrift } from './thrift.ts'

const physicalTypes = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const

type PhysicalType = (typeof physicalTypes)[number]

/** What a column's stored values stand for. */
type Meaning =
  | { readonly kind: 'number' | 'unsigned' | 'text' | 'date' | 'float16' | 'bytes' }
  | { readonly kind: 'decimal'; readonly scale: number }
  | { readonly kind: 'time' | 'timestamp'; readonly perSecond: number; readonly utc: boolean }

export interface ParquetColumn {
  readonly name: string
  readonly type: PhysicalType
  /** Bytes of a value of FIXED_LEN_BYTE_ARRAY. */
  readonly width: number
  /** Whether values may be missing. */
  readonly optional: boolean
  readonly meaning: Meaning
}

/** A column's pages in one group of rows. */
export interface Chunk {
  readonly codec: number
  readonly start: number
  readonly bytes: number
}

export interface Footer {
  readonly rows: number
  readonly columns: readonly ParquetColumn[]
  /** A chunk a column. */
  readonly groups: readonly { readonly rows: number; readonly chunks: readonly Chunk[] }[]
}

const magic = 'PAR1'
const encryptedMagic = 'PARE'
const tailBytes = 8

/** Encrypted files begin in their own way. */
export const looksLikeParquet = (start: Buffer): boolean =>
  [magic, encryptedMagic].includes(start.toString('latin1', 0, 4))

/** @throws HeschlError FORMAT_INVALID for what is damaged, nested, encrypted or in other files */
export async function readFooter(file: FileBytes): Promise<Footer> {
  const { path, size } = file
  if (size < 4 + tailBytes) throw notParquet(path, 'a header and a footer', `${size} bytes`)
  const tail = Buffer.alloc(tailBytes)
  await file.read(size - tailBytes, tail)
  const end = tail.toString('latin1', 4)
  if (end === encryptedMagic) throw otherParquet(path, 'a table in the clear', 'an encrypted one')
  if (end !== magic) throw notParquet(path, 'PAR1 at its end', JSON.stringify(end))
  const length = tail.readUInt32LE(0)
  const from = size - tailBytes - length
  if (from < 4) throw notParquet(path, `a footer of at most ${size - tailBytes - 4} bytes`, `${length} bytes`)
  const bytes = new Uint8Array(length)
  await file.read(from, bytes)
  return parseFooter(bytes, from, path)
}

interface Element {
  type: number | undefined
  width: number
  repetition: number
  name: string
  children: number
  converted: number | undefined
  scale: number
  logical: Meaning | undefined
}

function parseFooter(bytes: Uint8Array, dataEnd: number, path: string): Footer {
  const thrift = new Thrift(bytes, 0, path)
  const elements: Element[] = []
  const groups: { rows: number; chunks: readonly RawChunk[] }[] = []
  let rows = -1
  let encrypted = false
  thrift.struct({
    2: () => thrift.list(() => elements.push(readElement(thrift))),
    3: () => (rows = thrift.int()),
    4: () => thrift.list(() => groups.push(readGroup(thrift))),
    8: () => {
      encrypted = true
      thrift.struct({})
    },
  })
  if (encrypted) throw otherParquet(path, 'a table in the clear', 'an encrypted one')
  const columns = columnsOf(elements, path)
  if (groups.reduce((sum, group) => sum + group.rows, 0) !== rows || groups.some((group) => group.rows < 0))
    throw notParquet(
      path,
      'groups of as many rows as the table has',
      `a table of ${rows} rows and others in its groups`,
    )
  return {
    ...{ rows, columns },
    groups: groups.map((group) => ({ rows: group.rows, chunks: checkedChunks(group, columns, dataEnd, path) })),
  }
}

function readElement(thrift: Thrift): Element {
  const element: Element = {
    ...{ type: undefined, width: 0, repetition: 0, name: '', children: 0 },
    ...{ converted: undefined, scale: 0, logical: undefined },
  }
  thrift.struct({
    1: () => (element.type = thrift.int()),
    2: () => (element.width = thrift.int()),
    3: () => (element.repetition = thrift.int()),
    4: () => (element.name = thrift.text()),
    5: () => (element.children = thrift.int()),
    6: () => (element.converted = thrift.int()),
    7: () => (element.scale = thrift.int()),
    10: () => (element.logical = readLogical(thrift)),
  })
  return element
}

/** parquet.thrift's LogicalType, a union: what is not read here is told from the older converted type, or is bytes. */
function readLogical(thrift: Thrift): Meaning | undefined {
  let meaning: Meaning | undefined
  const kind = (name: 'text' | 'date' | 'float16') => () => {
    thrift.struct({})
    meaning = { kind: name }
  }
  const moment = (name: 'time' | 'timestamp') => () => {
    let [utc, perSecond] = [false, 1000]
    const unit = (each: number) => () => {
      thrift.struct({})
      perSecond = each
    }
    thrift.struct({
      1: () => (utc = thrift.bool()),
      2: () => thrift.struct({ 1: unit(1e3), 2: unit(1e6), 3: unit(1e9) }),
    })
    meaning = { kind: name, perSecond, utc }
  }
  thrift.struct({
    ...{ 1: kind('text'), 4: kind('text'), 6: kind('date'), 12: kind('text'), 15: kind('float16') },
    5: () => {
      let scale = 0
      thrift.struct({ 1: () => (scale = thrift.int()) })
      meaning = { kind: 'decimal', scale }
    },
    ...{ 7: moment('time'), 8: moment('timestamp') },
    10: () => {
      let signed = true
      thrift.struct({ 2: () => (signed = thrift.bool()) })
      meaning = { kind: signed ? 'number' : 'unsigned' }
    },
  })
  return meaning
}

/** parquet.thrift's ConvertedType, which files had before LogicalType. */
function convertedMeaning({ converted, scale, type }: Element): Meaning {
  if (converted === 0 || converted === 4 || converted === 19) return { kind: 'text' }
  if (converted === 5) return { kind: 'decimal', scale }
  if (converted === 6) return { kind: 'date' }
  if (converted === 7 || converted === 8) return { kind: 'time', perSecond: converted === 7 ? 1e3 : 1e6, utc: true }
  if (converted === 9 || converted === 10)
    return { kind: 'timestamp', perSecond: converted === 9 ? 1e3 : 1e6, utc: true }
  if (converted !== undefined && converted >= 11 && converted <= 14) return { kind: 'unsigned' }
  if (type === 3) return { kind: 'timestamp', perSecond: 1e9, utc: false }
  return { kind: type === 6 || type === 7 ? 'bytes' : 'number' }
}

function columnsOf([root, ...leaves]: readonly Element[], path: string): readonly ParquetColumn[] {
  const nested = leaves.find(({ children, repetition }) => children > 0 || repetition > 1)
  if (nested) {
    const name = JSON.stringify(nested.name.slice(0, 60))
    throw otherParquet(path, 'columns of single values', `lists or structures in the column ${name}`)
  }
  if (root?.children !== leaves.length)
    throw notParquet(path, 'a schema of as many columns as it says', `${leaves.length} columns`)
  const columns = leaves.map((element): ParquetColumn => {
    const { name, width, repetition } = element
    const type = physicalTypes[element.type ?? -1]
    if (type === undefined || (type === 'FIXED_LEN_BYTE_ARRAY' && !(width > 0 && width <= 1024)))
      throw notParquet(path, 'a type of each column', `another in the column ${JSON.stringify(name.slice(0, 60))}`)
    const optional = repetition === 1
    const meaning = type === 'INT96' ? convertedMeaning(element) : (element.logical ?? convertedMeaning(element))
    return { name, type, width, optional, meaning }
  })
  const names = new Set<string>()
  for (const { name } of columns) {
    if (names.has(name))
      throw notParquet(path, 'column names that differ', `${JSON.stringify(name.slice(0, 60))} twice`)
    names.add(name)
  }
  return columns
}

interface RawChunk extends Chunk {
  readonly type: number
  readonly values: number
  /** Why it cannot be read, where that is so. */
  readonly elsewhere: string | undefined
}

function readGroup(thrift: Thrift): { rows: number; chunks: readonly RawChunk[] } {
  const group = { rows: -1, chunks: [] as RawChunk[] }
  thrift.struct({
    1: () => thrift.list(() => group.chunks.push(readChunk(thrift))),
    3: () => (group.rows = thrift.int()),
  })
  return group
}

function readChunk(thrift: Thrift): RawChunk {
  let [type, codec, values, bytes, data, dictionary] = [-1, 0, -1, -1, -1, 0]
  let elsewhere: string | undefined
  const encrypted = () => {
    elsewhere = 'encrypted columns'
    thrift.struct({})
  }
  thrift.struct({
    1: () => (elsewhere = thrift.text() === '' ? elsewhere : 'columns in other files'),
    3: () =>
      thrift.struct({
        1: () => (type = thrift.int()),
        4: () => (codec = thrift.int()),
        5: () => (values = thrift.int()),
        7: () => (bytes = thrift.int()),
        9: () => (data = thrift.int()),
        11: () => (dictionary = thrift.int()),
      }),
    8: encrypted,
  })
  // Writers differ in what they give where there is no dictionary, or nothing but one: no number, or 0
  const start = dictionary > 0 && (dictionary < data || data <= 0) ? dictionary : data
  return { type, codec, values, start, bytes, elsewhere }
}

function checkedChunks(
  { rows, chunks }: { readonly rows: number; readonly chunks: readonly RawChunk[] },
  columns: readonly ParquetColumn[],
  dataEnd: number,
  path: string,
): readonly Chunk[] {
  if (chunks.length !== columns.length)
    throw notParquet(path, `a group of ${columns.length} columns`, String(chunks.length))
  return chunks.map(({ type, codec, values, start, bytes, elsewhere }, i) => {
    if (elsewhere !== undefined) throw otherParquet(path, 'all in one file, in the clear', elsewhere)
    const { name, type: wanted } = columns[i]
    const of = `of the column ${JSON.stringify(name.slice(0, 60))}`
    if (physicalTypes[type] !== wanted) throw notParquet(path, `the type ${wanted} ${of}`, `type ${type}`)
    if (values !== rows) throw notParquet(path, `${rows} values ${of}`, String(values))
    if (rows === 0) return { codec, start: 0, bytes: 0 }
    if (!(start >= 4 && bytes >= 0 && start + bytes <= dataEnd))
      throw notParquet(path, `pages ${of} before byte ${dataEnd}`, `${bytes} bytes from ${start} on`)
    return { codec, start, bytes }
  })
}
