/** Where the discs of electrodes are on the screen: what else is drawn over the cortex leaves them to be seen. Pure. */
import { project, type Camera, type Panel } from './camera.ts'
import { discSides, discTriangles, rimCorners } from './discs.ts'
import type { Mesh } from './geometry.ts'

interface DrawnDisc {
  /** The panel's pixels. */
  readonly x: number
  readonly y: number
  readonly radius: number
}

/** Of the discs that a mesh shows, those that face the viewer. */
export function discsOnPanel(mesh: Mesh, camera: Camera, panel: Panel): readonly DrawnDisc[] {
  const found: DrawnDisc[] = []
  const { rotation: r } = camera
  // The triangles of discs come last, each disc's with its centre first.
  for (let at = mesh.triangles.length - 3 * discTriangles; at >= 0; at -= 3 * discTriangles) {
    const radius = discRadius(mesh, mesh.triangles[at])
    if (radius === null) break
    const [nx, ny, nz] = placeAt(mesh.normals, mesh.triangles[at])
    if (r[6] * nx + r[7] * ny + r[8] * nz <= 0) continue
    const [x, y] = project(placeAt(mesh.positions, mesh.triangles[at]), camera, panel)
    found.push({ x, y, radius: radius * camera.pixelsPerMillimetre })
  }
  return found
}

/** Millimetres, to the outer rim; null for what is no electrode. */
export function discRadius({ positions, points, electrodes }: Mesh, vertex: number): number | null {
  const electrode = vertex - (points - electrodes)
  if (electrode < 0 || electrode >= electrodes) return null
  const [x, y, z] = placeAt(positions, vertex)
  const [u, v, w] = placeAt(positions, points + electrode * rimCorners + 2 * discSides)
  return Math.hypot(u - x, v - y, w - z)
}

const placeAt = (array: Float32Array, vertex: number) =>
  [array[vertex * 3], array[vertex * 3 + 1], array[vertex * 3 + 2]] as const

export interface PinPlace {
  /** The middle of its number. */
  readonly x: number
  readonly y: number
  /** Around the disc of its electrode; null where the number stands on the point. */
  readonly ring: DrawnDisc | null
}

/** Of the radius of the number's own disc: between an electrode's disc and the middle of the ring's line. */
const gap = 0.35

/**
 * A pin stands on its point; on an electrode it is a ring around the disc, its number beside it, so that the value is seen.
 * @param radius of the disc, pixels; null where there is none
 * @param number radius of the number's disc, pixels
 */
export function pinPlace(x: number, y: number, radius: number | null, number: number): PinPlace {
  if (radius === null) return { x, y, ring: null }
  const ring = { x, y, radius: radius + gap * number }
  const away = (ring.radius + (gap + 0.65) * number) / Math.SQRT2
  return { x: x + away, y: y - away, ring }
}
