/**
 * Score of one layer along a training: one line a series of checkpoints with its standard error; a dashed level each
 * model and space that has no place on the axis, with one standard deviation where it is the mean of several seeds.
 */
import { scaleLinear, scaleLog } from 'd3-scale'
import type { ScoreTable } from '../../src-main/contract/study.ts'
import { formatCount } from './format.ts'
import { legendText, scoreSeries, type Series } from './layers.ts'
import { placeText } from './models.ts'
import { band, level, margin as sides, placeLegend, point, scoreAxis, scoreScale } from './scores.ts'
import { element, text, textWidth } from './svg.ts'
import type { PlotTheme } from './theme.ts'

export type AxisScale = 'linear' | 'log'

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
const titles = { steps: 'training steps (updates of the weights)', hours: 'hours of training audio' }

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
  const { x, ticks } = placeScale(places, chart.scale, [sides.left + 12, width - sides.right - 12])
  const small = { size: 11, fill: theme.quiet }
  const written = ticks.flatMap((tick) => [
    element('line', { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 4, stroke: theme.quiet }),
    text(x(tick), bottom + 16, formatCount(tick), { ...small, anchor: 'middle' }),
  ])
  const title = text((sides.left + width - sides.right) / 2, height - 6, titles[axis], { ...small, anchor: 'middle' })
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

/** On a logarithmic axis 0 stands by itself, left of the others. */
const zeroGap = 36

function placeScale(places: readonly number[], scale: AxisScale, [left, right]: readonly [number, number]) {
  const positive = places.filter((at) => at > 0)
  const [low, high] = [Math.min(...positive), Math.max(...positive)]
  if (scale === 'linear' || positive.length === 0) {
    const x = scaleLinear([Math.min(0, ...places), Math.max(0, ...places) || 1], [left, right])
    const place = (at: number) => x(at)
    return { x: place, ticks: fitting(x.ticks(5), place) }
  }
  const hasZero = positive.length < places.length
  // One place alone stands in the middle of a decade to either side.
  const x = scaleLog(low < high ? [low, high] : [low / 10, high * 10], [left + (hasZero ? zeroGap : 0), right])
  const ticks = low < high ? x.ticks(6) : [low]
  // 1, 2 and 5 of each decade; where their numbers have no room, decades alone.
  const [fine, coarse] = [/^[125]/, /^1/].map((digits) => ticks.filter((tick) => digits.test(tick.toExponential())))
  const place = (at: number) => (at > 0 ? x(at) : left)
  const zero = hasZero ? [0] : []
  const room = [fine, coarse, [low, high]].filter((list) => list.length > 1).map((list) => [...zero, ...list])
  const chosen = room.find((list) => fitting(list, place).length === list.length) ?? fitting([...zero, low], place)
  return { x: place, ticks: low < high ? chosen : [...zero, low] }
}

/** Ticks whose words do not run into those before them. */
function fitting(ticks: readonly number[], x: (at: number) => number): readonly number[] {
  const kept: number[] = []
  let end = -Infinity
  for (const tick of ticks) {
    const half = textWidth(formatCount(tick), 11) / 2
    if (x(tick) - half < end + 6) continue
    kept.push(tick)
    end = x(tick) + half
  }
  return kept
}
