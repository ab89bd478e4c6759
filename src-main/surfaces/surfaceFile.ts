/** A mesh or a map of one hemisphere, from GIFTI or FreeSurfer's own files: the content tells which. */
import { HeschlError } from '../errors.ts'
import type { ErrorPlace } from '../errors.ts'
import { readFreesurferMorph } from '../formats/freesurferMorph.ts'
import { readFreesurferSurface } from '../formats/freesurferSurface.ts'
import { readGifti } from '../formats/gifti.ts'
import type { GiftiArray } from '../formats/gifti.ts'
import { readMghFrames } from '../formats/mgh.ts'
import { formatNames, sniffFormat } from '../formats/sniff.ts'
import type { Side } from './types.ts'

export interface TriangleMesh {
  /** [vertices, 3], millimetres. */
  readonly points: Float32Array
  /** [triangles, 3]. */
  readonly triangles: Uint32Array
}

/**
 * A mesh whose vertices are somewhere and whose triangles have corners that are vertices.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readMesh(file: string, side: Side): Promise<TriangleMesh> {
  const where = { file, hemisphere: side }
  const format = await sniffFormat(file)
  if (format !== 'gifti' && format !== 'freesurfer-surface')
    throw invalid('This file is not a surface', 'a GIFTI or a FreeSurfer surface', nameOf(format), where)
  const { points, triangles } = format === 'gifti' ? await giftiMesh(file, where) : await readFreesurferSurface(file)
  const vertices = points.length / 3
  for (const value of points) {
    if (!Number.isFinite(value))
      throw invalid('A surface has a vertex that is nowhere', 'finite coordinates', `${value}`, where)
  }
  for (const index of triangles) {
    if (!Number.isInteger(index) || index < 0 || index >= vertices)
      throw invalid('A triangle has a corner that is no vertex', `0 to ${vertices - 1}`, `${index}`, where)
  }
  if (triangles.length === 0) throw invalid('A surface has no triangles', 'at least one', 'none', where)
  return { points: Float32Array.from(points), triangles: Uint32Array.from(triangles) }
}

async function giftiMesh(file: string, where: ErrorPlace) {
  const { arrays } = await readGifti(file)
  const points = only(arrays, 'NIFTI_INTENT_POINTSET', where)
  const triangles = only(arrays, 'NIFTI_INTENT_TRIANGLE', where)
  return { points: points.data, triangles: triangles.data }
}

function only(arrays: readonly GiftiArray[], intent: string, where: ErrorPlace): GiftiArray {
  const found = arrays.filter((array) => array.intent === intent)
  const [array] = found
  if (found.length !== 1 || array.dims.length !== 2 || array.dims[1] !== 3) {
    const sizes = found.map(({ dims }) => `[${dims.join(', ')}]`).join(' and ')
    throw invalid('This GIFTI file is not a surface', `one ${intent} array [n, 3]`, sizes || 'none', where)
  }
  return array
}

/**
 * One value a vertex; 0 where there is none, since there is nothing to shade.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readShape(file: string, side: Side): Promise<Float32Array> {
  const where = { file, hemisphere: side }
  return Float32Array.from(await shapeValues(file, where), (value) => (Number.isFinite(value) ? value : 0))
}

async function shapeValues(file: string, where: ErrorPlace): Promise<ArrayLike<number>> {
  const format = await sniffFormat(file)
  if (format === 'freesurfer-curv') return readFreesurferMorph(file)
  if (format === 'mgh') {
    const { header, data } = await readMghFrames(file)
    if (header.layout.frames === 1) return data
    throw invalid('This MGH file is not one map', 'one frame', `${header.layout.frames}`, where)
  }
  if (format !== 'gifti')
    throw invalid('This file is not a map', 'a GIFTI map, a FreeSurfer curvature file or MGH', nameOf(format), where)
  const { arrays } = await readGifti(file)
  if (arrays.length !== 1) throw invalid('This GIFTI file is not one map', 'one array', `${arrays.length}`, where)
  const [{ dims, data }] = arrays
  if (data.length !== dims[0])
    throw invalid('This GIFTI file is not one map', 'one value a vertex', dims.join(' x '), where)
  return data
}

const nameOf = (format: Awaited<ReturnType<typeof sniffFormat>>) =>
  format ? formatNames[format] : 'none of the formats that are known, by its content'

const invalid = (summary: string, expected: string, found: string, where: ErrorPlace) =>
  new HeschlError('FORMAT_INVALID', summary, {
    expected,
    found,
    where,
    remedy: 'Name a surface file, or write it again',
  })
