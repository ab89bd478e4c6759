/** FreeSurfer's patches (lh.cortex.patch.flat): the vertices that are left of a surface which was cut, and where they lie. */
import { BigEndianReader } from './bigEndian.ts'

export interface FreesurferPatch {
  /** Of the whole surface; ascending or not, none twice. */
  readonly vertices: Uint32Array<ArrayBuffer>
  /** [vertices, 3], millimetres; of a flat patch z is 0. */
  readonly points: Float32Array<ArrayBuffer>
}

/** In the place of a count: files of the form before had the count there. */
export const patchMagic = -1

/**
 * Reads a binary patch: -1, the number of vertices, and of each its number (counted from 1, and negative at the patch's
 * border) with x, y, z, as FreeSurfer's MRISwritePatch writes it.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readFreesurferPatch(path: string): Promise<FreesurferPatch> {
  const reader = await BigEndianReader.open(path, 'a FreeSurfer patch')
  const magic = reader.int32()
  if (magic !== patchMagic) throw reader.invalid(`${patchMagic} as its first number`, `${magic}`)
  const count = reader.count(reader.int32(), 16, 'vertices')
  const vertices = new Uint32Array(count)
  const points = new Float32Array(count * 3)
  for (let i = 0; i < count; i++) {
    const number = reader.int32()
    if (number === 0) throw reader.invalid('numbers of vertices from 1 on', '0')
    vertices[i] = Math.abs(number) - 1
    for (let axis = 0; axis < 3; axis++) points[i * 3 + axis] = reader.float32()
  }
  const twice = vertices.toSorted().find((vertex, i, sorted) => vertex === sorted[i - 1])
  if (twice !== undefined) throw reader.invalid('each vertex once', `vertex ${twice} twice`)
  return { vertices, points }
}
