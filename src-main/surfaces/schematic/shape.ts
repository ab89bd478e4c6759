/**
 * The unfolded form of one schematic hemisphere: a smooth union of ellipsoids for the lobes, cut flat at the midline,
 * with the Sylvian fissure carved between temporal and frontal lobe. Proportions are those of textbook drawings of an
 * adult brain; it is nobody's anatomy. Axes: x lateral (positive), y anterior, z superior; millimetres.
 */
import { icosphere } from '../icosphere.ts'
import type { Mesh } from '../icosphere.ts'
import { adjacencyOf, smooth, vertexNormals } from '../mesh.ts'

export type Point = readonly [number, number, number]

interface Lobe {
  readonly centre: Point
  readonly radii: Point
  /** Degrees about the x axis: positive lowers the front. */
  readonly tilt: number
  /** Millimetres over which the seam to the lobes before it is rounded. */
  readonly blend: number
}

const lobes: readonly Lobe[] = [
  { centre: [20, -18, 28], radii: [43, 76, 47], tilt: 0, blend: 0 }, // frontal and parietal convexity
  { centre: [19, 32, 18], radii: [32, 36, 40], tilt: 0, blend: 22 }, // frontal pole
  { centre: [17, -70, 9], radii: [29, 32, 33], tilt: 0, blend: 24 }, // occipital lobe
  { centre: [37, -52, 16], radii: [27, 34, 34], tilt: 0, blend: 14 }, // temporo-parietal junction
  { centre: [28, -42, -14], radii: [27, 44, 19], tilt: 6, blend: 10 }, // ventral temporal surface
  { centre: [43, -14, -18], radii: [22, 41, 21], tilt: 15, blend: 6 }, // temporal lobe
]

const fissure: readonly Point[] = [
  [32, 22, -26],
  [42, 19, -16],
  [55, 9, -5],
  [61, -8, 3],
  [63, -26, 9],
  [65, -40, 15],
  [68, -50, 23],
]
const FISSURE_RADIUS = 3
const MIDLINE = 2

const turned = lobes.map((lobe) => {
  const angle = (lobe.tilt * Math.PI) / 180
  return { ...lobe, cosine: Math.cos(angle), sine: Math.sin(angle) }
})

/** Signed distance in millimetres, approximately: negative inside. */
function hemisphereDistance(x: number, y: number, z: number): number {
  let distance = Infinity
  for (const lobe of turned) distance = softMinimum(distance, ellipsoid(lobe, x, y, z), lobe.blend)
  // The fissure lies within 30 mm of the lateral surface: elsewhere its distance need not be known
  if (x > 20) distance = softMaximum(distance, FISSURE_RADIUS - distanceToCurve(x, y, z, fissure), 4)
  return softMaximum(distance, MIDLINE - x, 9)
}

function ellipsoid(lobe: (typeof turned)[number], x: number, y: number, z: number): number {
  const { centre, radii, cosine, sine } = lobe
  const dy = y - centre[1]
  const dz = z - centre[2]
  const px = (x - centre[0]) / radii[0]
  const py = (dy * cosine - dz * sine) / radii[1]
  const pz = (dy * sine + dz * cosine) / radii[2]
  const scaled = Math.sqrt(px * px + py * py + pz * pz)
  const slope = Math.sqrt((px / radii[0]) ** 2 + (py / radii[1]) ** 2 + (pz / radii[2]) ** 2)
  // At the very centre both vanish; the shortest radius is the distance there
  return slope === 0 ? -Math.min(...radii) : (scaled * (scaled - 1)) / slope
}

const softMaximum = (a: number, b: number, width: number) => -softMinimum(-a, -b, width)

/** Polynomial smooth minimum: rounds the seam of two shapes over `width` millimetres. */
function softMinimum(a: number, b: number, width: number): number {
  if (!Number.isFinite(a)) return b
  const mix = Math.max(width - Math.abs(a - b), 0) / width
  return Math.min(a, b) - (mix * mix * width) / 4
}

/** Distance from a point to a polyline. */
function distanceToCurve(x: number, y: number, z: number, curve: readonly Point[]): number {
  let best = Infinity
  for (let i = 0; i + 1 < curve.length; i++) {
    const a = curve[i]
    const b = curve[i + 1]
    const ux = b[0] - a[0]
    const uy = b[1] - a[1]
    const uz = b[2] - a[2]
    const along = ((x - a[0]) * ux + (y - a[1]) * uy + (z - a[2]) * uz) / (ux * ux + uy * uy + uz * uz)
    const t = along < 0 ? 0 : along > 1 ? 1 : along
    best = Math.min(best, (x - a[0] - t * ux) ** 2 + (y - a[1] - t * uy) ** 2 + (z - a[2] - t * uz) ** 2)
  }
  return Math.sqrt(best)
}

const CENTRE: Point = [27, -16, 12]
const REACH: Point = [33, 88, 58]

/** An icosahedral mesh on the shape: 10,242 vertices, evenly spread, outward counter-clockwise triangles. */
export function unfoldedHemisphere(): Mesh {
  const { points, triangles } = icosphere(5)
  for (let i = 0; i < points.length; i += 3) castRay(points, i)
  settle(points, triangles)
  return { points, triangles }
}

/** Sends the vertex from the centre to where its ray leaves the shape for the first time. */
function castRay(points: Float64Array, i: number): void {
  const ray = [0, 1, 2].map((axis) => points[i + axis] * REACH[axis])
  const at = (t: number) => hemisphereDistance(CENTRE[0] + t * ray[0], CENTRE[1] + t * ray[1], CENTRE[2] + t * ray[2])
  let outside = 0.04
  while (outside < 3 && at(outside) < 0) outside += 0.04
  let inside = outside - 0.04
  for (let step = 0; step < 8; step++) {
    const middle = (inside + outside) / 2
    if (at(middle) < 0) inside = middle
    else outside = middle
  }
  for (let axis = 0; axis < 3; axis++) points[i + axis] = CENTRE[axis] + inside * ray[axis]
}

/** Evens out the vertices' spacing: towards the neighbours' mean, then back onto the shape along the normal. */
function settle(points: Float64Array, triangles: Uint32Array): void {
  const adjacency = adjacencyOf(triangles, points.length / 3)
  for (let iteration = 0; iteration < 24; iteration++) {
    const normals = vertexNormals(points, triangles)
    const even = smooth(points, adjacency, 1, 0.6)
    for (let i = 0; i < points.length; i += 3) {
      const step = Math.max(-2, Math.min(2, hemisphereDistance(even[i], even[i + 1], even[i + 2])))
      for (let axis = 0; axis < 3; axis++) points[i + axis] = even[i + axis] - step * normals[i + axis]
    }
  }
}
