/**
 * How an electrode's disc lies on a form of the cortex: as a plate on a brain, on the folds around it and not on the wall of
 * one. It faces where these folds face on the whole, and lies above the highest of those that it covers.
 */
import type { HemisphereSurface } from '../../src-main/contract/study.ts'
import { positionsOf, type Form, type Morph } from './forms.ts'
import { spreadOverDiscs } from './discs.ts'
import { vertexNormals } from './normals.ts'

export interface Plates {
  /** float32 [electrodes, 3]: where it faces, unit length. */
  readonly normals: Float32Array
  /** float32 [electrodes]: millimetres above its point of the surface. */
  readonly lifts: Float32Array
}

/** Millimetres: of the folds whose directions it takes; of those that it lies on; above them; at most above its point. */
const [around, covered, clear, mostLift] = [8, 3, 0.5, 6] as const

const known = new WeakMap<HemisphereSurface, Partial<Record<Form, Plates>>>()

export function platesOf(surface: HemisphereSurface, form: Form): Plates {
  const own = known.get(surface) ?? {}
  const found = own[form] ?? plates(positionsOf(surface, form), surface)
  known.set(surface, { ...own, [form]: found })
  return found
}

/** Between two forms, in proportion. */
export function mixedPlates(surface: HemisphereSurface, { from, to, t }: Morph): Plates {
  const start = platesOf(surface, from)
  if (t === 0) return start
  const end = platesOf(surface, to)
  const mixed = (a: Float32Array, b: Float32Array) => a.map((value, i) => value + t * (b[i] - value))
  return { normals: unit(mixed(start.normals, end.normals)), lifts: mixed(start.lifts, end.lifts) }
}

function plates(positions: Float32Array, { triangles, electrodes }: HemisphereSurface): Plates {
  if (!electrodes) return { normals: new Float32Array(0), lifts: new Float32Array(0) }
  const first = positions.length / 3
  const count = electrodes.names.length
  const facing = vertexNormals(positions, triangles)
  const centres = spreadOverDiscs(positions, electrodes)
  const slabs = slabsOf(positions)
  const normals = new Float32Array(3 * count)
  const lifts = new Float32Array(count)
  for (let e = 0; e < count; e++) {
    const [x, y, z] = centres.subarray(3 * (first + e), 3 * (first + e) + 3)
    const near: number[] = []
    for (let slab = Math.floor(y / around) - 1; slab <= Math.floor(y / around) + 1; slab++)
      for (const v of slabs.get(slab) ?? []) {
        const [dx, dy, dz] = [positions[3 * v] - x, positions[3 * v + 1] - y, positions[3 * v + 2] - z]
        if (dx * dx + dy * dy + dz * dz <= around * around) near.push(v)
      }
    // On a mesh whose vertices are further apart, those of its triangle.
    for (const v of [...near, ...electrodes.corners.subarray(3 * e, 3 * e + 3)])
      for (let axis = 0; axis < 3; axis++) normals[3 * e + axis] += facing[3 * v + axis]
    const [nx, ny, nz] = unit(normals.subarray(3 * e, 3 * e + 3))
    let lift = 0
    for (const v of near) {
      const [dx, dy, dz] = [positions[3 * v] - x, positions[3 * v + 1] - y, positions[3 * v + 2] - z]
      const up = dx * nx + dy * ny + dz * nz
      if (up > lift && up <= mostLift && dx * dx + dy * dy + dz * dz - up * up <= covered * covered) lift = up
    }
    lifts[e] = lift + clear
  }
  return { normals, lifts }
}

/** Each of three numbers of unit length, in place; up where there is no direction. */
function unit(vectors: Float32Array): Float32Array {
  for (let i = 0; i < vectors.length; i += 3) {
    const length = Math.hypot(vectors[i], vectors[i + 1], vectors[i + 2])
    if (length > 1e-9) for (let axis = 0; axis < 3; axis++) vectors[i + axis] /= length
    else vectors.set([0, 0, 1], i)
  }
  return vectors
}

/** Vertices by their place along y, so that few have to be looked at. */
function slabsOf(positions: Float32Array): ReadonlyMap<number, readonly number[]> {
  const slabs = new Map<number, number[]>()
  for (let v = 0; v < positions.length / 3; v++) {
    const slab = Math.floor(positions[3 * v + 1] / around)
    const own = slabs.get(slab)
    if (own) own.push(v)
    else slabs.set(slab, [v])
  }
  return slabs
}
