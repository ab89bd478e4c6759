/** Maps over the vertices of both cortices, in the formats that other programs read. */
import { HeschlError } from '../errors.ts'
import { writeFileAtomic } from './atomic.ts'
import { writeCifti, cortexModels } from './ciftiWrite.ts'
import { columnsParquet, columnsTsv } from './columns.ts'
import type { Column } from './columns.ts'
import { giftiLabels, giftiMaps, writeGifti } from './giftiWrite.ts'
import { writeMgh } from './mghWrite.ts'
import { writeNifti } from './niftiWrite.ts'
import { writeNpy } from './npy.ts'
import { writeNpz } from './npz.ts'
import { wholeFormats } from './mapFormats.ts'
import type { MapFormat, SidedFormat, WholeFormat } from './mapFormats.ts'

export interface CorticalMaps {
  /** One a map. */
  readonly names: readonly string[]
  /** Vertices of each hemisphere; 0 for one that is not there. */
  readonly left: number
  readonly right: number
  /** [maps, left vertices then right vertices]; NaN where there is no value. */
  readonly values: Float32Array<ArrayBuffer>
  /** What values 0, 1… stand for, where they are numbers of classes. */
  readonly classes?: readonly string[]
}

export type HemisphereLetter = 'L' | 'R'
/** A file's name without the format's ending; of both hemispheres where none is given. */
export type MapName = (hemisphere?: HemisphereLetter) => string

/**
 * Writes maps, each file whole or not at all.
 * @param base path without the format's ending: `out/r` gives `out/r_hemi-L.func.gii`, or `out/r.dscalar.nii`; or how each
 *   file is called
 * @returns the files
 * @throws HeschlError SHAPE_MISMATCH, DISK_FULL, FILE_UNREADABLE; OPTION_INVALID for labels of maps that are no classes
 */
export async function writeMaps(
  base: string | MapName,
  maps: CorticalMaps,
  format: MapFormat,
): Promise<readonly string[]> {
  const name: MapName = typeof base === 'string' ? (side) => (side ? `${base}_hemi-${side}` : base) : base
  const { names, left, right, values } = maps
  const vertices = left + right
  if (names.length === 0 || values.length !== names.length * vertices)
    throw new HeschlError('SHAPE_MISMATCH', 'Maps cannot be written: their sizes do not match their values', {
      where: { file: name() },
      expected: `${names.length} x (${left} + ${right}) values, of one map or more`,
      found: `${values.length}`,
    })
  if (isWhole(format)) {
    const file = `${name()}.${format}`
    await wholeWriters[format](file, maps)
    return [file]
  }
  const files: string[] = []
  for (const [side, from, to] of [
    ['L', 0, left],
    ['R', left, vertices],
  ] as const) {
    if (from === to) continue
    const rows = names.map((_, map) => values.slice(map * vertices + from, map * vertices + to))
    const file = `${name(side)}.${format}`
    await writeSide(file, rows, side, maps, format)
    files.push(file)
  }
  return files
}

const isWhole = (format: MapFormat): format is WholeFormat => (wholeFormats as readonly string[]).includes(format)

const wholeWriters: Readonly<Record<WholeFormat, (file: string, maps: CorticalMaps) => Promise<void>>> = {
  npy: (file, { names, left, right, values }) => writeNpy(file, { shape: [names.length, left + right], data: values }),
  npz: (file, maps) => writeNpz(file, byName(maps)),
  'dscalar.nii': async (file, { names, left, right, values }) => {
    const along = { kind: 'scalars' as const, count: names.length, maps: names.map((name) => ({ name, labels: [] })) }
    const axes = { along, models: cortexModels(left, right) }
    await writeCifti(file, axes, { data: values, rows: names.length, cols: left + right })
  },
  tsv: (file, maps) => writeFileAtomic(file, columnsTsv(columnsOf(maps))),
  parquet: (file, maps) => writeFileAtomic(file, columnsParquet(columnsOf(maps), {})),
}

/** A row a vertex, counted from 0 in its hemisphere. */
function columnsOf({ names, left, right, values }: CorticalMaps): readonly Column[] {
  const all = left + right
  const side = Array.from({ length: all }, (_, i) => (i < left ? 'left' : 'right'))
  return [
    { name: 'hemisphere', title: 'hemisphere', values: side },
    {
      name: 'vertex',
      title: 'vertex, from 0',
      values: Int32Array.from({ length: all }, (_, i) => i - (i < left ? 0 : left)),
    },
    ...names.map((name, map) => ({
      name,
      title: name,
      values: Float64Array.from(values.subarray(map * all, (map + 1) * all)),
    })),
  ]
}

async function writeSide(
  file: string,
  rows: readonly Float32Array<ArrayBuffer>[],
  side: HemisphereLetter,
  { names, classes }: CorticalMaps,
  format: SidedFormat,
): Promise<void> {
  const vertices = rows[0].length
  if (format === 'label.gii') {
    if (!classes || rows.length !== 1)
      throw new HeschlError('OPTION_INVALID', 'Labels are of one map of classes', {
        where: { file },
        expected: 'a map of classes, as the best layer of each vertex',
        found: `${names.length} ${names.length === 1 ? 'map' : 'maps'} of ${classes ? 'classes' : 'numbers'}`,
        remedy: 'Write numbers as func.gii or shape.gii',
      })
    await writeGifti(file, labelsOf(rows[0], classes, side, names[0]))
  } else if (format === 'func.gii' || format === 'shape.gii') {
    const intent = format === 'shape.gii' ? 'NIFTI_INTENT_SHAPE' : 'NIFTI_INTENT_NONE'
    await writeGifti(file, giftiMaps(names, rows, side === 'L' ? 'left' : 'right', intent))
  } else {
    const data = new Float32Array(rows.length * vertices)
    rows.forEach((row, map) => data.set(row, map * vertices))
    const shape = [vertices, 1, 1, rows.length] as const
    if (format === 'mgh' || format === 'mgz') await writeMgh(file, { shape, data })
    else
      await writeNifti(file, { shape, data, affine: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1) })
  }
}

/** Key 0 is no class; colours go round the circle. */
function labelsOf(values: Float32Array, classes: readonly string[], side: HemisphereLetter, name: string) {
  const keys = Int32Array.from(values, (value) => (Number.isNaN(value) ? 0 : value + 1))
  const labels = classes.map((name, i) => ({ key: i + 1, name, rgba: colourOf(i / classes.length) }))
  return giftiLabels(
    keys,
    [{ key: 0, name: '???', rgba: [0, 0, 0, 0] as const }, ...labels],
    side === 'L' ? 'left' : 'right',
    name,
  )
}

function colourOf(turn: number): readonly [number, number, number, number] {
  const part = (shift: number) => Number((0.5 + 0.4 * Math.cos(2 * Math.PI * (turn + shift))).toFixed(4))
  return [part(0), part(2 / 3), part(1 / 3), 1]
}

function byName({ names, left, right, values }: CorticalMaps) {
  const vertices = left + right
  return Object.fromEntries(
    names.map((name, map) => [name, { shape: [vertices], data: values.slice(map * vertices, (map + 1) * vertices) }]),
  )
}
