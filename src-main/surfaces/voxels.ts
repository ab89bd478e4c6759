/** The voxels of a mask in place of a cortex, with the regions of an atlas in space. */
import { basename } from 'node:path'
import { HeschlError } from '../errors.ts'
import { readNiftiHeader, readNiftiValues } from '../formats/nifti.ts'
import { formatNames, sniffFormat } from '../formats/sniff.ts'
import { readAtlasNames } from './atlasNames.ts'
import { regionsOfTable } from './parcellation.ts'
import { gridOf, inverseAffine, isSameGrid, placed, voxelCount } from './sampling/grid.ts'
import type { VoxelGrid } from './sampling/grid.ts'
import type { CorticalSurface, HemisphereSurface } from './types.ts'

export interface VoxelMask {
  readonly grid: VoxelGrid
  /** Of voxels that are in it, x fastest, rising. */
  readonly indices: Int32Array
}

/** As in the study file; absolute. */
export interface AtlasFiles {
  readonly volume: string
  readonly names: string
}

/** A mask of more is none: it would be of 0.15 mm over a head. */
const mostVoxels = 1e9

/** @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID: not one volume, or an empty one */
export async function readMask(file: string): Promise<VoxelMask> {
  const { grid, values } = await readVolume(file, 'a mask')
  const inside = (value: number) => value !== 0 && !Number.isNaN(value)
  const indices = new Int32Array(values.reduce((count, value) => count + Number(inside(value)), 0))
  let at = 0
  for (let voxel = 0; voxel < values.length; voxel++) if (inside(values[voxel])) indices[at++] = voxel
  if (indices.length > 0) return { grid, indices }
  throw new HeschlError('FORMAT_INVALID', 'This mask is empty', {
    where: { file },
    expected: 'voxels other than 0',
    found: 'none',
    remedy: 'Name another mask',
  })
}

/**
 * The mask's voxels as a surface without triangles: all of them are on the left, in the mask's order, at their places.
 * @throws HeschlError as `readMask`; FORMAT_INVALID for an atlas of other than whole numbers, or whose table is none
 */
export async function loadVoxels(file: string, atlas?: AtlasFiles): Promise<CorticalSurface> {
  const mask = await readMask(file)
  const { grid, indices } = mask
  const [sx, sy] = grid.shape
  const points = new Float32Array(3 * indices.length)
  for (const [i, voxel] of indices.entries())
    points.set(placed(grid.affine, voxel % sx, Math.floor(voxel / sx) % sy, Math.floor(voxel / sx / sy)), 3 * i)
  const notes: string[] = []
  const { labels, regions } = atlas
    ? await atlasLabels(mask, atlas, notes)
    : { labels: new Uint16Array(indices.length), regions: [{ name: 'none', colour: [128, 128, 128] as const }] }
  if (!atlas) notes.push('No parcellation: scores by region are not available')
  const hemisphere = (own: Float32Array, ownLabels: Uint16Array): HemisphereSurface => ({
    ...{ folded: own, inflated: own, triangles: new Uint32Array(), sulc: new Float32Array(ownLabels.length) },
    labels: ownLabels,
  })
  return {
    ...{ name: basename(file), schematic: false, regions, notes, voxels: { ...grid, indices } },
    left: hemisphere(points, labels),
    right: hemisphere(new Float32Array(), new Uint16Array()),
  }
}

/** Of each voxel the label of the atlas's voxel that it is in. */
async function atlasLabels({ grid, indices }: VoxelMask, { volume, names }: AtlasFiles, notes: string[]) {
  const atlas = await readVolume(volume, 'an atlas')
  const table = await readAtlasNames(names)
  const place = isSameGrid(grid, atlas.grid) ? (voxel: number) => voxel : nearestIn(atlas.grid, grid, volume)
  if (!isSameGrid(grid, atlas.grid))
    notes.push('The atlas is on another grid than the mask: its nearest voxels are taken')
  const keys = Int32Array.from(indices, (voxel) => {
    const at = place(voxel)
    if (at < 0) return 0
    const key = atlas.values[at]
    if (Number.isInteger(key)) return key
    throw new HeschlError('FORMAT_INVALID', 'This atlas is not of regions', {
      where: { file: volume },
      expected: 'whole numbers',
      found: `${key}`,
      remedy: 'Name an atlas whose voxels hold the number of their region, not a probability',
    })
  })
  const known = new Set(table.map(({ key }) => key))
  const nameless = new Set(keys.filter((key) => key !== 0 && !known.has(key)))
  if (nameless.size > 0)
    notes.push(
      `${nameless.size} ${nameless.size === 1 ? 'number' : 'numbers'} of the atlas without a name in its table (${[...nameless].slice(0, 5).join(', ')}${nameless.size > 5 ? '…' : ''}): outside all regions`,
    )
  return regionsOfTable({ keys: keys.map((key) => (known.has(key) ? key : 0)), table }, volume)
}

/** From a voxel of one grid to the voxel of another that its centre is in; -1 outside. */
function nearestIn(to: VoxelGrid, from: VoxelGrid, file: string): (voxel: number) => number {
  const inverse = inverseAffine(to, file)
  const [sx, sy] = from.shape
  return (voxel) => {
    const centre = placed(from.affine, voxel % sx, Math.floor(voxel / sx) % sy, Math.floor(voxel / sx / sy))
    const [x, y, z] = placed(inverse, ...centre).map((value) => Math.floor(value + 0.5))
    if ([x, y, z].some((value, axis) => !(value >= 0 && value < to.shape[axis]))) return -1
    return x + to.shape[0] * (y + to.shape[1] * z)
  }
}

async function readVolume(file: string, what: string): Promise<{ grid: VoxelGrid; values: Float32Array }> {
  const format = await sniffFormat(file)
  const refuse = (expected: string, found: string) =>
    new HeschlError('FORMAT_INVALID', `This file is not ${what}`, {
      where: { file },
      expected,
      found,
      remedy: 'Name a NIfTI file of one volume',
    })
  if (format !== 'nifti') throw refuse('a NIfTI volume', format ? formatNames[format] : 'no format that is known')
  const header = await readNiftiHeader(file)
  const grid = gridOf(header)
  const volumes = header.shape.slice(3).reduce((product, n) => product * n, 1)
  const voxels = voxelCount(grid)
  if (volumes !== 1 || voxels > mostVoxels)
    throw refuse(`one volume of at most ${mostVoxels.toLocaleString('en')} voxels`, header.shape.join(' x '))
  return { grid, values: (await readNiftiValues(file, { from: 0, to: voxels })).data }
}
