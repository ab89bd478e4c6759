/** Maps of a mask's voxels, back in its volume. */
import type { NiftiImage } from './niftiWrite.ts'

/** As a study's surface has them (contract/study.ts). */
interface Voxels {
  readonly shape: readonly [number, number, number]
  /** 4 x 4, row-major: voxel to millimetres. */
  readonly affine: Float64Array
  /** Places in the volume, x fastest. */
  readonly indices: Int32Array
}

/**
 * @param maps [voxels] each; NaN where there is no value
 * @returns of several maps four dimensions; 0 outside the mask
 */
export function voxelImage(maps: readonly Float32Array[], { shape, affine, indices }: Voxels): NiftiImage {
  const size = shape[0] * shape[1] * shape[2]
  const data = new Float32Array(size * maps.length)
  for (const [m, map] of maps.entries()) indices.forEach((voxel, i) => (data[m * size + voxel] = map[i]))
  return { shape: maps.length === 1 ? shape : [...shape, maps.length], data, affine }
}
