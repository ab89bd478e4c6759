/** The nested map (Millet et al. 2022, Fig. 4D): how far up the chain of contrasts each vertex goes. */
import type { RegionSet } from '../regionScores.ts'
import type { ContrastTest } from './groupTests.ts'

export interface NestedMap {
  /** From chance up; class k + 1 is that contrasts 0 to k hold, class 0 that the first does not. */
  readonly contrasts: readonly string[]
  /** [vertices]: the class; NaN where the first contrast is not tested. */
  readonly classes: Float32Array
  /** [regions][classes]: vertices. */
  readonly counts: readonly (readonly number[])[]
  /** Vertices where a contrast holds although one below it does not: they are not counted for it. */
  readonly outOfOrder: number
}

/**
 * The most specific contrast that holds given that all below it do, each at the same level.
 * @param chain nested contrasts from chance up, without the two-sided one
 */
export function nestedMap(chain: readonly ContrastTest[], level: number, regions: RegionSet): NestedMap {
  const vertices = regions.labels.length
  const classes = new Float32Array(vertices).fill(NaN)
  const counts = regions.names.map(() => new Array<number>(chain.length + 1).fill(0))
  let outOfOrder = 0
  for (let v = 0; v < vertices; v++) {
    const holds = chain.map(({ byVertex: { q } }) => q[v] <= level)
    if (chain.length === 0 || Number.isNaN(chain[0].byVertex.q[v])) continue
    const failed = holds.indexOf(false)
    const reached = failed < 0 ? chain.length : failed
    if (holds.includes(true, reached)) outOfOrder++
    classes[v] = reached
    for (const region of [0, ...regions.regionsOf[regions.labels[v]]]) counts[region][reached]++
  }
  return { contrasts: chain.map(({ contrast }) => contrast.name), classes, counts, outOfOrder }
}
