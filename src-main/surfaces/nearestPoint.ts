/** The point of a mesh nearest to a point in space. */
import type { HemisphereSurface } from '../contract/study.ts'

type Mesh = Pick<HemisphereSurface, 'folded' | 'triangles'>

export interface NearestPoint {
  /** Of its triangle. */
  readonly corners: readonly [number, number, number]
  /** Of the corners; they are not negative and add up to 1. */
  readonly weights: readonly [number, number, number]
  /** Millimetres. */
  readonly distance: number
  /** The vertex of the mesh that is nearest. */
  readonly vertex: number
}

/**
 * Finds points one after the other. The triangle that holds the nearest point has a corner within the nearest vertex's
 * distance and the mesh's longest edge, so that triangles of other corners need not be looked at.
 */
export class NearestPoints {
  readonly #mesh: Mesh
  /** float64 [vertices]: squares of the distances of the last point. */
  readonly #squares: Float64Array
  readonly #longest: number

  constructor(mesh: Mesh) {
    this.#mesh = mesh
    this.#squares = new Float64Array(mesh.folded.length / 3)
    this.#longest = longestEdge(mesh)
  }

  /** @returns null for a mesh without triangles, or a point that is not finite */
  at(x: number, y: number, z: number): NearestPoint | null {
    const { folded, triangles } = this.#mesh
    const squares = this.#squares
    let [vertex, least] = [-1, Infinity]
    for (let v = 0; v < squares.length; v++) {
      const [dx, dy, dz] = [folded[3 * v] - x, folded[3 * v + 1] - y, folded[3 * v + 2] - z]
      const square = dx * dx + dy * dy + dz * dz
      squares[v] = square
      if (square < least) [vertex, least] = [v, square]
    }
    if (vertex < 0) return null
    const reach = (Math.sqrt(least) + this.#longest) ** 2
    let best: NearestPoint | null = null
    for (let t = 0; t < triangles.length; t += 3) {
      const [a, b, c] = [triangles[t], triangles[t + 1], triangles[t + 2]]
      if (!(squares[a] <= reach || squares[b] <= reach || squares[c] <= reach)) continue
      const weights = nearestIn([x, y, z], at(folded, a), at(folded, b), at(folded, c))
      const distance = Math.hypot(
        ...[0, 1, 2].map(
          (i) =>
            weights[0] * folded[3 * a + i] +
            weights[1] * folded[3 * b + i] +
            weights[2] * folded[3 * c + i] -
            [x, y, z][i],
        ),
      )
      if (distance < (best?.distance ?? Infinity)) best = { corners: [a, b, c], weights, distance, vertex }
    }
    return best
  }
}

type Vector = readonly [number, number, number]

const at = (points: Float32Array, v: number): Vector => [points[3 * v], points[3 * v + 1], points[3 * v + 2]]
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

function longestEdge({ folded, triangles }: Mesh): number {
  let longest = 0
  for (let t = 0; t < triangles.length; t += 3)
    for (let i = 0; i < 3; i++) {
      const edge = minus(at(folded, triangles[t + i]), at(folded, triangles[t + ((i + 1) % 3)]))
      longest = Math.max(longest, dot(edge, edge) || 0)
    }
  return Math.sqrt(longest)
}

/**
 * Weights of the corners of a triangle at its point nearest to p: by the region (a corner, an edge, the inside) that p
 * projects to (Ericson, Real-Time Collision Detection, 2005, 5.1.5). A triangle without an area is its edges.
 */
export function nearestIn(p: Vector, a: Vector, b: Vector, c: Vector): [number, number, number] {
  const [ab, ac, ap, bp, cp] = [minus(b, a), minus(c, a), minus(p, a), minus(p, b), minus(p, c)]
  const [d1, d2] = [dot(ab, ap), dot(ac, ap)]
  if (d1 <= 0 && d2 <= 0) return [1, 0, 0]
  const [d3, d4] = [dot(ab, bp), dot(ac, bp)]
  if (d3 >= 0 && d4 <= d3) return [0, 1, 0]
  const vc = d1 * d4 - d3 * d2
  if (vc <= 0 && d1 >= 0 && d3 <= 0) {
    const v = d1 - d3 > 0 ? d1 / (d1 - d3) : 0
    return [1 - v, v, 0]
  }
  const [d5, d6] = [dot(ab, cp), dot(ac, cp)]
  if (d6 >= 0 && d5 <= d6) return [0, 0, 1]
  const vb = d5 * d2 - d1 * d6
  if (vb <= 0 && d2 >= 0 && d6 <= 0) {
    const w = d2 - d6 > 0 ? d2 / (d2 - d6) : 0
    return [1 - w, 0, w]
  }
  const va = d3 * d6 - d5 * d4
  if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) {
    const w = (d4 - d3) / (d4 - d3 + (d5 - d6))
    return [0, 1 - w, w]
  }
  const whole = va + vb + vc
  return [va / whole, vb / whole, vc / whole]
}
