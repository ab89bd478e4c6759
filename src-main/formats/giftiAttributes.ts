/** The attributes of GIFTI's elements: their values as gifticlib, nibabel and Connectome Workbench write them. */
import { HeschlError } from '../errors.ts'
import type { ErrorPlace } from '../errors.ts'
import type { GiftiEncoding, GiftiLayout, GiftiType } from './giftiData.ts'
import { decodedBytes } from './giftiData.ts'

export interface GiftiLabel {
  readonly key: number
  readonly name: string
  /** 0–1; all zero where the file gives no colour. */
  readonly rgba: readonly [number, number, number, number]
}

type Attributes = Readonly<Record<string, string>>

/** GIFTI itself has the first three; nibabel and AFNI write the others, too. */
export const giftiTypes: ReadonlyMap<string, GiftiType> = new Map([
  ['NIFTI_TYPE_FLOAT32', 'f4'],
  ['NIFTI_TYPE_INT32', 'i4'],
  ['NIFTI_TYPE_UINT8', 'u1'],
  ['NIFTI_TYPE_FLOAT64', 'f8'],
  ['NIFTI_TYPE_INT8', 'i1'],
  ['NIFTI_TYPE_INT16', 'i2'],
  ['NIFTI_TYPE_UINT16', 'u2'],
  ['NIFTI_TYPE_UINT32', 'u4'],
  ['NIFTI_TYPE_INT64', 'i8'],
  ['NIFTI_TYPE_UINT64', 'u8'],
])

const encodings = new Map<string, GiftiEncoding>([
  ['ASCII', 'ascii'],
  ['Base64Binary', 'base64'],
  ['GZipBase64Binary', 'gzip'],
  ['ExternalFileBinary', 'external'],
  // Names that gifticlib wrote by mistake for some years
  ['GIFTI_ENCODING_ASCII', 'ascii'],
  ['GIFTI_ENCODING_B64BIN', 'base64'],
  ['GIFTI_ENCODING_B64GZ', 'gzip'],
  ['GIFTI_ENCODING_EXTBIN', 'external'],
])

const bigEndian = new Map([
  ['LittleEndian', false],
  ['BigEndian', true],
  ['GIFTI_ENDIAN_LITTLE', false],
  ['GIFTI_ENDIAN_BIG', true],
])

const columnMajor = new Map([
  ['RowMajorOrder', false],
  ['ColumnMajorOrder', true],
])

/** @throws HeschlError FORMAT_INVALID when an attribute is missing, unknown, or asks for more than `bytesLeft` */
export function readLayout(attributes: Attributes, bytesLeft: number, where: ErrorPlace): GiftiLayout {
  const rank = integerAttribute(attributes, 'Dimensionality', where)
  if (rank < 1 || rank > 6) throw invalid('Dimensionality', '1 to 6', `${rank}`, where)
  const dims = Array.from({ length: rank }, (_, d) => integerAttribute(attributes, `Dim${d}`, where))
  const encoding = choice(attributes, 'Encoding', encodings, where)
  const type = choice(attributes, 'DataType', giftiTypes, where)
  const layout = {
    type,
    itemBytes: Number(type.slice(1)),
    dims,
    count: dims.reduce((product, n) => product * n, 1),
    encoding,
    // Text has no byte order: gifticlib leaves the attribute out there
    bigEndian: encoding === 'ascii' ? false : choice(attributes, 'Endian', bigEndian, where),
    columnMajor: choice(attributes, 'ArrayIndexingOrder', columnMajor, where),
    ...(encoding === 'external' ? { external: externalOf(attributes, where) } : {}),
  }
  if (!(decodedBytes(layout) <= bytesLeft)) {
    throw invalid(
      'Dim0…',
      `at most ${bytesLeft} bytes more in this file`,
      `${dims.join(' x ')} of ${layout.type}`,
      where,
    )
  }
  return layout
}

function externalOf(attributes: Attributes, where: ErrorPlace) {
  const from = (attributes['ExternalFileOffset'] ?? '').trim()
  if (!/^\d{0,15}$/.test(from))
    throw invalid('ExternalFileOffset', 'a whole number', JSON.stringify(from.slice(0, 40)), where)
  return { name: attributes['ExternalFileName'] ?? '', offset: Number(from) }
}

export const readIntent = (attributes: Attributes, where: ErrorPlace) => required(attributes, 'Intent', where)

/** Old Caret files call the key `Index` and give no colour. */
export function readLabel(attributes: Attributes, where: ErrorPlace): Omit<GiftiLabel, 'name'> {
  const key = Number(attributes['Key'] ?? attributes['Index'])
  if (!Number.isInteger(key)) throw invalid('Key', 'a whole number', `${attributes['Key'] ?? 'nothing'}`, where)
  const part = (name: string) => {
    const value = Number(attributes[name] ?? 0)
    if (!(value >= 0 && value <= 1)) throw invalid(name, '0 to 1', attributes[name], where)
    return value
  }
  return { key, rgba: [part('Red'), part('Green'), part('Blue'), part('Alpha')] }
}

export function integerAttribute(attributes: Attributes, name: string, where: ErrorPlace): number {
  const text = required(attributes, name, where)
  if (!/^\s*\d{1,10}\s*$/.test(text)) throw invalid(name, 'a whole number', JSON.stringify(text.slice(0, 40)), where)
  return Number(text)
}

function choice<Value>(
  attributes: Attributes,
  name: string,
  values: ReadonlyMap<string, Value>,
  where: ErrorPlace,
): Value {
  const text = required(attributes, name, where)
  const value = values.get(text)
  if (value === undefined) {
    throw invalid(name, [...values.keys()].join(', '), JSON.stringify(text.slice(0, 60)), where)
  }
  return value
}

function required(attributes: Attributes, name: string, where: ErrorPlace): string {
  const text = attributes[name]
  if (text === undefined) throw invalid(name, 'the attribute', 'nothing', where)
  return text
}

const invalid = (name: string, expected: string, found: string | undefined, where: ErrorPlace) =>
  new HeschlError('FORMAT_INVALID', `The file has a bad \`${name}\``, {
    expected,
    found: found ?? 'nothing',
    where,
    remedy: 'Write the file again, or fetch it again',
  })
