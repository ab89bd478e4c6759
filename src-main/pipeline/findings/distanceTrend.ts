/** Does a map rise with the distance along the cortex from a region? */
import { spearman } from '../../scoring/index.ts'
import { spinTest } from '../../statistics/index.ts'
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
 * Of each hemisphere and of both. The distances are turned, and the map stays: so every rotation has as many vertices.
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
  return ([['left'], ['right'], ['left', 'right']] as const).map((own) => {
    const hemisphere = own.length === 2 ? 'both' : own[0]
    const from = own[0] === 'right' ? border : 0
    const to = own.includes('right' as never) ? map.length : border
    const [x, y] = [distance.subarray(from, to), map.subarray(from, to)]
    const spheres = own.flatMap((side) => {
      const points = surface[side].sphere
      return points === undefined ? [] : [{ points, mirrored: side === 'right' }]
    })
    const without = (reason: string): Trend => ({ hemisphere, ...plainRho(x, y), p: NaN, spins: 0, reason })
    if (spheres.length < own.length) {
      const bare = own.filter((side) => surface[side].sphere === undefined).join(' and ')
      return without(`the surface has no sphere (${bare}): name it under \`surface\` as \`sphere\``)
    }
    const found = spinTest(spheres, x, y, options, check)
    if (!found.testable) return without(found.reason === 'no value' ? 'no vertex has a value' : 'all values are equal')
    return { hemisphere, rho: found.rho, n: found.n, p: found.p, spins: options.spins, reason: null }
  })
}

function plainRho(x: Float64Array, y: Float64Array): { rho: number; n: number } {
  const both = Uint32Array.from(x.keys()).filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]))
  const values = (of: Float64Array) => Float64Array.from(both, (i) => of[i])
  return { rho: both.length < 2 ? NaN : spearman(values(x), values(y)), n: both.length }
}
