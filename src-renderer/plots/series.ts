/** Small charts of one series: a line over time with what stands out, a spectrum, a histogram. Pure. */
import { scaleLinear } from 'd3-scale'
import { formatTick, formatValue } from './format.ts'
import { element, escape, text } from './svg.ts'
import type { PlotTheme } from './theme.ts'

interface SeriesChart {
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  readonly width: number
  readonly height: number
  readonly theme: PlotTheme
  /** With their units. */
  readonly xTitle: string
  readonly yTitle: string
  /** Values above are marked; null marks none. */
  readonly threshold?: number | null
  /** Stretches of x that are left out, shaded. */
  readonly dropped?: readonly { readonly from: number; readonly to: number }[]
  /** From 0 at the bottom. */
  readonly fromZero?: boolean
}

const left = 56
const right = 10
const bottomMargin = 34

/** @returns a `g` element */
export function seriesChart(chart: SeriesChart): string {
  const { x, y, width, height, theme, xTitle, yTitle, threshold = null, dropped = [], fromZero = false } = chart
  const points = Array.from(x).flatMap((at, i) => (Number.isFinite(y[i]) ? [[at, y[i]] as const] : []))
  const values = points.map(([, value]) => value)
  const least = fromZero || values.length === 0 ? 0 : Math.min(...values)
  const most = Math.max(...values, threshold ?? least)
  const bottom = height - bottomMargin
  const across = scaleLinear([x[0] ?? 0, x[x.length - 1] ?? 1], [left, width - right])
  const up = scaleLinear([least, most > least ? most : least + 1], [bottom, 8]).nice(3)
  const path = points.map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${across(at).toFixed(1)} ${up(value).toFixed(1)}`)
  const over = threshold === null ? [] : points.filter(([, value]) => value > threshold)
  return element(
    'g',
    {},
    ...dropped.map(({ from, to }) =>
      element('rect', {
        ...{ x: across(from), y: 8, width: Math.max(1, across(to) - across(from)), height: bottom - 8 },
        ...{ fill: theme.quiet, 'fill-opacity': 0.2 },
      }),
    ),
    ...axes(across, up, { width, height, theme, xTitle, yTitle }),
    threshold === null ? '' : thresholdLine(up(threshold), width, theme, threshold),
    element('path', { d: path.join(''), fill: 'none', stroke: theme.series[0], 'stroke-width': 1.25 }),
    ...over.map(([at, value]) => element('circle', { cx: across(at), cy: up(value), r: 2.5, fill: theme.series[1] })),
  )
}

const thresholdLine = (y: number, width: number, theme: PlotTheme, value: number) =>
  element(
    'g',
    {},
    element('title', {}, escape(`Spikes are above ${formatValue(value)}`)),
    element('line', { x1: left, x2: width - right, y1: y, y2: y, stroke: theme.series[1], 'stroke-dasharray': '4 3' }),
  )

type Scale = ReturnType<typeof scaleLinear<number, number>>

function axes(
  across: Scale,
  up: Scale,
  { width, height, theme, xTitle, yTitle }: Pick<SeriesChart, 'width' | 'height' | 'theme' | 'xTitle' | 'yTitle'>,
): string[] {
  const bottom = height - bottomMargin
  const small = { size: 11, fill: theme.quiet }
  const [xTicks, yTicks] = [across.ticks(Math.max(2, Math.floor(width / 90))), up.ticks(3)]
  return [
    ...yTicks.flatMap((tick) => [
      element('line', { x1: left, x2: width - right, y1: up(tick), y2: up(tick), stroke: theme.grid }),
      text(left - 6, up(tick) + 4, formatTick(tick, yTicks), { ...small, anchor: 'end' }),
    ]),
    ...xTicks.map((tick) => text(across(tick), bottom + 14, formatTick(tick, xTicks), { ...small, anchor: 'middle' })),
    text((left + width - right) / 2, height - 6, xTitle, { ...small, anchor: 'middle' }),
    text(12, (8 + bottom) / 2, yTitle, { ...small, anchor: 'middle', rotate: -90 }),
  ]
}

interface HistogramChart extends Pick<SeriesChart, 'width' | 'height' | 'theme' | 'xTitle' | 'yTitle'> {
  /** [bins + 1] */
  readonly edges: ArrayLike<number>
  /** [bins] */
  readonly counts: ArrayLike<number>
}

/** @returns a `g` element */
export function histogramChart({ edges, counts, ...frame }: HistogramChart): string {
  const { width, height, theme } = frame
  const bottom = height - bottomMargin
  const across = scaleLinear([edges[0] ?? 0, edges[edges.length - 1] ?? 1], [left, width - right])
  const up = scaleLinear([0, Math.max(1, ...Array.from(counts))], [bottom, 8]).nice(3)
  const bars = Array.from(counts, (count, i) =>
    element('rect', {
      ...{ x: across(edges[i]) + 0.5, y: up(count), height: Math.max(0, bottom - up(count)) },
      ...{ width: Math.max(0.5, across(edges[i + 1]) - across(edges[i]) - 1), fill: theme.series[0] },
    }),
  )
  return element('g', {}, ...axes(across, up, frame), ...bars)
}
