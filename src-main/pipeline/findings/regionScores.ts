/** Scores of subjects by region, the whole cortex first. */
import { zeros64 } from '../../linalg/matrix.ts'
import type { Matrix32, Matrix64 } from '../../linalg/matrix.ts'
import { regionsOf } from '../../study/regions.ts'
import type { Scores } from './input.ts'

const wholeCortex = 'whole cortex'

export interface RegionSet {
  /** The whole cortex first, which is all there is without a parcellation. */
  readonly names: readonly string[]
  /** [vertices]: label of the parcellation; 0 is outside all. */
  readonly labels: Uint16Array
  /** Of each label: the regions that it belongs to, as indices into `names`; the whole cortex is not listed. */
  readonly regionsOf: readonly (readonly number[])[]
  /** Where the regions are from, in words. */
  readonly from: string
}

/** The study's regions (study/regions.ts). */
export function regionSet(scores: Scores): RegionSet {
  const labels = scores.input.surface.regions.map(({ name }) => name)
  const { groups, from } = regionsOf(scores.input.study.regions, labels)
  return {
    names: [wholeCortex, ...groups.map(({ name }) => name)],
    labels: scores.labels,
    regionsOf: labels.map((label, l) =>
      groups.flatMap((group, g) => (l > 0 && group.labels.includes(label) ? [g + 1] : [])),
    ),
    from,
  }
}

/** One map's mean in every region, over its finite values; NaN where there is none. */
export function meansOf(map: Float32Array, { names, labels, regionsOf: places }: RegionSet): Float64Array {
  const sums = new Float64Array(places.length)
  const counts = new Float64Array(places.length)
  for (let v = 0; v < map.length; v++) {
    if (!Number.isFinite(map[v])) continue
    sums[labels[v]] += map[v]
    counts[labels[v]]++
  }
  const totals = new Float64Array(names.length)
  const vertices = new Float64Array(names.length)
  for (const [label, own] of places.entries()) {
    for (const region of [0, ...own]) {
      totals[region] += sums[label]
      vertices[region] += counts[label]
    }
  }
  return totals.map((total, region) => total / vertices[region])
}

/** @returns [subjects, regions] */
export function regionMeans({ data, rows, cols }: Matrix32, regions: RegionSet): Matrix64 {
  const means = zeros64(rows, regions.names.length)
  for (let row = 0; row < rows; row++)
    means.data.set(meansOf(data.subarray(row * cols, (row + 1) * cols), regions), row * means.cols)
  return means
}
