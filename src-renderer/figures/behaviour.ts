/** Discrimination of phones: listeners, models by training regime, and models against listeners. */
import type { FindingFigure, FindingTable } from '../../src-main/contract/findings.ts'
import { barChart, type Bar, type BarGroup } from './bars.ts'
import type { Panel, PanelLayout, PanelRows } from './page.ts'
import { scatter } from './scatter.ts'
import { plotThemes, type ThemeName } from '../plots/theme.ts'

type Row = Readonly<Record<string, string | number>>

function rowsOf(table: FindingTable | undefined): readonly Row[] {
  if (!table) return []
  return Array.from({ length: table.columns[0].values.length }, (_, row) =>
    Object.fromEntries(table.columns.map(({ name, values }) => [name, values[row]])),
  )
}

const panelHeight = 52

/** Of two phones. */
const chance = 0.5
const chanceEntry = (theme: ThemeName) => ({ label: 'chance', colour: plotThemes[theme].ink, kind: 'level' as const })

/** One row of panels. */
export function behaviourPanels({ finding }: FindingFigure, { theme }: PanelLayout): PanelRows {
  const level = Number(finding.provenance.options['level'])
  const table = (name: string) => finding.tables.find((one) => one.name === name)
  const rows = (name: string) => rowsOf(table(name))
  const marks = new Map(
    [...rows('listener_tests'), ...rows('model_tests')].map((row) => [row['comparison'], Number(row['q']) < level]),
  )
  const [listeners, models, effect] = [
    listenersPanel(rows('listeners'), rows('participants'), marks, theme),
    modelsPanel(rows('regimes'), rows('models'), marks, theme),
    effectPanel(table('native_effect')) ?? comparisonPanel(rows('comparison'), theme),
  ]
  return [[listeners, models, effect].filter((panel) => panel !== undefined)]
}

function barOf(row: Row, points: readonly Row[], mark: boolean, value = 'accuracy'): Bar {
  const [low, high] = [
    Number(row[value === 'rho' ? 'rho_low' : 'low']),
    Number(row[value === 'rho' ? 'rho_high' : 'high']),
  ]
  return {
    value: Number(row[value]),
    interval: Number.isFinite(low + high) ? [low, high] : null,
    points: points.map((point) => Number(point['accuracy'])).toSorted((a, b) => a - b),
    mark: mark ? '*' : '',
  }
}

function listenersPanel(
  rows: readonly Row[],
  participants: readonly Row[],
  marks: ReadonlyMap<string | number, boolean>,
  theme: ThemeName,
): Panel | undefined {
  if (rows.length === 0) return undefined
  const listeners = [...new Set(rows.map((row) => String(row['group'])))]
  const speech = ['native', 'non-native'] as const
  const groups = speech.map((relation): BarGroup => ({
    name: `${relation} speech`,
    level: chance,
    bars: listeners.map((group) => {
      const own = (row: Row) => row['group'] === group && row['speech'] === relation
      const row = rows.find(own)
      if (!row) return null
      const mark = relation === 'native' && marks.get(`${group}, native > non-native`) === true
      return barOf(row, participants.filter(own), mark)
    }),
  }))
  const { series } = plotThemes[theme]
  const bars = listeners.map((label, i) => ({ label, colour: series[i % series.length], kind: 'bar' as const }))
  const legend = [...bars, chanceEntry(theme)]
  return {
    name: 'listeners',
    heading: 'Listeners',
    heightMm: panelHeight,
    leastMm: 45,
    draw: (box) => barChart({ groups, colours: series, legend, axis: 'proportion correct' }, box),
  }
}

function modelsPanel(
  rows: readonly Row[],
  models: readonly Row[],
  marks: ReadonlyMap<string | number, boolean>,
  theme: ThemeName,
): Panel | undefined {
  if (rows.length === 0) return undefined
  const shown = regimeOrder(rows.map((row) => String(row['regime'])))
  const groups = shown.map((regime): BarGroup => {
    const row = rows.find((one) => one['regime'] === regime)!
    const mark = [...marks].some(([name, significant]) => significant && String(name).startsWith(`${regime} > `))
    return {
      name: regime,
      level: chance,
      bars: [
        barOf(
          row,
          models.filter((one) => one['regime'] === regime),
          mark,
        ),
      ],
    }
  })
  const { series } = plotThemes[theme]
  return {
    name: 'models',
    heading: 'Models',
    heightMm: panelHeight,
    leastMm: 45,
    draw: (box) =>
      barChart(
        {
          groups,
          colours: (group) => series[group % series.length],
          legend: [chanceEntry(theme)],
          axis: 'proportion correct',
        },
        box,
      ),
  }
}

/** As the paper shows them; supervised and others after. */
const paperOrder = ['native', 'non-native', 'non-speech', 'untrained', 'supervised']

function regimeOrder(regimes: readonly string[]): readonly string[] {
  const place = (regime: string) => (paperOrder.includes(regime) ? paperOrder.indexOf(regime) : paperOrder.length)
  return regimes.toSorted((a, b) => place(a) - place(b))
}

function effectPanel(table: FindingTable | undefined): Panel | undefined {
  if (!table) return undefined
  const [, human, model] = table.columns
  const points = rowsOf(table).map((row) => ({ x: Number(row['listeners']), y: Number(row['models']) }))
  return {
    name: 'comparison',
    heading: 'Native effect by contrast',
    heightMm: panelHeight,
    leastMm: 45,
    draw: (box) => scatter({ points, xAxis: human.title, yAxis: model.title, note: '' }, box),
  }
}

function comparisonPanel(rows: readonly Row[], theme: ThemeName): Panel | undefined {
  if (rows.length === 0) return undefined
  const listeners = [...new Set(rows.map((row) => String(row['listeners'])))]
  const names = [...new Set(rows.map((row) => String(row['model'])))]
  const groups = names.map((model): BarGroup => ({
    name: model,
    level: null,
    bars: listeners.map((group) => {
      const row = rows.find((one) => one['model'] === model && one['listeners'] === group)
      return row ? barOf(row, [], false, 'rho') : null
    }),
  }))
  const { series } = plotThemes[theme]
  const legend = listeners.map((label, i) => ({ label, colour: series[i % series.length], kind: 'bar' as const }))
  return {
    name: 'comparison',
    heading: 'Models against listeners',
    heightMm: panelHeight,
    leastMm: 45,
    draw: (box) => barChart({ groups, colours: series, legend, axis: 'Spearman’s ρ over contrasts' }, box),
  }
}
