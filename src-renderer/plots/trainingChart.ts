/**
 * Score of one layer along a training: one line a series of checkpoints with its standard error; a dashed level each
 * model and space that has no place on the axis, with one standard deviation where it is the mean of several seeds.
 */
import type { ScoreTable } from '../../src-main/contract/study.ts'
import { formatCount } from './format.ts'
import { legendText, scoreSeries, type Series } from './layers.ts'
import { placeText } from './models.ts'
import { placeScale, placeTitles, type AxisScale } from './placeScale.ts'
import { band, level, margin as sides, placeLegend, point, scoreAxis, scoreScale } from './scores.ts'
import { element, text } from './svg.ts'
import type { PlotTheme } from './theme.ts'

export interface TrainingChart {
  readonly table: Pick<ScoreTable, 'models' | 'rows' | 'measure'>
  readonly axis: 'steps' | 'hours'
  readonly scale: AxisScale
  readonly layer: string
  readonly width: number
  readonly height: number
  readonly theme: PlotTheme
  /** The id of the checkpoint, or of the model whose last checkpoint, is drawn with a ring. */
  readonly selected: string | null
}

const bottomMargin = 44

/** Whether any series on this axis has scores of the layer. */
export function hasTraining({ models, rows }: Pick<ScoreTable, 'models' | 'rows'>, axis: string, layer: string) {
  const ids = models.filter((model) => model.axis === axis).map(({ id }) => id)
  return rows.some((row) => row.layer === layer && ids.includes(row.model))
}

/** A point carries `data-model`, the id of its checkpoint, and `data-layer`. @returns a `g` element */
export function trainingChart(chart: TrainingChart): string {
  const { table, axis, layer, width, height, theme, selected } = chart
  const { models, spaces } = scoreSeries(table.rows)
  const all = [...models, ...spaces]
  // As in the chart of layers, whose colours and shapes a model keeps.
  const shown = all
    .map((one, i) => ({
      ...{ one, shape: i, colour: theme.series[i % theme.series.length] },
      row: one.rows.find((row) => row.layer === layer || spaces.includes(one)),
    }))
    .flatMap(({ row, ...rest }) => (row === undefined ? [] : [{ ...rest, row }]))
  const axisOf = ({ model }: Series) => table.models.find(({ id }) => id === model)?.axis ?? null
  const trained = shown.filter(({ one }) => axisOf(one) === axis)
  const others = shown.filter(({ one }) => axisOf(one) === null || axisOf(one) === 'seed')
  const legend = placeLegend(
    [
      ...trained.map(({ one, colour, shape }) => ({ label: trainedText(one), colour, shape })),
      ...others.map(({ one, colour }) => ({ label: legendText(one, table), colour, shape: null })),
    ],
    width,
    theme,
  )
  const places = trained.flatMap(({ row }) => row.members.map(({ at }) => at))
  const bottom = height - bottomMargin
  const y = scoreScale(
    [...trained.flatMap(({ row }) => row.members), ...others.map(({ row }) => row)],
    legend.height + 10,
    bottom,
  )
  const { x, ticks } = placeScale(places, chart.scale, [sides.left + 12, width - sides.right - 12], 11)
  const small = { size: 11, fill: theme.quiet }
  const written = ticks.flatMap((tick) => [
    element('line', { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 4, stroke: theme.quiet }),
    text(x(tick), bottom + 16, formatCount(tick), { ...small, anchor: 'middle' }),
  ])
  const title = text((sides.left + width - sides.right) / 2, height - 6, placeTitles[axis], {
    ...small,
    anchor: 'middle',
  })
  const ends = [sides.left, width - sides.right]
  const levels = others.map(({ row, colour }) =>
    [
      row.spread === null
        ? ''
        : band(
            ends.map((at) => ({ x: at, mean: row.meanR, sd: row.spread!.sd })),
            y,
            colour,
          ),
      level(row.meanR, y, width, colour),
    ].join(''),
  )
  const lines = trained.map(({ row, colour, shape }) => {
    const own = row.members.filter(({ meanR }) => Number.isFinite(meanR))
    const last = row.members.at(-1)?.id
    const path = own.map(({ at, meanR }, i) => `${i === 0 ? 'M' : 'L'}${x(at).toFixed(2)} ${y(meanR).toFixed(2)}`)
    return element(
      'g',
      {},
      element('path', { d: path.join(''), fill: 'none', stroke: colour, 'stroke-width': 1.5 }),
      ...own.map((member) =>
        point(
          {
            ...{ x: x(member.at), scores: member, fill: colour, shape, note: '' },
            chosen: selected === member.id || (selected === row.model && member.id === last),
            measure: table.measure,
            name: `${row.model}, ${placeText(axis, member.at)}, ${layer}`,
            data: { 'data-model': member.id, 'data-layer': layer },
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
    ...written,
    title,
    ...levels,
    ...lines,
  )
}

const trainedText = ({ model, regime }: Series) => (regime === '' ? model : `${model} (${regime})`)
