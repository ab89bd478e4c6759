/** The units that a prediction leans on most: weights times the SD of their regressors, as bars. Pure. */
import { scaleLinear } from 'd3-scale'
import type { InspectedWeights } from '../../src-main/contract/inspect.ts'
import { formatTick, formatValue } from './format.ts'
import { element, escape, shorten, text } from './svg.ts'
import type { PlotTheme } from './theme.ts'

interface UnitWeight {
  readonly label: string
  /** Weight times SD: what the prediction moves with one SD of the regressor. */
  readonly effect: number
}

/** The largest first. */
export function largestWeights(
  { weights, spreads, groups, names }: InspectedWeights,
  count: number,
): readonly UnitWeight[] {
  const all: UnitWeight[] = []
  let at = 0
  for (const { label, units } of groups)
    for (let unit = 0; unit < units; unit++, at++)
      all.push({
        label: `${names[unit] ?? `unit ${unit}`}${groups.length > 1 ? `, ${label}` : ''}`,
        effect: weights[at] * spreads[at],
      })
  return all.toSorted((a, b) => Math.abs(b.effect) - Math.abs(a.effect)).slice(0, count)
}

const row = 18

export const weightChartHeight = (units: number) => units * row + 26

/** @returns a `g` element */
export function weightChart(units: readonly UnitWeight[], width: number, theme: PlotTheme, unit: string): string {
  const left = Math.min(150, width * 0.4)
  const most = Math.max(1e-300, ...units.map(({ effect }) => Math.abs(effect)))
  const x = scaleLinear([-most, most], [left, width - 12]).nice(4)
  const bottom = units.length * row
  const ticks = x.ticks(4)
  return element(
    'g',
    {},
    ...ticks.flatMap((tick) => [
      element('line', { x1: x(tick), x2: x(tick), y1: 0, y2: bottom, stroke: theme.grid }),
      text(x(tick), bottom + 13, formatTick(tick, ticks), { size: 11, fill: theme.quiet, anchor: 'middle' }),
    ]),
    ...units.map(({ label, effect }, i) =>
      element(
        'g',
        {},
        element('title', {}, escape(`${label}: ${formatValue(effect, 4)} ${unit} for 1 SD of its regressor`)),
        text(left - 8, i * row + 13, shorten(label, left - 12, 11), { size: 11, fill: theme.ink, anchor: 'end' }),
        element('rect', {
          ...{
            x: Math.min(x(0), x(effect)),
            y: i * row + 4,
            width: Math.max(1, Math.abs(x(effect) - x(0))),
            height: row - 7,
          },
          fill: theme.series[effect >= 0 ? 0 : 1],
        }),
      ),
    ),
    element('line', { x1: x(0), x2: x(0), y1: 0, y2: bottom, stroke: theme.quiet }),
  )
}
