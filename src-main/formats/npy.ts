import { endianness } from 'node:os'
import { HeschlError } from '../errors.ts'
import { writeFileAtomic } from './atomic.ts'
import { withFile } from './fileBytes.ts'
import type { FileBytes } from './fileBytes.ts'
import { parseNpyHeader } from './npyHeader.ts'
import type { NpyHeader, NpyType } from './npyHeader.ts'

export type NpyData =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>

export interface NpyArray {
  readonly shape: readonly number[]
  /** In C order, whatever the order in the file. 64-bit integers come as float64, float16 as float32, bool as uint8. */
  readonly data: NpyData
}

/**
 * Shape and type of an NPY file, without its data.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, PICKLE_REFUSED
 */
export async function readNpyHeader(path: string): Promise<NpyHeader> {
  return withFile(path, parseNpyHeader)
}

/**
 * A whole NPY file.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID (also for 64-bit integers that float64 cannot
 *   hold), PICKLE_REFUSED
 */
export async function readNpy(path: string): Promise<NpyArray> {
  return withFile(path, readNpyOf)
}

/** As `readNpy`, of what is open already: a file, or an entry of an archive. */
export async function readNpyOf(file: FileBytes): Promise<NpyArray> {
  const header = await parseNpyHeader(file)
  const bytes = new Uint8Array(file.size - header.dataStart)
  await file.read(header.dataStart, bytes)
  const data = decode(bytes, header, file.path)
  return { shape: header.shape, data: header.fortranOrder ? toCOrder(data, header.shape) : data }
}

/**
 * Rows `from` to `to` (exclusive) along the first dimension, reading no more than those: for files larger than memory.
 * @throws HeschlError as `readNpy`, and OPTION_INVALID for rows that are not there
 */
export async function readNpyRows(path: string, from: number, to: number): Promise<NpyArray> {
  return withFile(path, async (file) => {
    const header = await parseNpyHeader(file)
    const [rows, ...rest] = header.shape
    if (rows === undefined || !Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to < from || to > rows)
      throw new HeschlError('OPTION_INVALID', 'These rows are not in the array', {
        where: { file: path },
        expected: `rows within shape (${header.shape.join(', ')})`,
        found: `rows ${from} to ${to}`,
      })
    const shape = [to - from, ...rest]
    const bytes = await readRowBytes(file, header, rows, from, to)
    const data = decode(bytes, header, path)
    return { shape, data: header.fortranOrder ? toCOrder(data, shape) : data }
  })
}

async function readRowBytes(file: FileBytes, header: NpyHeader, rows: number, from: number, to: number) {
  const { dataStart, itemBytes, fortranOrder } = header
  const columns = header.shape.slice(1).reduce((product, length) => product * length, 1)
  const bytes = new Uint8Array((to - from) * columns * itemBytes)
  if (!fortranOrder) {
    await file.read(dataStart + from * columns * itemBytes, bytes)
    return bytes
  }
  if (bytes.length === 0) return bytes
  const length = (to - from) * itemBytes
  for (let column = 0; column < columns; column++) {
    const part = bytes.subarray(column * length, (column + 1) * length)
    await file.read(dataStart + (column * rows + from) * itemBytes, part)
  }
  return bytes
}

/** How numbers are stored: NPY's names of types stand for those of every format. */
export type NumberLayout = Pick<NpyHeader, 'type' | 'itemBytes' | 'bigEndian'>

/**
 * Bytes to numbers, in the file's order; may turn the bytes round in place.
 * @param bytes at a multiple of the numbers' size in their buffer, which the numbers share where types allow it
 */
export function decode(bytes: Uint8Array<ArrayBuffer>, header: NumberLayout, path: string): NpyData {
  const { buffer, byteOffset, byteLength } = bytes
  if (header.bigEndian !== (endianness() === 'BE')) {
    const turned = Buffer.from(buffer, byteOffset, byteLength)
    if (header.itemBytes === 2) turned.swap16()
    else if (header.itemBytes === 4) turned.swap32()
    else if (header.itemBytes === 8) turned.swap64()
  }
  return decoders[header.type](buffer, byteOffset, byteLength / header.itemBytes, path)
}

const decoders: Readonly<Record<NpyType, (buffer: ArrayBuffer, at: number, count: number, path: string) => NpyData>> = {
  b1: (buffer, at, count) => new Uint8Array(buffer, at, count),
  i1: (buffer, at, count) => new Int8Array(buffer, at, count),
  u1: (buffer, at, count) => new Uint8Array(buffer, at, count),
  i2: (buffer, at, count) => new Int16Array(buffer, at, count),
  u2: (buffer, at, count) => new Uint16Array(buffer, at, count),
  f2: (buffer, at, count) => Float32Array.from(new Float16Array(buffer, at, count)),
  i4: (buffer, at, count) => new Int32Array(buffer, at, count),
  u4: (buffer, at, count) => new Uint32Array(buffer, at, count),
  f4: (buffer, at, count) => new Float32Array(buffer, at, count),
  i8: (buffer, at, count, path) => fromBigInts(new BigInt64Array(buffer, at, count), path),
  u8: (buffer, at, count, path) => fromBigInts(new BigUint64Array(buffer, at, count), path),
  f8: (buffer, at, count) => new Float64Array(buffer, at, count),
}

