/** A hemisphere made ready for drawing: checked, with normals, bounds and a grey underlay. Pure; no DOM, no three.js. */
import type { HemisphereSurface } from '../../src-main/contract/study.ts'
import { everyDisc, greyWithDiscs, trianglesWithDiscs, withDiscs, type DiscLook } from './discs.ts'
import { mixedPlates } from './discPlates.ts'
import { vertexNormals } from './normals.ts'
import { mixedPositions, isCut, trianglesOf, type Form, type Morph } from './forms.ts'

export interface Mesh {
  /** float32 [vertices, 3], millimetres, RAS; after those of the cortex the discs of electrodes (discs.ts). */
  readonly positions: Float32Array
  /** Of the cortex alone. */
  readonly cortex: Float32Array
  /** How many vertices it has; vertices of the cortex and electrodes; electrodes. */
  readonly vertices: number
  readonly points: number
  readonly electrodes: number
  /** float32 [vertices, 3], unit length, pointing out. */
  readonly normals: Float32Array
  /** uint32 [triangles, 3]. */
  readonly triangles: Uint32Array
  /** uint8 [vertices]: grey by sulcal depth, dark in sulci. */
  readonly underlay: Uint8Array
  /** Middle of the bounding box of the cortex. */
  readonly centre: readonly [number, number, number]
  /** Largest distance of a vertex from the centre, millimetres; positive. */
  readonly radius: number
}

/**
 * @param form one of its forms, or a part of the way between two
 * @param discs how electrodes are shown, where the surface has some
 * @throws RangeError when a triangle names a vertex that is not there, the arrays' lengths disagree, or it has no such form
 */
export function buildMesh(surface: HemisphereSurface, form: Form | Morph, discs: DiscLook = everyDisc): Mesh {
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
  const cortical = {
    ...{ positions, cortex: positions, normals: vertexNormals(positions, triangles), triangles, centre },
    ...{ underlay: greyOf(surface.sulc), radius: radius(positions, centre) },
    ...{ vertices, points: vertices, electrodes: 0 },
  }
  const { electrodes } = surface
  if (!electrodes) return cortical
  const underlay = greyWithDiscs(cortical.underlay, electrodes)
  return {
    ...cortical,
    ...withDiscs(positions, cortical.normals, electrodes, mixedPlates(surface, morph), discs.diameter),
    ...{ triangles: trianglesWithDiscs(surface, triangles, isCut(morph), discs), underlay },
    ...{ vertices: underlay.length, points: vertices + electrodes.names.length, electrodes: electrodes.names.length },
  }
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
