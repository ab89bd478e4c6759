import { HeschlError } from '../errors.ts'
import { giftiHeader, readGiftiFunctional } from '../formats/gifti.ts'
import { readNpy, readNpyHeader } from '../formats/npy.ts'
import type { Matrix32 } from '../linalg/matrix.ts'

/** A recording's file, or one file a hemisphere; absolute paths. */
export type ResponseFiles = string | { readonly left: string; readonly right: string }

export interface ResponseShape {
  readonly volumes: number
  readonly vertices: number
}

/** Number of vertices a hemisphere has. */
export interface VertexCounts {
  readonly left: number
  readonly right: number
}

const filesOf = (files: ResponseFiles): readonly string[] =>
  typeof files === 'string' ? [files] : [files.left, files.right]

const isGifti = (path: string) => /\.gii(\.gz)?$/i.test(path)
const isNpy = (path: string) => /\.npy$/i.test(path)

function unknownFormat(file: string): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'This kind of recording cannot be read', {
    where: { file },
    expected: 'a GIFTI functional file (.func.gii, .gii.gz) or a NumPy array (.npy) [volumes, vertices]',
    found: `a file named ${file.split(/[\\/]/).at(-1)}`,
    remedy: 'Convert it, or correct the name',
  })
}

/** Volumes and vertices of one file, from its header alone. */
export async function responseShape(file: string): Promise<ResponseShape> {
  if (isGifti(file)) return giftiHeader(file)
  if (!isNpy(file)) throw unknownFormat(file)
  const { shape } = await readNpyHeader(file)
  if (shape.length !== 2)
    throw new HeschlError('SHAPE_MISMATCH', 'A recording must be a table of volumes by vertices', {
      where: { file },
      expected: 'a two-dimensional array [volumes, vertices]',
      found: `${shape.length === 0 ? 'a single number' : `shape [${shape.join(', ')}]`}`,
      remedy: 'Save the array with one row a volume and one column a vertex',
    })
  return { volumes: shape[0], vertices: shape[1] }
}

async function readFile(file: string): Promise<Matrix32> {
  if (isGifti(file)) return readGiftiFunctional(file)
  if (!isNpy(file)) throw unknownFormat(file)
  const { volumes, vertices } = await responseShape(file)
  const { data } = await readNpy(file)
  return {
    data: data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>),
    rows: volumes,
    cols: vertices,
  }
}

/**
 * One recording as [volumes, left vertices then right vertices], float32.
 * @throws HeschlError SHAPE_MISMATCH where the vertices are not the surface's, or the hemispheres differ in volumes
 */
export async function loadResponses(
  files: ResponseFiles,
  vertices: VertexCounts,
  place: { readonly subject: string; readonly stimulus: string },
): Promise<Matrix32> {
  const parts = await Promise.all(filesOf(files).map(readFile))
  const total = vertices.left + vertices.right
  const expected = typeof files === 'string' ? [total] : [vertices.left, vertices.right]
  for (const [i, part] of parts.entries())
    if (part.cols !== expected[i])
      throw new HeschlError('SHAPE_MISMATCH', 'A recording has another number of vertices than the surface', {
        where: { ...place, file: filesOf(files)[i] },
        expected: `${expected[i].toLocaleString('en')} vertices`,
        found: `${part.cols.toLocaleString('en')}`,
        remedy: 'Name the surface on which the recording was sampled, or resample the recording',
      })
  const [left, right] = parts
  if (!left) throw new HeschlError('INTERNAL', 'A recording without files')
  if (!right) return left
  if (left.rows !== right.rows)
    throw new HeschlError('SHAPE_MISMATCH', 'The two hemispheres of a recording differ in length', {
      where: { ...place, file: filesOf(files)[1] },
      expected: `${left.rows} volumes, as in the left hemisphere`,
      found: `${right.rows}`,
      remedy: 'Check that both files are of the same run',
    })
  const data = new Float32Array(left.rows * total)
  for (let row = 0; row < left.rows; row++) {
    data.set(left.data.subarray(row * left.cols, (row + 1) * left.cols), row * total)
    data.set(right.data.subarray(row * right.cols, (row + 1) * right.cols), row * total + left.cols)
  }
  return { data, rows: left.rows, cols: total }
}
