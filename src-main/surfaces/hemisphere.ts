/** One hemisphere from its files, checked. */
import { HeschlError } from '../errors.ts'
import { readFreesurferPatch } from '../formats/freesurferPatch.ts'
import { sniffFormat } from '../formats/sniff.ts'
import { readMesh, readShape } from './surfaceFile.ts'
import type { TriangleMesh } from './surfaceFile.ts'
import type { FlatPatch, HemisphereSurface, Side } from './types.ts'

/** Absolute paths. */
export interface HemisphereFiles {
  readonly folded: string
  /** The white surface of the same vertices, that volumes are sampled towards; nothing else reads it. */
  readonly white?: string
  readonly inflated?: string
  readonly sulc?: string
  readonly sphere?: string
  readonly flat?: string
  readonly labels?: string
}

/**
 * Reads the meshes and the sulcal depth; labels are all 0 until a parcellation is applied.
 * @param notes told what is missing and what stands in for it
 */
export async function readHemisphere(files: HemisphereFiles, side: Side, notes: string[]): Promise<HemisphereSurface> {
  const folded = await readMesh(files.folded, side)
  const vertices = folded.points.length / 3
  let inflated = folded.points
  if (files.inflated === undefined) notes.push(`No inflated form of the ${side} hemisphere: the folded one is shown`)
  else {
    const mesh = await readMesh(files.inflated, side)
    checkVertices(mesh.points.length / 3, vertices, files.inflated, side)
    checkSameMesh(mesh.triangles, folded.triangles, 'The inflated form', files.inflated, side)
    inflated = mesh.points
  }
  let sulc: Float32Array = new Float32Array(vertices)
  if (files.sulc === undefined) notes.push(`No sulcal depth of the ${side} hemisphere: it is drawn without shading`)
  else {
    sulc = await readShape(files.sulc, side)
    checkVertices(sulc.length, vertices, files.sulc, side)
  }
  const sphere = files.sphere === undefined ? {} : { sphere: await readSphere(files.sphere, side, folded) }
  const flat = files.flat === undefined ? {} : { flat: await readFlat(files.flat, side, folded) }
  const labels = new Uint16Array(vertices)
  return { folded: folded.points, inflated, ...sphere, ...flat, triangles: folded.triangles, sulc, labels }
}

/** Radii of a sphere that is one differ by rounding alone; of an inflated surface by much more. */
const roundWithin = 0.01

/** @throws HeschlError SHAPE_MISMATCH for another mesh; FORMAT_INVALID where it is no sphere about the origin */
async function readSphere(file: string, side: Side, { points, triangles }: TriangleMesh): Promise<Float32Array> {
  const mesh = await readSphereMesh(file, side)
  checkVertices(mesh.points.length / 3, points.length / 3, file, side)
  checkSameMesh(mesh.triangles, triangles, 'The sphere', file, side)
  return mesh.points
}

/** @throws HeschlError as `readMesh`; FORMAT_INVALID where it is no sphere about the origin */
export async function readSphereMesh(file: string, side: Side): Promise<TriangleMesh> {
  const mesh = await readMesh(file, side)
  let [least, most] = [Infinity, 0]
  for (let i = 0; i < mesh.points.length; i += 3) {
    const radius = Math.hypot(mesh.points[i], mesh.points[i + 1], mesh.points[i + 2])
    least = Math.min(least, radius)
    most = Math.max(most, radius)
  }
  if (least > 0 && most - least <= roundWithin * most) return mesh
  throw new HeschlError('FORMAT_INVALID', 'This surface is not a sphere about the origin', {
    expected: 'vertices at one distance from the origin',
    found: `${least.toPrecision(4)} to ${most.toPrecision(4)}`,
    where: { file, hemisphere: side },
    remedy: 'Name the sphere that the hemisphere is registered on, as FreeSurfer’s sphere.reg',
  })
}

async function readFlat(file: string, side: Side, folded: TriangleMesh): Promise<FlatPatch> {
  const { points, triangles } = await readFlatMesh(file, side, folded)
  const plane = new Float32Array((points.length / 3) * 2)
  for (let v = 0; v < points.length / 3; v++) plane.set([points[v * 3], points[v * 3 + 1]], v * 2)
  return { points: plane, triangles }
}

/**
 * A hemisphere cut and laid in a plane, a GIFTI surface or FreeSurfer's patch: every vertex of the folded surface, and of
 * its triangles those that were kept. Vertices that a patch left out are at 0, in no triangle.
 * @throws HeschlError as `readMesh`; SHAPE_MISMATCH for another mesh, or triangles that the surface does not have
 */
