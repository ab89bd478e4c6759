import { HeschlError } from '../errors.ts'
import { writeFileAtomic } from './atomic.ts'
import { packedAsNamed } from './gzipped.ts'
import { mghDataStart, mghTypes } from './mgh.ts'
import { numberPieces, typeOf } from './npy.ts'
import type { NpyData } from './npy.ts'

export interface MghImage {
  /** Width, height, depth, frames; first index fastest in `data`. A map on a surface is [vertices, 1, 1, maps]. */
  readonly shape: readonly [number, number, number, number]
  /** uint8, int16, uint16, int32 or float32. */
  readonly data: NpyData
  /** 4 x 4, row-major: voxel to millimetres; of a map on a surface there is none. */
  readonly affine?: Float64Array
}

/**
 * Writes FreeSurfer's MGH (MGZ where the name ends in `.mgz`), whole or not at all.
 * @throws HeschlError SHAPE_MISMATCH, OPTION_INVALID for a type that MGH has not, DISK_FULL, FILE_UNREADABLE
 */
export async function writeMgh(path: string, image: MghImage): Promise<void> {
  const { shape, data } = image
  if (shape.reduce((product, n) => product * n, 1) !== data.length || shape.some((n) => n < 1))
    throw new HeschlError('SHAPE_MISMATCH', 'An MGH file cannot be written: its sizes do not match its numbers', {
      where: { file: path },
      expected: `sizes of ${data.length} numbers`,
      found: shape.join(' x '),
    })
  const type = typeOf(data)
  const code = [...mghTypes].find(([, [name]]) => name === type)?.[0]
  if (code === undefined)
    throw new HeschlError('OPTION_INVALID', 'An MGH file cannot hold numbers of this type', {
      where: { file: path },
      expected: [...mghTypes.values()].map(([name]) => name).join(', '),
      found: type,
      remedy: 'Write float32',
    })
  try {
    await writeFileAtomic(path, packedAsNamed(path, pieces(headerOf(image, code), data)))
  } catch (error) {
    throw HeschlError.from(error, { file: path })
  }
}

function* pieces(header: Buffer, data: NpyData): Generator<Uint8Array> {
  yield header
  yield* numberPieces(data, 'BE')
}

function headerOf({ shape, affine }: MghImage, code: number): Buffer {
  const header = Buffer.alloc(mghDataStart)
  header.writeInt32BE(1, 0)
  shape.forEach((n, i) => header.writeInt32BE(n, 4 + 4 * i))
  header.writeInt32BE(code, 20)
  if (!affine) return header
  header.writeInt16BE(1, 28)
  for (let column = 0; column < 3; column++) {
    const size = Math.hypot(affine[column], affine[4 + column], affine[8 + column]) || 1
    header.writeFloatBE(size, 30 + 4 * column)
    for (let row = 0; row < 3; row++) header.writeFloatBE(affine[row * 4 + column] / size, 42 + 12 * column + 4 * row)
  }
  for (let row = 0; row < 3; row++) {
    const centre = [0, 1, 2].reduce(
      (sum, axis) => sum + (affine[row * 4 + axis] * shape[axis]) / 2,
      affine[row * 4 + 3],
    )
    header.writeFloatBE(centre, 78 + 4 * row)
  }
  return header
}
