/** Distances and paths along a surface: exact, in the units of its points. */
import { HeschlError } from '../../errors.ts'
import { halfEdgesOf } from './halfEdges.ts'
import type { HalfEdges } from './halfEdges.ts'
import { tracePath } from './path.ts'
import { Propagation } from './propagation.ts'

export interface GeodesicPath {
  readonly length: number
  /** [points, 3]: from the target to the nearest source; where it bends or crosses an edge. */
  readonly points: Float64Array
}

/** A surface to measure on; made once, measured as often as needed. */
export class Geodesics {
  private readonly mesh: HalfEdges
  private readonly points: Float32Array | Float64Array

  /**
   * @param points [vertices, 3]
   * @param triangles [triangles, 3]; any orientation, borders and separate parts allowed
   * @throws HeschlError NUMERICAL: a coordinate that is not finite, a triangle without an area, an edge of three
   *   triangles; SHAPE_MISMATCH: a corner that is no vertex
   */
  constructor(points: Float32Array | Float64Array, triangles: Uint32Array) {
    this.points = points
    this.mesh = halfEdgesOf(points, triangles)
  }

  /**
   * @param sources vertices at distance 0
   * @param check called several times a second; may throw
   * @returns [vertices]: length of the shortest path to the nearest source, over faces as along edges; Infinity where no
   *   path leads to one, as at a vertex of no triangle
   * @throws HeschlError OPTION_INVALID: no source, or one that is no vertex
   */
  distances(sources: ArrayLike<number>, check?: () => void): Float64Array {
    this.checkVertices(sources)
    const { distance } = new Propagation(this.mesh, sources, { check })
    return distance.map((value) => value * this.mesh.unit)
  }

  /**
   * A shortest path from a vertex to the nearest of the sources; null where none leads there. Where several are as short
   * it is one of them.
   * @param check as of `distances`; told how far from the sources distances are known
   * @throws HeschlError as `distances`
   */
  path(sources: ArrayLike<number>, target: number, check?: (reached: number) => void): GeodesicPath | null {
    this.checkVertices(sources)
    this.checkVertices([target])
    const { unit } = this.mesh
    const found = new Propagation(this.mesh, sources, {
      ...(check && { check: (reached: number) => check(reached * unit) }),
      target,
    })
    if (found.distance[target] === Infinity) return null
    return {
      length: found.distance[target] * this.mesh.unit,
      points: tracePath(this.mesh, this.points, found, target),
    }
  }

  private checkVertices(vertices: ArrayLike<number>): void {
    const { length } = vertices
    const wrong = Array.from(vertices).find((v) => !(Number.isInteger(v) && v >= 0 && v < this.mesh.vertices))
    if (length > 0 && wrong === undefined) return
    throw new HeschlError('OPTION_INVALID', 'A distance needs vertices of the surface to start from', {
      expected: `at least one, each 0 to ${this.mesh.vertices - 1}`,
      found: wrong === undefined ? 'none' : `vertex ${wrong}`,
    })
  }
}
