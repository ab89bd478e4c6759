/** A colour bar: the map between its limits, greyed where the threshold leaves the cortex uncoloured. */
import { shownShare, type ColourScale } from '../colormaps/scale.ts'
import { colourTable } from '../colormaps/tables.ts'
import { formatLimit } from './format.ts'
import { element, text } from './svg.ts'
import type { PlotTheme } from './theme.ts'

export interface ColourBar {
  readonly scale: ColourScale
  /** What the values are, with their unit: "Pearson r, mean of 10 folds"; null where it is written elsewhere. */
  readonly label: string | null
  /** Whether values lie beyond the limits: their end is then marked with ≤ or ≥. */
  readonly beyond: { readonly low: boolean; readonly high: boolean }
  readonly x: number
  readonly y: number
  readonly width: number
  /** Of the type, pixels; what else there is goes with it. 11 where it is left out. */
  readonly size?: number
  readonly theme: PlotTheme
}

const steps = 128
/** What a colour that fades is mixed with: between a gyrus and a sulcus (cortex/geometry.ts). */
const cortexGrey = 154
/** Of the bar with its words, at a size of type. */
export const colourBarHeight = (size = 11) => (46 / 11) * size

export function colourBar({ scale, label, beyond, x, y, width, size = 11, theme }: ColourBar): string {
  const unit = size / 11
  const barHeight = 12 * unit
  const { low, high } = scale.limits
  const table = colourTable(scale.colormap)
  const cells = Array.from({ length: steps }, (_, i) => {
    const row = Math.floor((i * 256) / steps) * 3 + 3
    const value = low + ((i + 0.5) / steps) * (high - low)
    const shown = shownShare(value, scale)
    const part = (i: number) => Math.round(cortexGrey + shown * (table[row + i] - cortexGrey))
    return element('rect', {
      x: x + (i * width) / steps,
      y,
      // A little overlap: renderers leave hairlines between rectangles that only touch.
      width: (i === steps - 1 ? 1 : 1.5) * (width / steps),
      height: barHeight,
      fill: shown > 0 ? `rgb(${part(0)},${part(1)},${part(2)})` : theme.uncoloured,
    })
  })
  const style = { size, fill: theme.ink, anchor: 'middle' as const }
  const ends: readonly [number, string][] = [
    [0, `${beyond.low ? '≤ ' : ''}${formatLimit(low)}`],
    [0.5, formatLimit((low + high) / 2)],
    [1, `${beyond.high ? '≥ ' : ''}${formatLimit(high)}`],
  ]
  const ticks = ends.map(([t, written]) => text(x + t * width, y + barHeight + 14 * unit, written, style))
  const note = scale.threshold === null ? '' : `; ${scale.fade ? 'fainter' : 'not coloured'} ${thresholdWords(scale)}`
  return element(
    'g',
    {},
    ...cells,
    ...ticks,
    label === null ? '' : text(x + width / 2, y + barHeight + 30 * unit, label + note, { ...style, fill: theme.quiet }),
  )
}

function thresholdWords({ colormap, limits, threshold }: ColourScale): string {
  const written = formatLimit(threshold ?? 0)
  return colormap === 'blue-red'
    ? `within ${written} of ${formatLimit((limits.low + limits.high) / 2)}`
    : `below ${written}`
}
