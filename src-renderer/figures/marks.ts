/** What lies over a drawn cortex: letters of directions, names of regions, pinned points. As the window has them. */
import type { Hemisphere, SurfaceData } from '../../src-main/contract/study.ts'
import { inkOn } from '../colormaps/categories.ts'
import { project, type Camera, type Panel } from '../cortex/camera.ts'
import { directionLabels } from '../cortex/directions.ts'
import { discRadius, pinPlace } from '../cortex/discsOnPanel.ts'
import type { Mesh } from '../cortex/geometry.ts'
import { namesOnPanel } from '../cortex/regionNames.ts'
import { element, text } from '../plots/svg.ts'
import type { PlotTheme } from '../plots/theme.ts'

/** A pinned point with its number and colour. */
export interface PinMark {
  readonly hemisphere: Hemisphere
  /** Of the hemisphere; after its vertices come its electrodes. */
  readonly vertex: number
  readonly number: number
  /** `#rrggbb` */
  readonly colour: string
}

export interface Marks {
  /** Letters of anterior, superior, left. */
  readonly directions: boolean
  /** Names of regions. */
  readonly names: boolean
  readonly pins: readonly PinMark[]
}

export interface SeenCortex {
  readonly panel: Panel
  readonly camera: Camera
  readonly mesh: Mesh
}

/** @param size of type, as large as a pixel of the panels */
export function drawMarks(
  seen: readonly SeenCortex[],
  surface: SurfaceData,
  { directions, names, pins }: Marks,
  size: number,
  theme: PlotTheme,
): string {
  return seen
    .flatMap(({ panel, camera, mesh }) => [
      ...(directions
        ? directionLabels(camera.rotation, panel).map(({ letter, x, y }) =>
            text(x, y + 0.35 * size, letter, { size, fill: theme.quiet, anchor: 'middle', edge: theme.paper }),
          )
        : []),
      ...(names
        ? namesOnPanel(surface[panel.hemisphere], surface.regions, mesh, camera, panel, size).map(({ name, x, y }) =>
            text(x, y + 0.35 * size, name, { size, fill: '#ffffff', weight: 600, anchor: 'middle', edge: '#000000' }),
          )
        : []),
      ...pins.flatMap((pin) => drawPin(pin, { panel, camera, mesh }, size)),
    ])
    .join('')
}

function drawPin(pin: PinMark, { panel, camera, mesh }: SeenCortex, size: number): readonly string[] {
  const { vertex, colour } = pin
  if (pin.hemisphere !== panel.hemisphere || vertex >= mesh.points) return []
  const at = (array: Float32Array) => [array[vertex * 3], array[vertex * 3 + 1], array[vertex * 3 + 2]] as const
  const [r, [nx, ny, nz]] = [camera.rotation, at(mesh.normals)]
  if (r[6] * nx + r[7] * ny + r[8] * nz <= 0) return []
  const [x, y] = project(at(mesh.positions), camera, panel)
  if (x < panel.x || x > panel.x + panel.width || y < panel.y || y > panel.y + panel.height) return []
  const onDisc = discRadius(mesh, vertex)
  const place = pinPlace(x, y, onDisc === null ? null : onDisc * camera.pixelsPerMillimetre, 0.98 * size)
  const circle = (r: number, fill: string) => element('circle', { cx: place.x, cy: place.y, r, fill })
  const { ring } = place
  const around = (stroke: string, width: number) =>
    ring
      ? [
          element('circle', {
            cx: ring.x,
            cy: ring.y,
            r: ring.radius,
            fill: 'none',
            stroke,
            'stroke-width': width * size,
          }),
        ]
      : []
  return [
    ...[...around('#000000', 0.46), ...around('#ffffff', 0.36), ...around(colour, 0.22)],
    circle(0.98 * size, '#000000'),
    circle(0.88 * size, '#ffffff'),
    circle(0.7 * size, colour),
    text(place.x, place.y + 0.33 * size, String(pin.number), {
      ...{ size: 0.92 * size, fill: inkOn(colour), weight: 600, anchor: 'middle' },
    }),
  ]
}
