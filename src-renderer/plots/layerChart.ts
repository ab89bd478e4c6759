/** Mean score by layer: one line a model with its standard error, one dashed level an acoustic space. */
import { scaleLinear } from 'd3-scale'
import type { ScoreRow } from '../../src-main/contract/study.ts'
import { formatValue } from './format.ts'
import { layerAxis, scoreSeries, type Series } from './layers.ts'
import { element, escape, shorten, text, textWidth } from './svg.ts'
import type { PlotTheme } from './theme.ts'

export interface LayerChart {
  readonly rows: readonly ScoreRow[]
  readonly width: number
  readonly height: number
  readonly theme: PlotTheme
  /** Drawn with a ring. */
  readonly selected: { readonly model: string; readonly layer: string } | null
}

const margin = { left: 58, right: 12, bottom: 62 }
const legendRow = 18

/** A point carries `data-model` and `data-layer`. @returns a `g` element */
export function layerChart({ rows, width, height, theme, selected }: LayerChart): string {
  const { models, spaces } = scoreSeries(rows)
  const names = layerAxis(models)
  const all = [...models, ...spaces]
  const legend = placeLegend(all, width)
  const top = legend.height + 10
  const bottom = height - margin.bottom
  const bounds = rows.flatMap(({ meanR, semR }) =>
    Number.isFinite(meanR) ? [meanR - (semR || 0), meanR + (semR || 0)] : [],
  )
  const y = scaleLinear([Math.min(0, ...bounds), Math.max(0, ...bounds) || 1], [bottom, top]).nice(5)
  const step = (width - margin.left - margin.right) / Math.max(1, names.length)
  const x = (layer: string) => margin.left + (names.indexOf(layer) + 0.5) * step
  const colour = (one: Series) => theme.series[all.indexOf(one) % theme.series.length]
  const small = { size: 11, fill: theme.quiet }

  const grid = y
    .ticks(5)
    .flatMap((tick) => [
      element('line', { x1: margin.left, x2: width - margin.right, y1: y(tick), y2: y(tick), stroke: theme.grid }),
      text(margin.left - 8, y(tick) + 4, formatTick(tick, y.ticks(5)), { ...small, anchor: 'end' }),
    ])
  const axis = names.map((layer) => text(x(layer) + 4, bottom + 14, layer, { ...small, anchor: 'end', rotate: -45 }))
  const titles = [
    text(14, (top + bottom) / 2, 'mean Pearson r', { ...small, anchor: 'middle', rotate: -90 }),
    text((margin.left + width - margin.right) / 2, height - 6, 'layer', { ...small, anchor: 'middle' }),
  ]
  const levels = spaces.map((space) =>
    element('line', {
      x1: margin.left,
      x2: width - margin.right,
      y1: y(space.rows[0].meanR || 0),
      y2: y(space.rows[0].meanR || 0),
      stroke: colour(space),
      'stroke-width': 1.5,
      'stroke-dasharray': '5 4',
    }),
  )
  const lines = models.map((model) => {
    const fill = colour(model)
    const shown = model.rows.filter(({ meanR }) => Number.isFinite(meanR))
    const path = shown.map((row, i) => `${i === 0 ? 'M' : 'L'}${x(row.layer).toFixed(2)} ${y(row.meanR).toFixed(2)}`)
    return element(
      'g',
      {},
      element('path', { d: path.join(''), fill: 'none', stroke: fill, 'stroke-width': 1.5 }),
      ...shown.map((row) => {
        const chosen = selected?.model === row.model && selected.layer === row.layer
        return point(row, x(row.layer), y, fill, all.indexOf(model), chosen, theme)
      }),
    )
  })
  return element('g', {}, legend.draw(colour, theme), ...grid, ...axis, ...titles, ...levels, ...lines)
}

function point(
  row: ScoreRow,
  x: number,
  y: (value: number) => number,
  fill: string,
  shape: number,
  chosen: boolean,
  theme: PlotTheme,
): string {
  const cy = y(row.meanR)
  const error = Number.isFinite(row.semR)
    ? [element('line', { x1: x, x2: x, y1: y(row.meanR - row.semR), y2: y(row.meanR + row.semR), stroke: fill })]
    : []
  const ring = chosen
    ? [element('circle', { cx: x, cy, r: 8, fill: 'none', stroke: theme.ink, 'stroke-width': 1.5 })]
    : []
  const spread = Number.isFinite(row.semR) ? ` ± ${formatValue(row.semR)} (standard error)` : ''
  const people = row.subjects === 1 ? '1 subject' : `${row.subjects} subjects`
  return element(
    'g',
    { 'data-model': row.model, 'data-layer': row.layer },
    element('title', {}, escape(`${row.model}, ${row.layer}: mean r ${formatValue(row.meanR)}${spread}, ${people}`)),
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

function placeLegend(all: readonly Series[], width: number) {
  let x = margin.left
  let row = 0
  const places = all.map((one) => {
    const label = shorten(one.regime ? `${one.model} (${one.regime})` : one.model, width - margin.left - 40, 11)
    const needed = textWidth(label, 11) + 36
    if (x > margin.left && x + needed > width) {
      x = margin.left
      row++
    }
    const place = { one, label, x, y: row * legendRow + 12 }
    x += needed
    return place
  })
  return {
    height: all.length === 0 ? 0 : (row + 1) * legendRow,
    draw: (colour: (one: Series) => string, theme: PlotTheme) =>
      element(
        'g',
        {},
        ...places.flatMap(({ one, label, x: left, y }, i) => [
          element('line', {
            x1: left,
            x2: left + 18,
            y1: y - 4,
            y2: y - 4,
            stroke: colour(one),
            'stroke-width': 1.5,
            'stroke-dasharray': one.rows.length === 1 && one.rows[0].layer === one.model ? '5 4' : undefined,
          }),
          ...(one.rows.length === 1 && one.rows[0].layer === one.model
            ? []
            : [marker(i, left + 9, y - 4, colour(one))]),
          text(left + 24, y, label, { size: 11, fill: theme.ink }),
        ]),
      ),
  }
}

/** As many decimals as the steps need. */
function formatTick(tick: number, ticks: readonly number[]): string {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0)) || 1
  const decimals = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
  return (Math.abs(tick) < step / 1e6 ? 0 : tick).toFixed(decimals).replace('-', '−')
}
