/** Where the voxels of a NIfTI file are: source: nifti1.h, and nibabel's choices where the header leaves one. */

interface NiftiSpace {
  /** Codes; above 0: the form is there. */
  readonly sform: number
  readonly qform: number
  /** Of the sform: three rows of four. */
  readonly rows: readonly number[]
  /** b, c, d of a unit quaternion. */
  readonly quaternion: readonly number[]
  readonly offset: readonly number[]
  /** `pixdim`: the handedness, then the size along each dimension. */
  readonly sizes: readonly number[]
  readonly shape: readonly number[]
}

/** 4 x 4, row-major: the sform, else the qform, else voxels about the origin with x to the left. */
export function affineOf(space: NiftiSpace): Float64Array {
  if (space.sform > 0) return Float64Array.from([...space.rows, 0, 0, 0, 1])
  const { sizes, shape } = space
  if (space.qform > 0) {
    const turn = rotation(space.quaternion)
    const scale = [sizes[1], sizes[2], sizes[3] * (sizes[0] < 0 ? -1 : 1)]
    return affine((row, column) => turn[row * 3 + column] * scale[column], space.offset)
  }
  const scale = [-sizes[1], sizes[2], sizes[3]]
  return affine(
    (row, column) => (row === column ? scale[row] : 0),
    scale.map((size, axis) => (-((shape[axis] ?? 1) - 1) / 2) * size),
  )
}

function affine(linear: (row: number, column: number) => number, offset: readonly number[]): Float64Array {
  const matrix = new Float64Array(16)
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) matrix[row * 4 + column] = linear(row, column)
    matrix[row * 4 + 3] = offset[row]
  }
  matrix[15] = 1
  return matrix
}

/** 3 x 3 of the unit quaternion whose first part follows from the others. */
function rotation([b, c, d]: readonly number[]): number[] {
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)))
  return [
    ...[a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    ...[2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    ...[2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ]
}
