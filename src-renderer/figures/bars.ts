/** Bars side by side in groups, with an interval and a point for every subject. */
import { element, text } from '../plots/svg.ts'
import type { PlotTheme } from '../plots/theme.ts'
import {
  categoryAxis,
  shareAxis,
  shareAxisWidth,
  valueAxis,
  valueAxisWidth,
  valueScale,
  type Plot,
  type ValueScale,
} from './axes.ts'
import { barOpacity, chanceDashes, legend, mm, typeSizes, type Box, type LegendEntry } from './page.ts'

export interface Bar {
  readonly value: number
  /** Its ends; null where there is none. */
  readonly interval: readonly [number, number] | null
  /** One a subject. */
  readonly points: readonly number[]
  /** Above it: "*"; empty for nothing. */
  readonly mark: string
  /** What is scored by chance: a dotted line across it; left out where that is 0. */
  readonly chance?: number | undefined
}

export interface BarGroup {
  readonly name: string
  /** One a series, in their order; null where there is none. */
  readonly bars: readonly (Bar | null)[]
  /** A dashed line across the group, as the noise ceiling; null for none. */
  readonly level: number | null
}

export interface BarChart {
  readonly groups: readonly BarGroup[]
  /** One colour a series; one series alone may give each group its own colour. */
  readonly colours: readonly string[] | ((group: number, series: number) => string)
  readonly legend: readonly LegendEntry[]
  /** What the values are, with their unit. */
  readonly axis: string
  /** A second axis, on the right: values as shares of one, with what they are then. */
  readonly share?: { readonly of: number; readonly axis: string } | null
}

/** Of bars with `chance`, for the legend. */
export const chanceEntry = (groups: readonly BarGroup[], { ink }: PlotTheme): readonly LegendEntry[] =>
  groups.some(({ bars }) => bars.some((bar) => bar?.chance !== undefined))
    ? [{ label: 'by chance', colour: ink, kind: 'chance' }]
    : []

/** Above so many subjects their points are smaller. */
const manySubjects = 40

export function barChart(
  { groups, colours, legend: entries, axis, share = null }: BarChart,
  { width, height, theme }: Box,
): string {
  const key = legend(entries, width, theme)
  const series = Math.max(1, ...groups.map(({ bars }) => bars.length))
  const colour = typeof colours === 'function' ? colours : (_: number, s: number) => colours[s % colours.length]
  // The axis's numbers decide its width, and that the room for names: as wide as they would be over the whole height.
  const draft = valueScale(valuesOf(groups), { top: 0, bottom: height })
  const left = valueAxisWidth(draft)
  const right = width - (share === null ? 0 : shareAxisWidth)
  const step = (right - left) / Math.max(1, groups.length)
  const names = categoryAxis(
    groups.map(({ name }) => name),
    step,
  )
  const plot: Plot = { left, right, top: key.height + markHeight, bottom: height - names.height }
  const y = valueScale(valuesOf(groups), plot)
  const middle = (group: number) => left + (group + 0.5) * step
  const slot = Math.min((step * 0.8) / series, 9 * mm)
  const drawn = groups.flatMap(({ bars, level }, g) => [
    ...bars.flatMap((bar, s) =>
      bar === null
        ? []
        : [drawBar(bar, middle(g) + (s - (bars.length - 1) / 2) * slot, slot, y, colour(g, s), theme.ink)],
    ),
    ...(level === null || !Number.isFinite(level)
      ? []
      : [
          element('line', {
            ...{ x1: middle(g) - step * 0.46, x2: middle(g) + step * 0.46, y1: y(level), y2: y(level) },
            ...{ stroke: theme.ink, 'stroke-width': 1, 'stroke-dasharray': '3 2' },
          }),
        ]),
  ])
  return element(
    'g',
    {},
    key.drawn,
    valueAxis(y, plot, axis, theme),
    share === null ? '' : shareAxis(y, share.of, plot, share.axis, theme),
    ...drawn,
    names.draw(middle, plot.bottom, theme),
  )
}

/** Room for a mark above the highest bar. */
const markHeight = typeSizes.body

function drawBar(bar: Bar, x: number, slot: number, y: ValueScale, fill: string, ink: string): string {
  if (!Number.isFinite(bar.value)) return ''
  const width = slot * 0.84
  const [zero, end] = [y(0), y(bar.value)]
  const radius = (bar.points.length > manySubjects ? 0.16 : 0.3) * mm
  const reach = width / 2 - radius
  const points = bar.points.map((value, i) =>
    Number.isFinite(value)
      ? element('circle', {
          cx: x + (bar.points.length === 1 ? 0 : reach * ((2 * i) / (bar.points.length - 1) - 1)),
          ...{ cy: y(value), r: radius, fill: ink, 'fill-opacity': 0.55 },
        })
      : '',
  )
  const [low, high] = bar.interval ?? [NaN, NaN]
  const interval = Number.isFinite(low + high)
    ? element('line', { x1: x, x2: x, y1: y(low), y2: y(high), stroke: ink, 'stroke-width': 1.25 })
    : ''
  const top = Math.min(...[bar.value, high, ...bar.points].filter(Number.isFinite).map(y), zero)
  return [
    element('rect', {
      ...{ x: x - width / 2, y: Math.min(zero, end), width, height: Math.abs(zero - end), fill, ...barOpacity },
    }),
    ...points,
    interval,
    bar.chance === undefined || !Number.isFinite(bar.chance)
      ? ''
      : element('line', {
          ...{ x1: x - slot / 2, x2: x + slot / 2, y1: y(bar.chance), y2: y(bar.chance) },
          ...{ stroke: ink, 'stroke-width': 1, 'stroke-dasharray': chanceDashes },
        }),
    bar.mark === ''
      ? ''
      : text(x, top - 0.4 * mm, bar.mark, { size: typeSizes.body, fill: ink, anchor: 'middle', weight: 500 }),
  ].join('')
}

function* valuesOf(groups: readonly BarGroup[]): Generator<number> {
  for (const { bars, level } of groups) {
    if (level !== null) yield level
    for (const bar of bars)
      if (bar !== null) yield* [bar.value, bar.chance ?? 0, ...(bar.interval ?? []), ...bar.points]
  }
}
