import { HeschlError } from '../errors.ts'
import { giftiHeader, readGiftiFunctional } from '../formats/gifti.ts'
import { readNpyHeader } from '../formats/npy.ts'
import { readNpyColumns } from '../formats/npyColumns.ts'
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

export const isGifti = (path: string) => /\.gii(\.gz)?$/i.test(path)
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

/** Vertices `from` to `to`, exclusive. */
export interface VertexRange {
  readonly from: number
  readonly to: number
}

/** Some columns of a file: of a GIFTI file all are decoded on the way, of an array no others are read. */
async function readFile(file: string, { from, to }: VertexRange): Promise<Matrix32> {
  if (isGifti(file)) {
    const run = await readGiftiFunctional(file)
    return to - from === run.cols ? run : columnsOf(run, from, to)
  }
  const { data } = await readNpyColumns(file, from, to)
  const float32 = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>)
  return { data: float32, rows: to > from ? data.length / (to - from) : 0, cols: to - from }
}

function columnsOf({ data, rows, cols }: Matrix32, from: number, to: number): Matrix32 {
  const out = new Float32Array(rows * (to - from))
  for (let row = 0; row < rows; row++) out.set(data.subarray(row * cols + from, row * cols + to), row * (to - from))
  return { data: out, rows, cols: to - from }
}

/**
 * One recording as [volumes, left vertices then right vertices], float32.
 * @param range of its vertices that are wanted; all where it is left out
 * @throws HeschlError SHAPE_MISMATCH where the vertices are not the surface's, or the hemispheres differ in volumes
 */
export async function loadResponses(
  files: ResponseFiles,
  vertices: VertexCounts,
  place: { readonly subject: string; readonly stimulus: string },
  range: VertexRange = { from: 0, to: vertices.left + vertices.right },
): Promise<Matrix32> {
  const counts = typeof files === 'string' ? [vertices.left + vertices.right] : [vertices.left, vertices.right]
  const parts: Matrix32[] = []
  let volumes: number | undefined
  let first = 0
  for (const [i, file] of filesOf(files).entries()) {
    const shape = await responseShape(file)
    if (shape.vertices !== counts[i])
      throw new HeschlError('SHAPE_MISMATCH', 'A recording has another number of vertices than the surface', {
        where: { ...place, file },
        expected: `${counts[i].toLocaleString('en')} vertices`,
        found: `${shape.vertices.toLocaleString('en')}`,
        remedy: 'Name the surface on which the recording was sampled, or resample the recording',
      })
    const within = (vertex: number) => Math.max(0, Math.min(counts[i], vertex - first))
    const [from, to] = [within(range.from), within(range.to)]
    const part = to > from ? await readFile(file, { from, to }) : undefined
    const rows = part?.rows ?? shape.volumes
    if (volumes !== undefined && rows !== volumes)
      throw new HeschlError('SHAPE_MISMATCH', 'The two hemispheres of a recording differ in length', {
        where: { ...place, file },
        expected: `${volumes} volumes, as in the left hemisphere`,
        found: `${rows}`,
        remedy: 'Check that both files are of the same run',
      })
    volumes = rows
    if (part) parts.push(part)
    first += counts[i]
  }
  return sideBySide(parts)
}

export function sideBySide(parts: readonly Matrix32[]): Matrix32 {
  if (parts.length === 1) return parts[0]
  const rows = parts[0]?.rows ?? 0
  const cols = parts.reduce((sum, part) => sum + part.cols, 0)
  const data = new Float32Array(rows * cols)
  let at = 0
  for (const part of parts) {
    for (let row = 0; row < rows; row++)
      data.set(part.data.subarray(row * part.cols, (row + 1) * part.cols), row * cols + at)
    at += part.cols
  }
  return { data, rows, cols }
}
