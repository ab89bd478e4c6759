/** Facts of a triangle mesh that tests hold against what a surface must be. */

type Points = Float32Array

const normalOf = (points: Points, triangles: Uint32Array, t: number): [number, number, number] => {
  const [a, b, c] = [triangles[t] * 3, triangles[t + 1] * 3, triangles[t + 2] * 3]
  const u = [0, 1, 2].map((axis) => points[b + axis] - points[a + axis])
  const v = [0, 1, 2].map((axis) => points[c + axis] - points[a + axis])
  return [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
}

/** Every directed edge once and its reverse once is a closed, oriented surface. */
export function checkMesh(points: Points, triangles: Uint32Array) {
  const vertices = points.length / 3
  const edges = new Set<number>()
  let twice = false
  let volume = 0
  let smallestArea = Infinity
  for (let t = 0; t < triangles.length; t += 3) {
    for (let side = 0; side < 3; side++) {
      const edge = triangles[t + side] * vertices + triangles[t + ((side + 1) % 3)]
      twice ||= edges.has(edge)
      edges.add(edge)
    }
    const normal = normalOf(points, triangles, t)
    smallestArea = Math.min(smallestArea, Math.hypot(...normal) / 2)
    for (let axis = 0; axis < 3; axis++) volume += (points[triangles[t] * 3 + axis] * normal[axis]) / 6
  }
  const closed =
    !twice && [...edges].every((edge) => edges.has((edge % vertices) * vertices + Math.floor(edge / vertices)))
  return { vertices, euler: vertices - edges.size / 2 + triangles.length / 3, closed, volume, smallestArea }
}

/** Least cosine between the normals of two triangles that share an edge: 1 is flat, -1 folded onto itself. */
export function smallestAngleToNeighbours(points: Points, triangles: Uint32Array): number {
  const vertices = points.length / 3
  const byEdge = new Map<number, number>()
  for (let t = 0; t < triangles.length; t += 3) {
    for (let side = 0; side < 3; side++) {
      byEdge.set(triangles[t + side] * vertices + triangles[t + ((side + 1) % 3)], t)
    }
  }
  let least = 1
  for (const [edge, t] of byEdge) {
    const other = byEdge.get((edge % vertices) * vertices + Math.floor(edge / vertices))!
    const [a, b] = [normalOf(points, triangles, t), normalOf(points, triangles, other)]
    least = Math.min(least, (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / (Math.hypot(...a) * Math.hypot(...b)))
  }
  return least
}

export function extent(points: Points, axis: number): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (let i = axis; i < points.length; i += 3) [low, high] = [Math.min(low, points[i]), Math.max(high, points[i])]
  return [low, high]
}

/** Mean position of the vertices with `label`. */
export function regionCentre(points: Points, labels: Uint16Array, label: number): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0]
  let count = 0
  labels.forEach((value, v) => {
    if (value !== label) return
    count++
    for (let axis = 0; axis < 3; axis++) sum[axis] += points[v * 3 + axis]
  })
  return [sum[0] / count, sum[1] / count, sum[2] / count]
}
