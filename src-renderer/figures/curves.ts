/** Scores along a training: lines with intervals, and where each stops rising. */
import { formatCount } from '../plots/format.ts'
import { placeScale, placeTitles, type AxisScale } from '../plots/placeScale.ts'
import { element, text } from '../plots/svg.ts'
import { valueAxis, valueAxisWidth, valueScale, type Plot } from './axes.ts'
import { legend, lineHeight, mm, typeSizes, type Box } from './page.ts'

export interface Curve {
  readonly name: string
  readonly colour: string
  /** Ascending places; intervals NaN where there are none. */
  readonly points: readonly {
    readonly at: number
    readonly value: number
    readonly low: number
    readonly high: number
  }[]
  /** Where it stops rising, with its interval; null for no such point. `high` may be Infinity: beyond the last place. */
  readonly plateau: { readonly at: number; readonly low: number; readonly high: number } | null
}

export interface CurveChart {
  readonly curves: readonly Curve[]
  readonly axis: 'steps' | 'hours'
  readonly scale: AxisScale
  /** What the values are, with their unit. */
  readonly label: string
}

export function curveChart({ curves, axis, scale, label }: CurveChart, { width, height, theme }: Box): string {
  const size = typeSizes.body
  const key = legend(
    curves.map(({ name, colour }) => ({ label: name, colour, kind: 'line' })),
    width,
    theme,
  )
  const values = curves.flatMap(({ points }) => points.flatMap(({ value, low, high }) => [value, low, high]))
  const left = valueAxisWidth(valueScale(values, { top: 0, bottom: height }))
  const plot: Plot = { left, right: width, top: key.height + mm, bottom: height - 2 * lineHeight - mm }
  const y = valueScale(values, plot)
  const places = curves.flatMap(({ points }) => points.map(({ at }) => at))
  const { x, ticks } = placeScale(places, scale, [left + 2 * mm, width - 4 * mm], size)
  const style = { size, fill: theme.ink, anchor: 'middle' } as const
  const numbers = ticks.flatMap((tick) => [
    element('line', { x1: x(tick), x2: x(tick), y1: plot.bottom, y2: plot.bottom + 0.7 * mm, stroke: theme.quiet }),
    text(x(tick), plot.bottom + lineHeight, formatCount(tick), style),
  ])
  const title = text((left + width) / 2, height - 0.25 * lineHeight, placeTitles[axis], style)
  const last = Math.max(...places)
  const first = scale === 'log' ? Math.min(...places.filter((at) => at > 0)) : Math.min(...places)
  const inside = (at: number) => x(Math.min(last, Math.max(first, at)))
  return element(
    'g',
    {},
    key.drawn,
    valueAxis(y, plot, label, theme),
    ...numbers,
    title,
    ...curves.flatMap(({ plateau, colour }) => (plateau === null ? [] : [drawPlateau(plateau, colour, plot, inside)])),
    ...curves.map((curve) => drawCurve(curve, x, y)),
  )
}

function drawPlateau(
  { at, low, high }: NonNullable<Curve['plateau']>,
  colour: string,
  { top, bottom }: Plot,
  x: (at: number) => number,
): string {
  const band = Number.isNaN(low + high)
    ? ''
    : element('rect', {
        ...{ x: x(low), y: top, width: Math.max(0.5, x(high) - x(low)), height: bottom - top },
        ...{ fill: colour, 'fill-opacity': 0.12 },
      })
  return (
    band + element('line', { x1: x(at), x2: x(at), y1: top, y2: bottom, stroke: colour, 'stroke-dasharray': '3 2' })
  )
}

function drawCurve({ points, colour }: Curve, x: (at: number) => number, y: (value: number) => number): string {
  const known = points.filter(({ value }) => Number.isFinite(value))
  const path = known.map(({ at, value }, i) => `${i === 0 ? 'M' : 'L'}${x(at).toFixed(2)} ${y(value).toFixed(2)}`)
  return element(
    'g',
    {},
    element('path', { d: path.join(''), fill: 'none', stroke: colour, 'stroke-width': 1.25 }),
    ...known.flatMap(({ at, value, low, high }) => [
      Number.isNaN(low + high)
        ? ''
        : element('line', { x1: x(at), x2: x(at), y1: y(low), y2: y(high), stroke: colour, 'stroke-width': 1 }),
      element('circle', { cx: x(at), cy: y(value), r: 0.55 * mm, fill: colour }),
    ]),
  )
}
