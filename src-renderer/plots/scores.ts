/** Parts that the charts of mean scores share: the axis of r, the marks of a model, the legend. */
import { scaleLinear, type ScaleLinear } from 'd3-scale'
import type { LayerScores, Measure, ScoreRow } from '../../src-main/contract/study.ts'
import { formatTick, formatValue } from './format.ts'
import { element, escape, shorten, text, textWidth } from './svg.ts'
import type { PlotTheme } from './theme.ts'

export const margin = { left: 58, right: 12, bottom: 62 }
const legendRow = 18

export type ScoreScale = ScaleLinear<number, number>

/** From 0, or below where scores are, to the highest score with its error and spread. */
export function scoreScale(
  scores: readonly (LayerScores & Pick<Partial<ScoreRow>, 'spread'>)[],
  top: number,
  bottom: number,
): ScoreScale {
  const bounds = scores.flatMap(({ meanR, semR, spread }) => {
    const reach = Math.max(semR || 0, spread?.sd ?? 0)
    return Number.isFinite(meanR) ? [meanR - reach, meanR + reach] : []
  })
  const [low, high] = [Math.min(0, ...bounds), Math.max(0, ...bounds)]
  // An axis over less than rounding has no ticks.
  return scaleLinear([low, high - low > 1e-12 ? high : low + 1], [bottom, top]).nice(5)
}

/** Grid lines with their values, and what they are. */
export function scoreAxis(y: ScoreScale, width: number, theme: PlotTheme, { name }: Measure): string[] {
  const small = { size: 11, fill: theme.quiet }
  const ticks = y.ticks(5)
  const [bottom, top] = y.range()
  return [
    ...ticks.flatMap((tick) => [
      element('line', { x1: margin.left, x2: width - margin.right, y1: y(tick), y2: y(tick), stroke: theme.grid }),
      text(margin.left - 8, y(tick) + 4, formatTick(tick, ticks), { ...small, anchor: 'end' }),
    ]),
    text(14, (top + bottom) / 2, `mean ${name}`, { ...small, anchor: 'middle', rotate: -90 }),
  ]
}

/** A dashed level across the chart: a space without layers, or a model that does not move along the axis. */
export function level(value: number, y: ScoreScale, width: number, stroke: string): string {
  return element('line', {
    ...{ x1: margin.left, x2: width - margin.right, y1: y(value || 0), y2: y(value || 0) },
    ...{ stroke, 'stroke-width': 1.5, 'stroke-dasharray': '5 4' },
  })
}

export interface Point {
  readonly x: number
  readonly scores: LayerScores
  readonly fill: string
  readonly shape: number
  readonly chosen: boolean
  /** Before the score in the title: "w2v-native, transf4". */
  readonly name: string
  readonly measure: Measure
  /** After it. */
  readonly note: string
  readonly data: { readonly 'data-model': string; readonly 'data-layer': string }
}

/** A score with its standard error, ringed when it is chosen. */
export function point(
  { x, scores, fill, shape, chosen, name, measure, note, data }: Point,
  y: ScoreScale,
  theme: PlotTheme,
) {
  const { meanR, semR, subjects } = scores
  const cy = y(meanR)
  const error = Number.isFinite(semR)
    ? [element('line', { x1: x, x2: x, y1: y(meanR - semR), y2: y(meanR + semR), stroke: fill })]
    : []
  const ring = chosen
    ? [element('circle', { cx: x, cy, r: 8, fill: 'none', stroke: theme.ink, 'stroke-width': 1.5 })]
    : []
  const spread = Number.isFinite(semR) ? ` ± ${formatValue(semR)} (standard error)` : ''
  const people = subjects === 1 ? '1 subject' : `${subjects} subjects`
  return element(
    'g',
    data,
    element('title', {}, escape(`${name}: mean ${measure.symbol} ${formatValue(meanR)}${spread}, ${people}${note}`)),
    // A larger invisible target for the pointer.
    element('circle', { cx: x, cy, r: 9, fill: theme.paper, 'fill-opacity': 0 }),
    ...error,
    marker(shape, x, cy, fill),
    ...ring,
  )
}

/** Models differ in shape as well as in colour. */
function marker(shape: number, x: number, y: number, fill: string): string {
  switch (shape % 4) {
    case 0:
      return element('circle', { cx: x, cy: y, r: 4, fill })
    case 1:
      return element('rect', { x: x - 3.5, y: y - 3.5, width: 7, height: 7, fill })
    case 2:
      return element('path', { d: `M${x.toFixed(2)} ${(y - 5).toFixed(2)}l4.5 8.5h-9z`, fill })
    default:
      return element('path', { d: `M${x.toFixed(2)} ${(y - 5).toFixed(2)}l5 5l-5 5l-5 -5z`, fill })
  }
}

/** Half the width of the band of a single point, pixels. */
const bandReach = 5

/** One standard deviation over seeds to either side of the mean. */
export function band(
  points: readonly { readonly x: number; readonly mean: number; readonly sd: number }[],
  y: ScoreScale,
  fill: string,
): string {
  if (points.length === 0) return ''
  const wide = points.length > 1 ? points : [-bandReach, bandReach].map((by) => ({ ...points[0], x: points[0].x + by }))
  const corner = (x: number, value: number) => `${x.toFixed(2)} ${y(value).toFixed(2)}`
  const upper = wide.map(({ x, mean, sd }) => corner(x, mean + sd))
  const lower = wide.toReversed().map(({ x, mean, sd }) => corner(x, mean - sd))
  return element('path', { d: `M${[...upper, ...lower].join('L')}Z`, fill, 'fill-opacity': 0.18 })
}

export interface LegendEntry {
  readonly label: string
  readonly colour: string
  /** Of its marker; null for a dashed level. */
  readonly shape: number | null
}

/** Entries side by side, in as many rows as they need. */
export function placeLegend(entries: readonly LegendEntry[], width: number, theme: PlotTheme) {
  let x = margin.left
  let row = 0
  const parts = entries.flatMap(({ label: whole, colour, shape }) => {
    const label = shorten(whole, width - margin.left - 40, 11)
    const needed = textWidth(label, 11) + 36
    if (x > margin.left && x + needed > width) {
      x = margin.left
      row++
    }
    const [left, y] = [x, row * legendRow + 12]
    x += needed
    return [
      element('line', {
        ...{ x1: left, x2: left + 18, y1: y - 4, y2: y - 4, stroke: colour, 'stroke-width': 1.5 },
        'stroke-dasharray': shape === null ? '5 4' : undefined,
      }),
      ...(shape === null ? [] : [marker(shape, left + 9, y - 4, colour)]),
      text(left + 24, y, label, { size: 11, fill: theme.ink }),
    ]
  })
  return { height: entries.length === 0 ? 0 : (row + 1) * legendRow, drawn: element('g', {}, ...parts) }
}
