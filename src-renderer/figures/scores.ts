/** Brain scores as a printed figure (layout of Millet et al. 2022, Fig. 2): map, regions, the whole cortex. */
import type { Finding, FindingFigure } from '../../src-main/contract/findings.ts'
import { automaticLimits, automaticThreshold } from '../colormaps/scale.ts'
import type { ColormapName } from '../colormaps/tables.ts'
import { capitalised, formatCount } from '../plots/format.ts'
import { barChart, chanceEntry, type Bar, type BarChart } from './bars.ts'
import { brainPanel } from './brain.ts'
import { Rows, wholeOf } from './findingRows.ts'
import { noCortex } from './noCortex.ts'
import type { Box, LegendEntry, Panel, PanelLayout, PanelRows } from './page.ts'

/** Regions that are drawn at most; the table has all. */
const mostRegions = 8
const colormap: ColormapName = 'viridis'

/**
 * In the order in which the caption letters them. Drawing one throws RangeErrors as `brainPanel`.
 * @returns rows of panels
 */
export function scoresPanels({ finding, surface }: FindingFigure, { dpi }: PanelLayout): PanelRows {
  const drawn = new DrawnScores(finding)
  const [map] = finding.maps
  const shown: Panel = {
    ...{ name: 'map', heading: map.name, heightMm: 66, leastMm: 80 },
    draw: (box) => {
      const vertices = surface!.left.sulc.length
      const percentiles = percentilesOf([map.values])
      const scale = {
        ...{ colormap, limits: automaticLimits(percentiles, colormap, 0) },
        threshold: automaticThreshold(percentiles, colormap),
      }
      const values = { left: map.values.subarray(0, vertices), right: map.values.subarray(vertices) }
      return brainPanel(
        { surface: surface!, values, scale, label: map.label, form: 'inflated', view: 'overview', dpi },
        box,
      )
    },
  }
  const regions: Panel = {
    ...{ name: 'regions', heading: drawn.regionHeading, heightMm: 66, leastMm: 70 },
    draw: (box) => drawn.regionBars(box),
  }
  const cortex: Panel = {
    ...{ name: 'cortex', heading: capitalised(wholeOf(finding)), heightMm: 50, leastMm: 60 },
    draw: (box) => drawn.cortexBars(box),
  }
  const ceiling: Panel = {
    ...{ name: 'ceiling', heading: drawn.hasCeiling ? drawn.ceilingHeading : '', heightMm: 50, leastMm: 60 },
    draw: (box) => drawn.ceilingBars(box),
  }
  const first = [surface ? shown : noCortex(shown), ...(drawn.hasRegions ? [regions] : [])]
  const second = drawn.hasCeiling ? [cortex, ceiling] : [cortex]
  return [first, second]
}

/** The tables behind the bars. */
class DrawnScores {
  readonly #measure: string
  readonly #whole: string
  readonly #spaces: Rows
  readonly #regions: Rows
  readonly #contrasts: Rows
  readonly #points = new Map<string, number[]>()
  /** The first map's model, and what it is compared with; drawn by region. */
  readonly #compared: readonly string[]
  readonly #shownRegions: readonly string[]

  constructor(finding: Finding) {
    this.#measure = `mean ${finding.measure.name}`
    this.#whole = wholeOf(finding)
    this.#spaces = new Rows(finding, 'spaces')
    this.#regions = new Rows(finding, 'regions')
    this.#contrasts = new Rows(finding, 'contrasts')
    const subjects = new Rows(finding, 'subjects')
    for (let row = 0; row < subjects.length; row++) {
      for (const part of ['', '_reliable']) {
        const key = place(subjects.text(row, 'space'), subjects.text(row, 'region'), part)
        const known = this.#points.get(key) ?? []
        this.#points.set(key, known)
        known.push(subjects.number(row, `score${part}`))
      }
    }
    const [{ name }] = finding.maps
    const baseline = this.#contrasts.words('baseline').find((one) => one !== name)
    this.#compared = baseline === undefined ? [name] : [name, baseline]
    this.#shownRegions = this.#highest()
  }

  get hasRegions(): boolean {
    return this.#shownRegions.length > 0
  }

