/** Recordings whose values are not of the targets themselves: volumes, and other meshes. */
import { arrayPlace } from '../arrayPlace.ts'
import { HeschlError } from '../errors.ts'
import { readNiftiValues } from '../formats/nifti.ts'
import { sniffFormat } from '../formats/sniff.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'
import { besideRows, rowsBetween, weightedSums } from '../linalg/sparseRows.ts'
import type { SparseRows } from '../linalg/sparseRows.ts'
import { readSphereMesh } from '../surfaces/hemisphere.ts'
import type { VoxelGrid } from '../surfaces/sampling/grid.ts'
import type { VolumeSampler } from '../surfaces/sampling/sampler.ts'
import { sphereWeights } from '../surfaces/sampling/spheres.ts'
import { maskOn, openSampler, sampleRun, volumeShape } from '../surfaces/sampling/volumeRun.ts'
import type { Side } from '../surfaces/types.ts'
import { readMask } from '../surfaces/voxels.ts'
import type { VoxelMask } from '../surfaces/voxels.ts'
import { readResponses, responseShape } from './recordingFile.ts'
import type { ResponseShape, VertexRange } from './recordingFile.ts'
import { Remembered } from './remembered.ts'
import { filesOfRule } from './targetRule.ts'
import type { TargetRule } from './targetRule.ts'

type VoxelRule = Extract<TargetRule, { kind: 'voxels' }>
type SampledRule = Extract<TargetRule, { kind: 'sampled' }>
type ResampledRule = Extract<TargetRule, { kind: 'resampled' }>
type VolumeRule = VoxelRule | SampledRule

/** Recordings of a study are on one grid or a few. */
const samplers = new Remembered<VolumeSampler>(2)
const masks = new Remembered<VoxelMask>(2)
const ownMasks = new Remembered<Uint8Array>(2)
const resamplers = new Remembered<Resampler>(2)

interface Resampler {
  readonly rows: SparseRows
  /** Of the mesh that recordings are of. */
  readonly vertices: number
}

/**
 * What stands in the way of a run of volumes becoming targets.
 * @returns the number of vertices without a voxel, and where they are in words
 * @throws HeschlError SHAPE_MISMATCH for another grid than the mask's, or a volume beside the surface; as `VolumeSampler`
 */
export async function checkVolumeRun(
  file: string,
  rule: VolumeRule,
): Promise<{ readonly volumes: number; readonly uncovered: number; readonly where: string }> {
  if (rule.kind === 'voxels' && (await isArray(file))) {
    const { volumes } = await maskedArray(file, rule)
    return { volumes, ...(await outsideOwn(rule)) }
  }
  const { volumes, grid } = await volumeShape(file)
  if (rule.kind === 'voxels') {
    await voxelsOf(rule, grid, file)
    return { volumes, ...(await outsideOwn(rule)) }
  }
  const sampler = await samplerOf(rule, grid, file)
  return { volumes, ...sampler.coverage() }
}

/**
 * One run as [volumes, targets of the range], in memory with a few MiB beside it.
 * @throws HeschlError as `checkVolumeRun`
 */
export async function readVolumeRun(file: string, rule: VolumeRule, { from, to }: VertexRange): Promise<Matrix32> {
  if (rule.kind === 'voxels' && (await isArray(file))) {
    await maskedArray(file, rule)
    return withinOwn(await readResponses(file, { from, to }), rule, from)
  }
  const { volumes, grid } = await volumeShape(file)
  if (rule.kind === 'voxels') {
    const { indices } = await voxelsOf(rule, grid, file)
    return withinOwn(await readNiftiValues(file, indices.subarray(from, to)), rule, from)
  }
  return sampleRun(file, volumes, await samplerOf(rule, grid, file), { from, to })
}

/** The mesh that a file is of, and how its values become the targets of a hemisphere, or of both. */
export async function resampledFrom(
  rule: ResampledRule,
  side: Side | 'both',
): Promise<{
  /** That the file has. */
  readonly vertices: number
  /** Of the study's mesh. */
  readonly targets: number
  /** @param range of the study's mesh; gives [volumes, its vertices] */
  readonly read: (range: VertexRange, file: string) => Promise<Matrix32>
}> {
  const { rows, vertices } = await resamplerOf(rule, side)
  return {
    ...{ vertices, targets: rows.offsets.length - 1 },
    async read({ from, to }, file) {
      const own = rowsBetween(rows, vertices, from, to)
      const [first, end] = [own.sources[0] ?? 0, (own.sources.at(-1) ?? -1) + 1]
      const values = await readResponses(file, { from: first, to: end })
      const out = zeros32(values.rows, to - from)
      weightedSums({ ...own, columns: own.columns.map((place) => own.sources[place] - first) }, values, out.data)
      return out
    },
  }
}

