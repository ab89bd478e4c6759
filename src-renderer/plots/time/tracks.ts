/** Measured against predicted over time: one track a pinned point, all on one axis. Pure. */
import { scaleLinear } from 'd3-scale'
import { formatTick, formatValue } from '../format.ts'
import { element, escape, text } from '../svg.ts'
import type { PlotTheme } from '../theme.ts'
import { formatTime, pixelOf, type Span, type TimeAxis } from './span.ts'

export interface TrackMoment extends Span {
  readonly kind: 'carries' | 'breaks'
  /** "the score loses 0.021 without it". */
  readonly title: string
}

export interface Track {
  /** Seconds of each sample, increasing. */
  readonly times: Float64Array
  readonly measured: Float32Array
  /** NaN where there is none. */
  readonly predicted: Float32Array
  readonly contribution: Float64Array
  readonly moments: readonly TrackMoment[]
}

interface TrackDrawing {
  readonly track: Track
  readonly axis: TimeAxis
  readonly top: number
  readonly height: number
  readonly theme: PlotTheme
  /** Of the values: "z", "SD of the run". */
  readonly unit: string
}

const measuredColour = (theme: PlotTheme) => theme.ink
const predictedColour = (theme: PlotTheme) => theme.series[0]
export const carriesColour = (theme: PlotTheme) => theme.series[2]
export const breaksColour = (theme: PlotTheme) => theme.series[1]

/** Share of a track's height that the contributions have. */
const contributionShare = 0.24

/** @returns a `g` element */
export function timeTrack({ track, axis, top, height, theme, unit }: TrackDrawing): string {
  const { times, measured, predicted, contribution, moments } = track
  const shown = visible(times, axis.span)
  const lineBottom = top + height * (1 - contributionShare) - 6
  const values = shown.flatMap((i) => [measured[i], predicted[i]]).filter((value) => Number.isFinite(value))
  const reach = Math.max(1e-12, ...values.map(Math.abs))
  const y = scaleLinear([-reach, reach], [lineBottom, top + 4])
  const ticks = y.ticks(3)
  const small = { size: 11, fill: theme.quiet }
  const x = (i: number) => pixelOf(axis, times[i])
  const lines = [
    ...ticks.flatMap((tick) => [
      element('line', { x1: axis.left, x2: axis.right, y1: y(tick), y2: y(tick), stroke: theme.grid }),
      text(axis.left - 6, y(tick) + 4, formatTick(tick, ticks), { ...small, anchor: 'end' }),
    ]),
    text(12, (top + lineBottom) / 2, unit, { ...small, anchor: 'middle', rotate: -90 }),
    text(axis.left - 6, (lineBottom + 6 + top + height) / 2 - 1, '+', { ...small, anchor: 'end' }),
    text(axis.left - 6, (lineBottom + 6 + top + height) / 2 + 9, '−', { ...small, anchor: 'end' }),
  ]
  return element(
    'g',
    {},
    ...moments.map((moment) => highlight(moment, axis, top, height, theme)),
    ...lines,
    polyline(shown, x, (i) => y(measured[i]), axis, { stroke: measuredColour(theme), 'stroke-width': 1.25 }),
    polyline(shown, x, (i) => y(predicted[i]), axis, { stroke: predictedColour(theme), 'stroke-width': 1.75 }),
    bars(shown, x, contribution, axis, [lineBottom + 8, top + height - 2], theme),
  )
}

/** Samples of a stretch, and one to either side. */
function visible(times: Float64Array, { from, to }: Span): number[] {
  const first = Math.max(0, times.findIndex((time) => time >= from) - 1)
  const after = times.findIndex((time) => time > to)
  const last = after < 0 ? times.length : after + 1
  return Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i)
}

