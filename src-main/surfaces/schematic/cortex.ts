/** The cortex Heschl draws itself, for the demo and for tests: recognisably a brain, and nobody's. */
import { adjacencyOf, smooth, vertexNormals } from '../mesh.ts'
import type { Adjacency } from '../mesh.ts'
import { seededRandom } from '../../linalg/random.ts'
import type { CorticalSurface, HemisphereSurface } from '../types.ts'
import { icosphere } from '../icosphere.ts'
import { foldingPattern } from './folding.ts'
import { cortexShare, labelVertices, schematicRegions } from './parcels.ts'
import { unfoldedHemisphere } from './shape.ts'
import { distanceToSulcus, sulci, traceSulci } from './sulci.ts'
import type { SulcusName } from './sulci.ts'

/** Millimetres from crown to fundus. */
const DEPTH = 9
const FORCE = 1.3
/** Millimetres over which a named sulcus imposes itself. */
const FORCE_WIDTH = 2.2
/** Millimetres by which each sulcus's control points differ between hemispheres (SD). */
const JITTER = 1.5

/** Rounds of taking folds back where they turn triangles over; three or so are enough. */
const MOST_ROUNDS = 40

/** Raised whenever another cortex is drawn: one that was kept is then drawn again. */
export const drawnVersion = 1
/** What is known of it before it is drawn. */
export const drawnFacts = { name: 'schematic cortex', schematic: true, regions: schematicRegions, notes: [] } as const

/** Same vertices, triangles and lobes on both sides; each side has folds of its own. Always the same cortex. */
export function schematicCortex(): CorticalSurface {
  const { points, triangles } = unfoldedHemisphere()
  const adjacency = adjacencyOf(triangles, points.length / 3)
  // The hemispheres are grown from it, so that it is their sphere.
  const sphere = Float32Array.from(icosphere(5).points)
  const right = { ...foldedHemisphere(points, triangles, adjacency, 2), sphere }
  const left = mirrored({ ...foldedHemisphere(points, triangles, adjacency, 1), sphere })
  return { ...drawnFacts, left, right }
}

function foldedHemisphere(
  points: Float64Array,
  triangles: Uint32Array,
  adjacency: Adjacency,
  seed: number,
): HemisphereSurface {
  const vertices = points.length / 3
  const random = seededRandom(seed)
  const distances = new Map<SulcusName, Float64Array>()
  const traces = traceSulci(points, random, JITTER)
  for (const [name, traced] of traces) {
    distances.set(name, distanceToSulcus(points, traced, 15))
  }
  const force = new Float64Array(vertices)
  for (const [name, distance] of distances) {
    for (let v = 0; v < vertices; v++) {
      force[v] -= FORCE * sulci[name].strength * Math.exp(-((distance[v] / FORCE_WIDTH) ** 2) / 2)
    }
  }
  const pattern = foldingPattern(points, adjacency, force, random)
  const depth = pattern.map((value, v) => {
    const share = cortexShare(points[v * 3], points[v * 3 + 1], points[v * 3 + 2])
    return DEPTH * share * sulcalProfile(value)
  })
  const folded = displaced(points, triangles, adjacency, depth)
  const opened = smooth(points, adjacency, 30)
  return {
    folded: Float32Array.from(folded),
    inflated: Float32Array.from(inflated(points, adjacency)),
    triangles,
    sulc: sulcalDepth(folded, opened, vertexNormals(opened, triangles)),
    labels: labelVertices(points, adjacency, (name) => distances.get(name)!, traces.get('central')!),
  }
}

/** Crowns are broad and rounded, sulci narrow: 0 on a crown, 1 in the fundus. */
function sulcalProfile(pattern: number): number {
  const t = Math.min(1.1, Math.max(0, (0.8 - pattern) / 1.9))
  return t ** 2.2
}

/** Moves every vertex inwards by `depth`, less where a triangle would turn over. */
function displaced(
  points: Float64Array,
  triangles: Uint32Array,
  adjacency: Adjacency,
  depth: Float64Array,
): Float64Array {
  const vertices = points.length / 3
  // Smoothed normals do not cross where the surface bends sharply
  const normals = smooth(vertexNormals(points, triangles), adjacency, 4)
  let allowed: Float64Array = new Float64Array(vertices).fill(1)
  for (let round = 0; ; round++) {
    const moved = smooth(
      points.map((value, i) => value - allowed[Math.trunc(i / 3)] * depth[Math.trunc(i / 3)] * normals[i]),
      adjacency,
      1,
      0.25,
    )
    const turned = turnedOver(moved, triangles, normals)
    if (turned.length === 0 || round === MOST_ROUNDS) return moved
    for (const v of turned) allowed[v] *= 0.6
    allowed = smooth(allowed, adjacency, 1)
  }
}

/** Vertices of triangles whose normal points into the hemisphere. */
function turnedOver(points: Float64Array, triangles: Uint32Array, outward: Float64Array): number[] {
  const turned: number[] = []
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = triangles.subarray(t, t + 3)
    const [a, b, c] = [corners[0] * 3, corners[1] * 3, corners[2] * 3]
    const u = [0, 1, 2].map((axis) => points[b + axis] - points[a + axis])
    const v = [0, 1, 2].map((axis) => points[c + axis] - points[a + axis])
    const out = [0, 1, 2].map((axis) => outward[a + axis] + outward[b + axis] + outward[c + axis])
    const facing =
      (u[1] * v[2] - u[2] * v[1]) * out[0] + (u[2] * v[0] - u[0] * v[2]) * out[1] + (u[0] * v[1] - u[1] * v[0]) * out[2]
    if (facing <= 0) turned.push(...corners)
  }
  return turned
}

/** The unfolded form, its fissure opened by smoothing, grown back to its length. */
function inflated(points: Float64Array, adjacency: Adjacency): Float64Array {
  const smoothed = smooth(points, adjacency, 60)
  const [before, after] = [extent(points, 1), extent(smoothed, 1)]
  const grown = (before[1] - before[0]) / (after[1] - after[0])
  const [left] = extent(smoothed, 0)
  // The midline stays where it is
  return smoothed.map((value, i) => (i % 3 === 0 ? (value - left) * grown + 2 : value * grown))
}

function extent(points: Float64Array, axis: number): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (let i = axis; i < points.length; i += 3) {
    low = Math.min(low, points[i])
    high = Math.max(high, points[i])
  }
  return [low, high]
}

/** Millimetres below the opened surface, positive in sulci, mean 0 as FreeSurfer's. */
function sulcalDepth(folded: Float64Array, opened: Float64Array, normals: Float64Array): Float32Array {
  const depth = Float32Array.from({ length: folded.length / 3 }, (_, v) => {
    let below = 0
    for (let axis = 0; axis < 3; axis++) below += (opened[v * 3 + axis] - folded[v * 3 + axis]) * normals[v * 3 + axis]
    return below
  })
  const mean = depth.reduce((sum, value) => sum + value, 0) / depth.length
  return depth.map((value) => value - mean)
}

function mirrored(hemisphere: HemisphereSurface & Required<Pick<HemisphereSurface, 'sphere'>>): HemisphereSurface {
  const flip = (points: Float32Array) => points.map((value, i) => (i % 3 === 0 ? -value : value))
  const triangles = hemisphere.triangles.slice()
  for (let t = 0; t < triangles.length; t += 3)
    [triangles[t + 1], triangles[t + 2]] = [triangles[t + 2], triangles[t + 1]]
  const { folded, inflated, sphere } = hemisphere
  return { ...hemisphere, folded: flip(folded), inflated: flip(inflated), sphere: flip(sphere), triangles }
}
