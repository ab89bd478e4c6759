/** Points of two measures, with lines at 0. */
import { scaleLinear } from 'd3-scale'
import { formatTick } from '../plots/format.ts'
import { element, text } from '../plots/svg.ts'
import { valueAxis, valueAxisWidth, type Plot } from './axes.ts'
import { lineHeight, mm, typeSizes, type Box } from './page.ts'

export interface Scatter {
  readonly points: readonly { readonly x: number; readonly y: number }[]
  /** What the values are, with their unit. */
  readonly xAxis: string
  readonly yAxis: string
  /** In the upper left corner: "r = 0.41"; empty for nothing. */
  readonly note: string
}

const size = typeSizes.body

export function scatter({ points, xAxis, yAxis, note }: Scatter, { width, height, theme }: Box): string {
  const known = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
  const extent = (values: readonly number[]) => {
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
    return low < high ? [low, high] : [-1, 1]
  }
  const bottom = height - 2 * lineHeight - 1.5 * mm
  const top = size
  const y = scaleLinear(extent(known.map((point) => point.y)), [bottom, top]).nice(4)
  const plot: Plot = { left: valueAxisWidth(y), right: width - 2 * mm, top, bottom }
  const x = scaleLinear(extent(known.map((point) => point.x)), [plot.left, plot.right]).nice(4)
  const ticks = x.ticks(4)
  return element(
    'g',
    {},
    valueAxis(y, plot, yAxis, theme),
    ...ticks.flatMap((tick) => [
      element('line', {
        ...{ x1: x(tick), x2: x(tick), y1: top, y2: bottom },
        ...{ stroke: tick === 0 ? theme.quiet : theme.grid, 'stroke-width': tick === 0 ? 0.75 : 0.5 },
      }),
      text(x(tick), bottom + mm + 0.8 * lineHeight, formatTick(tick, ticks), {
        ...{ size, fill: theme.ink, anchor: 'middle' },
      }),
    ]),
    text((plot.left + plot.right) / 2, bottom + mm + 1.9 * lineHeight, xAxis, {
      ...{ size, fill: theme.ink, anchor: 'middle' },
    }),
    ...known.map((point) =>
      element('circle', {
        ...{ cx: x(point.x), cy: y(point.y), r: 0.6 * mm, fill: theme.series[0], 'fill-opacity': 0.65 },
      }),
    ),
    note === '' ? '' : text(plot.left + mm, top + size, note, { size, fill: theme.ink }),
  )
}
