import { lastSide, nextSide } from './halfEdges.ts'
import type { HalfEdges } from './halfEdges.ts'
import type { Propagation } from './propagation.ts'
import { sourceX, sourceY, width } from './windows.ts'

/**
 * Follows the windows that gave a vertex its distance back to their source, and where a path bends at a vertex on from
 * there.
 * @param points [vertices, 3]
 * @param found with a target, so that its windows were kept
 * @returns [points of the path, 3], from the target on
 */
export function tracePath(
  mesh: HalfEdges,
  points: ArrayLike<number>,
  { distance, origin, windows }: Propagation,
  target: number,
): Float64Array {
  const path: number[] = []
  const put = (h: number, s: number) => {
    const share = Math.min(1, Math.max(0, s / mesh.length[h]))
    const [a, b] = [mesh.from[h] * 3, mesh.from[nextSide(h)] * 3]
    const point = [0, 1, 2].map((axis) => points[a + axis] + share * (points[b + axis] - points[a + axis]))
    const at = path.length - 3
    if (point.some((value, axis) => value !== path[at + axis])) path.push(...point)
  }
  const putVertex = (v: number) => {
    const [h] = mesh.opposite.subarray(mesh.offsets[v], mesh.offsets[v + 1])
    put(lastSide(h), 0)
  }
  putVertex(target)
  let v = target
  while (distance[v] > 0) {
    let place = origin[v]
    if (place < 0) v = ~place
    else {
      // Where the path is, in the plane of the half-edge that it comes over next.
      const own = windows.edge[place]
      let [px, py] = [mesh.along[own], mesh.height[own]]
      for (;;) {
        const h = windows.edge[place]
        const [x, y] = [windows.numbers[place * width + sourceX], windows.numbers[place * width + sourceY]]
        const s = x + ((px - x) * y) / (y + py)
        put(h, s)
        const parent = windows.parent[place]
        if (parent < 0) {
          v = ~parent
          break
        }
        const side = mesh.twin[h]
        ;[px, py] = onSide(mesh, windows.edge[parent], side, mesh.from[h] === mesh.from[side] ? s : mesh.length[h] - s)
        place = parent
      }
    }
    putVertex(v)
  }
  return Float64Array.from(path)
}

/** A point on another side of a half-edge's triangle, in the half-edge's plane. */
function onSide(mesh: HalfEdges, h: number, side: number, s: number): [number, number] {
  const share = s / mesh.length[side]
  const [full, cx, cy] = [mesh.length[h], mesh.along[h], mesh.height[h]]
  return side === nextSide(h) ? [full + share * (cx - full), share * cy] : [cx - share * cx, cy - share * cy]
}
