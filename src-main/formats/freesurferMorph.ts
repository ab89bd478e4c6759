/** FreeSurfer's numbers at vertices: curvature files (lh.sulc, lh.thickness…), old and new, and weights (.w). */
import { BigEndianReader } from './bigEndian.ts'

const newMagic = 0xffffff

/**
 * One value a vertex, from a curvature file of either form.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readFreesurferMorph(path: string): Promise<Float32Array<ArrayBuffer>> {
  const reader = await BigEndianReader.open(path, 'a FreeSurfer curvature file')
  const first = reader.uint24()
  if (first !== newMagic) return readOld(reader, first)
  const [vertices, , perVertex] = [reader.int32(), reader.int32(), reader.int32()]
  if (perVertex !== 1) throw reader.invalid('one value a vertex', `${perVertex}`)
  reader.count(vertices, 4, 'values')
  const values = reader.float32s(vertices)
  if (reader.left > 0) throw reader.invalid('the end of the file', `${reader.left} bytes more`)
  return values
}

/** Hundredths in two bytes. There is no magic number: the file's size says whether it is one. */
function readOld(reader: BigEndianReader, vertices: number): Float32Array<ArrayBuffer> {
  reader.uint24()
  if (reader.left !== 2 * vertices) throw reader.invalid(`two bytes a vertex of ${vertices}`, `${reader.left} bytes`)
  return Float32Array.from(reader.int16s(vertices), (value) => value / 100)
}

/**
 * A weights file: some vertices, and a value each.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readFreesurferWeights(
  path: string,
): Promise<{ readonly vertices: Int32Array<ArrayBuffer>; readonly values: Float32Array<ArrayBuffer> }> {
  const reader = await BigEndianReader.open(path, 'a FreeSurfer weights file')
  // Latency, which FreeSurfer writes as 0 and never reads
  reader.int16()
  const count = reader.count(reader.uint24(), 7, 'vertices')
  if (reader.left !== 7 * count) throw reader.invalid(`seven bytes a vertex of ${count}`, `${reader.left} bytes`)
  const vertices = new Int32Array(count)
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    vertices[i] = reader.uint24()
    values[i] = reader.float32()
  }
  return { vertices, values }
}
