/** The subdivided icosahedron that fsaverage and its smaller forms are built on. */

export interface Mesh {
  /** [vertices, 3]. */
  readonly points: Float64Array
  /** [triangles, 3], counter-clockwise from outside. */
  readonly triangles: Uint32Array
}

const golden = (1 + Math.sqrt(5)) / 2

const corners = [
  [-1, golden, 0],
  [1, golden, 0],
  [-1, -golden, 0],
  [1, -golden, 0],
  [0, -1, golden],
  [0, 1, golden],
  [0, -1, -golden],
  [0, 1, -golden],
  [golden, 0, -1],
  [golden, 0, 1],
  [-golden, 0, -1],
  [-golden, 0, 1],
]

const faces = [
  0, 11, 5, 0, 5, 1, 0, 1, 7, 0, 7, 10, 0, 10, 11, 1, 5, 9, 5, 11, 4, 11, 10, 2, 10, 7, 6, 7, 1, 8, 3, 9, 4, 3, 4, 2, 3,
  2, 6, 3, 6, 8, 3, 8, 9, 4, 9, 5, 2, 4, 11, 6, 2, 10, 8, 6, 7, 9, 8, 1,
]

/** A unit sphere of 10·4^level + 2 vertices: 10,242 at level 5. */
export function icosphere(level: number): Mesh {
  const points = corners.flatMap((corner) => unit(corner))
  let triangles = faces
  for (let step = 0; step < level; step++) {
    const middles = new Map<number, number>()
    const count = points.length / 3
    const middle = (a: number, b: number) => {
      const key = Math.min(a, b) * count + Math.max(a, b)
      let index = middles.get(key)
      if (index === undefined) {
        index = points.length / 3
        points.push(...unit([0, 1, 2].map((axis) => points[a * 3 + axis] + points[b * 3 + axis])))
        middles.set(key, index)
      }
      return index
    }
    const finer: number[] = []
    for (let t = 0; t < triangles.length; t += 3) {
      const [a, b, c] = [triangles[t], triangles[t + 1], triangles[t + 2]]
      const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)]
      finer.push(a, ab, ca, b, bc, ab, c, ca, bc, ab, bc, ca)
    }
    triangles = finer
  }
  return { points: Float64Array.from(points), triangles: Uint32Array.from(triangles) }
}

function unit([x, y, z]: readonly number[]): number[] {
  const length = Math.hypot(x, y, z)
  return [x / length, y / length, z / length]
}