/** Volumes of a run, or of an array of a mask's voxels. @throws HeschlError as their formats */
export async function runLength(file: string): Promise<number> {
  return (await ((await isArray(file)) ? responseShape(file) : volumeShape(file))).volumes
}

const arrays: ReadonlySet<string | undefined> = new Set(['npy', 'npz', 'hdf5', 'mat', 'parquet'])

/** Whether a run is an array, which of volumes can only be [volumes, voxels of the mask]. */
const isArray = async (file: string) => arrays.has(await sniffFormat(arrayPlace(file).file))

/** The voxels of a mask as pycortex has them, x fastest. @throws HeschlError SHAPE_MISMATCH for another number of them */
async function maskedArray(file: string, { mask: path }: VoxelRule): Promise<ResponseShape> {
  const shape = await responseShape(file)
  const { indices } = await masks.get(path, [path], () => readMask(path))
  if (shape.vertices === indices.length) return shape
  throw new HeschlError('SHAPE_MISMATCH', 'A recording has another number of voxels than the mask', {
    where: { file },
    expected: `${indices.length.toLocaleString('en')} voxels, as in ${path}`,
    found: shape.vertices.toLocaleString('en'),
    remedy: 'Name the mask that the array was made with',
  })
}

/** Of the study's voxels 1 for those in the recording's own mask; undefined where it has none. */
async function ownVoxels({ mask: path, own }: VoxelRule): Promise<Uint8Array | undefined> {
  if (own === undefined) return undefined
  return ownMasks.get(JSON.stringify([path, own]), [path, own], async () => {
    const study = await masks.get(path, [path], () => readMask(path))
    const mask = await readMask(own)
    maskOn(study, path, mask.grid, own, 'A recording’s own mask')
    const inside = new Set(mask.indices)
    return Uint8Array.from(study.indices, (voxel) => Number(inside.has(voxel)))
  })
}

async function outsideOwn(rule: VoxelRule): Promise<{ readonly uncovered: number; readonly where: string }> {
  const inside = await ownVoxels(rule)
  if (!inside) return { uncovered: 0, where: '' }
  const uncovered = inside.reduce((count, own) => count + 1 - own, 0)
  if (uncovered < inside.length) return { uncovered, where: `they are outside ${rule.own}` }
  throw new HeschlError('SHAPE_MISMATCH', 'A recording’s mask has no voxel of the study’s', {
    where: { file: rule.own! },
    expected: `voxels of ${rule.mask}`,
    found: 'none of them',
    remedy: 'Name the mask of this recording',
  })
}

/** @param values [volumes, voxels of the study's mask from `from` on], in which others become NaN */
async function withinOwn(values: Matrix32, rule: VoxelRule, from: number): Promise<Matrix32> {
  const inside = await ownVoxels(rule)
  if (!inside) return values
  for (let at = 0; at < values.data.length; at++) if (inside[from + (at % values.cols)] === 0) values.data[at] = NaN
  return values
}

async function voxelsOf({ mask: path }: VoxelRule, grid: VoxelGrid, file: string): Promise<VoxelMask> {
  return maskOn(await masks.get(path, [path], () => readMask(path)), path, grid, file)
}

function samplerOf(rule: SampledRule, grid: VoxelGrid, file: string): Promise<VolumeSampler> {
  const { meshes, options, mask } = rule
  const sides = (['left', 'right'] as const).map((side) => ({ side, ...meshes[side] }))
  return samplers.get(JSON.stringify([rule, grid.shape, [...grid.affine]]), filesOfRule(rule), () =>
    openSampler(sides, { grid, file }, options, mask),
  )
}

async function resamplerOf(rule: ResampledRule, side: Side | 'both'): Promise<Resampler> {
  if (side === 'both') {
    const [left, right] = [await resamplerOf(rule, 'left'), await resamplerOf(rule, 'right')]
    return { rows: besideRows(left.rows, right.rows, left.vertices), vertices: left.vertices + right.vertices }
  }
  const { from, to } = rule.spheres[side]
  return resamplers.get(JSON.stringify([rule.method, from, to]), [from, to], async () => {
    const [source, target] = [await readSphereMesh(from, side), await readSphereMesh(to, side)]
    return { rows: sphereWeights(source, target.points, rule.method), vertices: source.points.length / 3 }
  })
}
