/** A run of volumes, sampled on surfaces as it is read. */
import { HeschlError } from '../../errors.ts'
import { eachNiftiBlock, readNiftiVolumes } from '../../formats/nifti.ts'
import { formatNames, sniffFormat } from '../../formats/sniff.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { zeros32 } from '../../linalg/matrix.ts'
import { readMesh } from '../surfaceFile.ts'
import type { Side } from '../types.ts'
import { readMask } from '../voxels.ts'
import type { VoxelMask } from '../voxels.ts'
import { gridOf, isSameGrid, voxelCount } from './grid.ts'
import type { VoxelGrid } from './grid.ts'
import type { SampledMesh, SamplingOptions } from './locations.ts'
import { VolumeSampler } from './sampler.ts'

export interface VolumeShape {
  readonly volumes: number
  /** Seconds between them; 0 where the file does not say. */
  readonly tr: number
  readonly grid: VoxelGrid
}

/** @throws HeschlError FORMAT_INVALID for another format, and for a file that cannot hold what it says */
export async function volumeShape(file: string): Promise<VolumeShape> {
  const format = await sniffFormat(file)
  if (format !== 'nifti')
    throw new HeschlError('FORMAT_INVALID', 'This file is not of volumes', {
      where: { file },
      expected: 'a NIfTI file [x, y, z, time]',
      found: format ? formatNames[format] : 'none of the formats that are known, by its content',
      remedy: 'Name a NIfTI file of volumes',
    })
  // None of the volumes: their sizes are compared with the file's.
  const { header } = await readNiftiVolumes(file, 0, 0)
  const volumes = header.shape.slice(3).reduce((product, n) => product * n, 1)
  return { volumes, tr: header.tr, grid: gridOf(header) }
}

/**
 * A mask that is on the grid of a run.
 * @param what the file of that grid is
 * @throws HeschlError SHAPE_MISMATCH where it is not
 */
export function maskOn(mask: VoxelMask, path: string, grid: VoxelGrid, file: string, what = 'A recording'): VoxelMask {
  if (isSameGrid(mask.grid, grid)) return mask
  const sizes = [mask.grid, grid].map(({ shape }) => shape.join(' x '))
  throw new HeschlError('SHAPE_MISMATCH', `${what} is on another grid than the mask`, {
    where: { file },
    expected: `${sizes[0]} voxels where ${path} has them`,
    found: sizes[0] === sizes[1] ? 'as many voxels at another place' : sizes[1],
    remedy: 'Resample the mask to the recording: nilearn’s resample_to_img, or 3dresample',
  })
}

/** Of one hemisphere; absolute paths. */
export interface SamplingFiles {
  readonly side: Side
  /** The pial surface. */
  readonly outer: string
  /** The white surface: read where samples are between the two. */
  readonly inner?: string
}

/**
 * @param mask its path; samples outside it are left out
 * @param check as `VolumeSampler`
 * @throws HeschlError as `readMesh`, `readMask`, `maskOn`, `VolumeSampler`
 */
export async function openSampler(
  hemispheres: readonly SamplingFiles[],
  volume: { readonly grid: VoxelGrid; readonly file: string },
  options: SamplingOptions,
  mask?: string,
  check?: (done: number) => void,
): Promise<VolumeSampler> {
  const inside = mask === undefined ? undefined : new Uint8Array(voxelCount(volume.grid))
  if (mask !== undefined)
    for (const voxel of maskOn(await readMask(mask), mask, volume.grid, volume.file).indices) inside![voxel] = 1
  const meshes: SampledMesh[] = []
  for (const { side, outer, inner } of hemispheres) {
    const towards = options.kind === 'depth' && inner !== undefined ? await readMesh(inner, side) : undefined
    meshes.push({ outer: await readMesh(outer, side), ...(towards && { inner: towards.points }) })
  }
  return new VolumeSampler(meshes, { ...volume, ...(inside && { mask: inside }) }, options, check)
}

/**
 * Vertices `from` to `to` (exclusive) of all volumes; 2 MiB, or a volume's voxels, are in memory beside them.
 * @param told how many volumes are done; may throw
 * @returns [volumes, vertices]
 */
export async function sampleRun(
  file: string,
  volumes: number,
  sampler: VolumeSampler,
  { from, to }: { readonly from: number; readonly to: number },
  told: (volumes: number) => void = () => undefined,
): Promise<Matrix32> {
  const part = sampler.part(from, to)
  const out = zeros32(volumes, to - from)
  await eachNiftiBlock(file, part.voxels, (values, first) => {
    part.sample(values, out.data.subarray(first * out.cols, (first + values.rows) * out.cols))
    told(first + values.rows)
  })
  return out
}
