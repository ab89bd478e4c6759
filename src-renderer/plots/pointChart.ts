/** Scores of every layer at one place: a line a model with its interval over subjects, a dashed level a space. Pure. */
import { scaleLinear } from 'd3-scale'
import type { PointScore, PointScores } from '../../src-main/contract/inspect.ts'
import { formatValue } from './format.ts'
import { compareLayers } from './layers.ts'
import { level, margin, placeLegend, scoreAxis } from './scores.ts'
import { element, escape, text } from './svg.ts'
import type { PlotTheme } from './theme.ts'

interface PointChart {
  readonly scores: PointScores
  readonly width: number
  readonly height: number
  readonly theme: PlotTheme
  /** Whose own scores are drawn as rings, where there are several. */
  readonly subject: string
  readonly selected: { readonly model: string; readonly layer: string } | null
}

/** A point carries `data-model` and `data-layer`. @returns a `g` element */
export function pointChart({ scores, width, height, theme, subject, selected }: PointChart): string {
  const { rows, ceiling, measure } = scores
  const models = [
    ...Map.groupBy(
      rows.filter(({ kind }) => kind === 'model'),
      ({ model }) => model,
    ),
  ].map(([model, own]) => ({ model, rows: own.toSorted((a, b) => compareLayers(a.layer, b.layer)) }))
  const spaces = rows.filter(({ kind }) => kind === 'space')
  const layers = [...new Set(models.flatMap((one) => one.rows.map(({ layer }) => layer)))].toSorted(compareLayers)
  const names = [...models.map(({ model }) => model), ...spaces.map(({ model }) => model)]
  const colour = (model: string) => theme.series[names.indexOf(model) % theme.series.length]
  const legend = placeLegend(
    names.map((model, i) => ({
      label: legendOf(rows.find((row) => row.model === model)!),
      colour: colour(model),
      shape: i < models.length ? i : null,
    })),
    width,
    theme,
  )
  const bottom = height - margin.bottom
  // A correlation is at most 1: with few subjects its interval reaches further, and would make the scale useless.
  const cut = measure.symbol === 'r' ? (value: number) => Math.min(1, Math.max(-1, value)) : (value: number) => value
  const bounds = rows.flatMap(({ mean, low, high }) => [mean, cut(low), cut(high)]).filter(Number.isFinite)
  const reliable = ceiling?.reliable === true && Number.isFinite(ceiling.r) ? ceiling.r : null
  const [least, most] = [Math.min(0, ...bounds), Math.max(0, ...bounds, reliable ?? 0)]
  const y = scaleLinear([least, most - least > 1e-12 ? most : least + 1], [bottom, legend.height + 10]).nice(5)
  const step = (width - margin.left - margin.right) / Math.max(1, layers.length)
  const x = (layer: string) => margin.left + (layers.indexOf(layer) + 0.5) * step
  const small = { size: 11, fill: theme.quiet }
  return element(
    'g',
    {},
    legend.drawn,
    ...scoreAxis(y, width, theme, measure),
    ...layers.map((layer) => text(x(layer) + 4, bottom + 14, layer, { ...small, anchor: 'end', rotate: -45 })),
    text((margin.left + width - margin.right) / 2, height - 6, 'layer', { ...small, anchor: 'middle' }),
    reliable === null ? '' : ceilingLine(reliable, y, width, theme),
    ...spaces.map((space) => level(space.mean, y, width, colour(space.model))),
    ...models.map(({ model, rows: own }) => interval(own, x, (value) => y(cut(value)), colour(model))),
    ...models.map(({ model, rows: own }) => line(own, { x, y, fill: colour(model), theme, subject, selected })),
  )
}

const legendOf = ({ model, regime }: PointScore) => (regime === '' ? model : `${model} (${regime})`)

function ceilingLine(r: number, y: (value: number) => number, width: number, theme: PlotTheme): string {
  return element(
    'g',
    {},
    element('line', {
      ...{ x1: margin.left, x2: width - margin.right, y1: y(r), y2: y(r) },
      ...{ stroke: theme.ink, 'stroke-dasharray': '2 3' },
    }),
    text(width - margin.right - 2, y(r) - 4, 'noise ceiling', { size: 11, fill: theme.quiet, anchor: 'end' }),
  )
}

function interval(
  rows: readonly PointScore[],
  x: (layer: string) => number,
  y: (value: number) => number,
  fill: string,
): string {
  const there = rows.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high))
  if (there.length === 0) return ''
  const corner = (row: PointScore, value: number, by = 0) => `${(x(row.layer) + by).toFixed(1)} ${y(value).toFixed(1)}`
  const wide = there.length > 1 ? 0 : 6
  const upper = [
    ...there.map((row) => corner(row, row.high, -wide)),
    ...(wide ? [corner(there[0], there[0].high, wide)] : []),
  ]
  const lower = [
    ...there.map((row) => corner(row, row.low, -wide)),
    ...(wide ? [corner(there[0], there[0].low, wide)] : []),
  ]
  return element('path', { d: `M${[...upper, ...lower.toReversed()].join('L')}Z`, fill, 'fill-opacity': 0.12 })
}

interface Line extends Pick<PointChart, 'theme' | 'subject' | 'selected'> {
  readonly x: (layer: string) => number
  readonly y: (value: number) => number
  readonly fill: string
}

function line(rows: readonly PointScore[], { x, y, fill, theme, subject, selected }: Line): string {
  const shown = rows.filter(({ mean }) => Number.isFinite(mean))
  const path = shown.map((row, i) => `${i === 0 ? 'M' : 'L'}${x(row.layer).toFixed(1)} ${y(row.mean).toFixed(1)}`)
  return element(
    'g',
    {},
    element('path', { d: path.join(''), fill: 'none', stroke: fill, 'stroke-width': 1.5 }),
    ...shown.map((row) => {
      const [cx, cy] = [x(row.layer), y(row.mean)]
      const own = row.values[row.subjects.indexOf(subject)] ?? NaN
      const chosen = selected?.model === row.model && selected.layer === row.layer
      return element(
        'g',
        { 'data-model': row.model, 'data-layer': row.layer },
        element('title', {}, escape(titleOf(row, subject, own))),
        element('circle', { cx, cy, r: 9, fill: theme.paper, 'fill-opacity': 0 }),
        Number.isFinite(own) && row.subjects.length > 1
          ? element('circle', { cx, cy: y(own), r: 2.5, fill: 'none', stroke: fill })
          : '',
        element('circle', { cx, cy, r: 3.5, fill }),
        chosen ? element('circle', { cx, cy, r: 7.5, fill: 'none', stroke: theme.ink, 'stroke-width': 1.5 }) : '',
      )
    }),
  )
}

function titleOf({ model, layer, mean, low, high, values }: PointScore, subject: string, own: number): string {
  const people = values.filter((value) => !Number.isNaN(value)).length
  const range = Number.isFinite(low)
    ? `, 95 % from ${formatValue(low)} to ${formatValue(high)} over ${people} subjects`
    : ''
  return `${model}, ${layer}: ${formatValue(mean)}${range}${Number.isFinite(own) ? `; ${subject} ${formatValue(own)}` : ''}`
}
