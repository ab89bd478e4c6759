/** Messages that say what a data set's numbers are: type, shape, fill value, filters. */
import type { Cursor } from './source.ts'
import type { NumberLayout } from '../npy.ts'
import type { NpyType } from '../npyHeader.ts'

/** Of one element. */
export type Hdf5Type =
  | { readonly kind: 'number'; readonly bytes: number; readonly layout: NumberLayout }
  | { readonly kind: 'text' | 'reference' | 'other'; readonly bytes: number; readonly name: string }

const classNames = 'integers,floats,times,text,bits,opaque,compound,references,enumerations,variable,arrays'.split(',')

/** IEEE 754: exponent's place and size, mantissa's size, bias. */
const floats: Readonly<Record<number, readonly [number, number, number, number]>> = {
  2: [10, 5, 10, 15],
  4: [23, 8, 23, 127],
  8: [52, 11, 52, 1023],
}

/** @param depth of types within types */
export function readType(cursor: Cursor, depth = 0): Hdf5Type {
  const first = cursor.u8()
  const kind = first & 15
  const bits = cursor.uint(3)
  const bytes = cursor.u32()
  const other = (name: string): Hdf5Type => ({ kind: 'other', bytes, name })
  if (bytes === 0 && kind !== 3) throw cursor.source.invalid('elements of a size', 'elements of no bytes')
  if (kind === 0 || kind === 4) {
    const [offset, precision] = [cursor.u16(), cursor.u16()]
    if (offset !== 0 || precision !== 8 * bytes || ![1, 2, 4, 8].includes(bytes))
      return other(`integers of ${precision} bits in ${bytes} bytes`)
    return number(`${kind === 0 && (bits & 8) !== 0 ? 'i' : 'u'}${bytes}` as NpyType, bytes, (bits & 1) !== 0)
  }
  if (kind === 1) {
    const [offset, precision, exponent, exponentBits, mantissa, mantissaBits] = [
      ...[cursor.u16(), cursor.u16()],
      ...[cursor.u8(), cursor.u8(), cursor.u8(), cursor.u8()],
    ]
    const [place, size, least, bias] = floats[bytes] ?? []
    const sound = offset === 0 && precision === 8 * bytes && mantissa === 0 && (bits & 0x40) === 0
    const ieee = exponent === place && exponentBits === size && mantissaBits === least && cursor.u32() === bias
    if (!sound || !ieee || ((bits >> 8) & 0xff) !== 8 * bytes - 1)
      return other(`floats of ${precision} bits that are not IEEE 754's`)
    return number(`f${bytes}` as NpyType, bytes, (bits & 1) !== 0)
  }
  // h5py's booleans are an enumeration: its numbers count, not their names
  if (kind === 8 && depth < 4) return readType(cursor, depth + 1)
  const name = classNames[kind] ?? `class ${kind}`
  if (kind === 3) return { kind: 'text', bytes, name }
  if (kind === 7 && (bits & 15) === 0 && bytes === cursor.source.offsetBytes) return { kind: 'reference', bytes, name }
  return other(name)
}

const number = (type: NpyType, bytes: number, bigEndian: boolean): Hdf5Type => ({
  kind: 'number',
  bytes,
  layout: { type, itemBytes: bytes, bigEndian: bytes > 1 && bigEndian },
})

/** HDF5's own limit. */
const mostDimensions = 32

export interface Hdf5Shape {
  readonly sizes: readonly number[]
  /** What it may grow to; infinity where there is no limit. */
  readonly most: readonly number[]
}

/** Undefined of a data set that holds nothing, not even one number. */
export function readShape(cursor: Cursor): Hdf5Shape | undefined {
  const [version, rank, flags] = [cursor.u8(), cursor.u8(), cursor.u8()]
  if ((version !== 1 && version !== 2) || rank > mostDimensions)
    throw cursor.source.invalid(`a shape of at most ${mostDimensions} sizes`, `version ${version}, ${rank} sizes`)
  const kind = version === 2 ? cursor.u8() : 1
  if (version === 1) cursor.skip(5)
  if (kind === 2) return undefined
  const sizes = Array.from({ length: rank }, () => cursor.length())
  const most = (flags & 1) === 0 ? sizes : sizes.map(() => cursor.limit())
  if (most.some((n, axis) => n < sizes[axis]))
    throw cursor.source.invalid('sizes within their limits', sizes.join(' x '))
  return { sizes, most }
}

/** The bytes of what stands where nothing was written; undefined for zeros. */
export function readFill(cursor: Cursor): Buffer | undefined {
  const version = cursor.u8()
  if (version === 3) {
    const flags = cursor.u8()
    return (flags & 0x20) === 0 ? undefined : cursor.bytes(cursor.u32())
  }
  cursor.skip(2)
  const defined = cursor.u8() !== 0
  if (version === 2 && !defined) return undefined
  const bytes = cursor.u32()
  return bytes === 0 || bytes > cursor.left ? undefined : cursor.bytes(bytes)
}

export interface Filter {
  readonly id: number
  readonly name: string
  readonly values: readonly number[]
}

/** HDF5 has at most 32. */
const mostFilters = 32

export function readFilters(cursor: Cursor): readonly Filter[] {
  const [version, count] = [cursor.u8(), cursor.u8()]
  if ((version !== 1 && version !== 2) || count > mostFilters)
    throw cursor.source.invalid(`at most ${mostFilters} filters`, `${count}, version ${version}`)
  if (version === 1) cursor.skip(6)
  return Array.from({ length: count }, () => {
    const id = cursor.u16()
    const nameBytes = version === 1 || id >= 256 ? cursor.u16() : 0
    cursor.skip(2)
    const valueCount = cursor.u16()
    const name = cursor.name(version === 1 ? Math.ceil(nameBytes / 8) * 8 : nameBytes)
    if (valueCount * 4 > cursor.left) throw cursor.source.invalid('the parameters of a filter', `${valueCount}`)
    const values = Array.from({ length: valueCount }, () => cursor.u32())
    if (version === 1 && valueCount % 2 === 1) cursor.skip(4)
    return { id, name, values }
  })
}