export async function readFlatMesh(file: string, side: Side, folded: TriangleMesh): Promise<TriangleMesh> {
  if ((await sniffFormat(file)) === 'freesurfer-patch') return readPatch(file, side, folded)
  const mesh = await readMesh(file, side)
  const { triangles } = folded
  const vertices = folded.points.length / 3
  checkVertices(mesh.points.length / 3, vertices, file, side)
  const known = new Set<number>()
  for (let t = 0; t < triangles.length; t += 3) known.add(triangleKey(triangles, t, vertices))
  let foreign = 0
  for (let t = 0; t < mesh.triangles.length; t += 3) if (!known.has(triangleKey(mesh.triangles, t, vertices))) foreign++
  if (foreign > 0)
    throw anotherMesh(`${foreign} of ${mesh.triangles.length / 3} triangles that it does not have`, file, side)
  return mesh
}

async function readPatch(file: string, side: Side, folded: TriangleMesh): Promise<TriangleMesh> {
  const patch = await readFreesurferPatch(file)
  const points = new Float32Array(folded.points.length)
  const within = new Uint8Array(points.length / 3)
  patch.vertices.forEach((vertex, i) => {
    if (vertex >= within.length)
      throw anotherMesh(`vertex ${vertex}, of a surface with ${within.length} vertices`, file, side)
    const place = patch.points.subarray(i * 3, i * 3 + 3)
    if (!place.every(Number.isFinite)) throw anotherMesh(`vertex ${vertex} at ${place.join(', ')}`, file, side)
    points.set(place, vertex * 3)
    within[vertex] = 1
  })
  const kept: number[] = []
  for (let t = 0; t < folded.triangles.length; t += 3) {
    const corners = folded.triangles.subarray(t, t + 3)
    if (corners.every((vertex) => within[vertex] === 1)) kept.push(...corners)
  }
  if (kept.length === 0) throw anotherMesh('no triangle that is whole', file, side)
  return { points, triangles: Uint32Array.from(kept) }
}

const anotherMesh = (found: string, file: string, side: Side) =>
  new HeschlError('SHAPE_MISMATCH', 'The flat form is of another mesh than the folded surface', {
    expected: 'vertices and triangles of the folded surface',
    found,
    where: { file, hemisphere: side },
    remedy: 'Name two forms of one surface',
  })

/** The same for a triangle's corners in any order; exact below 200,000 vertices, as its two largest fit 2⁵³. */
function triangleKey(triangles: Uint32Array, at: number, vertices: number): number {
  const [a, b, c] = [triangles[at], triangles[at + 1], triangles[at + 2]].sort((x, y) => x - y)
  return (a * vertices + b) * vertices + c
}

function checkSameMesh(found: Uint32Array, expected: Uint32Array, what: string, file: string, side: Side): void {
  if (sameTriangles(found, expected)) return
  throw new HeschlError('SHAPE_MISMATCH', `${what} is of another mesh than the folded surface`, {
    expected: `the same ${expected.length / 3} triangles`,
    found: `${found.length / 3} triangles, not the same`,
    where: { file, hemisphere: side },
    remedy: 'Name two forms of one surface',
  })
}

/** @throws HeschlError SHAPE_MISMATCH */
export function checkVertices(found: number, expected: number, file: string, side: Side): void {
  if (found === expected) return
  throw new HeschlError('SHAPE_MISMATCH', 'A file is not of this surface', {
    expected: `${expected} vertices`,
    found: `${found}`,
    where: { file, hemisphere: side },
    remedy: 'Name a file of the same surface and hemisphere',
  })
}

function sameTriangles(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}

/** Millimetres between two inflated hemispheres that were moved apart. */
const GAP = 4

/** FreeSurfer centres each inflated hemisphere by itself, so that the two overlap: they are moved apart along x. */
export function separated(
  left: HemisphereSurface,
  right: HemisphereSurface,
  notes: string[],
): [HemisphereSurface, HemisphereSurface] {
  const inner = (points: Float32Array, sign: number) => {
    let most = -Infinity
    for (let i = 0; i < points.length; i += 3) most = Math.max(most, sign * points[i])
    return most
  }
  const overlap = inner(left.inflated, 1) + inner(right.inflated, -1)
  if (overlap <= 0 || left.inflated === left.folded || right.inflated === right.folded) return [left, right]
  const by = (overlap + GAP) / 2
  notes.push(`The inflated hemispheres overlapped and were moved ${(2 * by).toFixed(1)} mm apart`)
  const moved = (points: Float32Array, shift: number) => points.map((value, i) => (i % 3 === 0 ? value + shift : value))
  return [
    { ...left, inflated: moved(left.inflated, -by) },
    { ...right, inflated: moved(right.inflated, by) },
  ]
}
