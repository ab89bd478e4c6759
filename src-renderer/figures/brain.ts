import type { Hemisphere, SurfaceData } from '../../src-main/contract/study.ts'
import { paintClasses } from '../colormaps/categories.ts'
import { beyondLimits, paintVertices, type ColourScale } from '../colormaps/scale.ts'
import { layoutPanels, noOrbit, panelCameras, type Orbit, type View } from '../cortex/camera.ts'
import { valuesOnMesh, everyDisc, type DiscLook } from '../cortex/discs.ts'
import type { Form, Morph } from '../cortex/forms.ts'
import { buildMesh } from '../cortex/geometry.ts'
import { drawCortex } from '../cortex/panels.ts'
import { drawBorders, regionBorders } from '../cortex/regionNames.ts'
import { colourBar, colourBarHeight } from '../plots/colourBar.ts'
import { element, text } from '../plots/svg.ts'
import { drawMarks, type Marks } from './marks.ts'
import { legend, typeSizes, type Box, type LegendEntry } from './page.ts'
import { pngUrl } from './png.ts'

export interface CortexPicture {
  readonly surface: SurfaceData
  /** float32 [vertices] a hemisphere; NaN where there is none. */
  readonly values: Readonly<Record<Hemisphere, Float32Array>>
  readonly form: Form | Morph
  readonly view: View
  /** Turned and zoomed; as the view is where it is left out. */
  readonly orbit?: Orbit | undefined
  /** How electrodes are shown, where there are some. */
  readonly discs?: DiscLook | undefined
  /** Lines between regions. */
  readonly outlines?: boolean | undefined
  /** What lies over it; nothing where it is left out. */
  readonly marks?: Marks | undefined
  /** Of the picture: dots an inch of the printed figure. */
  readonly dpi: number
}

export interface BrainMap extends CortexPicture {
  readonly scale: ColourScale
  /** What the values are, with their unit. */
  readonly label: string
}

export interface ClassMap extends CortexPicture {
  /** Of each class: its name, and its colour `#rrggbb`; null leaves it uncoloured. */
  readonly classes: readonly { readonly name: string; readonly colour: string | null }[]
}

/** What the rasteriser draws at most: samples, of which a dot has samples². */
const mostDots = 64 * 1024 * 1024

/**
 * A panel's map on the cortex with its colour bar below; the cortex is an embedded PNG.
 * @throws RangeError when that would be beyond 64 million dots
 */
export function brainPanel(map: BrainMap, box: Box): string {
  const { scale, label, values } = map
  const { width, height, theme } = box
  const size = typeSizes.body
  const bar = colourBarHeight(size)
  const barWidth = width * 0.6
  return element(
    'g',
    {},
    cortexPicture(map, { ...box, height: height - bar }, (own, underlay) => paintVertices(own, underlay, scale)),
    colourBar({
      ...{ scale, label, size, theme, x: (width - barWidth) / 2, y: height - bar, width: barWidth },
      beyond: beyondLimits([values.left, values.right], scale),
    }),
  )
}

/**
 * A panel's map of classes with their names below.
 * @throws RangeError as `brainPanel`
 */
export function classPanel(map: ClassMap, box: Box): string {
  const { theme } = box
  const entries = map.classes.map(({ name, colour }): LegendEntry => ({
    ...{ label: name, colour: colour ?? theme.uncoloured, kind: 'class' },
  }))
  const key = legend(entries, box.width, theme)
  const height = box.height - key.height
  const colours = map.classes.map(({ colour }) => colour)
  return element(
    'g',
    {},
    cortexPicture(map, { ...box, height }, (own, underlay) => paintClasses(own, underlay, colours)),
    element('g', { transform: `translate(0 ${height.toFixed(2)})` }, key.drawn),
  )
}

/**
 * Of an embedded picture: dots a pixel, so that their number across is whole and the picture as wide as it says; its
 * height in pixels, of whole dots; supersamples a dot along each axis.
 */
export function dotsOf(width: number, height: number, dpi: number) {
  const density = Math.max(1, Math.round((width * dpi) / 96)) / width
  const rows = Math.max(1, Math.round(height * density)) / density
  return { density, rows, samples: width * rows * density ** 2 > mostDots / 4 ? 1 : 2 }
}

/**
 * The cortex alone, with the views' names in its corners.
 * @throws RangeError as `brainPanel`
 */
export function cortexPicture(
  { surface, values, form, view, orbit = noOrbit, discs = everyDisc, outlines, marks, dpi }: CortexPicture,
  { width, height, theme }: Box,
  paint: (values: Float32Array, underlay: Uint8Array) => Uint8Array,
): string {
  const size = typeSizes.body
  const meshes = { left: buildMesh(surface.left, form, discs), right: buildMesh(surface.right, form, discs) }
  const colours = {
    left: paint(valuesOnMesh(values.left, meshes.left), meshes.left.underlay),
    right: paint(valuesOnMesh(values.right, meshes.right), meshes.right.underlay),
  }
  if (outlines) for (const side of ['left', 'right'] as const) drawBorders(colours[side], regionBorders(surface[side]))
  const scene = { meshes, colours, view, orbit }
  const { density, rows, samples } = dotsOf(width, height, dpi)
  const picture = drawCortex(scene, width, rows, density, samples)
  // In the outer corners, which a cortex leaves free.
  const panels = layoutPanels(view, width, rows)
  const names = panels.map(({ hemisphere, aspect, x, y, width: own }) =>
    text(x === 0 ? 0 : x + own, y + size, `${hemisphere}, ${aspect}`, {
      ...{ size, fill: theme.quiet, anchor: x === 0 ? 'start' : 'end' },
    }),
  )
  const image = { x: 0, y: 0, width, height: rows, href: pngUrl(picture), preserveAspectRatio: 'none' }
  if (!marks) return element('g', {}, element('image', image), ...names)
  const cameras = panelCameras(panels, meshes, orbit)
  const seen = panels.map((panel, i) => ({ panel, camera: cameras[i], mesh: meshes[panel.hemisphere] }))
  return element('g', {}, element('image', image), ...names, drawMarks(seen, surface, marks, typeSizes.marks, theme))
}
