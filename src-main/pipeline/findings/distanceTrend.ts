/** Does a map rise with the distance along the cortex from a region? */
import { spearman } from '../../scoring/index.ts'
import { spinTests } from '../../statistics/index.ts'
import type { SpinOptions } from '../../statistics/spinTest.ts'
import { Geodesics } from '../../surfaces/geodesic/geodesic.ts'
import type { CorticalSurface } from '../../surfaces/index.ts'

const sides = ['left', 'right'] as const
export type Side = (typeof sides)[number]

/**
 * Millimetres along the folded surface to the nearest vertex of a region of the same hemisphere.
 * @param isSource [vertices], left before right
 * @returns [vertices]; NaN in a hemisphere without such a vertex, and where no path leads to one
 * @throws HeschlError NUMERICAL: a surface on which distances cannot be told; what `check` throws
 */
export function distancesFrom(surface: CorticalSurface, isSource: Uint8Array, check: () => void): Float64Array {
  const out = new Float64Array(isSource.length).fill(NaN)
  let first = 0
  for (const side of sides) {
    const { folded, triangles } = surface[side]
    const count = folded.length / 3
    const sources = Uint32Array.from(Array(count).keys()).filter((v) => isSource[first + v] === 1)
    if (sources.length > 0) {
      const distances = new Geodesics(folded, triangles).distances(sources, check)
      out.set(
        // In single precision, as they are stored: vertices that are as far by symmetry are tied.
        distances.map((value) => (value < Infinity ? Math.fround(value) : NaN)),
        first,
      )
    }
    first += count
  }
  return out
}

export interface Trend {
  readonly hemisphere: Side | 'both'
  /** Spearman's rho; NaN where it has none. */
  readonly rho: number
  /** Vertices where both maps have a value. */
  readonly n: number
  /** Of the spin test; NaN without one. */
  readonly p: number
  /** Rotations; 0 without a test. */
  readonly spins: number
  /** Why there is no p; null where there is. */
  readonly reason: string | null
}

/**
 * Of each hemisphere and of both, by the same rotations. The distances are turned, and the map stays: so every rotation
 * has as many vertices.
 * @param distance, map [vertices], left before right; NaN where there is none
 */
export function distanceTrends(
  surface: CorticalSurface,
  distance: Float64Array,
  map: Float64Array,
  options: SpinOptions,
  check: () => void,
): Trend[] {
  const border = surface.left.folded.length / 3
  const sides = ['left', 'right'] as const
  const ranges = { left: [0, border], right: [border, map.length], both: [0, map.length] } as const
  const spheres = sides.flatMap((side) => {
    const points = surface[side].sphere
    return points === undefined ? [] : [{ side, points, mirrored: side === 'right' }]
  })
  const bare = sides.filter((side) => surface[side].sphere === undefined)
  const known = ([...sides, 'both'] as const).filter((name) =>
    name === 'both' ? bare.length === 0 : !bare.includes(name),
  )
  const [from, to] = spheres.length === 1 ? ranges[spheres[0].side] : ranges.both
  const parts = known.map((name) => (name === 'both' ? [0, 1] : [spheres.findIndex(({ side }) => side === name)]))
  const turned = [distance, map].map((values) => values.subarray(from, to))
  const found = known.length === 0 ? [] : spinTests(spheres, turned[0], turned[1], parts, options, check)
  return ([...sides, 'both'] as const).map((hemisphere) => {
    const [x, y] = [distance, map].map((values) => values.subarray(...ranges[hemisphere]))
    const without = (reason: string): Trend => ({ hemisphere, ...plainRho(x, y), p: NaN, spins: 0, reason })
    const own = found[known.indexOf(hemisphere)] as (typeof found)[number] | undefined
    if (!own) {
      const lacking = hemisphere === 'both' ? bare.join(' and ') : hemisphere
      return without(`the surface has no sphere (${lacking}): name it under \`surface\` as \`sphere\``)
    }
    if (!own.testable) return without(own.reason === 'no value' ? 'no vertex has a value' : 'all values are equal')
    return { hemisphere, rho: own.rho, n: own.n, p: own.p, spins: options.spins, reason: null }
  })
}

function plainRho(x: Float64Array, y: Float64Array): { rho: number; n: number } {
  const both = Uint32Array.from(x.keys()).filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]))
  const values = (of: Float64Array) => Float64Array.from(both, (i) => of[i])
  return { rho: both.length < 2 ? NaN : spearman(values(x), values(y)), n: both.length }
}
