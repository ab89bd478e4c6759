/** What shapes and simulations need of a triangle mesh: neighbours, normals, smoothing. */

type Numbers = Float32Array | Float64Array

/** Compressed rows: the neighbours of vertex v are `neighbours[offsets[v]]` up to, not including, `offsets[v + 1]`. */
export interface Adjacency {
  readonly offsets: Uint32Array
  readonly neighbours: Uint32Array
}

/** Each vertex's neighbours along edges, once each, in ascending order. */
export function adjacencyOf(triangles: Uint32Array, vertices: number): Adjacency {
  const sets = Array.from({ length: vertices }, () => new Set<number>())
  for (let t = 0; t < triangles.length; t += 3) {
    for (let side = 0; side < 3; side++) {
      const a = triangles[t + side]
      const b = triangles[t + ((side + 1) % 3)]
      sets[a].add(b)
      sets[b].add(a)
    }
  }
  const offsets = new Uint32Array(vertices + 1)
  sets.forEach((set, v) => (offsets[v + 1] = offsets[v] + set.size))
  const neighbours = new Uint32Array(offsets[vertices])
  sets.forEach((set, v) => neighbours.set(Uint32Array.from(set).sort(), offsets[v]))
  return { offsets, neighbours }
}

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
