/**
 * From one mesh to another through spheres that are registered with each other, both taken to radius 1. `barycentric` is
 * Connectome Workbench's -metric-resample BARYCENTRIC: the weights, of the corners of the triangle that is nearest, of the
 * point of it that is nearest. `nearest` takes the nearest vertex.
 */
import { HeschlError } from '../../errors.ts'
import { NearestPoints } from '../../linalg/nearestPoints.ts'
import { zeros32 } from '../../linalg/matrix.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { SparseRowsBuilder, weightedSums } from '../../linalg/sparseRows.ts'
import type { SparseRows } from '../../linalg/sparseRows.ts'
import type { TriangleMesh } from '../surfaceFile.ts'

export const resampleMethods = ['barycentric', 'nearest'] as const
export type ResampleMethod = (typeof resampleMethods)[number]

const checkEvery = 4096

/**
 * @param to [vertices, 3]: the sphere of the wanted mesh
 * @param check called every few thousand vertices with how many are done; may throw
 * @returns [vertices of `to`, vertices of `from`]
 * @throws HeschlError NUMERICAL for a vertex at the centre
 */
export function sphereWeights(
  from: TriangleMesh,
  to: Float32Array,
  method: ResampleMethod,
  check: (done: number) => void = () => undefined,
): SparseRows {
  const [source, target] = [unitPoints(from.points), unitPoints(to)]
  const nearest = new NearestPoints(source)
  const around = method === 'barycentric' ? trianglesAround(from.triangles, source.length / 3) : undefined
  const builder = new SparseRowsBuilder(target.length / 3)
  for (let v = 0; v < target.length / 3; v++) {
    if (v % checkEvery === 0) check(v)
    const point: Point = [target[3 * v], target[3 * v + 1], target[3 * v + 2]]
    const first = nearest.find(...point)
    if (around) {
      const { corners, weights } = nearestOnMesh(source, from.triangles, around, point, first)
      for (const [i, corner] of corners.entries()) if (weights[i] > 0) builder.add(corner, weights[i])
    } else builder.add(first, 1)
    builder.endRow()
  }
  return builder.done()
}

/**
 * Maps of one mesh on another.
 * @param maps [maps, vertices of `from`]
 * @param to, check as `sphereWeights`
 * @returns [maps, vertices of `to`]; NaN where a map has none
 * @throws HeschlError as `sphereWeights`
 */
export function resampleMaps(
  maps: Matrix32,
  from: TriangleMesh,
  to: Float32Array,
  method: ResampleMethod,
  check?: (done: number) => void,
): Matrix32 {
  const out = zeros32(maps.rows, to.length / 3)
  weightedSums(sphereWeights(from, to, method, check), maps, out.data)
  return out
}

type Point = readonly [number, number, number]

function unitPoints(points: Float32Array): Float64Array {
  const out = new Float64Array(points.length)
  for (let i = 0; i < points.length; i += 3) {
    const radius = Math.hypot(points[i], points[i + 1], points[i + 2])
    if (!(radius > 0))
      throw new HeschlError('NUMERICAL', 'A vertex of a sphere is at its centre', {
        expected: 'spheres about the origin',
        found: `vertex ${i / 3} at the origin`,
      })
    for (let axis = 0; axis < 3; axis++) out[i + axis] = points[i + axis] / radius
  }
  return out
}

interface Around {
  readonly offsets: Uint32Array
  /** Triangles by vertex. */
  readonly triangles: Uint32Array
}

function trianglesAround(triangles: Uint32Array, vertices: number): Around {
  const offsets = new Uint32Array(vertices + 1)
  for (const corner of triangles) offsets[corner + 1]++
  for (let v = 0; v < vertices; v++) offsets[v + 1] += offsets[v]
  const own = new Uint32Array(triangles.length)
  const next = offsets.slice()
  for (let i = 0; i < triangles.length; i++) own[next[triangles[i]]++] = Math.floor(i / 3)
  return { offsets, triangles: own }
}

interface OnTriangle {
  readonly corners: readonly number[]
  readonly weights: Point
  readonly distance: number
}

/** Triangles around the nearest vertex, then around the corners of the best one until none is better. */
function nearestOnMesh(
  points: Float64Array,
  triangles: Uint32Array,
  around: Around,
  point: Point,
  first: number,
): OnTriangle {
  const looked = new Set<number>()
  let best: OnTriangle = { corners: [first], weights: [1, 0, 0], distance: Infinity }
  for (let next: readonly number[] = [first]; next.length > 0;) {
    let better: OnTriangle = best
    for (const vertex of next)
      for (let i = around.offsets[vertex]; i < around.offsets[vertex + 1]; i++) {
        const t = around.triangles[i]
        if (looked.has(t)) continue
        looked.add(t)
        const corners = [triangles[3 * t], triangles[3 * t + 1], triangles[3 * t + 2]]
        const found = nearestInTriangle(points, corners, point)
        if (found.distance < better.distance) better = { corners, ...found }
      }
    next = better === best ? [] : better.corners
    best = better
  }
  return best
}

/** Barycentric weights of the nearest point of a triangle; C. Ericson, Real-Time Collision Detection (2005), 5.1.5. */
function nearestInTriangle(
  points: Float64Array,
  [ia, ib, ic]: readonly number[],
  p: Point,
): Omit<OnTriangle, 'corners'> {
  const at = (i: number): Point => [points[3 * i], points[3 * i + 1], points[3 * i + 2]]
  const [a, b, c] = [at(ia), at(ib), at(ic)]
  const [ab, ac] = [minus(b, a), minus(c, a)]
  const [ap, bp, cp] = [minus(p, a), minus(p, b), minus(p, c)]
  const [d1, d2] = [dot(ab, ap), dot(ac, ap)]
  const [d3, d4] = [dot(ab, bp), dot(ac, bp)]
  const [d5, d6] = [dot(ab, cp), dot(ac, cp)]
  const vc = d1 * d4 - d3 * d2
  const vb = d5 * d2 - d1 * d6
  const va = d3 * d6 - d5 * d4
  const weights = ((): Point => {
    if (d1 <= 0 && d2 <= 0) return [1, 0, 0]
    if (d3 >= 0 && d4 <= d3) return [0, 1, 0]
    if (d6 >= 0 && d5 <= d6) return [0, 0, 1]
    if (vc <= 0 && d1 >= 0 && d3 <= 0) return [1 - d1 / (d1 - d3), d1 / (d1 - d3), 0]
    if (vb <= 0 && d2 >= 0 && d6 <= 0) return [1 - d2 / (d2 - d6), 0, d2 / (d2 - d6)]
    if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) {
      const share = (d4 - d3) / (d4 - d3 + (d5 - d6))
      return [0, 1 - share, share]
    }
    const sum = va + vb + vc
    return [va / sum, vb / sum, vc / sum]
  })()
  const [u, v, w] = weights
  const distance = [0, 1, 2].reduce(
    (total, axis) => total + (u * a[axis] + v * b[axis] + w * c[axis] - p[axis]) ** 2,
    0,
  )
  return { weights, distance }
}

const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
const dot = (a: Point, b: Point) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
