/** Maps and series on a study's surface that a simulation is given as files: one NPY, or a GIFTI file a hemisphere. */
import { HeschlError } from '../../errors.ts'
import { readNpy } from '../../formats/npy.ts'
import { sniffFormat } from '../../formats/sniff.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { filePaths, loadResponses } from '../responses.ts'
import type { ResponseFiles, VertexCounts } from '../responses.ts'

/** @param files absolute paths, one or two (left, right) */
export function surfaceFilesOf(files: readonly string[]): ResponseFiles {
  const [left, right] = files
  if (files.length === 1) return left
  if (files.length === 2) return { left, right }
  throw new HeschlError('OPTION_INVALID', 'There are too many files', {
    expected: 'one file, or one a hemisphere, left first',
    found: `${files.length} files`,
    remedy: 'Give one or two',
  })
}

/**
 * Time series [volumes, vertices left then right].
 * @throws HeschlError as `loadResponses`
 */
export const readSeries = (files: ResponseFiles, vertices: VertexCounts): Promise<Matrix32> =>
  loadResponses(files, vertices, { subject: 'noise', stimulus: 'noise' })

/**
 * Shares of variance, one a vertex, left then right; of a file with several rows, the first.
 * @throws HeschlError as `loadResponses`; SHAPE_MISMATCH for an array of another number of values; NUMERICAL for a value
 *   that is no share
 */
export async function readShares(files: ResponseFiles, vertices: VertexCounts): Promise<Float64Array> {
  const map = await readMap(files, vertices)
  const bad = map.findIndex((share) => !(share >= 0 && share < 1))
  if (bad < 0) return map
  throw new HeschlError('NUMERICAL', 'The map of signal has a value that is no share of variance', {
    where: { file: firstOf(files) },
    expected: '0 to below 1',
    found: `${map[bad]} at vertex ${bad}`,
    remedy: 'Correct the map',
  })
}

export const firstOf = (files: ResponseFiles): string => filePaths(files)[0]

async function readMap(files: ResponseFiles, vertices: VertexCounts): Promise<Float64Array> {
  const count = vertices.left + vertices.right
  if (typeof files === 'string' && (await sniffFormat(files)) === 'npy') {
    const { data, shape } = await readNpy(files)
    if (shape.length === 1 && shape[0] === count) return Float64Array.from(data as ArrayLike<number>)
    if (shape.length === 1)
      throw new HeschlError('SHAPE_MISMATCH', 'A map has another number of values than the surface has vertices', {
        where: { file: files },
        expected: `${count.toLocaleString('en')} values, left then right`,
        found: shape[0].toLocaleString('en'),
        remedy: 'Give a map of the surface of this study',
      })
  }
  const { data } = await readSeries(files, vertices)
  return Float64Array.from(data.subarray(0, count))
}