/** Cut at the ends of the axis: the samples beside what is shown lie beyond it. */
function polyline(
  shown: readonly number[],
  x: (i: number) => number,
  y: (i: number) => number,
  { left, right }: TimeAxis,
  style: Readonly<Record<string, string | number>>,
): string {
  const point = (command: 'M' | 'L', px: number, py: number) => `${command}${px.toFixed(1)} ${py.toFixed(1)}`
  let d = ''
  let before: readonly [number, number] | null = null
  let drawn = false
  for (const i of shown) {
    const [px, py] = [x(i), y(i)]
    if (!Number.isFinite(py)) {
      before = null
      drawn = false
      continue
    }
    const inside = px >= left && px <= right
    if (before) {
      const [bx, by] = before
      const at = (edge: number) => by + ((edge - bx) / (px - bx)) * (py - by)
      if (!drawn && px > left && bx < left) {
        d += point('M', left, at(left))
        drawn = true
      }
      if (drawn && px > right && bx < right) d += point('L', right, at(right))
    }
    if (inside) d += point(drawn ? 'L' : 'M', px, py)
    drawn = inside
    before = [px, py]
  }
  return element('path', { d, fill: 'none', 'stroke-linejoin': 'round', ...style })
}

/** Contributions: above the line they add to the score, below they take from it. */
function bars(
  shown: readonly number[],
  x: (i: number) => number,
  contribution: Float64Array,
  axis: TimeAxis,
  [top, bottom]: readonly [number, number],
  theme: PlotTheme,
): string {
  const most = Math.max(1e-300, ...contribution.map(Math.abs))
  const middle = (top + bottom) / 2
  const width = Math.max(1, shown.length > 1 ? 0.7 * (x(shown[1]) - x(shown[0])) : 2)
  const half = (bottom - top) / 2
  const drawn = shown.map((i) => {
    const size = (Math.abs(contribution[i]) / most) * half
    if (!(size > 0.2)) return ''
    const positive = contribution[i] > 0
    const [from, to] = [Math.max(axis.left, x(i) - width / 2), Math.min(axis.right, x(i) + width / 2)]
    if (to <= from) return ''
    return element('rect', {
      ...{ x: from, y: positive ? middle - size : middle, width: to - from, height: size },
      fill: positive ? carriesColour(theme) : breaksColour(theme),
    })
  })
  return element(
    'g',
    {},
    element('title', {}, escape(`Contribution of each sample to the score; the largest is ${formatValue(most, 4)}`)),
    element('line', { x1: axis.left, x2: axis.right, y1: middle, y2: middle, stroke: theme.grid }),
    ...drawn,
  )
}

function highlight(moment: TrackMoment, axis: TimeAxis, top: number, height: number, theme: PlotTheme): string {
  const carries = moment.kind === 'carries'
  const fill = carries ? carriesColour(theme) : breaksColour(theme)
  const [left, right] = [pixelOf(axis, moment.from), pixelOf(axis, moment.to)].map((pixel) =>
    Math.min(axis.right, Math.max(axis.left, pixel)),
  )
  if (right - left < 0.5) return ''
  return element(
    'g',
    {},
    element('title', {}, escape(moment.title)),
    element('rect', { x: left, y: top, width: right - left, height, fill, 'fill-opacity': 0.13 }),
    element('rect', { x: left, y: top, width: right - left, height: 2, fill }),
    ...(right - left > 14 ? [text(left + 3, top + 13, carries ? '+' : '−', { size: 12, fill, weight: 600 })] : []),
  )
}

/** The axis in seconds, below everything. */
export function timeTicks(axis: TimeAxis, y: number, height: number, theme: PlotTheme): string {
  const ticks = scaleLinear([axis.span.from, axis.span.to], [axis.left, axis.right]).ticks(
    Math.max(2, Math.floor((axis.right - axis.left) / 90)),
  )
  const decimals = ticks.length > 1 && ticks[1] - ticks[0] < 1 ? 1 : 0
  return element(
    'g',
    {},
    ...ticks.flatMap((tick) => {
      const x = pixelOf(axis, tick)
      return [
        element('line', { x1: x, x2: x, y1: y - height, y2: y, stroke: theme.grid }),
        text(x, y + 14, formatTime(tick, decimals), { size: 11, fill: theme.quiet, anchor: 'middle' }),
      ]
    }),
  )
}

/** z-scores over what is finite; zeros where nothing varies. */
export function zScores(values: Float32Array): Float32Array {
  const there = values.filter((value) => Number.isFinite(value))
  const mean = there.reduce((sum, value) => sum + value, 0) / there.length
  const sd = Math.sqrt(there.reduce((sum, value) => sum + (value - mean) ** 2, 0) / there.length)
  return values.map((value) => (sd > 0 ? (value - mean) / sd : value - mean))
}
