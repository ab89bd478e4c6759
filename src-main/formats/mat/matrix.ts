/** One variable of a Level 5 MAT-file, or what a structure or a cell array holds: its head, and its numbers or text. */
import type { NpyType } from '../npyHeader.ts'
import { elementAt, elementBytes, elementInts, elementTypes, matInvalid, storedNumbers } from './elements.ts'
import type { Element, MatBytes } from './elements.ts'

/** MATLAB's classes by number; those that are arrays of numbers have NPY's type of what MATLAB computes with. */
const classes: ReadonlyMap<number, readonly [name: string, type?: NpyType]> = new Map([
  [1, ['cell']],
  [2, ['struct']],
  [3, ['object']],
  [4, ['char']],
  [5, ['sparse']],
  [6, ['double', 'f8']],
  [7, ['single', 'f4']],
  [8, ['int8', 'i1']],
  [9, ['uint8', 'u1']],
  [10, ['int16', 'i2']],
  [11, ['uint16', 'u2']],
  [12, ['int32', 'i4']],
  [13, ['uint32', 'u4']],
  [14, ['int64', 'i8']],
  [15, ['uint64', 'u8']],
  [16, ['function handle']],
  [17, ['object']],
])

export interface MatMatrix {
  readonly bytes: MatBytes
  readonly className: string
  /** Of an array of numbers. */
  readonly type: NpyType | undefined
  readonly complex: boolean
  /** MATLAB's sizes: the first index varies fastest. */
  readonly shape: readonly number[]
  readonly name: string
  /** Where what follows the head begins, and where the matrix ends. */
  readonly at: number
  readonly end: number
}

const mostDimensions = 32

/** @throws HeschlError FORMAT_INVALID */
export async function readMatrixHead(bytes: MatBytes, element: Element): Promise<MatMatrix> {
  const end = element.at + element.bytes
  if (element.type !== elementTypes.matrix) throw matInvalid(bytes, 'a variable', `an element of type ${element.type}`)
  const nothing = {
    bytes,
    className: 'double',
    type: 'f8',
    complex: false,
    shape: [0, 0],
    name: '',
    at: end,
    end,
  } as const
  // An empty cell or field may be no more than a tag
  if (element.bytes === 0) return nothing
  const flags = await elementAt(bytes, element.at, end)
  const [word] = await elementInts(bytes, flags)
  if (flags.type !== elementTypes.uint32 || word === undefined)
    throw matInvalid(bytes, 'the class of a variable', 'none')
  const [className, type] = classes.get(word & 0xff) ?? [`class ${word & 0xff}`]
  // Objects of newer classes have no sizes
  if ((word & 0xff) === 17) return { ...nothing, className, type: undefined }
  const sizes = await elementAt(bytes, flags.end, end)
  const shape = await elementInts(bytes, sizes)
  if (
    sizes.type !== elementTypes.int32 ||
    shape.length < 1 ||
    shape.length > mostDimensions ||
    shape.some((n) => n < 0)
  )
    throw matInvalid(bytes, 'the sizes of a variable', shape.slice(0, 8).join(' x '))
  const named = await elementAt(bytes, sizes.end, end)
  const name = (await elementBytes(bytes, named)).toString('latin1')
  return { bytes, className, type, complex: (word & 0x800) !== 0, shape, name, at: named.end, end }
}

export const countOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1)

/** Where a matrix's numbers are, and how they are stored: often in a smaller type than MATLAB computes with. */
export async function numbersOf(matrix: MatMatrix) {
  const { bytes, shape, at, end } = matrix
  if (countOf(shape) === 0) return { at: end, type: matrix.type!, itemBytes: 1, bigEndian: bytes.bigEndian }
  const element = await elementAt(bytes, at, end)
  const stored = storedNumbers.get(element.type)
  const needed = countOf(shape) * (stored?.itemBytes ?? 1)
  if (!stored || needed !== element.bytes)
    throw matInvalid(bytes, `the numbers of ${shape.join(' x ')}`, `${element.bytes} bytes of type ${element.type}`)
  return { at: element.at, ...stored, bigEndian: bytes.bigEndian && stored.itemBytes > 1 }
}

const encodings: ReadonlyMap<number, 'utf8' | 'utf-16' | 'latin1'> = new Map([
  [1, 'latin1'],
  [2, 'latin1'],
  [16, 'utf8'],
  [4, 'utf-16'],
  [17, 'utf-16'],
])

/** Text of one row; a table of several rows is joined, column after column, as it is stored. */
export async function textOf({ bytes, shape, at, end }: MatMatrix): Promise<string> {
  if (countOf(shape) === 0) return ''
  const element = await elementAt(bytes, at, end)
  const data = await elementBytes(bytes, element)
  const encoding = encodings.get(element.type)
  if (encoding === undefined || (encoding === 'utf-16' && data.length % 2 === 1))
    throw matInvalid(bytes, 'text', `an element of type ${element.type}`)
  if (encoding !== 'utf-16') return data.toString(encoding)
  return (bytes.bigEndian ? data.swap16() : data).toString('utf16le')
}

/** The matrices of a cell array, in MATLAB's order. @param index of the one that is wanted */
export async function cellAt(matrix: MatMatrix, index: number): Promise<MatMatrix> {
  const { bytes } = matrix
  return readMatrixHead(bytes, await nth(matrix, matrix.at, index))
}

async function nth({ bytes, end }: MatMatrix, from: number, index: number): Promise<Element> {
  let element = await elementAt(bytes, from, end)
  for (let i = 0; i < index; i++) element = await elementAt(bytes, element.end, end)
  return element
}

export interface MatFields {
  readonly names: readonly string[]
  /** Of an element of the structure array. */
  readonly at: (field: string, index: number) => Promise<MatMatrix | undefined>
}

/** @throws HeschlError FORMAT_INVALID */
export async function fieldsOf(matrix: MatMatrix): Promise<MatFields> {
  const { bytes, end } = matrix
  const widthElement = await elementAt(bytes, matrix.at, end)
  const [width] = await elementInts(bytes, widthElement)
  const element = await elementAt(bytes, widthElement.end, end)
  if (width === undefined || width < 1 || width > 10_000)
    throw matInvalid(bytes, 'names of fields', `of ${width} bytes`)
  const all = await elementBytes(bytes, element)
  const names = Array.from({ length: Math.floor(all.length / width) }, (_, i) => {
    const part = all.subarray(i * width, (i + 1) * width)
    const zero = part.indexOf(0)
    return part.toString('latin1', 0, zero < 0 ? width : zero)
  })
  return {
    names,
    async at(field, index) {
      const place = names.indexOf(field)
      if (place < 0) return undefined
      return readMatrixHead(bytes, await nth(matrix, element.end, index * names.length + place))
    },
  }
}
