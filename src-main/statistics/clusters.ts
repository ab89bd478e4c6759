/** Clusters of neighbouring vertices beyond a threshold, and their mass: the sum of their statistic (Bullmore 1999). */
import type { Adjacency } from '../linalg/adjacency.ts'

export interface Cluster {
  /** In the order in which they were reached. */
  readonly vertices: Uint32Array
  /** Sum of the statistic over them, with its sign. */
  readonly mass: number
}

/** Finds clusters in one map after another over one mesh, in the same memory. */
export class ClusterFinder {
  private readonly adjacency: Adjacency
  private readonly seen: Uint8Array
  private readonly queue: Uint32Array

  constructor(adjacency: Adjacency) {
    const vertices = adjacency.offsets.length - 1
    this.adjacency = adjacency
    this.seen = new Uint8Array(vertices)
    this.queue = new Uint32Array(vertices)
  }

  /**
   * @param map [vertices]; what is not finite belongs to no cluster
   * @param threshold at least 0
   * @param sign 1: values above the threshold; -1: values below minus the threshold
   */
  clusters(map: Float64Array, threshold: number, sign: 1 | -1): Cluster[] {
    const found: Cluster[] = []
    this.search(map, threshold, sign, (mass, from, to) =>
      found.push({ vertices: this.queue.slice(from, to), mass: sign * mass }),
    )
    return found
  }

  /** The largest mass without its sign; 0 where nothing is beyond the threshold. */
  largestMass(map: Float64Array, threshold: number, sign: 1 | -1): number {
    let most = 0
    this.search(map, threshold, sign, (mass) => (most = Math.max(most, mass)))
    return most
  }

  private search(
    map: Float64Array,
    threshold: number,
    sign: 1 | -1,
    use: (mass: number, from: number, to: number) => void,
  ): void {
    const { seen, queue } = this
    const { offsets, neighbours } = this.adjacency
    seen.fill(0)
    let last = 0
    for (let start = 0; start < seen.length; start++) {
      if (seen[start] || !inside(sign * map[start], threshold)) continue
      const first = last
      let mass = 0
      seen[start] = 1
      queue[last++] = start
      for (let at = first; at < last; at++) {
        const vertex = queue[at]
        mass += sign * map[vertex]
        for (let k = offsets[vertex]; k < offsets[vertex + 1]; k++) {
          const neighbour = neighbours[k]
          if (seen[neighbour] || !inside(sign * map[neighbour], threshold)) continue
          seen[neighbour] = 1
          queue[last++] = neighbour
        }
      }
      use(mass, first, last)
    }
  }
}

const inside = (value: number, threshold: number): boolean => value > threshold && value < Infinity
