/** GIFTI files whole: surfaces, maps, labels, functional runs. `giftiWrite.ts` writes them. */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { parseGifti } from './giftiParse.ts'
import type { GiftiLabel } from './giftiAttributes.ts'
import type { GiftiArray } from './giftiParse.ts'

export type { GiftiLabel } from './giftiAttributes.ts'
export type { GiftiArray } from './giftiParse.ts'

export interface GiftiFile {
  readonly arrays: readonly GiftiArray[]
  readonly labels: readonly GiftiLabel[]
  /** Of the file as a whole; written, and not read. */
  readonly metadata?: ReadonlyMap<string, string>
}

/**
 * Reads a GIFTI file (.gii or .gii.gz; every encoding, type and order; external files that lie beside it).
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID with file and line
 */
export async function readGifti(path: string): Promise<GiftiFile> {
  const arrays: GiftiArray[] = []
  const labels: GiftiLabel[] = []
  await parseGifti(path, { onArray: (array) => arrays.push(array), onLabel: (label) => labels.push(label) })
  return { arrays, labels }
}

/** These describe a mesh or a parcellation: no measurement over time. */
const notFunctional = new Set(['NIFTI_INTENT_POINTSET', 'NIFTI_INTENT_TRIANGLE', 'NIFTI_INTENT_LABEL'])

/**
 * One run's responses, float32 [volumes, vertices]: from one array a volume (fMRIPrep, AFNI), or from one array
 * [vertices, volumes] (Dim0 counts vertices, as everywhere in GIFTI).
 * @throws HeschlError FORMAT_INVALID; also for a surface or a label file
 */
export async function readGiftiFunctional(path: string): Promise<Matrix32> {
  const arrays: GiftiArray[] = []
  await parseGifti(path, {
    onArray: (array) => {
      checkFunctional(path, array.intent, array.dims)
      if (arrays.length > 0 && (array.dims[0] !== arrays[0].dims[0] || array.dims.length > 1)) {
        throw new HeschlError('FORMAT_INVALID', 'The volumes of a functional GIFTI file differ in their size', {
          expected: `${arrays[0].dims.join(' x ')} values, as in volume 1`,
          found: `${array.dims.join(' x ')} values in volume ${arrays.length + 1}`,
          where: { file: path },
          remedy: 'Write the file again with one hemisphere alone',
        })
      }
      arrays.push(array)
    },
  })
  if (arrays.length === 0) throw noArrays(path)
  const [first] = arrays
  return first.dims.length > 1 ? transposed(first) : stacked(arrays)
}

/**
 * Size of a functional file from its first lines, without reading its data. `readGiftiFunctional` checks that the
 * data are what is said here.
 */
export async function giftiHeader(path: string): Promise<{ volumes: number; vertices: number }> {
  let declared = 0
  let header: { volumes: number; vertices: number } | undefined
  await parseGifti(path, {
    onDeclaredArrays: (count) => {
      declared = count
    },
    onLayout: ({ dims }, intent) => {
      checkFunctional(path, intent, dims)
      header = { volumes: dims.length > 1 ? dims[1] : declared, vertices: dims[0] }
      return 'stop'
    },
  })
  if (!header) throw noArrays(path)
  return header
}

function checkFunctional(path: string, intent: string, dims: readonly number[]): void {
  if (!notFunctional.has(intent) && dims.length <= 2) return
  throw new HeschlError('FORMAT_INVALID', 'This GIFTI file holds no functional run', {
    expected: 'one array a volume, or one array [vertices, volumes]',
    found: `${intent} [${dims.join(', ')}]`,
    where: { file: path },
    remedy: 'Name the .func.gii file of this run',
  })
}

const noArrays = (path: string) =>
  new HeschlError('FORMAT_INVALID', 'This GIFTI file holds no functional run', {
    expected: 'one array a volume, or one array [vertices, volumes]',
    found: 'no data arrays',
    where: { file: path },
    remedy: 'Name the .func.gii file of this run',
  })

function stacked(arrays: readonly GiftiArray[]): Matrix32 {
  const cols = arrays[0].dims[0]
  const data = new Float32Array(arrays.length * cols)
  arrays.forEach((array, row) => data.set(array.data, row * cols))
  return { data, rows: arrays.length, cols }
}

function transposed({ data: source, dims: [cols, rows] }: GiftiArray): Matrix32 {
  const data = new Float32Array(source.length)
  for (let vertex = 0; vertex < cols; vertex++) {
    for (let volume = 0; volume < rows; volume++) data[volume * cols + vertex] = source[vertex * rows + volume]
  }
  return { data, rows, cols }
}
