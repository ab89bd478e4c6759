/** A hemisphere made ready for drawing: checked, with normals, bounds and a grey underlay. Pure; no DOM, no three.js. */
import type { HemisphereSurface } from '../../src-main/contract/study.ts'
import { mixedPositions, trianglesOf, type Form, type Morph } from './forms.ts'

export interface Mesh {
  /** float32 [vertices, 3], millimetres, RAS. */
  readonly positions: Float32Array
  /** float32 [vertices, 3], unit length, pointing out. */
  readonly normals: Float32Array
  /** uint32 [triangles, 3]. */
  readonly triangles: Uint32Array
  /** uint8 [vertices]: grey by sulcal depth, dark in sulci. */
  readonly underlay: Uint8Array
  /** Middle of the bounding box. */
  readonly centre: readonly [number, number, number]
  /** Largest distance of a vertex from the centre, millimetres; positive. */
  readonly radius: number
}

/**
 * @param form one of its forms, or a part of the way between two
 * @throws RangeError when a triangle names a vertex that is not there, the arrays' lengths disagree, or it has no such form
 */
export function buildMesh(surface: HemisphereSurface, form: Form | Morph): Mesh {
  const morph = typeof form === 'string' ? { from: form, to: form, t: 0 } : form
  const positions = mixedPositions(surface, morph)
  const triangles = trianglesOf(surface, morph)
  const vertices = positions.length / 3
  if (!Number.isInteger(vertices) || triangles.length % 3 !== 0)
    throw new RangeError('A surface needs three numbers a vertex and three vertices a triangle')
  if (surface.sulc.length !== vertices)
    throw new RangeError(`Sulcal depth has ${surface.sulc.length} values for ${vertices} vertices`)
  for (const index of triangles)
    if (index >= vertices) throw new RangeError(`A triangle names vertex ${index} of ${vertices}`)
  const centre = boxCentre(positions)
  return {
    positions,
    normals: vertexNormals(positions, triangles),
    triangles,
    underlay: greyOf(surface.sulc),
    centre,
    radius: radius(positions, centre),
  }
}

/** Sum of the adjacent triangles' area-weighted normals, unit length; turned outward if the mesh is inside out. */
export function vertexNormals(positions: Float32Array, triangles: Uint32Array): Float32Array {
  const normals = new Float32Array(positions.length)
  let volume = 0
  for (let t = 0; t < triangles.length; t += 3) {
    const a = triangles[t] * 3
    const b = triangles[t + 1] * 3
    const c = triangles[t + 2] * 3
    const ax = positions[a]
    const ay = positions[a + 1]
    const az = positions[a + 2]
    const ux = positions[b] - ax
    const uy = positions[b + 1] - ay
    const uz = positions[b + 2] - az
    const vx = positions[c] - ax
    const vy = positions[c + 1] - ay
    const vz = positions[c + 2] - az
    const nx = uy * vz - uz * vy
    const ny = uz * vx - ux * vz
    const nz = ux * vy - uy * vx
    volume += ax * nx + ay * ny + az * nz
    for (const vertex of [a, b, c]) {
      normals[vertex] += nx
      normals[vertex + 1] += ny
      normals[vertex + 2] += nz
    }
  }
  const sign = volume < 0 ? -1 : 1
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2])
    const scale = length > 0 ? sign / length : 0
    normals[i] *= scale
    normals[i + 1] *= scale
    normals[i + 2] *= scale
  }
  return normals
}

const greys = new WeakMap<Float32Array, Uint8Array>()

/** Made once: every form has the same. */
export function greyOf(sulc: Float32Array): Uint8Array {
  const grey = greys.get(sulc) ?? sulcalGrey(sulc)
  greys.set(sulc, grey)
  return grey
}

const gyrus = 196
const sulcus = 112

/** Templates scale sulcal depth differently (millimetres or a unitless measure), so it is divided by its own spread. */
export function sulcalGrey(sulc: Float32Array): Uint8Array {
  let sum = 0
  let count = 0
  for (const depth of sulc)
    if (Number.isFinite(depth)) {
      sum += depth * depth
      count++
    }
  const spread = count > 0 ? Math.sqrt(sum / count) || 1 : 1
  return Uint8Array.from(sulc, (depth) => {
    const t = Number.isFinite(depth) ? Math.min(1, Math.max(0, 0.5 + depth / spread / 2)) : 0.5
    return Math.round(gyrus + (sulcus - gyrus) * t)
  })
}

export function boxCentre(positions: Float32Array): [number, number, number] {
  const low = [Infinity, Infinity, Infinity]
  const high = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i < positions.length; i++) {
    const value = positions[i]
    if (!Number.isFinite(value)) continue
    low[i % 3] = Math.min(low[i % 3], value)
    high[i % 3] = Math.max(high[i % 3], value)
  }
  const middle = (axis: number) => (low[axis] <= high[axis] ? (low[axis] + high[axis]) / 2 : 0)
  return [middle(0), middle(1), middle(2)]
}

function radius(positions: Float32Array, centre: readonly [number, number, number]): number {
  let square = 0
  for (let i = 0; i < positions.length; i += 3) {
    const dx = positions[i] - centre[0]
    const dy = positions[i + 1] - centre[1]
    const dz = positions[i + 2] - centre[2]
    const own = dx * dx + dy * dy + dz * dz
    if (own > square) square = own
  }
  return Math.sqrt(square) || 1
}
