/** The colours of layers: a patch each, with all names where they fit, else the first, the middle and the last. */
import { tableRow } from '../colormaps/scale.ts'
import { colourTable } from '../colormaps/tables.ts'
import { element, text, textWidth } from './svg.ts'
import type { PlotTheme } from './theme.ts'

export interface LayerBar {
  readonly layers: readonly string[]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly theme: PlotTheme
}

/** 30 pixels high. */
export function layerBar({ layers, x, y, width, theme }: LayerBar): string {
  const table = colourTable('viridis')
  const step = width / Math.max(1, layers.length)
  const patches = layers.map((_, i) => {
    const row = 3 * tableRow(i, { low: -0.5, high: layers.length - 0.5 })
    const fill = `rgb(${table[row]},${table[row + 1]},${table[row + 2]})`
    return element('rect', { x: x + i * step, y, width: step, height: 12, fill })
  })
  const fit = layers.every((name) => textWidth(name, 11) + 6 <= step)
  const some = [0, Math.floor((layers.length - 1) / 2), layers.length - 1].filter((i) => i >= 0)
  const named = fit ? [...layers.keys()] : [...new Set(some)]
  const words = named.map((i) =>
    text(x + (i + 0.5) * step, y + 26, layers[i] ?? '', { size: 11, fill: theme.ink, anchor: 'middle' }),
  )
  return element('g', {}, ...patches, ...words)
}
