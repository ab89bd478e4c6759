/** Voxels in space. */
import { HeschlError } from '../../errors.ts'

export interface VoxelGrid {
  /** Voxels along x, y, z; x is fastest. */
  readonly shape: readonly [number, number, number]
  /** 4 x 4, row-major: voxel (i, j, k, 1) to millimetres. */
  readonly affine: Float64Array
}

/** Of an image, whose further dimensions are time. */
export const gridOf = ({ shape, affine }: { readonly shape: readonly number[]; readonly affine: Float64Array }) => ({
  shape: [shape[0] ?? 1, shape[1] ?? 1, shape[2] ?? 1] as const,
  affine,
})

export const voxelCount = ({ shape: [x, y, z] }: VoxelGrid): number => x * y * z

/** Of a voxel's size: far below what moves a value, above what single precision in a header leaves. */
const sameWithin = 1e-3

/** Whether voxel by voxel two grids are in the same place, to a thousandth of a voxel. */
export function isSameGrid(a: VoxelGrid, b: VoxelGrid): boolean {
  if (a.shape.some((size, axis) => size !== b.shape[axis])) return false
  const step = Math.min(...[0, 1, 2].map((axis) => Math.hypot(a.affine[axis], a.affine[4 + axis], a.affine[8 + axis])))
  // The corners differ most.
  return [0, 1, 2, 3, 4, 5, 6, 7].every((corner) => {
    const at = a.shape.map((size, axis) => ((corner >> axis) & 1) * (size - 1))
    const [p, q] = [a, b].map(({ affine }) => placed(affine, at[0], at[1], at[2]))
    return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]) <= sameWithin * step
  })
}

/** Where a point is that an affine moves. */
export function placed(affine: Float64Array, x: number, y: number, z: number): [number, number, number] {
  const row = (r: number) => affine[r] * x + affine[r + 1] * y + affine[r + 2] * z + affine[r + 3]
  return [row(0), row(4), row(8)]
}

/**
 * Millimetres to voxels.
 * @throws HeschlError FORMAT_INVALID for an affine that has no inverse
 */
export function inverseAffine({ affine: m }: VoxelGrid, file: string): Float64Array {
  const minor = (a: number, b: number, c: number, d: number) => m[a] * m[d] - m[b] * m[c]
  const cofactors = [
    ...[minor(5, 6, 9, 10), -minor(1, 2, 9, 10), minor(1, 2, 5, 6)],
    ...[-minor(4, 6, 8, 10), minor(0, 2, 8, 10), -minor(0, 2, 4, 6)],
    ...[minor(4, 5, 8, 9), -minor(0, 1, 8, 9), minor(0, 1, 4, 5)],
  ]
  const determinant = m[0] * cofactors[0] + m[1] * cofactors[3] + m[2] * cofactors[6]
  const out = new Float64Array(16)
  for (let row = 0; row < 3; row++) {
    const [a, b, c] = [0, 1, 2].map((column) => cofactors[3 * row + column] / determinant)
    out.set([a, b, c, -(a * m[3] + b * m[7] + c * m[11])], 4 * row)
  }
  out[15] = 1
  if (out.every(Number.isFinite)) return out
  throw new HeschlError('FORMAT_INVALID', 'This volume is nowhere: its affine has no inverse', {
    where: { file },
    expected: 'voxels that span three dimensions',
    found: `a determinant of ${determinant}`,
    remedy: 'Correct its header: fslorient, or nibabel',
  })
}
