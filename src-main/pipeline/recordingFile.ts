/** One file of a recording, whatever its format: how large it is, and some of its vertices. */
import { arrayPlace } from '../arrayPlace.ts'
import { HeschlError } from '../errors.ts'
import { readArrayColumns, readArrayHeader } from '../formats/arrayFile.ts'
import { cortexOf, readCiftiHeader, readCiftiValues } from '../formats/cifti.ts'
import type { CiftiHeader } from '../formats/cifti.ts'
import { giftiHeader, readGiftiFunctional } from '../formats/gifti.ts'
import { readMghHeader, readMghValues } from '../formats/mgh.ts'
import { readNiftiHeader, readNiftiValues } from '../formats/nifti.ts'
import { formatNames, sniffFormat } from '../formats/sniff.ts'
import type { NeuroFormat } from '../formats/sniff.ts'
import type { Matrix32 } from '../linalg/matrix.ts'

export interface ResponseShape {
  readonly volumes: number
  readonly vertices: number
}

/** Vertices `from` to `to`, exclusive. */
export interface VertexRange {
  readonly from: number
  readonly to: number
}

interface RecordingFormat {
  readonly shape: (file: string) => Promise<ResponseShape>
  /** float32 [volumes, to - from]. */
  readonly read: (file: string, range: VertexRange) => Promise<Matrix32>
}

const array: RecordingFormat = { shape: arrayShape, read: readColumns }

const formats: Partial<Record<NeuroFormat, RecordingFormat>> = {
  gifti: { shape: giftiHeader, read: readGifti },
  npy: array,
  npz: array,
  hdf5: array,
  mat: array,
  parquet: array,
  mgh: {
    shape: async (file) => surfaceShape(file, (await readMghHeader(file)).shape),
    read: readMghValues,
  },
  nifti: {
    shape: async (file) => surfaceShape(file, (await readNiftiHeader(file)).shape),
    read: readNiftiValues,
  },
  cifti: { shape: async (file) => ciftiShape(file, await readCiftiHeader(file)), read: readCifti },
}

/** Volumes and vertices of one file, from its header alone; its content tells its format. */
export async function responseShape(file: string): Promise<ResponseShape> {
  return (await formatOf(file)).shape(file)
}

/** Some columns of a file: of a GIFTI file all are decoded on the way, of an array no others are read. */
export async function readResponses(file: string, range: VertexRange): Promise<Matrix32> {
  return (await formatOf(file)).read(file, range)
}

/** Whether reading some vertices takes room for all: GIFTI's arrays are decoded whole. By name, for estimates alone. */
export const isDecodedWhole = (path: string) =>
  !/\.(npy|h5|hf5|hdf5|parquet|mg[hz]|nii(\.gz)?)$/i.test(arrayPlace(path).file)

async function formatOf(file: string): Promise<RecordingFormat> {
  const name = await sniffFormat(arrayPlace(file).file)
  const format = name && formats[name]
  if (format) return format
  throw new HeschlError('FORMAT_INVALID', 'This kind of recording cannot be read', {
    where: { file },
    expected:
      'GIFTI (.func.gii), CIFTI-2 (.dtseries.nii), MGH or NIfTI on a surface (.mgh, .mgz, .nii.gz), or an array [volumes, vertices] (NPY, NPZ, HDF5, MATLAB, Parquet)',
    found: name ? formatNames[name] : 'none of the formats that are known, by its content',
    remedy: 'Convert it, or name another file',
  })
}

async function arrayShape(file: string): Promise<ResponseShape> {
  const { shape } = await readArrayHeader(file)
  if (shape.length === 2) return { volumes: shape[0], vertices: shape[1] }
  throw new HeschlError('SHAPE_MISMATCH', 'A recording must be a table of volumes by vertices', {
    where: { file },
    expected: 'a two-dimensional array [volumes, vertices]',
    found: `${shape.length === 0 ? 'a single number' : `shape [${shape.join(', ')}]`}`,
    remedy: 'Save the array with one row a volume and one column a vertex',
  })
}

async function readColumns(file: string, { from, to }: VertexRange): Promise<Matrix32> {
  const { data } = await readArrayColumns(file, from, to)
  const float32 = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>)
  return { data: float32, rows: to > from ? data.length / (to - from) : 0, cols: to - from }
}

async function readGifti(file: string, { from, to }: VertexRange): Promise<Matrix32> {
  const run = await readGiftiFunctional(file)
  if (to - from === run.cols) return run
  const out = new Float32Array(run.rows * (to - from))
  for (let row = 0; row < run.rows; row++)
    out.set(run.data.subarray(row * run.cols + from, row * run.cols + to), row * (to - from))
  return { data: out, rows: run.rows, cols: to - from }
}

/**
 * FreeSurfer keeps values at vertices in formats of volumes: [vertices, 1, 1, time], or, where a size of NIfTI-1 is too
 * small, with vertices cut into two dimensions.
 */
function surfaceShape(file: string, shape: readonly number[]): ResponseShape {
  const [x = 1, y = 1, z = 1, ...time] = shape
  if (y === 1 || z === 1) return { vertices: x * y * z, volumes: time.reduce((product, n) => product * n, 1) }
  throw new HeschlError('FORMAT_INVALID', 'This recording is of volumes, and the study does not say so', {
    where: { file },
    expected: 'values at vertices: [vertices, 1, 1, time]',
    found: shape.join(' x '),
    remedy:
      'Add `volumes: {sample: depth}` to the study, or sample it before: fMRIPrep --output-spaces fsaverage5, mri_vol2surf',
  })
}

function ciftiShape(file: string, header: CiftiHeader): ResponseShape {
  if (header.along.kind !== 'series')
    throw new HeschlError('FORMAT_INVALID', 'This CIFTI file holds no run', {
      where: { file },
      expected: 'a series (.dtseries.nii)',
      found: header.along.kind,
      remedy: 'Name the .dtseries.nii file of this run',
    })
  const [left, right] = [cortexOf(header, 'left', file), cortexOf(header, 'right', file)]
  return { volumes: header.points, vertices: left.vertexCount + right.vertexCount }
}

/** Vertices that the file leaves out (the medial wall) are 0, as FreeSurfer has them. */
async function readCifti(file: string, { from, to }: VertexRange): Promise<Matrix32> {
  const header = await readCiftiHeader(file)
  const [left, right] = [cortexOf(header, 'left', file), cortexOf(header, 'right', file)]
  const out = new Float32Array(header.points * (to - from))
  for (const [model, before] of [
    [left, 0],
    [right, left.vertexCount],
  ] as const) {
    const columns = [...model.vertices].flatMap((vertex, i) => {
      const column = before + vertex - from
      return column >= 0 && column < to - from ? [{ column, grayordinate: model.offset + i }] : []
    })
    if (columns.length === 0) continue
    const first = columns[0].grayordinate
    const values = await readCiftiValues(file, first, columns[columns.length - 1].grayordinate + 1)
    for (let row = 0; row < values.rows; row++)
      for (const { column, grayordinate } of columns)
        out[row * (to - from) + column] = values.data[row * values.cols + grayordinate - first]
  }
  return { data: out, rows: header.points, cols: to - from }
}
