import { HeschlError } from '../errors.ts'
import { readText } from './text.ts'

export interface SurfaceLabel {
  readonly vertices: Int32Array<ArrayBuffer>
  /** [vertices, 3], millimetres. */
  readonly points: Float64Array<ArrayBuffer>
  readonly values: Float64Array<ArrayBuffer>
}

/**
 * FreeSurfer's label file: text, a line of comment, the number of vertices, then a line each: vertex, x, y, z, value.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID with the line
 */
export async function readFreesurferLabel(path: string): Promise<SurfaceLabel> {
  const lines = (await readText(path, 1 << 28)).split(/\r?\n/)
  const invalid = (expected: string, found: string, line: number) =>
    new HeschlError('FORMAT_INVALID', 'This is not a FreeSurfer label file', {
      where: { file: path, line },
      expected,
      found: JSON.stringify(found.slice(0, 80)),
      remedy: 'Name a .label file that FreeSurfer wrote',
    })
  if (!lines[0].startsWith('#')) throw invalid('a line that begins with "#"', lines[0], 1)
  const said = (lines[1] ?? '').trim()
  const count = lines.length - 2 - (lines.at(-1) === '' ? 1 : 0)
  if (!/^\d+$/.test(said) || Number(said) !== count) throw invalid(`${count}, the number of vertices`, said, 2)
  const label = {
    vertices: new Int32Array(count),
    points: new Float64Array(3 * count),
    values: new Float64Array(count),
  }
  for (let i = 0; i < count; i++) {
    const parts = lines[i + 2].trim().split(/\s+/)
    const numbers = parts.map(Number)
    const [vertex] = numbers
    if (
      parts.length !== 5 ||
      numbers.some(Number.isNaN) ||
      !Number.isInteger(vertex) ||
      vertex < 0 ||
      vertex > 2 ** 31 - 1
    )
      throw invalid('vertex, x, y, z and value', lines[i + 2], i + 3)
    label.vertices[i] = vertex
    label.points.set(numbers.slice(1, 4), 3 * i)
    label.values[i] = numbers[4]
  }
  return label
}
