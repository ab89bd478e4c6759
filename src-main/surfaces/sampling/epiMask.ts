/**
 * Where the brain is in a run of fMRI, as nilearn's `compute_epi_mask` finds it (nilearn 0.14, `masking.py`, after T. Nichols):
 * the mean volume is cut where its histogram is emptiest, and the result opened and cleared of what does not hang together.
 */
import { HeschlError } from '../../errors.ts'
import { eachNiftiBlock, readNiftiHeader } from '../../formats/nifti.ts'
import { voxelCount } from './grid.ts'
import type { VoxelGrid } from './grid.ts'
import { volumeShape } from './volumeRun.ts'

export interface EpiMaskOptions {
  /** Shares of the voxels between which the emptiest place of the histogram is looked for. */
  readonly lower: number
  readonly upper: number
  /** Erosions, then twice as many dilations, and as many erosions; 0 for none, and then nothing is smoothed. */
  readonly opening: number
  /** Leaves zeros out of the histogram: of volumes that were padded with them. */
  readonly excludeZeros: boolean
}

export const epiMaskDefaults: EpiMaskOptions = { lower: 0.2, upper: 0.85, opening: 2, excludeZeros: false }

/** The mean and its sorted copy are in memory. */
const mostVoxels = 5e7

type Numbers = Float32Array | Float64Array
type Shape = VoxelGrid['shape']

/**
 * The mean over a run's volumes [voxels], x fastest. Of float32 it is summed in float32, of other numbers in float64, as numpy
 * does.
 * @param told how many volumes are done; may throw
 * @throws HeschlError as `volumeShape`; FORMAT_INVALID for more than 50 million voxels
 */
export async function meanVolume(
  file: string,
  told: (volumes: number, of: number) => void = () => undefined,
): Promise<{ readonly grid: VoxelGrid; readonly mean: Numbers }> {
  const { volumes, grid } = await volumeShape(file)
  const { type, slope, intercept } = await readNiftiHeader(file)
  const voxels = voxelCount(grid)
  if (volumes < 1 || voxels > mostVoxels)
    throw new HeschlError('FORMAT_INVALID', 'This file is no run that a mask can be made of', {
      where: { file },
      expected: `volumes of at most ${mostVoxels.toLocaleString('en')} voxels`,
      found: `${volumes} volumes of ${voxels.toLocaleString('en')}`,
    })
  const isPlain = slope === 1 && intercept === 0
  const isSingle = isPlain && (type === 'f4' || (volumes === 1 && !['f8', 'i8', 'u8'].includes(type)))
  const mean = isSingle ? new Float32Array(voxels) : new Float64Array(voxels)
  const all = new Int32Array(voxels).map((_, voxel) => voxel)
  await eachNiftiBlock(file, all, ({ data, rows }, first) => {
    for (let at = 0; at < data.length; at += voxels)
      for (let voxel = 0; voxel < voxels; voxel++) mean[voxel] += data[at + voxel]
    told(first + rows, volumes)
  })
  for (let voxel = 0; voxel < voxels; voxel++) mean[voxel] /= volumes
  return { grid, mean }
}

/**
 * @param mean [voxels], x fastest; written over
 * @returns 1 inside, and the value from which on voxels were taken
 * @throws HeschlError NUMERICAL where no voxel is left
 */
export function epiMask(
  mean: Numbers,
  shape: Shape,
  { lower, upper, opening, excludeZeros }: EpiMaskOptions,
): { readonly mask: Uint8Array<ArrayBuffer>; readonly threshold: number } {
  const wasNaN = mean.map((value) => Number(Number.isNaN(value)))
  for (let i = 0; i < mean.length; i++) if (!Number.isFinite(mean[i])) mean[i] = 0
  if (opening > 0) {
    for (const axis of [0, 1, 2] as const) smooth(mean, shape, axis)
    for (let i = 0; i < mean.length; i++) if (wasNaN[i] === 1) mean[i] = 0
  }
  const sorted = (excludeZeros ? mean.filter((value) => value !== 0) : mean.slice()).sort()
  const threshold = emptiest(sorted, lower, upper)
  let mask = Uint8Array.from(mean, (value) => Number(value >= threshold))
  for (let i = 0; i < opening; i++) mask = eroded(mask, shape)
  if (!mask.includes(1)) throw noVoxel('no voxel that is left after opening')
  mask = largestPart(mask, shape)
  for (let i = 0; i < 2 * opening; i++) mask = dilated(mask, shape)
  for (let i = 0; i < opening; i++) mask = eroded(mask, shape)
  if (mask.includes(1)) return { mask, threshold }
  throw noVoxel('no voxel that is left after closing')
}

/**
 * Voxels that are in more than half of the masks, and of those the largest part, as nilearn's `compute_multi_epi_mask`.
 * @throws HeschlError NUMERICAL where there is none
 */
export function commonMask(masks: readonly Uint8Array<ArrayBuffer>[], shape: Shape): Uint8Array<ArrayBuffer> {
  if (masks.length === 1) return masks[0]
  const half = 0.5 * masks.length
  const common = masks[0].map((_, voxel) => Number(masks.reduce((count, mask) => count + mask[voxel], 0) > half))
  if (common.includes(1)) return largestPart(common, shape)
  throw noVoxel('no voxel that is in more than half of the runs’ masks')
}

const noVoxel = (found: string) =>
  new HeschlError('NUMERICAL', 'No mask comes out of these volumes', {
    expected: 'volumes as they were recorded, the brain brighter than what is around it',
    found,
    remedy: 'Name runs that are neither detrended nor standardised, or raise --lower',
  })

