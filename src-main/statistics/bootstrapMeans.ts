import { seededRandom } from '../linalg/random.ts'
import { zeros64 } from '../linalg/matrix.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { bootstrapWords, checkBootstrap, draw, intervalOf } from './bootstrap.ts'
import type { BootstrapOptions } from './bootstrap.ts'
import { checkShape, forEachColumn } from './columns.ts'
import { momentsOf } from './moments.ts'
import type { PermutationHost } from './permuted.ts'
import { countReasons, reasonCode } from './result.ts'
import type { MapTest } from './result.ts'
import { ScaledColumns } from './scaledColumns.ts'

export interface MeanIntervals {
  /** [vertices]; NaN where there is no interval. */
  readonly mean: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
  readonly reason: Uint8Array
  readonly untested: MapTest['untested']
  readonly words: string
}

/** Means of every resample that are held at a time: 128 MB. */
const heldValues = 2 ** 24

/**
 * Intervals for the mean over subjects at every vertex: every vertex sees the same resamples of subjects.
 * @param values [subjects, vertices]; a vertex where one is not finite has none
 * @throws HeschlError OPTION_INVALID, SHAPE_MISMATCH
 */
export async function bootstrapMeans(
  values: Matrix,
  options: BootstrapOptions,
  { gemm, progress }: PermutationHost,
): Promise<MeanIntervals> {
  checkBootstrap(options)
  checkShape(values)
  const { rows, cols } = values
  const mean = new Float64Array(cols).fill(NaN)
  const low = new Float64Array(cols).fill(NaN)
  const high = new Float64Array(cols).fill(NaN)
  const reason = new Uint8Array(cols)
  const scale = new Float64Array(cols)
  const shift = new Float64Array(cols)
  const acceleration = new Float64Array(cols)
  forEachColumn(values, (v, column, count) => {
    if (count < rows || count < 2) {
      reason[v] = reasonCode(count === 0 ? 'no value' : count < rows ? 'incomplete' : 'one value')
      return
    }
    const moments = momentsOf(column, count)
    mean[v] = moments.mean
    if (moments.norm === 0) {
      reason[v] = reasonCode(mean[v] === 0 ? 'all zero' : 'all equal')
      return
    }
    // Without a subject the mean moves by its deviation / (n - 1): the jackknife in closed form.
    acceleration[v] = moments.skewness / 6
    shift[v] = mean[v]
    scale[v] = 1
  })
  const weights = resampleWeights(rows, options)
  const sorted = new Float64Array(options.resamples)
  const columns = new ScaledColumns(values, shift, scale, Math.max(1, Math.floor(heldValues / options.resamples)))
  await columns.forEachPart(async (part, first) => {
    const means = await gemm.multiply(weights, part)
    for (let k = 0; k < part.cols; k++) {
      const v = first + k
      if (scale[v] === 0) continue
      for (let b = 0; b < sorted.length; b++) sorted[b] = means.data[b * part.cols + k]
      sorted.sort()
      const [from, to] = intervalOf(sorted, { estimate: 0, acceleration: acceleration[v] }, options)
      low[v] = mean[v] + from
      high[v] = mean[v] + to
    }
    await progress?.(first + part.cols, cols)
  })
  return { ...{ mean, low, high, reason }, untested: countReasons(reason), words: bootstrapWords(options) }
}

/** [resamples, n]: the share that each subject has in each resample. */
function resampleWeights(rows: number, { resamples, seed }: BootstrapOptions) {
  const weights = zeros64(resamples, rows)
  const random = seededRandom(seed)
  const drawn = new Uint32Array(rows)
  for (let b = 0; b < resamples; b++) {
    draw(drawn, random.uniform)
    for (const subject of drawn) weights.data[b * rows + subject] += 1 / rows
  }
  return weights
}
