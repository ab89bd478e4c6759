/** Where simulated listeners of one language respond, to what, and how strongly: the table laid out on a surface. */
import { HeschlError } from '../../errors.ts'
import { adjacencyOf, besideEachOther } from '../../linalg/adjacency.ts'
import { smooth } from '../../surfaces/mesh.ts'
import type { Adjacency } from '../../surfaces/mesh.ts'
import type { CorticalSurface } from '../../surfaces/types.ts'
import { usual } from './defaultTruth.ts'
import type { TruthRow } from './truthTable.ts'

/** Nothing is planted where a region's border leaves less than this share of its signal. */
const leastOfSignal = 0.25
/** Rounds of averaging over neighbours of the signal, so that regions have no hard borders. */
const borderRounds = 2

/** Rows that are mixed in some vertices. */
export interface Mixture {
  readonly rows: readonly TruthRow[]
  /** Names its draws: equal for all listeners, languages and runs. */
  readonly name: string
}

export interface PlantedPlan {
  readonly mixtures: readonly Mixture[]
  /** int16 [vertices], left then right: index of the mixture, −1 for noise alone. */
  readonly mixture: Int16Array
  /** float64 [vertices]: share of the variance that is signal; 0 where nothing is planted. */
  readonly signal: Float64Array
  readonly autocorrelation: Float64Array
  readonly rounds: Uint8Array
  /** Vertices outside every region: their responses are exactly 0. */
  readonly silent: readonly boolean[]
  /** Left and right together, as one mesh of two parts. */
  readonly adjacency: Adjacency
}

/**
 * @param rows of one language
 * @param signal takes the place of the table's wherever something is planted [vertices], left then right
 * @throws HeschlError SHAPE_MISMATCH where the surface has no regions
 */
export function plantedPlan(surface: CorticalSurface, rows: readonly TruthRow[], signal?: Float64Array): PlantedPlan {
  const { left, right, regions } = surface
  const labels = [...left.labels, ...right.labels]
  if (!labels.some((label) => label > 0))
    throw new HeschlError('SHAPE_MISMATCH', 'Listeners cannot be simulated on a surface without regions', {
      expected: 'a parcellation',
      found: 'none',
      remedy: 'Give the study a `parcellation`, or write `surface: schematic`',
    })
  const adjacency = besideEachOther(
    adjacencyOf(left.triangles, left.labels.length),
    adjacencyOf(right.triangles, right.labels.length),
  )
  const mixtures: Mixture[] = []
  const found = new Map<string, number>()
  /** Index of what a region's side is made of. */
  const placed = (label: number, side: 'left' | 'right'): number => {
    const key = `${label} ${side}`
    const known = found.get(key)
    if (known !== undefined) return known
    const name = regions[label].name
    const own = rows.filter(
      ({ region, hemisphere }) => region === name && (hemisphere === 'both' || hemisphere === side),
    )
    const both = own.every(({ hemisphere }) => hemisphere === 'both')
    const index = own.length === 0 ? -1 : mixtures.push({ rows: own, name: both ? name : `${name} ${side}` }) - 1
    found.set(key, index)
    if (both) found.set(`${label} ${side === 'left' ? 'right' : 'left'}`, index)
    return index
  }
  const all = Int16Array.from(labels, (label, v) =>
    label === 0 ? -1 : placed(label, v < left.labels.length ? 'left' : 'right'),
  )
  const region = (v: number, of: keyof TruthRow & keyof typeof usual) =>
    (all[v] < 0 ? usual : mixtures[all[v]].rows[0])[of] as number
  const flat = Float64Array.from(all, (index) => (index < 0 ? 0 : mixtures[index].rows[0].signal))
  const smoothed = smooth(flat, adjacency, borderRounds)
  const planted = Float64Array.from(smoothed, (share, v) =>
    flat[v] === 0 || share < leastOfSignal * flat[v] ? 0 : (signal?.[v] ?? share),
  )
  return {
    mixtures,
    mixture: all.map((index, v) => (planted[v] > 0 ? index : -1)),
    signal: planted,
    autocorrelation: Float64Array.from(all, (_, v) => region(v, 'autocorrelation')),
    rounds: Uint8Array.from(all, (_, v) => region(v, 'smoothing')),
    silent: labels.map((label) => label === 0),
    adjacency,
  }
}
