import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { readResponses, responseShape } from './recordingFile.ts'
import { readVolumeRun, resampledFrom } from './ruledResponses.ts'
import type { TargetRule } from './targetRule.ts'
import type { VertexRange } from './recordingFile.ts'

/** A recording's file, or one file a hemisphere; absolute paths. */
export type ResponseFiles =
  | string
  | { readonly left: string; readonly right: string }
  /** Some columns of an array, in this order. */
  | { readonly file: string; readonly columns: readonly number[] }

/** Number of vertices a hemisphere has. */
export interface VertexCounts {
  readonly left: number
  readonly right: number
}

export const filePaths = (files: ResponseFiles): readonly string[] => {
  if (typeof files === 'string') return [files]
  return 'file' in files ? [files.file] : [files.left, files.right]
}

/**
 * One recording as [volumes, left vertices then right vertices], float32.
 * @param range of its vertices that are wanted; all where it is left out
 * @param rule how its values become the targets; left out where they are of the targets
 * @throws HeschlError SHAPE_MISMATCH where the vertices are not the surface's, or the hemispheres differ in volumes; as
 *   `readVolumeRun`
 */
export async function loadResponses(
  files: ResponseFiles,
  vertices: VertexCounts,
  place: { readonly subject: string; readonly stimulus: string },
  range: VertexRange = { from: 0, to: vertices.left + vertices.right },
  rule?: TargetRule,
): Promise<Matrix32> {
  if (rule && rule.kind !== 'resampled') return readVolumeRun(files as string, rule, range)
  if (typeof files === 'object' && 'file' in files)
    return readChosen(files.file, files.columns.slice(range.from, range.to))
  const hemispheres = typeof files === 'string' ? (['both'] as const) : (['left', 'right'] as const)
  const counts = typeof files === 'string' ? [vertices.left + vertices.right] : [vertices.left, vertices.right]
  const parts: Matrix32[] = []
  let volumes: number | undefined
  let first = 0
  for (const [i, file] of filePaths(files).entries()) {
    const shape = await responseShape(file)
    const source = rule
      ? await resampledFrom(rule, hemispheres[i])
      : { vertices: counts[i], read: (range: VertexRange) => readResponses(file, range) }
    if (shape.vertices !== source.vertices)
      throw new HeschlError('SHAPE_MISMATCH', 'A recording has another number of vertices than the surface', {
        where: { ...place, file },
        expected: `${source.vertices.toLocaleString('en')} vertices`,
        found: `${shape.vertices.toLocaleString('en')}`,
        remedy: `Name the surface on which the recording was sampled${rule ? ' under `resample.from`' : ', or say `resample:` in the study'}`,
      })
    const within = (vertex: number) => Math.max(0, Math.min(counts[i], vertex - first))
    const [from, to] = [within(range.from), within(range.to)]
    const part = to > from ? await source.read({ from, to }, file) : undefined
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

/** Columns of an array that need not lie side by side; what is between them is read with them. */
async function readChosen(file: string, columns: readonly number[]): Promise<Matrix32> {
  const from = Math.min(...columns)
  const whole = await readResponses(file, { from, to: Math.max(...columns) + 1 })
  const data = new Float32Array(whole.rows * columns.length)
  for (let row = 0; row < whole.rows; row++)
    for (const [i, column] of columns.entries())
      data[row * columns.length + i] = whole.data[row * whole.cols + column - from]
  return { data, rows: whole.rows, cols: columns.length }
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
