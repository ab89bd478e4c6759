/** A map's statistic under one rearrangement of the subjects after another. */
import type { Gemm } from '../linalg/gemm.ts'
import { zeros64 } from '../linalg/matrix.ts'
import type { Matrix64 } from '../linalg/matrix.ts'
import type { Rearrangements } from './rearrangements.ts'
import type { ScaledColumns } from './scaledColumns.ts'

/** Values of a batch of permuted maps: 64 MB. */
const batchValues = 2 ** 23
const mostRows = 64

/** What a permutation test may be given to be watched, and stopped: what it throws ends the test. */
export type PermutationProgress = (done: number, total: number) => void | Promise<void>

/** Where products are computed, and who is told how far they are. */
export interface PermutationHost {
  readonly gemm: Gemm
  readonly progress?: PermutationProgress
}

/**
 * Hands over the map of every rearrangement, the observed one first.
 * @param toStatistic turns a weighted sum over subjects into the statistic
 * @param visit its map [vertices] may be changed, and is gone after the call
 */
export async function forEachRearrangement(
  { count, next }: Rearrangements,
  columns: ScaledColumns,
  toStatistic: (sum: number) => number,
  { gemm, progress }: PermutationHost,
  visit: (map: Float64Array, row: number) => void,
): Promise<void> {
  const { rows, cols } = columns
  const most = Math.max(1, Math.min(mostRows, Math.floor(batchValues / Math.max(1, cols))))
  const maps = new Float64Array(Math.min(most, count) * cols)
  // Products know their operands by identity: one of each size is made, and used again.
  const outputs = new Map<string, Matrix64>()
  const output = (height: number, width: number): Matrix64 => {
    const key = `${height} ${width}`
    const known = outputs.get(key) ?? zeros64(height, width)
    outputs.set(key, known)
    return known
  }
  for (let first = 0; first < count; first += most) {
    const height = Math.min(most, count - first)
    const weights = zeros64(height, rows)
    for (let k = 0; k < height; k++) next(weights.data, k * rows)
    await columns.forEachPart(async (part, column) => {
      const sums = await gemm.multiply(weights, part, { out: output(height, part.cols) })
      for (let k = 0; k < height; k++) {
        for (let j = 0; j < part.cols; j++) maps[k * cols + column + j] = toStatistic(sums.data[k * part.cols + j])
      }
    })
    for (let k = 0; k < height; k++) visit(maps.subarray(k * cols, (k + 1) * cols), first + k)
    await progress?.(first + height, count)
  }
}
