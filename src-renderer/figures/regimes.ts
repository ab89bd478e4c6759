/** Training regimes (layout of Millet et al. 2022, Fig. 4B to D): bars, languages, nested map, specialisation, training. */
import type { Finding, FindingFigure } from '../../src-main/contract/findings.ts'
import { capitalised, formatCount } from '../plots/format.ts'
import type { PlotTheme } from '../plots/theme.ts'
import { plotThemes } from '../plots/theme.ts'
import { barChart, chanceEntry, type Bar, type BarGroup } from './bars.ts'
import { classPanel } from './brain.ts'
import { curveChart, type Curve } from './curves.ts'
import { Rows, wholeOf } from './findingRows.ts'
import { noCortex } from './noCortex.ts'
import type { LegendEntry, Panel, PanelLayout, PanelRows } from './page.ts'

/** As the analysis names them (pipeline/findings). */
/** Regions that are drawn at most, the whole cortex beside them; the tables have all. */
const mostRegions = 10
const mostCurves = 4

/**
 * In the order in which the caption letters them. Drawing one throws RangeErrors as `brainPanel`.
 * @returns rows of panels
 */
export function regimesPanels({ finding, surface }: FindingFigure, { theme, dpi }: PanelLayout): PanelRows {
  const drawn: Drawn = {
    finding,
    theme: plotThemes[theme],
    dpi,
    regions: shownRegions(finding),
    points: pointsOf(finding),
  }
  const [first, ...others] = [
    regionPanel(drawn),
    languagePanel(drawn),
    nestedPanel(drawn, surface),
    specialisationPanel(drawn),
    trainingPanel(drawn),
  ].filter((panel) => panel !== null)
  const pairs = others.flatMap((_, i) => (i % 2 === 0 ? [others.slice(i, i + 2)] : []))
  return [[first], ...pairs]
}

interface Drawn {
  readonly finding: Finding
  readonly theme: PlotTheme
  readonly dpi: number
  readonly regions: readonly string[]
  readonly points: Points
}

/** The whole cortex, and the regions with the highest scores of any regime, in the order of the parcellation. */
function shownRegions(finding: Finding): readonly string[] {
  const rows = new Rows(finding, 'regions')
  const best = new Map<string, number>()
  for (let row = 0; row < rows.length; row++) {
    const [region, mean] = [rows.text(row, 'region'), rows.number(row, 'mean')]
    if (Number.isFinite(mean)) best.set(region, Math.max(best.get(region) ?? -Infinity, mean))
  }
  const whole = wholeOf(finding)
  const named = [...best.keys()].filter((region) => region !== whole)
  const kept = named.toSorted((a, b) => best.get(b)! - best.get(a)!).slice(0, mostRegions)
  return [whole, ...named.filter((region) => kept.includes(region))]
}

/** Subjects' scores of a regime in a region. */
type Points = (regime: string, region: string) => readonly { readonly language: string; readonly value: number }[]

function pointsOf(finding: Finding): Points {
  const rows = new Rows(finding, 'subjects')
  const key = (regime: string, region: string) => `${regime}\n${region}`
  const known = new Map<string, { language: string; value: number }[]>()
  for (let row = 0; row < rows.length; row++) {
    const value = rows.number(row, 'mean')
    if (!Number.isFinite(value)) continue
    const own = key(rows.text(row, 'regime'), rows.text(row, 'region'))
    const list = known.get(own) ?? []
    known.set(own, list)
    list.push({ language: keyOf(rows.text(row, 'language')), value })
  }
  return (regime, region) => known.get(key(regime, region)) ?? []
}

const keyOf = (language: string) => language.trim().toLowerCase()

/** Of the papers' regimes, whichever of them there are; others take what is left. */
function regimeColour(regime: string, regimes: readonly string[], { series }: PlotTheme): string {
  const places: Readonly<Record<string, number>> = {
    ...{ native: 0, supervised: 1, 'non-native': 2, 'non-speech': 5, untrained: 4 },
  }
  const others = regimes.filter((name) => !(name in places))
  return series[places[regime] ?? [3, 6][others.indexOf(regime) % 2]]
}

/** From native down, as in the paper; then supervised, then others. */
function inDrawingOrder(regimes: readonly string[]): readonly string[] {
  const order = ['native', 'non-native', 'non-speech', 'untrained', 'supervised']
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  return regimes.toSorted((a, b) => place(a) - place(b))
}

