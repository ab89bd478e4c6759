/** A triangle mesh as its half-edges, each with the triangle it belongs to laid flat beside it. */
import { HeschlError } from '../../errors.ts'

/**
 * Half-edge 3t + k runs along side k of triangle t, from its corner k to its corner k + 1. Lengths are in units of the
 * mesh's longest edge, so that the largest and the smallest meshes are computed alike.
 */
export interface HalfEdges {
  readonly vertices: number
  /** [triangles, 3]: also the vertex that each half-edge starts from. */
  readonly from: Uint32Array
  /** The same edge in the other triangle that has it; −1 on a border. */
  readonly twin: Int32Array
  readonly length: Float64Array
  /** The corner opposite, from the half-edge's start: along it, and at right angles to it (positive). */
  readonly along: Float64Array
  readonly height: Float64Array
  /** The half-edges opposite vertex v are `opposite[offsets[v]]` up to, not including, `opposite[offsets[v + 1]]`. */
  readonly offsets: Uint32Array
  readonly opposite: Uint32Array
  /** 1 where shortest paths may bend: on a border, and where a vertex's angles add up to more than a full turn. */
  readonly bends: Uint8Array
  /** Of the longest edge, in the units of the points. */
  readonly unit: number
}

type Numbers = Float32Array | Float64Array

export const nextSide = (h: number): number => (h % 3 === 2 ? h - 2 : h + 1)
export const lastSide = (h: number): number => (h % 3 === 0 ? h + 2 : h - 1)

/** A triangle's height over its longest side, below which it is a line: its angles could not be told. */
const leastHeight = 1e-9
/** Radians beyond a full turn that are rounding. */
const flat = 1e-8

/**
 * @param points [vertices, 3]
 * @param triangles [triangles, 3]; any orientation
 * @throws HeschlError NUMERICAL: a coordinate that is not finite, a triangle without an area, an edge of three triangles;
 *   SHAPE_MISMATCH: a corner that is no vertex
 */
export function halfEdgesOf(points: Numbers, triangles: Uint32Array): HalfEdges {
  const vertices = points.length / 3
  checkIndices(triangles, vertices)
  const scale = largest(points)
  const count = triangles.length
  const length = new Float64Array(count)
  const along = new Float64Array(count)
  const height = new Float64Array(count)
  const angle = new Float64Array(vertices)
  let unit = 0
  for (let h = 0; h < count; h++) {
    const [a, b, c] = [triangles[h] * 3, triangles[nextSide(h)] * 3, triangles[lastSide(h)] * 3]
    const [ux, uy, uz] = [points[b] - points[a], points[b + 1] - points[a + 1], points[b + 2] - points[a + 2]]
    const [vx, vy, vz] = [points[c] - points[a], points[c + 1] - points[a + 1], points[c + 2] - points[a + 2]]
    const [dx, dy, dz, ex, ey, ez] = [ux / scale, uy / scale, uz / scale, vx / scale, vy / scale, vz / scale]
    length[h] = Math.hypot(dx, dy, dz)
    along[h] = (dx * ex + dy * ey + dz * ez) / length[h]
    height[h] = Math.hypot(dy * ez - dz * ey, dz * ex - dx * ez, dx * ey - dy * ex) / length[h]
    angle[triangles[h]] += Math.atan2(height[h], along[h])
    unit = Math.max(unit, length[h])
  }
  for (let t = 0; t < count; t += 3) {
    const longest = length[t] > length[t + 1] ? t : t + 1
    const h = length[longest] > length[t + 2] ? longest : t + 2
    if (!(height[h] > leastHeight * length[h])) throw degenerate(t / 3)
  }
  for (let h = 0; h < count; h++) {
    length[h] /= unit
    along[h] /= unit
    height[h] /= unit
  }
  const twin = twinsOf(triangles, vertices)
  const bends = Uint8Array.from(angle, (sum) => (sum > 2 * Math.PI + flat ? 1 : 0))
  twin.forEach((other, h) => {
    if (other < 0) bends[triangles[h]] = bends[triangles[nextSide(h)]] = 1
  })
  return {
    vertices,
    from: triangles,
    twin,
    length,
    along,
    height,
    ...fans(triangles, vertices),
    bends,
    unit: unit * scale,
  }
}

/** For every vertex the half-edges that lie opposite it. */
function fans(triangles: Uint32Array, vertices: number): Pick<HalfEdges, 'offsets' | 'opposite'> {
  const offsets = new Uint32Array(vertices + 1)
  for (const v of triangles) offsets[v + 1]++
  for (let v = 0; v < vertices; v++) offsets[v + 1] += offsets[v]
  const filled = offsets.slice()
  const opposite = new Uint32Array(triangles.length)
  for (let h = 0; h < triangles.length; h++) opposite[filled[triangles[lastSide(h)]]++] = h
  return { offsets, opposite }
}

/** Edges are sorted by their lower vertex, then compared within it: no map of all edges is needed. */
function twinsOf(triangles: Uint32Array, vertices: number): Int32Array {
  const count = triangles.length
  const offsets = new Uint32Array(vertices + 1)
  const low = (h: number) => Math.min(triangles[h], triangles[nextSide(h)])
  const high = (h: number) => Math.max(triangles[h], triangles[nextSide(h)])
  for (let h = 0; h < count; h++) offsets[low(h) + 1]++
  for (let v = 0; v < vertices; v++) offsets[v + 1] += offsets[v]
  const filled = offsets.slice()
  const sorted = new Uint32Array(count)
  for (let h = 0; h < count; h++) sorted[filled[low(h)]++] = h
  const twin = new Int32Array(count).fill(-1)
  for (let v = 0; v < vertices; v++) {
    const own = sorted.subarray(offsets[v], offsets[v + 1]).sort((g, h) => high(g) - high(h))
    for (let i = 1; i < own.length; i++) {
      const [before, h] = [own[i - 1], own[i]]
      if (high(before) !== high(h)) continue
      if (twin[before] >= 0) throw manifold(v, high(h))
      twin[before] = h
      twin[h] = before
    }
  }
  return twin
}

function largest(points: Numbers): number {
  let most = 0
  for (const value of points) {
    if (!Number.isFinite(value)) {
      throw new HeschlError('NUMERICAL', 'A surface has a vertex that is nowhere', {
        expected: 'finite coordinates',
        found: String(value),
      })
    }
    most = Math.max(most, Math.abs(value))
  }
  return most || 1
}

function checkIndices(triangles: Uint32Array, vertices: number): void {
  const beyond = triangles.find((v) => v >= vertices)
  if (beyond === undefined && triangles.length % 3 === 0 && Number.isInteger(vertices)) return
  throw new HeschlError('SHAPE_MISMATCH', 'The triangles are not of these vertices', {
    expected: `three corners a triangle, each below ${vertices}`,
    found: beyond === undefined ? `${triangles.length} corners` : `corner ${beyond}`,
  })
}

const degenerate = (triangle: number) =>
  new HeschlError('NUMERICAL', 'A triangle of the surface has no area: distances along it cannot be told', {
    expected: 'three corners that are not on one line',
    found: `triangle ${triangle}`,
    remedy: 'Mend the surface: remove the triangle, or move its corners apart',
  })

const manifold = (a: number, b: number) =>
  new HeschlError('NUMERICAL', 'Three triangles of the surface share an edge: it has no inside and outside there', {
    expected: 'at most two triangles an edge',
    found: `the edge between vertices ${a} and ${b}`,
    remedy: 'Mend the surface, so that it is a sheet everywhere',
  })
