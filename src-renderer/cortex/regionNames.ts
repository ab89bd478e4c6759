/** Names of regions where they are seen, none over another; and the vertices where one region ends. Pure. */
import type { HemisphereSurface, Region } from '../../src-main/contract/study.ts'
import { project, type Camera, type Panel } from './camera.ts'
import { discsOnPanel } from './discsOnPanel.ts'
import type { Mesh } from './geometry.ts'

interface Anchor {
  /** Index of the region. */
  readonly region: number
  /** The vertex nearest to the region's mean. */
  readonly vertex: number
  /** How many vertices it has. */
  readonly size: number
}

export interface PlacedName {
  readonly name: string
  /** The middle of the name, as the panel's pixels. */
  readonly x: number
  readonly y: number
}

const anchors = new WeakMap<Float32Array, readonly Anchor[]>()

/**
 * @param labels uint16 [vertices], 0 outside every region
 * @param positions float32 [vertices, 3]
 * @returns one a region that occurs, the largest first
 */
export function regionAnchors(labels: Uint16Array, positions: Float32Array): readonly Anchor[] {
  const known = anchors.get(positions)
  if (known) return known
  const sums = new Map<number, [number, number, number, number]>()
  labels.forEach((label, v) => {
    if (label === 0) return
    const sum = sums.get(label) ?? [0, 0, 0, 0]
    for (let axis = 0; axis < 3; axis++) sum[axis] += positions[v * 3 + axis]
    sum[3]++
    sums.set(label, sum)
  })
  const nearest = new Map<number, { vertex: number; square: number }>()
  labels.forEach((label, v) => {
    const sum = sums.get(label)
    if (!sum) return
    let square = 0
    for (let axis = 0; axis < 3; axis++) square += (positions[v * 3 + axis] - sum[axis] / sum[3]) ** 2
    if (!(square >= (nearest.get(label)?.square ?? Infinity))) nearest.set(label, { vertex: v, square })
  })
  const found = [...nearest]
    .map(([region, { vertex }]) => ({ region, vertex, size: sums.get(region)![3] }))
    .toSorted((a, b) => b.size - a.size || a.region - b.region)
  anchors.set(positions, found)
  return found
}

/** Of the size of type: what a letter takes, at most, and a line. */
const [letterShare, lineShare] = [0.62, 1.3]
/** Of the window's names, CSS pixels. */
const nameSize = 10

/**
 * Names of the regions whose middle faces the viewer: larger regions first, and none that would lie on another, reach
 * beyond the panel, or cover an electrode's disc, beside which it stands a line higher or lower where there is room.
 */
export function namesOnPanel(
  { labels, electrodes }: Pick<HemisphereSurface, 'labels' | 'electrodes'>,
  regions: readonly Region[],
  mesh: Mesh,
  camera: Camera,
  panel: Panel,
  size = nameSize,
): readonly PlacedName[] {
  const [letter, line] = [letterShare * size, lineShare * size]
  const placed: (PlacedName & { readonly half: number })[] = []
  const r = camera.rotation
  const discs = electrodes ? discsOnPanel(mesh, camera, panel) : []
  const lines = discs.length > 0 ? [0, -1, 1] : [0]
  const cortical = electrodes ? labels.subarray(0, labels.length - electrodes.names.length) : labels
  for (const { region, vertex } of regionAnchors(cortical, mesh.positions)) {
    const name = regions[region]?.name
    if (name === undefined || name === '') continue
    const at = (array: Float32Array) => [array[vertex * 3], array[vertex * 3 + 1], array[vertex * 3 + 2]] as const
    const [nx, ny, nz] = at(mesh.normals)
    // What is seen at less than some 20 degrees is a sliver.
    if (r[6] * nx + r[7] * ny + r[8] * nz < 0.35) continue
    const [x, middle] = project(at(mesh.positions), camera, panel)
    const half = (name.length * letter) / 2
    const fits = (y: number) =>
      x - half >= panel.x &&
      x + half <= panel.x + panel.width &&
      y - line / 2 >= panel.y &&
      y + line / 2 <= panel.y + panel.height &&
      placed.every((other) => Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) > line) &&
      discs.every((disc) => !covers(x, y, half, line / 2, disc))
    const y = lines.map((shift) => middle + shift * line).find(fits)
    if (y !== undefined) placed.push({ name, x, y, half })
  }
  return placed.map(({ name, x, y }) => ({ name, x, y }))
}

/** Whether a rectangle about a point reaches into a disc. */
function covers(x: number, y: number, halfWidth: number, halfHeight: number, disc: ReturnType<typeof discsOnPanel>[0]) {
  const across = Math.max(0, Math.abs(disc.x - x) - halfWidth)
  const down = Math.max(0, Math.abs(disc.y - y) - halfHeight)
  return Math.hypot(across, down) < disc.radius
}

const borders = new WeakMap<Uint16Array, Uint8Array>()

/** uint8 [vertices]: 1 where a neighbour is of a region with a higher index, so that a border is one vertex wide. */
export function regionBorders({ labels, triangles }: Pick<HemisphereSurface, 'labels' | 'triangles'>): Uint8Array {
  const known = borders.get(labels)
  if (known) return known
  const found = new Uint8Array(labels.length)
  for (let t = 0; t < triangles.length; t += 3) {
    const most = Math.max(labels[triangles[t]], labels[triangles[t + 1]], labels[triangles[t + 2]])
    for (let corner = 0; corner < 3; corner++)
      if (labels[triangles[t + corner]] < most) found[triangles[t + corner]] = 1
  }
  borders.set(labels, found)
  return found
}

/** Darkens the vertices of a border, as the grid's outlines do. @param colours uint8 [vertices, 4], changed in place */
export function drawBorders(colours: Uint8Array, border: Uint8Array): void {
  for (let v = 0; v < border.length; v++)
    if (border[v] === 1)
      for (let part = 0; part < 3; part++) colours[v * 4 + part] = Math.round(colours[v * 4 + part] * 0.4)
}