function regionPanel(drawn: Drawn): Panel {
  const rows = new Rows(drawn.finding, 'regions')
  const [everyone] = rows.words('group')
  const all = rows.words('region').length - 1
  const shown = drawn.regions.length - 1
  const some = shown < all ? ` (the ${shown} of ${all} regions with the highest scores)` : ''
  const groups = drawn.regions.map((region) => ({ name: region, group: everyone, region }))
  return {
    ...{ name: 'regions', heading: `Training regimes by region${some}`, heightMm: 60 },
    draw: (box) => barChart(chartOf(drawn, groups), box),
  }
}

function languagePanel(drawn: Drawn): Panel | null {
  const [, ...languages] = new Rows(drawn.finding, 'regions').words('group')
  if (languages.length === 0) return null
  const groups = languages.map((group) => ({
    name: `${capitalised(group)} listeners`,
    group,
    region: wholeOf(drawn.finding),
  }))
  return {
    ...{ name: 'languages', heading: 'Within listeners of each language' },
    ...{ heightMm: 66, leastMm: 60 },
    draw: (box) => barChart(chartOf(drawn, groups), box),
  }
}

interface GroupOfBars {
  readonly name: string
  /** Of listeners. */
  readonly group: string
  readonly region: string
}

function chartOf({ finding, theme, points }: Drawn, groups: readonly GroupOfBars[]) {
  const rows = new Rows(finding, 'regions')
  const [everyone] = rows.words('group')
  const regimes = inDrawingOrder(rows.words('regime'))
  const marks = marksOf(finding)
  const barOf = ({ group, region }: GroupOfBars, regime: string): Bar | null => {
    const [row] = rows.where({ group, region, regime })
    if (row === undefined) return null
    const own = points(regime, region).filter(({ language }) => group === everyone || language === keyOf(group))
    return {
      value: rows.number(row, 'mean'),
      interval: [rows.number(row, 'mean_low'), rows.number(row, 'mean_high')],
      points: own.map(({ value }) => value),
      mark: marks(group, region, regime),
      chance: rows.numberIn(row, 'chance'),
    }
  }
  const colours = regimes.map((regime) => regimeColour(regime, regimes, theme))
  const legend = regimes.map((label, i): LegendEntry => ({ label, colour: colours[i], kind: 'bar' }))
  const drawn = groups.map((one): BarGroup => ({
    ...{ name: one.name, bars: regimes.map((regime) => barOf(one, regime)), level: null },
  }))
  return {
    ...{ groups: drawn, colours, axis: `mean ${finding.measure.name}` },
    legend: [...legend, ...chanceEntry(drawn, theme)],
  }
}

/** What stands above a regime's bar: * where it surpasses the one below it in the chain, † where supervised differs. */
function marksOf(finding: Finding): (group: string, region: string, regime: string) => string {
  const rows = new Rows(finding, 'contrasts')
  const level = Number(finding.provenance.options['level'])
  const marks = new Map<string, string>()
  for (let row = 0; row < rows.length; row++) {
    if (!(rows.number(row, 'q') <= level)) continue
    const [regime] = rows.text(row, 'contrast').split(/ > | vs /)
    const mark = rows.text(row, 'alternative') === 'two-sided' ? '†' : '*'
    marks.set(`${rows.text(row, 'group')}\n${rows.text(row, 'region')}\n${regime}`, mark)
  }
  return (group, region, regime) => marks.get(`${group}\n${region}\n${regime}`) ?? ''
}

function nestedPanel({ finding, theme, dpi }: Drawn, surface: FindingFigure['surface']): Panel | null {
  const rows = new Rows(finding, 'nested')
  const [everyone] = rows.words('group')
  const map = finding.maps.find(({ name }) => name === `${everyone}: nested`)
  if (!map) return null
  const regimes = new Rows(finding, 'regions').words('regime')
  const classes = rows.where({ group: everyone, region: wholeOf(finding) }).map((row) => {
    const name = rows.text(row, 'contrast')
    const colour = name === 'none' ? null : regimeColour(name.split(' > ')[0], regimes, theme)
    return { name: `${name} (${formatCount(rows.number(row, 'vertices'))})`, colour }
  })
  const panel = { name: 'nested', heading: 'Most specific contrast that holds (vertices)', heightMm: 68, leastMm: 60 }
  if (!surface) return noCortex(panel)
  const left = surface.left.labels.length
  const values = { left: map.values.subarray(0, left), right: map.values.subarray(left) }
  return {
    ...panel,
    draw: (box) => classPanel({ ...{ surface, values, classes, dpi }, form: 'inflated', view: 'overview' }, box),
  }
}

