import type { VoxelSet } from '../contract/study.ts'
import type { Adjacency } from '../linalg/adjacency.ts'

/** Voxels of a mask that share a face, in ascending order. */
export function voxelNeighbours({ shape: [sx, sy, sz], indices }: VoxelSet): Adjacency {
  const place = new Int32Array(sx * sy * sz).fill(-1)
  indices.forEach((voxel, i) => (place[voxel] = i))
  const offsets = new Uint32Array(indices.length + 1)
  const neighbours = new Uint32Array(6 * indices.length)
  let count = 0
  for (const [i, voxel] of indices.entries()) {
    const [x, y, z] = [voxel % sx, Math.floor(voxel / sx) % sy, Math.floor(voxel / sx / sy)]
    for (const [inside, other] of [
      [z > 0, voxel - sx * sy],
      [y > 0, voxel - sx],
      [x > 0, voxel - 1],
      [x + 1 < sx, voxel + 1],
      [y + 1 < sy, voxel + sx],
      [z + 1 < sz, voxel + sx * sy],
    ] as const)
      if (inside && place[other] >= 0) neighbours[count++] = place[other]
    offsets[i + 1] = count
  }
  return { offsets, neighbours: neighbours.slice(0, count) }
}