/** Halfway between the two neighbours in order that are furthest apart. */
function emptiest(sorted: Numbers, lower: number, upper: number): number {
  const from = Math.floor(lower * sorted.length)
  const to = Math.min(Math.floor(upper * sorted.length), sorted.length - 1)
  const single = sorted instanceof Float32Array ? Math.fround : (value: number) => value
  let [best, at] = [-Infinity, -1]
  for (let i = from; i < to; i++) {
    const gap = single(sorted[i + 1] - sorted[i])
    if (gap > best) [best, at] = [gap, i]
  }
  if (at < 0) throw noVoxel('too few voxels between the two shares')
  return single(0.5 * single(sorted[at] + sorted[at + 1]))
}

/** Of a Gaussian of one voxel's full width at half maximum, cut at four SDs: scipy's `gaussian_filter1d`. */
const kernel = (() => {
  const sigma = 1 / Math.sqrt(8 * Math.log(2))
  const reach = Math.floor(4 * sigma + 0.5)
  const own = Array.from({ length: reach + 1 }, (_, i) => Math.exp((-0.5 / (sigma * sigma)) * i * i))
  const sum = own.reduce((total, weight, i) => total + (i === 0 ? 1 : 2) * weight, 0)
  return own.map((weight) => weight / sum)
})()

/** In place along one axis; beyond its ends the volume is reflected, the last voxel twice. */
function smooth(values: Numbers, shape: Shape, axis: 0 | 1 | 2): void {
  const size = shape[axis]
  const step = shape.slice(0, axis).reduce((product, n) => product * n, 1)
  const reach = kernel.length - 1
  const line = new Float64Array(size + 2 * reach)
  const within = (i: number) => {
    const place = ((i % (2 * size)) + 2 * size) % (2 * size)
    return place < size ? place : 2 * size - 1 - place
  }
  const places = Array.from(line, (_, i) => within(i - reach))
  for (let start = 0; start < values.length; start++) {
    if (Math.floor(start / step) % size !== 0) continue
    for (let i = 0; i < line.length; i++) line[i] = values[start + places[i] * step]
    for (let i = 0; i < size; i++) {
      // scipy's order of sums
      let sum = line[i + reach] * kernel[0]
      for (let back = reach; back > 0; back--) sum += (line[i + reach - back] + line[i + reach + back]) * kernel[back]
      values[start + i * step] = sum
    }
  }
}

/** Calls with each voxel and its neighbours that share a face: -1 beyond the volume. */
function eachVoxel([sx, sy, sz]: Shape, use: (voxel: number, neighbours: Int32Array) => void): void {
  const neighbours = new Int32Array(6)
  for (let z = 0, voxel = 0; z < sz; z++)
    for (let y = 0; y < sy; y++)
      for (let x = 0; x < sx; x++, voxel++) {
        neighbours[0] = x > 0 ? voxel - 1 : -1
        neighbours[1] = x < sx - 1 ? voxel + 1 : -1
        neighbours[2] = y > 0 ? voxel - sx : -1
        neighbours[3] = y < sy - 1 ? voxel + sx : -1
        neighbours[4] = z > 0 ? voxel - sx * sy : -1
        neighbours[5] = z < sz - 1 ? voxel + sx * sy : -1
        use(voxel, neighbours)
      }
}

/** What lies beyond the volume is outside the mask, for both. */
function eroded(mask: Uint8Array, shape: Shape): Uint8Array<ArrayBuffer> {
  const out = Uint8Array.from(mask)
  eachVoxel(shape, (voxel, neighbours) => {
    for (const neighbour of neighbours) if (neighbour < 0 || mask[neighbour] === 0) out[voxel] = 0
  })
  return out
}

function dilated(mask: Uint8Array, shape: Shape): Uint8Array<ArrayBuffer> {
  const out = Uint8Array.from(mask)
  eachVoxel(shape, (voxel, neighbours) => {
    for (const neighbour of neighbours) if (neighbour >= 0 && mask[neighbour] === 1) out[voxel] = 1
  })
  return out
}

/** Of parts that hang together by faces; of several of one size that whose first voxel comes first with z fastest, as scipy. */
function largestPart(mask: Uint8Array, shape: Shape): Uint8Array<ArrayBuffer> {
  const part = new Int32Array(mask.length)
  const [sx, sy, sz] = shape
  const step = [1, sx, sx * sy]
  const waiting: number[] = []
  let [parts, largest, best] = [0, 0, 0]
  for (let x = 0; x < sx; x++)
    for (let y = 0; y < sy; y++)
      for (let z = 0; z < sz; z++) {
        const first = x + sx * (y + sy * z)
        if (mask[first] === 0 || part[first] !== 0) continue
        let size = 0
        part[first] = ++parts
        waiting.push(first)
        for (let voxel = waiting.pop(); voxel !== undefined; voxel = waiting.pop()) {
          size++
          for (const [axis, length] of shape.entries()) {
            const at = Math.floor(voxel / step[axis]) % length
            for (const to of [at > 0 ? voxel - step[axis] : -1, at < length - 1 ? voxel + step[axis] : -1])
              if (to >= 0 && mask[to] === 1 && part[to] === 0) {
                part[to] = parts
                waiting.push(to)
              }
          }
        }
        if (size > largest) [largest, best] = [size, parts]
      }
  return Uint8Array.from(part, (own) => Number(own === best))
}
