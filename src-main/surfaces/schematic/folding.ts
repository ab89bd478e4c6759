/**
 * Gyri and sulci by pattern formation: the Swift–Hohenberg equation (Phys. Rev. A 15, 319, 1977) on the unfolded
 * mesh, u' = (r − (1 + ∇²/k²)²) u − u³ + f, settles into stripes of one width that run along whatever is imposed by
 * f, here the named sulci. It is a drawing device that gives convincing folds; it models no growth.
 */
import type { Adjacency } from '../mesh.ts'
import type { Random } from '../../linalg/random.ts'

/** Millimetres from one sulcus to the next. */
const WAVELENGTH = 15
const GROWTH = 0.6
const STEP = 0.05
const STEPS = 420

/**
 * @param force one value a vertex: negative where a sulcus is imposed
 * @returns one value a vertex, about -1 in the depth of sulci (less where one is imposed) to 1 on crowns
 */
export function foldingPattern(
  points: Float64Array,
  adjacency: Adjacency,
  force: Float64Array,
  random: Random,
): Float64Array {
  const vertices = points.length / 3
  const laplacian = scaledLaplacian(points, adjacency)
  let u = Float64Array.from({ length: vertices }, () => 0.3 * random.normal())
  const once = new Float64Array(vertices)
  const twice = new Float64Array(vertices)
  for (let step = 0; step < STEPS; step++) {
    laplacian(u, once)
    for (let v = 0; v < vertices; v++) once[v] += u[v]
    laplacian(once, twice)
    const next = new Float64Array(vertices)
    for (let v = 0; v < vertices; v++) {
      const operator = once[v] + twice[v]
      next[v] = u[v] + STEP * (GROWTH * u[v] - operator - u[v] ** 3 + force[v])
    }
    u = next
  }
  return u
}

/** ∇²/k² for k = 2π / WAVELENGTH on a nearly even triangle mesh: 4 / (n h²) times the sum of differences. */
function scaledLaplacian(points: Float64Array, { offsets, neighbours }: Adjacency) {
  const vertices = offsets.length - 1
  const squared = (WAVELENGTH / (2 * Math.PI)) ** 2
  const factors = new Float64Array(vertices)
  for (let v = 0; v < vertices; v++) {
    let spread = 0
    for (let n = offsets[v]; n < offsets[v + 1]; n++) {
      for (let axis = 0; axis < 3; axis++) spread += (points[neighbours[n] * 3 + axis] - points[v * 3 + axis]) ** 2
    }
    // Where vertices crowd, a smaller spacing would make the explicit steps unstable
    factors[v] = (4 * squared) / Math.max(spread, (offsets[v + 1] - offsets[v]) * MIN_SPACING ** 2)
  }
  return (from: Float64Array, to: Float64Array) => {
    for (let v = 0; v < vertices; v++) {
      let sum = 0
      for (let n = offsets[v]; n < offsets[v + 1]; n++) sum += from[neighbours[n]] - from[v]
      to[v] = factors[v] * sum
    }
  }
}

const MIN_SPACING = 2.2