function fromBigInts(values: BigInt64Array | BigUint64Array, path: string): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) {
    numbers[i] = Number(values[i])
    if (!Number.isSafeInteger(numbers[i]))
      throw new HeschlError('FORMAT_INVALID', 'An integer is too large to be held exactly', {
        where: { file: path },
        expected: 'integers within ±2⁵³',
        found: `${values[i]} at index ${i} (in the order of the file)`,
        remedy: 'Save the array as float64 if rounding is acceptable',
      })
  }
  return numbers
}

/** First index fastest to last index fastest. */
export function toCOrder<Data extends NpyData>(data: Data, shape: readonly number[]): Data {
  const out = data.slice() as Data
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, 1))
  const index = new Array<number>(shape.length).fill(0)
  let from = 0
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++
      from += strides[axis]
      if (index[axis] < shape[axis]) break
      from -= strides[axis] * shape[axis]
      index[axis] = 0
    }
  }
  return out
}

/** Numbers of any type that is read, in any memory. */
export type Numbers =
  Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array

/** How each type of typed array is named. */
export function typeOf(data: Numbers): NpyType {
  if (data instanceof Float32Array) return 'f4'
  if (data instanceof Float64Array) return 'f8'
  if (data instanceof Int8Array) return 'i1'
  if (data instanceof Uint8Array) return 'u1'
  if (data instanceof Int16Array) return 'i2'
  if (data instanceof Uint16Array) return 'u2'
  return data instanceof Int32Array ? 'i4' : 'u4'
}

/** The first bytes of an NPY file, version 1. @param type as numpy names it, with the byte order */
export function writeHeader(type: string, shape: readonly number[], fortranOrder: boolean): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const order = fortranOrder ? 'True' : 'False'
  const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${tuple}, }`
  // Padded with spaces and a line feed, so that the data begin at a multiple of 64 bytes.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10
  const header = Buffer.alloc(10 + length, ' ')
  header.write('\x93NUMPY\x01\x00', 'latin1')
  header.writeUInt16LE(length, 8)
  header.write(text, 10, 'latin1')
  header.write('\n', header.length - 1, 'latin1')
  return header
}

/**
 * Writes an NPY file (version 1, C order, little endian), whole or not at all.
 *
 * @param array data in C order
 * @throws HeschlError SHAPE_MISMATCH when shape and data disagree, DISK_FULL, FILE_UNREADABLE
 */
export async function writeNpy(path: string, array: NpyArray): Promise<void> {
  try {
    await writeFileAtomic(path, npyBytes(array, path))
  } catch (error) {
    throw HeschlError.from(error, { file: path })
  }
}

/** An NPY file in pieces, as `writeNpy` writes it. @param path for errors */
export function npyBytes({ shape, data }: NpyArray, path: string): Generator<Uint8Array> {
  const count = shape.reduce((product, length) => product * length, 1)
  if (count !== data.length)
    throw new HeschlError('SHAPE_MISMATCH', 'An array cannot be written: its shape does not match its data', {
      where: { file: path },
      expected: `${count} values for shape (${shape.join(', ')})`,
      found: `${data.length} values`,
    })
  const order = data.BYTES_PER_ELEMENT === 1 ? '|' : '<'
  return pieces(writeHeader(order + typeOf(data), shape, false), data)
}

function* pieces(header: Uint8Array, data: NpyData): Generator<Uint8Array> {
  yield header
  yield* numberPieces(data, 'LE')
}

/** The bytes of numbers, 64 MiB at a time. */
export function* numberPieces(data: NpyData, order: 'LE' | 'BE'): Generator<Uint8Array> {
  const atOnce = 1 << 26
  for (let at = 0; at < data.byteLength; at += atOnce) {
    const piece = new Uint8Array(data.buffer, data.byteOffset + at, Math.min(atOnce, data.byteLength - at))
    yield endianness() === order ? piece : turned(piece, data.BYTES_PER_ELEMENT)
  }
}

function turned(piece: Uint8Array, itemBytes: number): Uint8Array {
  const copy = Buffer.from(piece)
  return itemBytes === 2 ? copy.swap16() : itemBytes === 4 ? copy.swap32() : itemBytes === 8 ? copy.swap64() : copy
}
