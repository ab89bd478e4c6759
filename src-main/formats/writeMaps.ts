/** Maps over the vertices of both cortices, in the formats that other programs read. */
import { HeschlError } from '../errors.ts'
import { writeCifti, cortexModels } from './ciftiWrite.ts'
import { giftiMaps, writeGifti } from './giftiWrite.ts'
import { writeMgh } from './mghWrite.ts'
import { writeNpy } from './npy.ts'
import { writeNpz } from './npz.ts'

/** How maps are written; GIFTI and MGH have a file a hemisphere. */
export const mapFormats = ['func.gii', 'shape.gii', 'dscalar.nii', 'mgh', 'mgz', 'npy', 'npz'] as const
export type MapFormat = (typeof mapFormats)[number]

export interface CorticalMaps {
  /** One a map. */
  readonly names: readonly string[]
  /** Vertices of each hemisphere. */
  readonly left: number
  readonly right: number
  /** [maps, left vertices then right vertices]; NaN where there is no value. */
  readonly values: Float32Array<ArrayBuffer>
}

/**
 * Writes maps, each file whole or not at all.
 * @param base path without the format's ending: `out/r` gives `out/r_hemi-L.func.gii`, or `out/r.dscalar.nii`
 * @returns the files
 * @throws HeschlError SHAPE_MISMATCH, DISK_FULL, FILE_UNREADABLE
 */
export async function writeMaps(base: string, maps: CorticalMaps, format: MapFormat): Promise<readonly string[]> {
  const { names, left, right, values } = maps
  const vertices = left + right
  if (names.length === 0 || values.length !== names.length * vertices)
    throw new HeschlError('SHAPE_MISMATCH', 'Maps cannot be written: their sizes do not match their values', {
      where: { file: base },
      expected: `${names.length} x (${left} + ${right}) values, of one map or more`,
      found: `${values.length}`,
    })
  if (format === 'npy' || format === 'npz' || format === 'dscalar.nii') {
    const file = `${base}.${format}`
    if (format === 'npy') await writeNpy(file, { shape: [names.length, vertices], data: values })
    else if (format === 'npz') await writeNpz(file, byName(maps))
    else {
      const along = { kind: 'scalars' as const, count: names.length, maps: names.map((name) => ({ name, labels: [] })) }
      const axes = { along, models: cortexModels(left, right) }
      await writeCifti(file, axes, { data: values, rows: names.length, cols: vertices })
    }
    return [file]
  }
  const files: string[] = []
  for (const [side, from, to] of [
    ['left', 0, left],
    ['right', left, vertices],
  ] as const) {
    const rows = names.map((_, map) => values.slice(map * vertices + from, map * vertices + to))
    const file = `${base}_hemi-${side === 'left' ? 'L' : 'R'}.${format}`
    if (format === 'func.gii' || format === 'shape.gii')
      await writeGifti(
        file,
        giftiMaps(names, rows, side, format === 'shape.gii' ? 'NIFTI_INTENT_SHAPE' : 'NIFTI_INTENT_NONE'),
      )
    else {
      const data = new Float32Array(names.length * (to - from))
      rows.forEach((row, map) => data.set(row, map * (to - from)))
      await writeMgh(file, { shape: [to - from, 1, 1, names.length], data })
    }
    files.push(file)
  }
  return files
}

function byName({ names, left, right, values }: CorticalMaps) {
  const vertices = left + right
  return Object.fromEntries(
    names.map((name, map) => [name, { shape: [vertices], data: values.slice(map * vertices, (map + 1) * vertices) }]),
  )
}
