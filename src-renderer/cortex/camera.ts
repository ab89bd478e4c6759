/**
 * Orthographic cameras, one a panel. Camera space: x to the right of the screen, y up, z towards the viewer.
 * World space is RAS in millimetres: x right, y anterior, z superior.
 */
import type { Hemisphere } from '../../src-main/contract/study.ts'
import type { Mesh } from './geometry.ts'
import { outlineOf } from './outline.ts'

export type Aspect = 'lateral' | 'medial' | 'dorsal' | 'ventral'
/** `overview` shows lateral over medial. */
export type View = 'overview' | Aspect
export const views: readonly View[] = ['overview', 'lateral', 'medial', 'dorsal', 'ventral']

/** What the user turned: radians from the view's own direction, mirrored for the right hemisphere; zoom 1 fits. */
export interface Orbit {
  readonly yaw: number
  readonly pitch: number
  readonly zoom: number
}
export const noOrbit: Orbit = { yaw: 0, pitch: 0, zoom: 1 }

/** Pixels from the drawing's top left. */
export interface Panel {
  readonly hemisphere: Hemisphere
  readonly aspect: Aspect
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Row-major 3 x 3. */
export type Rotation = readonly [number, number, number, number, number, number, number, number, number]

export interface Camera {
  /** World to camera directions; its rows are the screen's right, the screen's up, and towards the viewer. */
  readonly rotation: Rotation
  readonly centre: readonly [number, number, number]
  readonly pixelsPerMillimetre: number
}

/** What a camera needs to know of a mesh. */
export type Solid = Pick<Mesh, 'cortex' | 'centre'>

/** From below, the left hemisphere is on the right of the screen. */
export function layoutPanels(view: View, width: number, height: number): readonly Panel[] {
  const rows: readonly Aspect[] = view === 'overview' ? ['lateral', 'medial'] : [view]
  const rowHeight = height / rows.length
  return rows.flatMap((aspect, row) => {
    const order: readonly Hemisphere[] = aspect === 'ventral' ? ['right', 'left'] : ['left', 'right']
    return order.map((hemisphere, column) => ({
      hemisphere,
      aspect,
      x: (column * width) / 2,
      y: row * rowHeight,
      width: width / 2,
      height: rowHeight,
    }))
  })
}

const fromLeft: Rotation = [0, -1, 0, 0, 0, 1, -1, 0, 0]
const fromRight: Rotation = [0, 1, 0, 0, 0, 1, 1, 0, 0]
const fromAbove: Rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1]
const fromBelow: Rotation = [-1, 0, 0, 0, 1, 0, 0, 0, -1]

export function viewRotation(hemisphere: Hemisphere, aspect: Aspect): Rotation {
  if (aspect === 'dorsal') return fromAbove
  if (aspect === 'ventral') return fromBelow
  return (hemisphere === 'left') === (aspect === 'lateral') ? fromLeft : fromRight
}

/** The view's rotation, then yaw about the screen's vertical and pitch about its horizontal. */
export function orbitRotation(hemisphere: Hemisphere, aspect: Aspect, orbit: Orbit): Rotation {
  const yaw = hemisphere === 'left' ? orbit.yaw : -orbit.yaw
  const cy = Math.cos(yaw)
  const sy = Math.sin(yaw)
  const cp = Math.cos(orbit.pitch)
  const sp = Math.sin(orbit.pitch)
  return multiply(
    [1, 0, 0, 0, cp, -sp, 0, sp, cp],
    multiply([cy, 0, sy, 0, 1, 0, -sy, 0, cy], viewRotation(hemisphere, aspect)),
  )
}

function multiply(a: Rotation, b: Rotation): Rotation {
  const at = (row: number, column: number) =>
    a[row * 3] * b[column] + a[row * 3 + 1] * b[column + 3] + a[row * 3 + 2] * b[column + 6]
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)]
}

const filled = 0.9

/**
 * One camera a panel, all at one scale, so that sizes compare. A turned brain is never larger than the unturned one,
 * and always fits its panel at zoom 1.
 */
export function panelCameras(
  panels: readonly Panel[],
  meshes: Readonly<Record<Hemisphere, Solid>>,
  orbit: Orbit,
): readonly Camera[] {
  let scale = Infinity
  for (const { hemisphere, aspect, width, height } of panels)
    for (const rotation of [viewRotation(hemisphere, aspect), orbitRotation(hemisphere, aspect, orbit)]) {
      const [reachX, reachY] = reach(meshes[hemisphere], rotation)
      scale = Math.min(scale, (filled * width) / (2 * reachX), (filled * height) / (2 * reachY))
    }
  const pixelsPerMillimetre = Number.isFinite(scale) ? scale * orbit.zoom : 1
  return panels.map((panel) => {
    const { hemisphere, aspect } = panel
    const rotation = orbitRotation(hemisphere, aspect, orbit)
    const mesh = meshes[hemisphere]
    return { rotation, centre: sideBySide(panel, mesh, rotation, pixelsPerMillimetre), pixelsPerMillimetre }
  })
}

/** Millimetres between the hemispheres seen from above or below. */
const fissure = 4

/**
 * What the camera looks at: the mesh's centre, but from above and below a point beside it, so that the hemispheres
 * lie next to each other as they do in the head and not each in the middle of its panel.
 */
function sideBySide(panel: Panel, mesh: Solid, rotation: Rotation, scale: number): Camera['centre'] {
  const { centre } = mesh
  if (panel.aspect !== 'dorsal' && panel.aspect !== 'ventral') return centre
  const spare = Math.max(0, panel.width / (2 * scale) - reach(mesh, rotation)[0] - fissure / 2)
  const shift = panel.x > 0 ? spare : -spare
  return [centre[0] + shift * rotation[0], centre[1] + shift * rotation[1], centre[2] + shift * rotation[2]]
}

/** Largest distance from the centre along the screen's two axes, millimetres; to half a percent. */
function reach({ cortex, centre }: Solid, r: Rotation): [number, number] {
  const points = outlineOf(cortex, centre)
  let x = 0
  let y = 0
  for (let i = 0; i < points.length; i += 3) {
    const dx = points[i] - centre[0]
    const dy = points[i + 1] - centre[1]
    const dz = points[i + 2] - centre[2]
    x = Math.max(x, Math.abs(r[0] * dx + r[1] * dy + r[2] * dz))
    y = Math.max(y, Math.abs(r[3] * dx + r[4] * dy + r[5] * dz))
  }
  return [x, y]
}

/** Where a point lies in a panel: pixels from the drawing's top left, and millimetres towards the viewer. */
export function project(
  point: readonly [number, number, number],
  camera: Camera,
  panel: Panel,
): [number, number, number] {
  const { rotation: r, centre, pixelsPerMillimetre: scale } = camera
  const dx = point[0] - centre[0]
  const dy = point[1] - centre[1]
  const dz = point[2] - centre[2]
  return [
    panel.x + panel.width / 2 + scale * (r[0] * dx + r[1] * dy + r[2] * dz),
    panel.y + panel.height / 2 - scale * (r[3] * dx + r[4] * dy + r[5] * dz),
    r[6] * dx + r[7] * dy + r[8] * dz,
  ]
}
