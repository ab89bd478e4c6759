import { HeschlError } from '../errors.ts'
import type { FileBytes } from './fileBytes.ts'

/** The element types that are read; as numpy writes them, without the byte order. */
const itemBytes = { b1: 1, i1: 1, u1: 1, i2: 2, u2: 2, f2: 2, i4: 4, u4: 4, f4: 4, i8: 8, u8: 8, f8: 8 } as const

export type NpyType = keyof typeof itemBytes

export interface NpyHeader {
  readonly shape: readonly number[]
  readonly type: NpyType
  readonly itemBytes: number
  readonly bigEndian: boolean
  readonly fortranOrder: boolean
  /** Where the data begin, bytes. */
  readonly dataStart: number
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** numpy itself refuses headers beyond 10,000 characters unless told otherwise. */
const longestHeader = 1 << 16
/** numpy has at most 64 dimensions. */
const mostDimensions = 64

/**
 * Reads and checks the header of an NPY file, versions 1 to 3; source: numpy/lib/format.py. The size of the data must
 * be the size of the rest of the file.
 *
 * @throws HeschlError FORMAT_INVALID, or PICKLE_REFUSED for arrays of Python objects
 */
export async function parseNpyHeader(file: FileBytes): Promise<NpyHeader> {
  const start = new Uint8Array(Math.min(12, file.size))
  await file.read(0, start)
  if (start.length < 10 || magic.some((byte, i) => start[i] !== byte))
    throw invalid(file, 'a NumPy array (it begins with \\x93NUMPY)', 'something else')
  const version = start[6]
  if (version < 1 || version > 3) throw invalid(file, 'format version 1, 2 or 3', `version ${version}.${start[7]}`)
  const prefix = version === 1 ? 10 : 12
  if (start.length < prefix) throw invalid(file, 'a header', 'the end of the file')
  const view = new DataView(start.buffer)
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > longestHeader || prefix + length > file.size)
    throw invalid(
      file,
      `a header of at most ${Math.min(longestHeader, file.size - prefix)} bytes`,
      `${length} bytes, by its own account`,
    )
  const bytes = new Uint8Array(length)
  await file.read(prefix, bytes)
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes)
  return check(file, text, prefix + length)
}

function check(file: FileBytes, text: string, dataStart: number): NpyHeader {
  // A Python dictionary of three entries, in any order.
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(text)
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)
  const tuple = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(text)
  if (!descr || !order || !tuple || !/^\s*\{[^]*\}\s*$/.test(text))
    throw invalid(file, "a header with 'descr', 'fortran_order' and 'shape'", JSON.stringify(text.slice(0, 120)))
  if (descr[2]) throw unsupported(file, 'a structured array')
  const [, endian = '', type = ''] = /^([<>|=]?)([a-zA-Z]\d*)$/.exec(descr[1] ?? '') ?? []
  if (type.startsWith('O'))
    throw new HeschlError('PICKLE_REFUSED', 'This array holds Python objects, which can run code when they are read', {
      where: { file: file.path },
      expected: 'an array of numbers',
      found: "dtype 'object'",
      remedy: 'Save the numbers alone: numpy.save(path, array.astype("float32"))',
    })
  if (!isNumeric(type) || endian === '=') throw unsupported(file, `dtype '${(descr[1] ?? '').slice(0, 40)}'`)
  const shape = (tuple[1] ?? '')
    .split(',')
    .map((part) => part.trim().replace(/L$/, ''))
    .filter((part, i, parts) => part !== '' || i < parts.length - 1)
    .map((part) => (/^\d{1,15}$/.test(part) ? Number(part) : NaN))
  const count = shape.reduce((product, length) => product * length, 1)
  const bytes = count * itemBytes[type]
  if (shape.length > mostDimensions || !Number.isSafeInteger(bytes))
    throw invalid(file, 'a shape that a file can hold', `(${(tuple[1] ?? '').slice(0, 80)})`)
  if (bytes !== file.size - dataStart)
    throw invalid(
      file,
      `${bytes.toLocaleString('en')} bytes of data for shape (${shape.join(', ')}) of ${type}`,
      `${(file.size - dataStart).toLocaleString('en')} bytes`,
    )
  return {
    shape,
    type,
    itemBytes: itemBytes[type],
    bigEndian: endian === '>',
    fortranOrder: order[1] === 'True',
    dataStart,
  }
}

function isNumeric(type: string): type is NpyType {
  return Object.hasOwn(itemBytes, type)
}

function invalid(file: FileBytes, expected: string, found: string): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'This is not a sound NPY file', {
    where: { file: file.path },
    expected,
    found,
    remedy: 'Save the array again with numpy.save, or copy the file again',
  })
}

function unsupported(file: FileBytes, found: string): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'This NPY file does not hold an array of real numbers', {
    where: { file: file.path },
    expected: `one of ${Object.keys(itemBytes).join(', ')}`,
    found,
    remedy: 'Save it as float32: numpy.save(path, array.astype("float32"))',
  })
}
