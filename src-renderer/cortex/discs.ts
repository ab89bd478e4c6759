/**
 * Electrodes as discs that lie on the cortex: a filled one in the colour of its value, and a dark ring around it. A mesh has
 * its cortical vertices first, then a centre an electrode, which stands for it wherever a vertex does (values, labels,
 * picking, pins), then the corners of the rims, electrode by electrode. The WebGL grid has the same rule (grid/shaders.ts).
 */
import type { HemisphereSurface, PlacedElectrodes } from '../../src-main/contract/study.ts'

/** How electrodes are shown. */
export interface DiscLook {
  /** Of the ring, millimetres in every form. */
  readonly diameter: number
  /** Whose are shown; null: everybody's. */
  readonly subject: string | null
}

/** As wide as the plate of a clinical grid's electrode. */
export const discDiameter = 4
/** As a saved page may have it (contract/figurePage.ts). */
export const discDiameters = { least: 0.5, most: 20 } as const
export const everyDisc: DiscLook = { diameter: discDiameter, subject: null }

/** Corners of a rim. */
export const discSides = 16
/** Of the filled disc, of the radius. */
export const filledShare = 0.76
/** The filled disc's rim, in the value's colour; then the ring's inner and outer one. */
export const rimCorners = 3 * discSides
export const discTriangles = 3 * discSides
/** Grey levels: of a disc without a colour, and of the ring. */
const [bareGrey, ringGrey] = [236, 20] as const

const countOf = ({ electrodes }: Pick<HemisphereSurface, 'electrodes'>) => electrodes?.names.length ?? 0

/** Vertices and electrodes: as many as a map has values. */
export const pointCount = (surface: Pick<HemisphereSurface, 'sulc' | 'electrodes'>) =>
  surface.sulc.length + countOf(surface)

/** Which electrode of the hemisphere a point is; −1 for a vertex. */
export function electrodeAt(surface: Pick<HemisphereSurface, 'sulc' | 'electrodes'>, point: number): number {
  const at = point - surface.sulc.length
  return at >= 0 && at < countOf(surface) ? at : -1
}

/** The vertex or electrode that a vertex of a mesh is part of. */
export const pointOf = (vertex: number, { points, electrodes }: Pick<MeshParts, 'points' | 'electrodes'>) =>
  vertex < points ? vertex : points - electrodes + Math.floor((vertex - points) / rimCorners)

/** float32 [vertices + electrodes · (1 + rimCorners), each 3]: an electrode's own for all of its corners. */
export function spreadOverDiscs(cortical: Float32Array, electrodes: PlacedElectrodes): Float32Array {
  const count = electrodes.names.length
  const spread = new Float32Array(cortical.length + 3 * count * (1 + rimCorners))
  spread.set(cortical)
  const first = cortical.length / 3
  for (let e = 0; e < count; e++) {
    for (let axis = 0; axis < 3; axis++) {
      let value = 0
      for (let k = 0; k < 3; k++)
        value += electrodes.weights[3 * e + k] * cortical[3 * electrodes.corners[3 * e + k] + axis]
      spread[3 * (first + e) + axis] = value
      for (let corner = 0; corner < rimCorners; corner++)
        spread[3 * (first + count + e * rimCorners + corner) + axis] = value
    }
  }
  return spread
}

type Vector = readonly [number, number, number]

/** Two unit vectors across a unit one. */
function across([x, y, z]: Vector): readonly [Vector, Vector] {
  const [a, b, c] = Math.abs(z) < 0.9 ? [y, -x, 0] : [0, z, -y]
  const length = Math.hypot(a, b, c)
  const u: Vector = [a / length, b / length, c / length]
  return [u, [y * u[2] - z * u[1], z * u[0] - x * u[2], x * u[1] - y * u[0]]]
}

/**
 * Positions and normals of a mesh with its discs.
 * @param positions, normals float32 [vertices, 3] of the cortex
 * @param plates where discs face, and how far above it they are (discPlates.ts)
 */
export function withDiscs(
  positions: Float32Array,
  normals: Float32Array,
  electrodes: PlacedElectrodes,
  { normals: facing, lifts }: { readonly normals: Float32Array; readonly lifts: Float32Array },
  diameter: number,
): { readonly positions: Float32Array; readonly normals: Float32Array } {
  const placed = spreadOverDiscs(positions, electrodes)
  const count = electrodes.names.length
  const first = positions.length / 3
  for (let e = 0; e < count; e++) {
    const centre = 3 * (first + e)
    const n: Vector = [facing[3 * e], facing[3 * e + 1], facing[3 * e + 2]]
    const [u, v] = across(n)
    for (let axis = 0; axis < 3; axis++) placed[centre + axis] += lifts[e] * n[axis]
    for (let corner = 0; corner < rimCorners; corner++) {
      const at = 3 * (first + count + e * rimCorners + corner)
      const angle = (2 * Math.PI * (corner % discSides)) / discSides
      const radius = (diameter / 2) * (corner < 2 * discSides ? filledShare : 1)
      for (let axis = 0; axis < 3; axis++)
        placed[at + axis] = placed[centre + axis] + radius * (Math.cos(angle) * u[axis] + Math.sin(angle) * v[axis])
    }
  }
  return { positions: placed, normals: perElectrode(normals, facing, 3) }
}

