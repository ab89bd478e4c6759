/**
 * NIfTI-1 and NIfTI-2, plain or gzipped, in one file or two, read by parts. The libraries that there are
 * (nifti-reader-js) hold the whole file in memory, twice where it is gzipped, and believe its header.
 */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { eachFrameBlock, readFrames, readFramesToEnd } from './frames.ts'
import type { FrameLayout, Wanted } from './frames.ts'
import { withBytes } from './gzipped.ts'
import type { ByteSource } from './gzipped.ts'
import { headerBytes, parseNiftiHeader } from './niftiHeader.ts'
import type { NiftiHeader } from './niftiHeader.ts'
import type { NpyData } from './npy.ts'

export type { NiftiHeader } from './niftiHeader.ts'

/**
 * What a NIfTI file says of itself: of a pair, its .hdr file.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readNiftiHeader(path: string): Promise<NiftiHeader> {
  return withBytes(headerPath(path), headerOf)
}

/**
 * Volumes `from` to `to` (exclusive; all where they are left out), numbers as they are stored: first index fastest, not
 * scaled. A file of three dimensions or fewer is one volume; dimensions beyond the third are counted together.
 * @throws HeschlError as `readNiftiHeader`, and OPTION_INVALID for volumes that are not there
 */
export async function readNiftiVolumes(
  path: string,
  from = 0,
  to?: number,
): Promise<{ readonly header: NiftiHeader; readonly data: NpyData }> {
  return withNifti(path, async (source, header) => {
    const layout = niftiFrames(header)
    return { header, data: await readFrames(source, layout, from, to ?? layout.frames) }
  })
}

/**
 * Voxels of volumes, scaled: float32 [volumes, voxels]. In memory are the result and 32 MiB.
 * @param wanted voxels' indices in a volume, x fastest
 * @throws HeschlError as `readNiftiVolumes`
 */
export async function readNiftiValues(path: string, wanted: Wanted, from = 0, to?: number): Promise<Matrix32> {
  return withNifti(path, (source, header) => readFramesToEnd(source, niftiFrames(header), wanted, from, to))
}

/** Of voxels that are read at once, as float32. */
const blockBytes = 1 << 21

/**
 * Voxels of all volumes, a few volumes at a time: a gzipped file is unpacked once. In memory are 2 MiB, or one volume's voxels.
 * @param wanted voxels' indices in a volume, x fastest, rising
 * @param use is given [some volumes, voxels], scaled, which are written over afterwards, and the first volume's number
 * @throws HeschlError as `readNiftiVolumes`; what `use` throws
 */
export async function eachNiftiBlock(
  path: string,
  wanted: Int32Array,
  use: (values: Matrix32, first: number) => void,
): Promise<void> {
  await withNifti(path, (source, header) => eachFrameBlock(source, niftiFrames(header), wanted, blockBytes, use))
}

/** How the volumes of a NIfTI file lie in it. */
export function niftiFrames(header: NiftiHeader): FrameLayout {
  const product = (sizes: readonly number[]) => sizes.reduce((count, n) => count * n, 1)
  return { ...header, values: product(header.shape.slice(0, 3)), frames: product(header.shape.slice(3)) }
}

async function withNifti<Result>(
  path: string,
  use: (source: ByteSource, header: NiftiHeader) => Promise<Result>,
): Promise<Result> {
  const named = headerPath(path)
  const pair = await withBytes(named, async (source) => {
    const header = await headerOf(source)
    return header.single ? { done: await use(source, header) } : { header }
  })
  if ('done' in pair) return pair.done
  const image = named.replace(/\.hdr(\.gz)?$/i, '.img$1')
  if (image === named)
    throw new HeschlError(
      'FORMAT_INVALID',
      'This NIfTI header has its numbers in another file, and no name of a pair',
      {
        where: { file: path },
        expected: 'a file named .hdr beside one named .img',
        found: named,
        remedy: 'Name both files as they were written, or join them: fslchfiletype NIFTI_GZ',
      },
    )
  return withBytes(image, (source) => use(source, pair.header))
}

/** The header's file of a pair, whichever of the two was named. */
const headerPath = (path: string) => path.replace(/\.img(\.gz)?$/i, '.hdr$1')

async function headerOf(source: ByteSource): Promise<NiftiHeader> {
  return parseNiftiHeader(await source.first(headerBytes), source.path)
}