  get regionHeading(): string {
    const all = this.#regions.words('region').length
    const [shown, some] = [this.#compared.join(' and '), this.#shownRegions.length]
    return some === all ? `${shown} by region` : `${shown}: ${some} of ${all} regions, the highest`
  }

  /** In the parcellation's order, those with the highest scores of what is drawn. */
  #highest(): readonly string[] {
    const best = new Map<string, number>()
    for (const space of this.#compared)
      for (const row of this.#regions.where({ space })) {
        const [region, mean] = [this.#regions.text(row, 'region'), this.#regions.number(row, 'mean')]
        if (Number.isFinite(mean)) best.set(region, Math.max(best.get(region) ?? -Infinity, mean))
      }
    const kept = [...best.keys()].toSorted((a, b) => best.get(b)! - best.get(a)!).slice(0, mostRegions)
    return [...best.keys()].filter((region) => kept.includes(region))
  }

  regionBars(box: Box): string {
    const colours = this.#compared.map((_, i) => box.theme.series[i])
    const groups = this.#shownRegions.map((region) => ({
      name: region.replaceAll('_', ' '),
      bars: this.#compared.map((space, i) =>
        this.#bar(this.#regions, { space, region }, i === 0 ? this.#mark(space, region) : ''),
      ),
      level: null,
    }))
    const names = this.#compared.map((label, i): LegendEntry => ({ label, colour: colours[i], kind: 'bar' }))
    const legend = [...names, ...chanceEntry(groups, box.theme)]
    return barChart({ groups, colours, legend, axis: this.#measure }, box)
  }

  get hasCeiling(): boolean {
    return this.#spaces.number(0, 'ceiling') > 0
  }

  cortexBars(box: Box): string {
    const chart = this.#spaceBars(box, '', null)
    return barChart({ ...chart, legend: chanceEntry(chart.groups, box.theme) }, box)
  }

  /** Over the vertices that have a noise ceiling, beside which it stands. */
  ceilingBars(box: Box): string {
    const ceiling = this.#spaces.number(0, 'ceiling')
    const legend: LegendEntry[] = [{ label: 'noise ceiling', colour: box.theme.ink, kind: 'level' }]
    const share = { of: ceiling, axis: 'share of the noise ceiling' }
    return barChart({ ...this.#spaceBars(box, '_reliable', ceiling), legend, share }, box)
  }

  get ceilingHeading(): string {
    const [reliable, all] = ['reliable', 'vertices'].map((name) => formatCount(this.#spaces.number(0, name)))
    const targets = this.#whole === 'whole mask' ? 'voxels' : 'vertices'
    return `The ${reliable} of ${all} ${targets} with a noise ceiling`
  }

  #spaceBars({ theme }: Box, part: '' | '_reliable', level: number | null): Omit<BarChart, 'legend'> {
    const groups = this.#spaces.words('space').map((space) => ({
      name: space,
      bars: [this.#bar(this.#spaces, { space }, part === '' ? this.#mark(space, this.#whole) : '', part)],
      level,
    }))
    const colours = (group: number) => theme.series[this.#colourOf(groups[group].name) % theme.series.length]
    return { groups, colours, axis: this.#measure }
  }

  /** As in the panel of regions, then the others'. */
  #colourOf(space: string): number {
    const known = this.#compared.indexOf(space)
    if (known >= 0) return known
    const others = this.#spaces.words('space').filter((one) => !this.#compared.includes(one))
    return this.#compared.length + others.indexOf(space)
  }

  #bar(rows: Rows, where: Readonly<Record<string, string>>, mark: string, part: '' | '_reliable' = ''): Bar | null {
    const [row] = rows.where(where)
    if (row === undefined) return null
    return {
      value: rows.number(row, `mean${part}`),
      interval: [rows.number(row, `mean${part}_low`), rows.number(row, `mean${part}_high`)],
      points: this.#points.get(place(where.space, where.region ?? this.#whole, part)) ?? [],
      mark,
      ...(part === '' && { chance: rows.numberIn(row, 'chance') }),
    }
  }

  /** Of the difference from the first baseline. */
  #mark(space: string, region: string): string {
    const [first] = this.#contrasts.words('baseline')
    if (first === undefined) return ''
    const [row] = this.#contrasts.where({ space, region, baseline: first })
    const q = row === undefined ? NaN : this.#contrasts.number(row, 'q')
    return q < 0.001 ? '***' : q < 0.01 ? '**' : q < 0.05 ? '*' : ''
  }
}

const place = (space: string, region: string, part: string) => `${space}\n${region}\n${part}`

/** 2nd, 50th and 98th percentile of the finite values. */
export function percentilesOf(maps: readonly Float32Array[]): [number, number, number] {
  const sorted = Float32Array.from(maps.flatMap((values) => [...values.filter(Number.isFinite)])).sort()
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? NaN
  return [at(0.02), at(0.5), at(0.98)]
}
