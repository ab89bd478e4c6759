/** Distances along a cortex for a window: measured on the folded surface, told by edges so that any form can show them. */
import type { RulerPath } from '../contract/ruler.ts'
import { HeschlError } from '../errors.ts'
import { Geodesics } from '../surfaces/geodesic/geodesic.ts'

interface Hemisphere {
  readonly folded: Float32Array
  readonly triangles: Uint32Array
}

interface Measured {
  readonly geodesics: Geodesics
  /** uint32 [edges, 2], each once. */
  readonly edges: Uint32Array
}

/** Kept as long as the surface is. */
const known = new WeakMap<Hemisphere, Measured>()

/** Milliseconds after which nobody waits. */
const patience = 20_000

/**
 * The exact shortest path between two vertices (`surfaces/geodesic`).
 * @throws HeschlError OPTION_INVALID for a vertex that is not there; NUMERICAL for a surface that cannot be measured on, or
 *   takes too long
 */
export function rulerPath(hemisphere: Hemisphere, from: number, to: number): RulerPath {
  let measured = known.get(hemisphere)
  if (!measured) {
    const { folded, triangles } = hemisphere
    measured = { geodesics: new Geodesics(folded, triangles), edges: edgesOf(triangles, folded.length / 3) }
    known.set(hemisphere, measured)
  }
  const began = performance.now()
  const path = measured.geodesics.path([from], to, () => {
    if (performance.now() - began > patience)
      throw new HeschlError('NUMERICAL', 'Measuring along this surface takes too long', {
        found: `no path after ${patience / 1000} s`,
        remedy: 'Choose points that are nearer to each other',
      })
  })
  if (path === null)
    return { length: null, starts: new Uint32Array(0), ends: new Uint32Array(0), shares: new Float32Array(0) }
  return { length: path.length, ...onEdges(path.points, hemisphere.folded, measured.edges) }
}

function edgesOf(triangles: Uint32Array, vertices: number): Uint32Array {
  const seen = new Set<number>()
  for (let t = 0; t < triangles.length; t += 3)
    for (let side = 0; side < 3; side++) {
      const [a, b] = [triangles[t + side], triangles[t + ((side + 1) % 3)]]
      seen.add(Math.min(a, b) * vertices + Math.max(a, b))
    }
  const edges = new Uint32Array(seen.size * 2)
  let at = 0
  for (const key of seen) {
    edges[at++] = Math.floor(key / vertices)
    edges[at++] = key % vertices
  }
  return edges
}

/** The edge that each point of a path lies on: the one that it is nearest to. */
function onEdges(points: Float64Array, places: Float32Array, edges: Uint32Array) {
  const count = points.length / 3
  const starts = new Uint32Array(count)
  const ends = new Uint32Array(count)
  const shares = new Float32Array(count)
  for (let p = 0; p < count; p++) {
    const [x, y, z] = [points[p * 3], points[p * 3 + 1], points[p * 3 + 2]]
    let least = Infinity
    for (let e = 0; e < edges.length; e += 2) {
      const [a, b] = [edges[e] * 3, edges[e + 1] * 3]
      const [ux, uy, uz] = [places[b] - places[a], places[b + 1] - places[a + 1], places[b + 2] - places[a + 2]]
      const [px, py, pz] = [x - places[a], y - places[a + 1], z - places[a + 2]]
      const square = ux * ux + uy * uy + uz * uz
      const share = Math.min(1, Math.max(0, (px * ux + py * uy + pz * uz) / (square || 1)))
      const off = (px - share * ux) ** 2 + (py - share * uy) ** 2 + (pz - share * uz) ** 2
      if (off >= least) continue
      least = off
      starts[p] = edges[e]
      ends[p] = edges[e + 1]
      shares[p] = share
    }
  }
  return { starts, ends, shares }
}
