/** FreeSurfer's MGH and MGZ (gzipped): https://surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat, big endian. */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { readFrames, readFramesToEnd } from './frames.ts'
import type { FrameLayout, Wanted } from './frames.ts'
import { withBytes } from './gzipped.ts'
import type { ByteSource } from './gzipped.ts'
import type { NpyData, NumberLayout } from './npy.ts'

export interface MghHeader {
  /** Width, height, depth, frames. */
  readonly shape: readonly [number, number, number, number]
  readonly layout: FrameLayout
  /** 4 x 4, row-major: voxel (i, j, k, 1) to millimetres (RAS); FreeSurfer's coronal default where it is not given. */
  readonly affine: Float64Array
  readonly voxel: readonly [number, number, number]
}

/** Bytes before the numbers: version, sizes, type, space, and room that is not used. */
export const mghDataStart = 284

/** Codes of types, with their bytes. */
export const mghTypes: ReadonlyMap<number, readonly [NumberLayout['type'], number]> = new Map([
  [0, ['u1', 1]],
  [1, ['i4', 4]],
  [3, ['f4', 4]],
  [4, ['i2', 2]],
  [10, ['u2', 2]],
])

/** @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID */
export async function readMghHeader(path: string): Promise<MghHeader> {
  return withBytes(path, headerOf)
}

/**
 * Frames `from` to `to` (exclusive; all where they are left out), numbers as they are stored, first index fastest.
 * @throws HeschlError as `readMghHeader`, and OPTION_INVALID for frames that are not there
 */
export async function readMghFrames(
  path: string,
  from = 0,
  to?: number,
): Promise<{ readonly header: MghHeader; readonly data: NpyData }> {
  return withBytes(path, async (source) => {
    const header = await headerOf(source)
    return { header, data: await readFrames(source, header.layout, from, to ?? header.layout.frames) }
  })
}

/** Some values of all frames, float32 [frames, values]. @throws HeschlError as `readMghFrames` */
export async function readMghValues(path: string, wanted: Wanted): Promise<Matrix32> {
  return withBytes(path, async (source) => readFramesToEnd(source, (await headerOf(source)).layout, wanted))
}

/** Whether these are the first bytes of an MGH file: version 1, sizes and a type that make sense. */
export function looksLikeMgh(bytes: Uint8Array): boolean {
  if (bytes.length < mghDataStart) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sizes = [4, 8, 12, 16].map((at) => view.getInt32(at))
  return view.getInt32(0) === 1 && sizes.every((n) => n > 0) && view.getInt32(20) <= 10
}

async function headerOf(source: ByteSource): Promise<MghHeader> {
  const bytes = await source.first(mghDataStart)
  const view = new DataView(bytes.buffer)
  if (bytes.length < mghDataStart || view.getInt32(0) !== 1)
    throw invalid(source, 'an MGH file of version 1', bytes.length < 4 ? 'less' : `version ${view.getInt32(0)}`)
  const [width, height, depth, frames] = [4, 8, 12, 16].map((at) => view.getInt32(at))
  const shape = [width, height, depth, frames] as const
  if (shape.some((n) => n < 1)) throw invalid(source, 'sizes of 1 or more', shape.join(' x '))
  const type = mghTypes.get(view.getInt32(20))
  if (!type)
    throw invalid(source, 'uint8, int16, uint16, int32 or float32 (types 0, 4, 10, 1, 3)', `type ${view.getInt32(20)}`)
  const values = width * height * depth
  if (!Number.isSafeInteger(values * frames * 4)) throw invalid(source, 'sizes that a file can hold', shape.join(' x '))
  const layout = {
    type: type[0],
    itemBytes: type[1],
    bigEndian: true,
    dataStart: mghDataStart,
    values,
    frames,
    slope: 1,
    intercept: 0,
  }
  return { shape, layout, ...spaceOf(view, shape) }
}

/** Where the header says nothing: 1 mm, x to the left, y downwards, z to the front. */
const assumed = [1, 1, 1, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0]

/** As FreeSurfer does it, the centre of the volume is at `c`. */
function spaceOf(view: DataView, shape: readonly number[]): Pick<MghHeader, 'affine' | 'voxel'> {
  const given = view.getInt16(28) !== 0
  const numbers = given ? assumed.map((_, i) => view.getFloat32(30 + 4 * i)) : assumed
  const voxel = [numbers[0], numbers[1], numbers[2]] as const
  const affine = new Float64Array(16)
  for (let row = 0; row < 3; row++) {
    let corner = numbers[12 + row]
    for (let column = 0; column < 3; column++) {
      // Directions are stored a column after the other
      const step = numbers[3 + column * 3 + row] * voxel[column]
      affine[row * 4 + column] = step
      corner -= (step * shape[column]) / 2
    }
    affine[row * 4 + 3] = corner
  }
  affine[15] = 1
  return { affine, voxel }
}

const invalid = (source: ByteSource, expected: string, found: string) =>
  new HeschlError('FORMAT_INVALID', 'This is not a sound MGH file', {
    where: { file: source.path },
    expected,
    found,
    remedy: 'Write the file again with FreeSurfer (mri_convert), or fetch it again',
  })
