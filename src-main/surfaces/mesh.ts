/** What shapes and simulations need of a triangle mesh: neighbours, normals, smoothing. */
import type { Adjacency } from '../linalg/adjacency.ts'

export { adjacencyOf } from '../linalg/adjacency.ts'
export type { Adjacency } from '../linalg/adjacency.ts'

type Numbers = Float32Array | Float64Array

/** Unit outward normals [vertices, 3], weighted by triangle area; zero at a vertex of no triangle. */
export function vertexNormals(points: Numbers, triangles: Uint32Array): Float64Array {
  const normals = new Float64Array(points.length)
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [triangles[t] * 3, triangles[t + 1] * 3, triangles[t + 2] * 3]
    const [ux, uy, uz] = [points[b] - points[a], points[b + 1] - points[a + 1], points[b + 2] - points[a + 2]]
    const [vx, vy, vz] = [points[c] - points[a], points[c + 1] - points[a + 1], points[c + 2] - points[a + 2]]
    const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx]
    for (const corner of [a, b, c]) for (let axis = 0; axis < 3; axis++) normals[corner + axis] += normal[axis]
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]) || 1
    for (let axis = 0; axis < 3; axis++) normals[i + axis] /= length
  }
  return normals
}

/**
 * Moves every value a share `step` of the way to its neighbours' mean, `iterations` times.
 * @param values [vertices, width]
 */
export function smooth(
  values: Float64Array,
  { offsets, neighbours }: Adjacency,
  iterations: number,
  step = 0.5,
): Float64Array {
  const vertices = offsets.length - 1
  const width = values.length / vertices
  let now = values.slice()
  let next = new Float64Array(values.length)
  for (let iteration = 0; iteration < iterations; iteration++) {
    for (let v = 0; v < vertices; v++) {
      const from = offsets[v]
      const to = offsets[v + 1]
      for (let k = 0; k < width; k++) {
        let sum = 0
        for (let n = from; n < to; n++) sum += now[neighbours[n] * width + k]
        const own = now[v * width + k]
        next[v * width + k] = to > from ? own + step * (sum / (to - from) - own) : own
      }
    }
    ;[now, next] = [next, now]
  }
  return now
}
