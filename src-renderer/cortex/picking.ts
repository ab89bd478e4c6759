/** Which vertex lies under the pointer. A bounding-volume hierarchy a mesh; needs no WebGL. */
import { BufferAttribute, BufferGeometry, DoubleSide, Ray, type Vector3 } from 'three'
import { MeshBVH } from 'three-mesh-bvh'
import type { Hemisphere } from '../../src-main/contract/study.ts'
import { panelCameras, layoutPanels, type Camera, type Orbit, type Panel, type View } from './camera.ts'
import { pointOf } from './discs.ts'
import type { Mesh } from './geometry.ts'

export interface Place {
  readonly hemisphere: Hemisphere
  /** Of the cortex; after these its electrodes. */
  readonly vertex: number
}

const hierarchies = new WeakMap<Mesh, MeshBVH>()

function hierarchy(mesh: Mesh): MeshBVH {
  const known = hierarchies.get(mesh)
  if (known) return known
  const geometry = new BufferGeometry()
    .setAttribute('position', new BufferAttribute(mesh.positions, 3))
    // A copy: building the hierarchy reorders the triangles.
    .setIndex(new BufferAttribute(mesh.triangles.slice(), 1))
  const built = new MeshBVH(geometry)
  hierarchies.set(mesh, built)
  return built
}

/** @param x, y pixels from the drawing's top left. @returns the nearest corner of the triangle that is hit */
export function pick(
  x: number,
  y: number,
  width: number,
  height: number,
  { meshes, view, orbit }: { meshes: Readonly<Record<Hemisphere, Mesh>>; view: View; orbit: Orbit },
): Place | null {
  const panels = layoutPanels(view, width, height)
  const at = panels.findIndex((panel) => isInside(x, y, panel))
  const panel = panels[at]
  if (!panel) return null
  return pickPanel(x, y, panel, panelCameras(panels, meshes, orbit)[at], meshes[panel.hemisphere])
}

export const isInside = (x: number, y: number, panel: Panel) =>
  x >= panel.x && x < panel.x + panel.width && y >= panel.y && y < panel.y + panel.height

const ray = new Ray()

/** As `pick`, in one panel with its camera. */
export function pickPanel(x: number, y: number, panel: Panel, camera: Camera, mesh: Mesh): Place | null {
  const { rotation: r, centre, pixelsPerMillimetre } = camera
  const right = (x - panel.x - panel.width / 2) / pixelsPerMillimetre
  const up = -(y - panel.y - panel.height / 2) / pixelsPerMillimetre
  const far = 2 * mesh.radius
  ray.origin.set(
    centre[0] + r[0] * right + r[3] * up + r[6] * far,
    centre[1] + r[1] * right + r[4] * up + r[7] * far,
    centre[2] + r[2] * right + r[5] * up + r[8] * far,
  )
  ray.direction.set(-r[6], -r[7], -r[8])
  const hit = hierarchy(mesh).raycastFirst(ray, DoubleSide)
  if (!hit?.face) return null
  const { a, b, c } = hit.face
  let vertex = a
  for (const one of [b, c]) if (distance(mesh, one, hit.point) < distance(mesh, vertex, hit.point)) vertex = one
  return { hemisphere: panel.hemisphere, vertex: pointOf(vertex, mesh) }
}

/** Builds what the first pick of a mesh would wait for. */
export function preparePicking(mesh: Mesh): void {
  hierarchy(mesh)
}

function distance({ positions }: Mesh, vertex: number, { x, y, z }: Vector3): number {
  return Math.hypot(positions[vertex * 3] - x, positions[vertex * 3 + 1] - y, positions[vertex * 3 + 2] - z)
}
