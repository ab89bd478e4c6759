/** Scores of subjects by region, the whole cortex first. */
import { zeros64 } from '../../linalg/matrix.ts'
import type { Matrix32, Matrix64 } from '../../linalg/matrix.ts'
import { summarize } from '../../scoring/index.ts'
import type { Scores } from './input.ts'

export const wholeCortex = 'whole cortex'

export interface RegionSet {
  /** The whole cortex first. */
  readonly names: readonly string[]
  /** [vertices]: 1 and above, index into `names`; 0 is outside every region. */
  readonly labels: Uint16Array
}

/** Of the surface's parcellation; the whole cortex alone where it has none. */
export function regionSet(scores: Scores): RegionSet {
  const [, ...named] = scores.input.surface.regions
  return { names: [wholeCortex, ...named.map(({ name }) => name)], labels: scores.labels }
}

/** One map's mean in every region, over its finite values; NaN where there is none. */
export function meansOf(map: Float32Array, { names, labels }: RegionSet): number[] {
  const { mean, byRegion } = summarize(map, labels, names.length)
  return [mean, ...byRegion.slice(1)]
}

/** @returns [subjects, regions] */
export function regionMeans({ data, rows, cols }: Matrix32, regions: RegionSet): Matrix64 {
  const means = zeros64(rows, regions.names.length)
  for (let row = 0; row < rows; row++)
    means.data.set(meansOf(data.subarray(row * cols, (row + 1) * cols), regions), row * means.cols)
  return means
}
