/** Which vertices of a mesh are neighbours. */

/** Compressed rows: the neighbours of vertex v are `neighbours[offsets[v]]` up to, not including, `offsets[v + 1]`. */
export interface Adjacency {
  readonly offsets: Uint32Array
  readonly neighbours: Uint32Array
}

/**
 * Each vertex's neighbours along edges, once each, in ascending order.
 * @param triangles [triangles, 3], vertices below `vertices`
 */
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

/**
 * Both hemispheres as one graph without an edge between them: the right one's vertices follow the left one's.
 */
export function besideEachOther(left: Adjacency, right: Adjacency): Adjacency {
  const shift = left.offsets.length - 1
  const edges = left.neighbours.length
  const offsets = new Uint32Array(shift + right.offsets.length)
  offsets.set(left.offsets)
  offsets.set(
    right.offsets.map((offset) => offset + edges),
    shift,
  )
  const neighbours = new Uint32Array(edges + right.neighbours.length)
  neighbours.set(left.neighbours)
  neighbours.set(
    right.neighbours.map((vertex) => vertex + shift),
    edges,
  )
  return { offsets, neighbours }
}

/**
 * A mesh at several times: vertex v at time t is index t * vertices + v, a neighbour of the vertex's neighbours at that
 * time and of itself one time earlier and later.
 */
export function overTime({ offsets, neighbours }: Adjacency, times: number): Adjacency {
  const vertices = offsets.length - 1
  const out: number[] = []
  const ends = new Uint32Array(vertices * times + 1)
  for (let t = 0; t < times; t++) {
    for (let v = 0; v < vertices; v++) {
      const at = t * vertices + v
      if (t > 0) out.push(at - vertices)
      for (let k = offsets[v]; k < offsets[v + 1]; k++) out.push(t * vertices + neighbours[k])
      if (t + 1 < times) out.push(at + vertices)
      ends[at + 1] = out.length
    }
  }
  return { offsets: ends, neighbours: Uint32Array.from(out) }
}
