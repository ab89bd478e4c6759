/** One array, or one a hemisphere, in the format that a name's ending asks for; a number that would change is refused. */
import { HeschlError } from '../../errors.ts'
import { mapFormats } from '../mapFormats.ts'
import type { MapFormat } from '../mapFormats.ts'
import { writeMgh } from '../mghWrite.ts'
import { writeNifti } from '../niftiWrite.ts'
import { toCOrder, writeNpy } from '../npy.ts'
import type { NpyData } from '../npy.ts'
import { writeNpz } from '../npz.ts'
import { writeMaps } from '../writeMaps.ts'
import type { Held } from './read.ts'

export interface ConvertOptions {
  /** Of one input that is of one cortex. */
  readonly hemisphere?: 'left' | 'right'
  /** Of one input that has both cortices: vertices of the left, which come first. */
  readonly left?: number
  /** Numbers that the format does not hold exactly are rounded to float32. */
  readonly round: boolean
}

/**
 * @param inputs one, or the left and the right cortex
 * @returns the files
 * @throws HeschlError OPTION_INVALID for a name without a known ending, numbers that would change, or vertices of an
 *   unknown cortex; SHAPE_MISMATCH; DISK_FULL, FILE_UNREADABLE
 */
export async function writeHeld(
  path: string,
  inputs: readonly Held[],
  options: ConvertOptions,
): Promise<readonly string[]> {
  const format = formatOf(path)
  const [held, other] = inputs
  if (!other && (format === 'npy' || format === 'npz')) {
    if (format === 'npy') await writeNpy(path, held)
    else await writeNpz(path, { data: held })
    return [path]
  }
  if (!other && isVolume(held) && (format === 'nii' || format === 'nii.gz' || format === 'mgh' || format === 'mgz')) {
    await writeVolume(path, held, format, options.round)
    return [path]
  }
  const parts = inputs.map((each) => rowsOf(each, path))
  if (new Set(parts.map(({ count }) => count)).size > 1)
    throw new HeschlError('SHAPE_MISMATCH', 'The two hemispheres have different numbers of maps', {
      where: { file: path },
      expected: `${parts[0].count}, as on the left`,
      found: `${parts[1].count}`,
    })
  const { left, right, both } = sidesOf(parts, held, options, format)
  const values = new Float32Array(parts[0].count * (left + right))
  let before = 0
  for (const { data, count, vertices } of parts) {
    const exact = float32(data, path, options.round)
    for (let map = 0; map < count; map++)
      values.set(exact.subarray(map * vertices, (map + 1) * vertices), map * (left + right) + before)
    before += vertices
  }
  const names = held.names ?? Array.from({ length: parts[0].count }, (_, i) => `map ${i + 1}`)
  const base = path.slice(0, -format.length - 1)
  return writeMaps(both ? base : () => base, { names, left, right, values }, format)
}

/** @throws HeschlError OPTION_INVALID for a name without a known ending */
export function formatOf(path: string): MapFormat {
  const found = mapFormats.filter((format) => format !== 'label.gii' && path.toLowerCase().endsWith(`.${format}`))
  const longest = found.toSorted((a, b) => b.length - a.length).at(0)
  if (longest !== undefined) return longest
  throw new HeschlError('OPTION_INVALID', 'The name does not say which format is wanted', {
    where: { file: path },
    expected: `an ending: ${mapFormats.filter((format) => format !== 'label.gii').join(', ')}`,
    found: path,
  })
}

/** Not a map on a surface, which FreeSurfer has as a volume of one row. */
const isVolume = ({ shape }: Held) => shape.length >= 3 && shape.slice(1, 3).some((n) => n !== 1)

interface Rows {
  readonly data: NpyData
  readonly count: number
  readonly vertices: number
}

/** [maps, vertices]. @throws HeschlError SHAPE_MISMATCH for a volume */
export function rowsOf({ shape, data }: Pick<Held, 'shape' | 'data'>, path: string): Rows {
  if (shape.length === 1) return { data, count: 1, vertices: shape[0] }
  if (shape.length === 2) return { data, count: shape[0], vertices: shape[1] }
  const [vertices, y, z, ...rest] = shape
  if (y !== 1 || z !== 1)
    throw new HeschlError('SHAPE_MISMATCH', 'A volume cannot be written as maps on a surface', {
      where: { file: path },
      expected: 'an array [maps, vertices], or [vertices, 1, 1, maps]',
      found: shape.join(' x '),
      remedy: 'Write .nii.gz, .mgz, .npy or .npz; or sample the volume on a surface first',
    })
  const count = rest.reduce((product, n) => product * n, 1)
  // [vertices, maps] turned round
  return { data: toCOrder(data, [count, vertices]), count, vertices }
}

function sidesOf(parts: readonly Rows[], { sides }: Held, { hemisphere, left }: ConvertOptions, format: MapFormat) {
  const [{ vertices }, other] = parts
  if (other) return { left: vertices, right: other.vertices, both: true }
  if (sides) return { ...sides, both: true }
  if (left !== undefined && left >= 0 && left <= vertices) return { left, right: vertices - left, both: true }
  if (hemisphere !== undefined)
    return hemisphere === 'left' ? { left: vertices, right: 0, both: false } : { left: 0, right: vertices, both: false }
  const isNeeded = ['func.gii', 'shape.gii', 'dscalar.nii', 'tsv', 'parquet'].includes(format)
  if (!isNeeded) return { left: vertices, right: 0, both: false }
  throw new HeschlError('OPTION_INVALID', 'It is not said which cortex these vertices are of', {
    expected: `--hemisphere left or right; or --left with how many of the ${vertices} come first; or two files`,
    found: left === undefined ? 'neither' : `--left ${left}`,
  })
}

/** Data of float32, or that float32 holds exactly. */
function float32(data: NpyData, path: string, round: boolean): Float32Array<ArrayBuffer> {
  if (data instanceof Float32Array) return data
  const rounded = Float32Array.from(data)
  const at = round ? -1 : rounded.findIndex((value, i) => value !== data[i] && !Number.isNaN(data[i]))
  if (at < 0) return rounded
  throw new HeschlError('OPTION_INVALID', 'This format would round the numbers', {
    where: { file: path },
    expected: 'numbers that float32 holds exactly',
    found: `${data[at]} at ${at}, which would be ${rounded[at]}`,
    remedy: 'Give --round to accept it, or write .npy, .npz or .nii.gz',
  })
}

async function writeVolume(path: string, held: Held, format: MapFormat, round: boolean): Promise<void> {
  const { shape, data, image } = held
  // First index fastest: the array turned round, in C order
  const turned = toCOrder(data, shape.toReversed())
  const place = image ?? { affine: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1) }
  if (format === 'nii' || format === 'nii.gz') {
    await writeNifti(path, { shape, data: turned, ...place })
    return
  }
  const [x, y, z, ...rest] = shape
  const sizes = [x, y, z, rest.reduce((product, n) => product * n, 1)] as const
  const stored =
    turned instanceof Float64Array || turned instanceof Int8Array || turned instanceof Uint32Array
      ? float32(turned, path, round)
      : turned
  await writeMgh(path, { shape: sizes, data: stored, affine: place.affine })
}
