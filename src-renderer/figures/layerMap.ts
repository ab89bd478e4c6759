/** Which layer is preferred where, on the cortex, with a bar of the layers' colours. */
import { paintVertices, tableRow, type ColourScale } from '../colormaps/scale.ts'
import { colourTable } from '../colormaps/tables.ts'
import { element } from '../plots/svg.ts'
import { categoryAxis } from './axes.ts'
import { cortexPicture, type CortexPicture } from './brain.ts'
import { mm, type Box } from './page.ts'

/** Values are places of layers, from 0; NaN is drawn grey. */
export interface LayerMap extends Omit<CortexPicture, 'form'> {
  readonly layers: readonly string[]
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
export function layerMap(map: LayerMap, box: Box): string {
  const { layers } = map
  const step = box.width / layers.length
  const names = categoryAxis(layers, step)
  const own = box.height - barHeight - names.height - mm
  const scale = scaleOf(layers.length)
  const top = own + mm
  return element(
    'g',
    {},
    cortexPicture({ ...map, form: 'inflated' }, { ...box, height: own }, (values, underlay) =>
      paintVertices(values, underlay, scale),
    ),
    ...layers.map((_, i) =>
      element('rect', { x: i * step, y: top, width: step, height: barHeight, fill: layerColour(i, layers.length) }),
    ),
    names.draw((index) => (index + 0.5) * step, top + barHeight, box.theme),
  )
}
