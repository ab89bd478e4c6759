/** Writes NIfTI-1, or NIfTI-2 where a size or an extension asks for it; gzipped where the name ends in `.gz`. */
import { HeschlError } from '../errors.ts'
import { writeFileAtomic } from './atomic.ts'
import { packedAsNamed } from './gzipped.ts'
import { niftiTypes } from './niftiHeader.ts'
import { numberPieces, typeOf } from './npy.ts'
import type { NpyData } from './npy.ts'

export interface NiftiImage {
  /** 1 to 7 sizes; first index fastest in `data`. */
  readonly shape: readonly number[]
  readonly data: NpyData
  /** 4 x 4, row-major: voxel to millimetres. */
  readonly affine: Float64Array
  /** What the affine leads to; 2 (aligned to something) where it is left out. */
  readonly space?: number
  /** Seconds from one volume to the next. */
  readonly tr?: number
  readonly intent?: number
  readonly intentName?: string
  /** NIfTI-2, whose affine is float64, also where NIfTI-1 would do. */
  readonly wide?: boolean
  /** Of CIFTI: its XML, with NIfTI's code of extensions; makes the file NIfTI-2. */
  readonly extension?: { readonly code: number; readonly text: string }
}

/**
 * Writes an image, whole or not at all.
 * @throws HeschlError SHAPE_MISMATCH, DISK_FULL, FILE_UNREADABLE
 */
export async function writeNifti(path: string, image: NiftiImage): Promise<void> {
  const { shape, data } = image
  const count = shape.reduce((product, n) => product * n, 1)
  if (count !== data.length || shape.length < 1 || shape.length > 7 || shape.some((n) => n < 1))
    throw new HeschlError('SHAPE_MISMATCH', 'A NIfTI file cannot be written: its sizes do not match its numbers', {
      where: { file: path },
      expected: `1 to 7 sizes of ${data.length} numbers`,
      found: shape.join(' x '),
    })
  try {
    await writeFileAtomic(path, packedAsNamed(path, niftiPieces(image)))
  } catch (error) {
    throw HeschlError.from(error, { file: path })
  }
}

/** What a file of an image holds, whose sizes are those of its numbers. */
export function* niftiPieces(image: NiftiImage): Generator<Uint8Array> {
  const wide = image.wide === true || image.shape.some((n) => n > 32_767) || image.extension !== undefined
  yield wide ? header2(image) : header1(image)
  yield* numberPieces(image.data, 'LE')
}

/** Millimetres and seconds. */
const units = 2 | 8

const codeOf = (data: NpyData) => {
  const type = typeOf(data)
  return [...niftiTypes].find(([, [name]]) => name === type)![0]
}

/** pixdim: handedness, then the length of a step along each dimension. */
function sizesOf({ shape, affine, tr = 0 }: NiftiImage): number[] {
  const length = (axis: number) => Math.hypot(affine[axis], affine[4 + axis], affine[8 + axis])
  return [1, length(0), length(1), length(2), shape.length > 3 ? tr : 0, 0, 0, 0]
}

const dimsOf = (shape: readonly number[]) => [shape.length, ...shape, 1, 1, 1, 1, 1, 1, 1].slice(0, 8)

function header1(image: NiftiImage): Buffer {
  const { shape, data, affine, space = 2, intent = 0, intentName = '' } = image
  const header = Buffer.alloc(352)
  header.writeInt32LE(348, 0)
  // FSL and SPM look for it
  header.write('r', 38, 'latin1')
  dimsOf(shape).forEach((n, i) => header.writeInt16LE(n, 40 + 2 * i))
  header.writeInt16LE(intent, 68)
  header.writeInt16LE(codeOf(data), 70)
  header.writeInt16LE(8 * data.BYTES_PER_ELEMENT, 72)
  sizesOf(image).forEach((size, i) => header.writeFloatLE(size, 76 + 4 * i))
  header.writeFloatLE(352, 108)
  header.writeFloatLE(1, 112)
  header[123] = units
  header.write('Heschl', 148, 'latin1')
  header.writeInt16LE(space, 254)
  for (let i = 0; i < 12; i++) header.writeFloatLE(affine[i], 280 + 4 * i)
  header.write(intentName.slice(0, 15), 328, 'latin1')
  header.write('n+1', 344, 'latin1')
  return header
}

function header2(image: NiftiImage): Buffer {
  const { shape, data, affine, space = 2, intent = 0, intentName = '', extension } = image
  const text = Buffer.from(extension?.text ?? '', 'utf8')
  // Extensions are multiples of 16 bytes, eight of which say what they are
  const size = extension ? Math.ceil((text.length + 8) / 16) * 16 : 0
  const header = Buffer.alloc(544 + size)
  header.writeInt32LE(540, 0)
  header.write('n+2\0\r\n\x1a\n', 4, 'latin1')
  header.writeInt16LE(codeOf(data), 12)
  header.writeInt16LE(8 * data.BYTES_PER_ELEMENT, 14)
  dimsOf(shape).forEach((n, i) => header.writeBigInt64LE(BigInt(n), 16 + 8 * i))
  sizesOf(image).forEach((step, i) => header.writeDoubleLE(step, 104 + 8 * i))
  header.writeBigInt64LE(BigInt(header.length), 168)
  header.writeDoubleLE(1, 176)
  header.write('Heschl', 240, 'latin1')
  header.writeInt32LE(space, 348)
  for (let i = 0; i < 12; i++) header.writeDoubleLE(affine[i], 400 + 8 * i)
  header.writeInt32LE(units, 500)
  header.writeInt32LE(intent, 504)
  header.write(intentName.slice(0, 15), 508, 'latin1')
  if (extension) {
    header[540] = 1
    header.writeInt32LE(size, 544)
    header.writeInt32LE(extension.code, 548)
    text.copy(header, 552)
  }
  return header
}
