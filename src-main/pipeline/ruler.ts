/** Distances along a cortex for a window: measured on the folded surface, told by edges so that any form can show them. */
import { HeschlError } from '../errors.ts'
import { adjacencyOf } from '../linalg/adjacency.ts'
import type { Adjacency } from '../linalg/adjacency.ts'
import { Geodesics } from '../surfaces/geodesic/geodesic.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import type { RulerTask } from './tasks.ts'

interface Measured {
  readonly mesh: number
  readonly geodesics: Geodesics
  readonly neighbours: Adjacency
}

/** Both hemispheres of one cortex. */
const mostKept = 2
/** Milliseconds after which nobody waits. */
const patience = 20_000

/** Measures along hemispheres, and keeps what it made of the latest. */
export class Ruler {
  #known: readonly Measured[] = []

  /**
   * The exact shortest path between two vertices (`surfaces/geodesic`).
   * @returns `starts` and `ends` int32 [points], the vertices of the edge that each point lies on, and `shares` float32
   *   [points]; `length` in millimetres in the provenance, null where no path leads there
   * @throws HeschlError OPTION_INVALID for a vertex that is not there; NUMERICAL for a surface that cannot be measured on, or
   *   takes too long; CANCELLED
   */
  measure(task: RulerTask, context: StepContext): StepResult {
    const { from, to, folded } = task
    const { geodesics, neighbours } = this.#measured(task)
    const began = performance.now()
    const bound = boundOf(neighbours, folded, from, to)
    const path = geodesics.path([from], to, (reached) => {
      throwIfCancelled(context)
      // The front spreads over an area.
      context.progress({ fraction: bound > 0 ? Math.min(1, (reached / bound) ** 2) : 1 })
      if (performance.now() - began > patience)
        throw new HeschlError('NUMERICAL', 'Measuring along this surface takes too long', {
          found: `no path after ${patience / 1000} s`,
          remedy: 'Choose points that are nearer to each other',
        })
    })
    const { starts, ends, shares } = onEdges(path?.points ?? new Float64Array(0), folded, neighbours)
    const row = (name: string, data: Int32Array | Float32Array) => ({ name, shape: [data.length], data })
    return {
      arrays: [row('starts', starts), row('ends', ends), row('shares', shares)],
      provenance: { length: path?.length ?? null },
    }
  }

  #measured({ mesh, folded, triangles }: RulerTask): Measured {
    const known = this.#known.find((one) => one.mesh === mesh) ?? {
      ...{ mesh, geodesics: new Geodesics(folded, triangles), neighbours: adjacencyOf(triangles, folded.length / 3) },
    }
    this.#known = [known, ...this.#known.filter((one) => one !== known)].slice(0, mostKept)
    return known
  }
}

/** Millimetres along edges, which no path over faces is longer than; Infinity where none leads there. */
function boundOf({ offsets, neighbours }: Adjacency, places: Float32Array, from: number, to: number): number {
  const distance = new Float64Array(offsets.length - 1).fill(Infinity)
  const waits = new Uint8Array(distance.length)
  if (from >= distance.length || to >= distance.length) return Infinity
  distance[from] = 0
  // Neighbours are about as far as each other, so that the order of arrival is nearly the order of distance.
  const queue = [from]
  for (let at = 0; at < queue.length; at++) {
    const v = queue[at]
    waits[v] = 0
    for (let n = offsets[v]; n < offsets[v + 1]; n++) {
      const w = neighbours[n]
      const reached = distance[v] + between(places, v, w)
      if (reached >= distance[w] || reached >= distance[to]) continue
      distance[w] = reached
      if (waits[w] === 0) queue.push(w)
      waits[w] = 1
    }
  }
  return distance[to]
}

const between = (places: Float32Array, a: number, b: number) =>
  Math.hypot(
    places[a * 3] - places[b * 3],
    places[a * 3 + 1] - places[b * 3 + 1],
    places[a * 3 + 2] - places[b * 3 + 2],
  )

/** The edge that each point of a path lies on: the one that it is nearest to. */
function onEdges(points: Float64Array, places: Float32Array, { offsets, neighbours }: Adjacency) {
  const count = points.length / 3
  const starts = new Int32Array(count)
  const ends = new Int32Array(count)
  const shares = new Float32Array(count)
  for (let p = 0; p < count; p++) {
    const [x, y, z] = [points[p * 3], points[p * 3 + 1], points[p * 3 + 2]]
    let least = Infinity
    for (let v = 0; v + 1 < offsets.length; v++)
      for (let n = offsets[v]; n < offsets[v + 1]; n++) {
        if (neighbours[n] < v) continue
        const [a, b] = [v * 3, neighbours[n] * 3]
        const [ux, uy, uz] = [places[b] - places[a], places[b + 1] - places[a + 1], places[b + 2] - places[a + 2]]
        const [px, py, pz] = [x - places[a], y - places[a + 1], z - places[a + 2]]
        const square = ux * ux + uy * uy + uz * uz
        const share = Math.min(1, Math.max(0, (px * ux + py * uy + pz * uz) / (square || 1)))
        const off = (px - share * ux) ** 2 + (py - share * uy) ** 2 + (pz - share * uz) ** 2
        if (off >= least) continue
        least = off
        starts[p] = v
        ends[p] = neighbours[n]
        shares[p] = share
      }
  }
  return { starts, ends, shares }
}
