/** Axes of a panel's plot, in the type of a printed figure. */
import { scaleLinear, type ScaleLinear } from 'd3-scale'
import { formatTick } from '../plots/format.ts'
import { element, shorten, text, textWidth, wrap } from '../plots/svg.ts'
import type { PlotTheme } from '../plots/theme.ts'
import { lineHeight, mm, typeSizes } from './page.ts'

export type ValueScale = ScaleLinear<number, number>

/** Where data is drawn in a panel, pixels. */
export interface Plot {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const size = typeSizes.body

/** From 0, or below where values are, to the largest; values that are not finite are passed over. */
export function valueScale(values: Iterable<number>, { top, bottom }: Pick<Plot, 'top' | 'bottom'>): ValueScale {
  let [low, high] = [0, 0]
  for (const value of values)
    if (Number.isFinite(value)) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  const nice = scaleLinear([low, high - low > 1e-12 ? high : low + 1], [bottom, top]).nice(4)
  // A point that is a little below 0 needs no room down to the next number.
  const [, highest] = nice.domain()
  const [first, second] = nice.ticks(4)
  const step = second - first
  return low < 0 && -low < step / 3 ? nice.domain([low - step / 20, highest]) : nice
}

/** What a vertical axis takes on the left of a plot: its label and the widest of its numbers. */
export function valueAxisWidth(scale: ValueScale): number {
  const ticks = scale.ticks(4)
  return lineHeight + mm + Math.max(...ticks.map((tick) => textWidth(formatTick(tick, ticks), size))) + 1.2 * mm
}

/** A vertical axis on the left: grid lines, numbers, what they are. */
export function valueAxis(scale: ValueScale, plot: Plot, label: string, theme: PlotTheme): string {
  const ticks = scale.ticks(4)
  const [x, middle] = [plot.left - valueAxisWidth(scale) + lineHeight * 0.8, (plot.top + plot.bottom) / 2]
  return [
    ...ticks.flatMap((tick) => [
      element('line', {
        ...{ x1: plot.left, x2: plot.right, y1: scale(tick), y2: scale(tick) },
        ...{ stroke: tick === 0 ? theme.quiet : theme.grid, 'stroke-width': tick === 0 ? 0.75 : 0.5 },
      }),
      text(plot.left - 1.2 * mm, scale(tick) + 0.35 * size, formatTick(tick, ticks), {
        ...{ size, fill: theme.ink, anchor: 'end' },
      }),
    ]),
    text(x, middle, label, { size, fill: theme.ink, anchor: 'middle', rotate: -90 }),
  ].join('')
}

/** What `shareAxis` takes on the right of a plot. */
export const shareAxisWidth = lineHeight + 3 * mm + textWidth('100 %', size)

/** A vertical axis on the right: values as percentages of one of them. */
export function shareAxis(scale: ValueScale, of: number, plot: Plot, label: string, theme: PlotTheme): string {
  const [low, high] = scale.domain()
  const shares = scaleLinear([(100 * low) / of, (100 * high) / of], scale.range())
  const ticks = shares.ticks(4)
  const x = plot.right + shareAxisWidth - 0.3 * lineHeight
  return [
    ...ticks.flatMap((tick) => [
      element('line', {
        ...{ x1: plot.right, x2: plot.right + mm, y1: shares(tick), y2: shares(tick) },
        ...{ stroke: theme.quiet, 'stroke-width': 0.5 },
      }),
      text(plot.right + 1.4 * mm, shares(tick) + 0.35 * size, `${formatTick(tick, ticks)} %`, {
        size,
        fill: theme.ink,
      }),
    ]),
    text(x, (plot.top + plot.bottom) / 2, label, { size, fill: theme.ink, anchor: 'middle', rotate: -90 }),
  ].join('')
}

export interface CategoryAxis {
  /** What it takes below a plot. */
  readonly height: number
  /** @param x the middle of each category, pixels */
  readonly draw: (x: (index: number) => number, bottom: number, theme: PlotTheme) => string
}

/** No more lines, or width in millimetres, than this for the name of one category. */
const mostLines = 3
const mostSlanted = 30

/** Names below a plot: on lines of their own where every word has room, else slanted. */
export function categoryAxis(names: readonly string[], step: number): CategoryAxis {
  const room = step - mm
  const fits = names.every((name) => name.split(/\s+/).every((word) => textWidth(word, size) <= room))
  const lines = names.map((name) => wrap(name, room, size))
  const most = Math.max(1, ...lines.map(({ length }) => length))
  if (fits && most <= mostLines) {
    return {
      height: most * lineHeight + mm,
      draw: (x, bottom, theme) =>
        lines
          .flatMap((own, i) =>
            own.map((line, row) =>
              text(x(i), bottom + mm + (row + 0.8) * lineHeight, line, { size, fill: theme.ink, anchor: 'middle' }),
            ),
          )
          .join(''),
    }
  }
  const words = names.map((name) => shorten(name, mostSlanted * mm, size))
  const longest = Math.max(...words.map((word) => textWidth(word, size)))
  return {
    height: longest * Math.SQRT1_2 + lineHeight + mm,
    draw: (x, bottom, theme) =>
      words
        .map((word, i) =>
          text(x(i) + mm, bottom + mm + 0.7 * lineHeight, word, { size, fill: theme.ink, anchor: 'end', rotate: -45 }),
        )
        .join(''),
  }
}