/** What the cortex has, and then an electrode's own for its centre and for all of its corners. @param size numbers each */
export function perElectrode(cortical: Float32Array, own: Float32Array, size: number): Float32Array {
  const count = own.length / size
  const all = new Float32Array(cortical.length + own.length * (1 + rimCorners))
  all.set(cortical)
  all.set(own, cortical.length)
  for (let e = 0; e < count; e++)
    for (let corner = 0; corner < rimCorners; corner++)
      all.set(own.subarray(e * size, (e + 1) * size), cortical.length + own.length + (e * rimCorners + corner) * size)
  return all
}

/** uint32 [3 a triangle]: of one electrode's disc and ring. */
export function discCorners(vertices: number, count: number, electrode: number): Uint32Array {
  const centre = vertices + electrode
  const rim = vertices + count + electrode * rimCorners
  const corners = new Uint32Array(3 * discTriangles)
  for (let side = 0; side < discSides; side++) {
    const next = (side + 1) % discSides
    const [inner, outer] = [rim + discSides, rim + 2 * discSides]
    corners.set([centre, rim + side, rim + next], 9 * side)
    corners.set([inner + side, outer + side, outer + next], 9 * side + 3)
    corners.set([inner + side, outer + next, inner + next], 9 * side + 6)
  }
  return corners
}

/** The cortex's triangles and then those of the discs that are shown. @param flat whether parts are cut away */
export function trianglesWithDiscs(
  surface: HemisphereSurface,
  triangles: Uint32Array,
  flat: boolean,
  { subject }: DiscLook,
): Uint32Array {
  const { electrodes } = surface
  if (!electrodes) return triangles
  const cut = flat ? cutElectrodes(surface) : null
  const shown = electrodes.names.flatMap((_, e) =>
    (subject === null || electrodes.subjects[e] === subject) && cut?.[e] !== 1 ? [e] : [],
  )
  const all = new Uint32Array(triangles.length + 3 * discTriangles * shown.length)
  all.set(triangles)
  shown.forEach((e, i) =>
    all.set(discCorners(surface.sulc.length, electrodes.names.length, e), triangles.length + 3 * discTriangles * i),
  )
  return all
}

const cuts = new WeakMap<HemisphereSurface, Uint8Array>()

/** uint8 [electrodes]: 1 where the flat form has cut away the triangle that holds it. */
export function cutElectrodes(surface: HemisphereSurface): Uint8Array {
  const known = cuts.get(surface)
  if (known) return known
  const { electrodes, flat } = surface
  const cut = new Uint8Array(electrodes?.names.length ?? 0)
  if (electrodes && flat) {
    const key = (a: ArrayLike<number>) =>
      Array.from(a)
        .toSorted((x, y) => x - y)
        .join(' ')
    const wanted = new Map<string, number[]>()
    for (let e = 0; e < cut.length; e++) {
      const own = key(electrodes.corners.subarray(3 * e, 3 * e + 3))
      wanted.set(own, [...(wanted.get(own) ?? []), e])
    }
    const corners = new Set(electrodes.corners)
    cut.fill(1)
    for (let t = 0; t < flat.triangles.length; t += 3) {
      if (!corners.has(flat.triangles[t])) continue
      for (const e of wanted.get(key(flat.triangles.subarray(t, t + 3))) ?? []) cut[e] = 0
    }
  }
  cuts.set(surface, cut)
  return cut
}

/** Grey levels of a mesh with its discs. @param cortical uint8 [vertices] */
export function greyWithDiscs(cortical: Uint8Array, electrodes: PlacedElectrodes): Uint8Array {
  const count = electrodes.names.length
  const grey = new Uint8Array(cortical.length + count * (1 + rimCorners)).fill(ringGrey)
  grey.set(cortical)
  grey.fill(bareGrey, cortical.length, cortical.length + count)
  for (let e = 0; e < count; e++) {
    const rim = cortical.length + count + e * rimCorners
    grey.fill(bareGrey, rim, rim + discSides)
  }
  return grey
}

/** Numbers of vertices and electrodes for each vertex of a mesh; `ring` for what is of no colour. */
function spreadPoints<Numbers extends Float32Array | Uint16Array>(
  own: Numbers,
  { points, electrodes }: MeshParts,
  made: Numbers,
  ring: ((electrode: number) => number) | null,
): Numbers {
  made.set(own.subarray(0, points))
  for (let e = 0; e < electrodes; e++) {
    const value = own[points - electrodes + e]
    const rim = points + e * rimCorners
    made.fill(value, rim, rim + discSides)
    made.fill(ring ? ring(e) : value, rim + discSides, rim + rimCorners)
  }
  return made
}

/** What a mesh is made of. */
export interface MeshParts {
  /** Vertices and electrodes. */
  readonly points: number
  readonly electrodes: number
  /** With those of the discs. */
  readonly vertices: number
}

/**
 * A map's values for every vertex of a mesh.
 * @param values float32 [vertices, then electrodes]
 */
export function valuesOnMesh(values: Float32Array, mesh: MeshParts): Float32Array {
  if (mesh.electrodes === 0 || values.length < mesh.points) return values
  return spreadPoints(values, mesh, new Float32Array(mesh.vertices), () => NaN)
}

/** Labels for every vertex of a mesh. @param labels uint16 [vertices, then electrodes] */
export function labelsOnMesh(labels: Uint16Array, mesh: MeshParts): Uint16Array {
  if (mesh.electrodes === 0 || labels.length < mesh.points) return labels
  return spreadPoints(labels, mesh, new Uint16Array(mesh.vertices), null)
}
