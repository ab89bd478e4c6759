/** Which layer is preferred where, on the cortex, with a bar of the layers' colours. */
import type { Hemisphere, SurfaceData } from '../../src-main/contract/study.ts'
import { paintVertices, tableRow, type ColourScale } from '../colormaps/scale.ts'
import { colourTable } from '../colormaps/tables.ts'
import { layoutPanels, noOrbit, type View } from '../cortex/camera.ts'
import { buildMesh } from '../cortex/geometry.ts'
import { drawCortex } from '../cortex/panels.ts'
import { element, text } from '../plots/svg.ts'
import { categoryAxis } from './axes.ts'
import { mm, typeSizes, type Box } from './page.ts'
import { pngUrl } from './png.ts'

export interface LayerMap {
  readonly surface: SurfaceData
  /** float32 [vertices] a hemisphere: place of the layer, from 0; NaN is drawn grey. */
  readonly values: Readonly<Record<Hemisphere, Float32Array>>
  readonly layers: readonly string[]
  readonly view: View
  readonly dpi: number
}

const barHeight = 2.5 * mm

/** Each layer has the middle of its part of the colour map. */
const scaleOf = (layers: number): ColourScale => ({
  ...{ colormap: 'viridis', limits: { low: -0.5, high: layers - 0.5 }, threshold: null },
})

export function layerColour(place: number, layers: number): string {
  const table = colourTable('viridis')
  const row = 3 * tableRow(place, scaleOf(layers).limits)
  return `rgb(${table[row]},${table[row + 1]},${table[row + 2]})`
}

/** @throws RangeError when the picture would be too large, or the surface's arrays disagree */
export function layerMap({ surface, values, layers, view, dpi }: LayerMap, { width, height, theme }: Box): string {
  const step = width / layers.length
  const names = categoryAxis(layers, step)
  const own = height - barHeight - names.height - mm
  const meshes = { left: buildMesh(surface.left, 'inflated'), right: buildMesh(surface.right, 'inflated') }
  const paint = (side: Hemisphere) => paintVertices(values[side], meshes[side].underlay, scaleOf(layers.length))
  // A whole number of dots, so that the picture is as wide as it says.
  const density = Math.max(1, Math.round((width * dpi) / 96)) / width
  const rows = Math.max(1, Math.round(own * density)) / density
  const scene = { meshes, colours: { left: paint('left'), right: paint('right') }, view, orbit: noOrbit }
  const picture = drawCortex(scene, width, rows, density, dpi > 300 ? 1 : 2)
  const size = typeSizes.body
  const labels = layoutPanels(view, width, rows).map(({ hemisphere, aspect, x, y, width: across }) =>
    text(x === 0 ? 0 : x + across, y + size, `${hemisphere}, ${aspect}`, {
      ...{ size, fill: theme.quiet, anchor: x === 0 ? 'start' : 'end' },
    }),
  )
  const top = rows + mm
  return element(
    'g',
    {},
    element('image', { x: 0, y: 0, width, height: rows, href: pngUrl(picture), preserveAspectRatio: 'none' }),
    ...labels,
    ...layers.map((_, i) =>
      element('rect', { x: i * step, y: top, width: step, height: barHeight, fill: layerColour(i, layers.length) }),
    ),
    names.draw((index) => (index + 0.5) * step, top + barHeight, theme),
  )
}