function specialisationPanel({ finding, theme, regions }: Drawn): Panel | null {
  const rows = new Rows(finding, 'specialisation')
  const [everyone] = rows.words('group')
  const higher = rows.length === 0 ? undefined : rows.text(rows.where({ group: everyone }).at(-1)!, 'higher')
  if (higher === undefined) return null
  const regimes = new Rows(finding, 'regions').words('regime')
  const groups = regions.map((region): BarGroup => {
    const [row] = rows.where({ group: everyone, higher, region })
    const value = rows.number(row, 'index')
    const interval = [rows.number(row, 'index_low'), rows.number(row, 'index_high')] as const
    return { name: region, bars: [{ value, interval, points: [], mark: '' }], level: null }
  })
  const lower = rows.text(rows.where({ group: everyone, higher })[0], 'lower')
  return {
    ...{ name: 'specialisation', heading: `Specialisation: ${higher} against ${lower}` },
    ...{ heightMm: 52, leastMm: 60 },
    draw: (box) =>
      barChart(
        { groups, colours: [regimeColour(higher, regimes, theme)], legend: [], axis: 'specialisation index' },
        box,
      ),
  }
}

function trainingPanel(drawn: Drawn): Panel | null {
  const { finding } = drawn
  const rows = new Rows(finding, 'training')
  if (rows.length === 0) return null
  const axis = rows.text(0, 'axis') as 'steps' | 'hours'
  const scale = finding.provenance.options['training'] === 'linear' ? 'linear' : 'log'
  const curves = curvesOf(drawn, axis)
  return {
    ...{ name: 'training', heading: 'Along the training' },
    ...{ heightMm: 52, leastMm: 60 },
    draw: (box) => curveChart({ curves, axis, scale, label: `mean ${finding.measure.name}` }, box),
  }
}

/** One series: its curves by region; where its role differs between languages, or of several series: whole-cortex curves. */
function curvesOf({ finding, theme, regions }: Drawn, axis: string): readonly Curve[] {
  const rows = new Rows(finding, 'training')
  const [everyone, ...languages] = rows.words('group')
  const models = rows.words('model').filter((model) => rows.where({ model, axis }).length > 0)
  const crossed = languages.length > 0 && models.some((model) => /native/.test(roleOf(rows, model)))
  const shown = crossed
    ? models.flatMap((model) =>
        languages.map((group) => ({ model, group, region: wholeOf(finding), kind: 'language' })),
      )
    : models.length > 1
      ? models.map((model) => ({ model, group: everyone, region: wholeOf(finding), kind: 'model' }))
      : regions.slice(0, mostCurves).map((region) => ({ model: models[0], group: everyone, region, kind: 'region' }))
  return shown
    .filter(({ model, group, region }) => rows.where({ model, group, region }).length > 0)
    .map(({ model, group, region, kind }, i): Curve => {
      const own = rows.where({ model, group, region })
      const role = rows.text(own[0], 'regime')
      return {
        name: kind === 'region' ? region : kind === 'model' ? `${model} (${role})` : `${model}, ${role} (${group})`,
        colour: theme.series[i % theme.series.length],
        points: own.map((row) => ({
          ...{ at: rows.number(row, 'at'), value: rows.number(row, 'mean') },
          ...{ low: rows.number(row, 'mean_low'), high: rows.number(row, 'mean_high') },
        })),
        plateau: plateauOf(finding, model, group, region),
      }
    })
}

const roleOf = (rows: Rows, model: string) => rows.text(rows.where({ model })[0], 'regime')

function plateauOf(finding: Finding, model: string, group: string, region: string): Curve['plateau'] {
  const rows = new Rows(finding, 'plateaus')
  const [row] = rows.where({ model, group, region })
  const at = rows.number(row, 'reached')
  return Number.isNaN(at) ? null : { at, low: rows.number(row, 'reached_low'), high: rows.number(row, 'reached_high') }
}
