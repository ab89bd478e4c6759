/**
 * Mean score by layer: one line a model with its standard error, a band of one standard deviation where it is the mean
 * of several seeds, one dashed level an acoustic space.
 */
import type { ScoreRow, ScoreTable } from '../../src-main/contract/study.ts'
import { formatValue } from './format.ts'
import { layerAxis, legendText, scoreSeries, type Series } from './layers.ts'
import { band, level, margin, placeLegend, point, scoreAxis, scoreScale } from './scores.ts'
import { element, text } from './svg.ts'
import type { PlotTheme } from './theme.ts'

export interface LayerChart {
  readonly table: Pick<ScoreTable, 'models' | 'rows' | 'measure'>
  readonly width: number
  readonly height: number
  readonly theme: PlotTheme
  /** Drawn with a ring: a model's point, also where one of its members is looked at. */
  readonly selected: { readonly model: string; readonly layer: string } | null
}

/** A point carries `data-model` and `data-layer`. @returns a `g` element */
export function layerChart({ table, width, height, theme, selected }: LayerChart): string {
  const { rows } = table
  const { models, spaces } = scoreSeries(rows)
  const names = layerAxis(models)
  const all = [...models, ...spaces]
  const colour = (one: Series) => theme.series[all.indexOf(one) % theme.series.length]
  const legend = placeLegend(
    all.map((one, i) => ({
      label: legendText(one, table),
      colour: colour(one),
      shape: spaces.includes(one) ? null : i,
    })),
    width,
    theme,
  )
  const bottom = height - margin.bottom
  const y = scoreScale(rows, legend.height + 10, bottom)
  const step = (width - margin.left - margin.right) / Math.max(1, names.length)
  const x = (layer: string) => margin.left + (names.indexOf(layer) + 0.5) * step
  const small = { size: 11, fill: theme.quiet }
  const axis = names.map((layer) => text(x(layer) + 4, bottom + 14, layer, { ...small, anchor: 'end', rotate: -45 }))
  const title = text((margin.left + width - margin.right) / 2, height - 6, 'layer', { ...small, anchor: 'middle' })
  const levels = spaces.map((space) => level(space.rows[0].meanR, y, width, colour(space)))
  const lines = models.map((model) => {
    const fill = colour(model)
    const shown = model.rows.filter(({ meanR }) => Number.isFinite(meanR))
    const path = shown.map((row, i) => `${i === 0 ? 'M' : 'L'}${x(row.layer).toFixed(2)} ${y(row.meanR).toFixed(2)}`)
    const spread = shown.flatMap((row) =>
      row.spread === null ? [] : [{ x: x(row.layer), mean: row.meanR, sd: row.spread.sd }],
    )
    const isChosen = (row: ScoreRow) =>
      selected?.layer === row.layer &&
      (selected.model === row.model || row.members.some(({ id }) => id === selected.model))
    return element(
      'g',
      {},
      band(spread, y, fill),
      element('path', { d: path.join(''), fill: 'none', stroke: fill, 'stroke-width': 1.5 }),
      ...shown.map((row) =>
        point(
          {
            ...{ x: x(row.layer), scores: row, fill, shape: all.indexOf(model), chosen: isChosen(row) },
            measure: table.measure,
            name: `${row.model}, ${row.layer}`,
            note: seedsText(row),
            data: { 'data-model': row.model, 'data-layer': row.layer },
          },
          y,
          theme,
        ),
      ),
    )
  })
  return element(
    'g',
    {},
    legend.drawn,
    ...scoreAxis(y, width, theme, table.measure),
    ...axis,
    title,
    ...levels,
    ...lines,
  )
}

function seedsText({ spread, members }: ScoreRow): string {
  if (spread === null) return ''
  const { sd, low, high } = spread
  return `; ${members.length} seeds, SD ${formatValue(sd)}, from ${formatValue(low)} to ${formatValue(high)}`
}
