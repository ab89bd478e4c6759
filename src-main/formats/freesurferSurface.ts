/** FreeSurfer's surface geometry (lh.pial, lh.white, lh.inflated…): triangles, and the older forms of quadrangles. */
import { writeFileAtomic } from './atomic.ts'
import { BigEndianReader } from './bigEndian.ts'

export interface TriangleMesh {
  /** [vertices, 3], millimetres. */
  readonly points: Float32Array<ArrayBuffer>
  /** [triangles, 3]. */
  readonly triangles: Int32Array<ArrayBuffer>
}

/** The first three bytes. */
const trianglesMagic = 0xfffffe
const quadsMagic = 0xffffff
const newQuadsMagic = 0xfffffd

/**
 * Reads a surface, told by its first bytes. Corners of triangles are checked to be vertices.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readFreesurferSurface(path: string): Promise<TriangleMesh> {
  const reader = await BigEndianReader.open(path, 'a FreeSurfer surface')
  const magic = reader.uint24()
  const mesh = magic === trianglesMagic ? readTriangles(reader) : readQuads(reader, magic)
  const vertices = mesh.points.length / 3
  for (const corner of mesh.triangles)
    if (corner < 0 || corner >= vertices) throw reader.invalid(`corners from 0 to ${vertices - 1}`, `${corner}`)
  return mesh
}

function readTriangles(reader: BigEndianReader): TriangleMesh {
  // Who made it, and an empty line
  reader.line(10_000)
  reader.line(10_000)
  const [vertices, triangles] = [reader.int32(), reader.int32()]
  reader.count(vertices, 12, 'vertices')
  const points = reader.float32s(vertices * 3)
  reader.count(triangles, 12, 'triangles')
  return { points, triangles: reader.int32s(triangles * 3) }
}

/** Two triangles a quadrangle, as FreeSurfer and nibabel cut them: the diagonal depends on its first corner. */
function readQuads(reader: BigEndianReader, magic: number): TriangleMesh {
  if (magic !== quadsMagic && magic !== newQuadsMagic)
    throw reader.invalid('one of its three first numbers (-1, -2, -3 in three bytes)', `${magic}`)
  const [vertices, quads] = [reader.uint24(), reader.uint24()]
  const width = magic === quadsMagic ? 2 : 4
  reader.count(vertices, 3 * width, 'vertices')
  const points =
    magic === quadsMagic
      ? Float32Array.from(reader.int16s(vertices * 3), (value) => value / 100)
      : reader.float32s(vertices * 3)
  reader.count(quads, 12, 'quadrangles')
  const triangles = new Int32Array(quads * 6)
  for (let quad = 0; quad < quads; quad++) {
    const [a, b, c, d] = [reader.uint24(), reader.uint24(), reader.uint24(), reader.uint24()]
    triangles.set(a % 2 === 0 ? [a, b, d, c, d, b] : [a, b, c, a, c, d], quad * 6)
  }
  return { points, triangles }
}

/** Writes a surface of triangles, whole or not at all. @throws the system's own error */
export async function writeFreesurferSurface(path: string, { points, triangles }: TriangleMesh): Promise<void> {
  const head = Buffer.from('\xff\xff\xfecreated by Heschl\n\n', 'latin1')
  const counts = Buffer.alloc(8)
  counts.writeInt32BE(points.length / 3, 0)
  counts.writeInt32BE(triangles.length / 3, 4)
  const numbers = Buffer.alloc(4 * (points.length + triangles.length))
  points.forEach((value, i) => numbers.writeFloatBE(value, 4 * i))
  triangles.forEach((value, i) => numbers.writeInt32BE(value, 4 * (points.length + i)))
  await writeFileAtomic(path, Buffer.concat([head, counts, numbers]))
}
