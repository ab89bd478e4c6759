/** Preferred layers (layout of Millet et al. 2022, Fig. 3): map, score by layer, histograms by region, distance. */
import { scaleLinear } from 'd3-scale'
import type { Finding, FindingFigure } from '../../src-main/contract/findings.ts'
import { formatTick } from '../plots/format.ts'
import { element, shorten, text } from '../plots/svg.ts'
import { categoryAxis, valueAxis, valueAxisWidth, type Plot } from './axes.ts'
import { layerColour, layerMap } from './layerMap.ts'
import { noCortex } from './noCortex.ts'
import { legend, lineHeight, mm, typeSizes, type Box, type Panel, type PanelLayout, type PanelRows } from './page.ts'

type Row = Readonly<Record<string, string | number>>

const size = typeSizes.body
/** Regions that are drawn: those with most vertices; the table has all. */
const mostRegions = 6

/** Rows of panels. Drawing one throws RangeErrors as `layerMap`. */
export function hierarchyPanels({ finding, surface }: FindingFigure, { dpi }: PanelLayout): PanelRows {
  const layers = rowsOf(finding, 'layers')
  const names = layers.map(({ layer }) => String(layer))
  const symbol = finding.measure.symbol
  const regions = shownRegions(rowsOf(finding, 'histograms'))
  const all = new Set(rowsOf(finding, 'histograms').map(({ region }) => region)).size
  const map = finding.maps.find(({ name }) => name === 'best layer')
  const border = surface?.left.labels.length ?? 0
  const preferred = { name: 'map', heading: 'Preferred layer', share: 1.45, heightMm: 66, leastMm: 80 }
  const maps: readonly Panel[] =
    surface === null || map === undefined
      ? [noCortex(preferred)]
      : [
          {
            ...preferred,
            draw: (box) =>
              layerMap(
                {
                  ...{ surface, layers: names, view: 'overview', dpi },
                  values: { left: map.values.subarray(0, border), right: map.values.subarray(border) },
                },
                box,
              ),
          },
        ]
  const scores: Panel = {
    ...{ name: 'scores', heading: `Mean ${symbol} by layer`, heightMm: 66, leastMm: 55 },
    draw: (box) => scoreChart(layers, names, `mean ${finding.measure.name}`, box),
  }
  const shown = regions.length < all ? ` (${regions.length} of ${all} regions)` : ''
  const histograms: Panel = {
    ...{ name: 'regions', heading: `Preferred layers by region${shown}`, share: 1.45, heightMm: 48, leastMm: 80 },
    draw: (box) => histogramChart(regions, names, box),
  }
  const distance: Panel = {
    ...{ name: 'distance', heading: 'Preferred layer and distance', heightMm: 48, leastMm: 55 },
    draw: (box) => distanceChart(finding, names, box),
  }
  return [
    [...maps, scores],
    [histograms, distance],
  ]
}

function rowsOf({ tables }: Finding, name: string): readonly Row[] {
  const columns = tables.find((table) => table.name === name)?.columns ?? []
  return Array.from({ length: columns[0]?.values.length ?? 0 }, (_, row) =>
    Object.fromEntries(columns.map((column) => [column.name, column.values[row]])),
  )
}

interface Histogram {
  readonly region: string
  readonly vertices: number
  readonly shares: readonly number[]
}

/** In the table's order. */
function shownRegions(rows: readonly Row[]): readonly Histogram[] {
  const all = [...Map.groupBy(rows, ({ region }) => String(region))].map(([region, own]) => ({
    region,
    vertices: own.reduce((sum, { vertices }) => sum + Number(vertices), 0),
    shares: own.map(({ share }) => Number(share)),
  }))
  const kept = new Set(all.toSorted((a, b) => b.vertices - a.vertices).slice(0, mostRegions))
  return all.filter((each) => kept.has(each))
}

function scoreChart(rows: readonly Row[], names: readonly string[], axis: string, box: Box): string {
  const { width, height, theme } = box
  const points = rows.map(({ mean, sem }) => ({ mean: Number(mean), sem: Number.isFinite(sem) ? Number(sem) : 0 }))
  const ends = points.flatMap(({ mean, sem }) => [mean - sem, mean + sem]).filter(Number.isFinite)
  const [low, high] = ends.length > 0 ? [Math.min(...ends), Math.max(...ends)] : [0, 1]
  const domain = high > low ? [low, high] : [low - 0.5, high + 0.5]
  const left = valueAxisWidth(scaleLinear(domain, [height, 0]).nice(4))
  const step = (width - left) / Math.max(1, names.length)
  const below = categoryAxis(names, step)
  const plot: Plot = { left, right: width, top: size, bottom: height - below.height }
  const y = scaleLinear(domain, [plot.bottom, plot.top]).nice(4)
  const x = (index: number) => left + (index + 0.5) * step
  const shown = points.flatMap(({ mean }, i) =>
    Number.isFinite(mean) ? [`${x(i).toFixed(2)} ${y(mean).toFixed(2)}`] : [],
  )
  return element(
    'g',
    {},
    valueAxis(y, plot, axis, theme),
    element('path', {
      d: shown.length > 1 ? `M${shown.join('L')}` : 'M0 0',
      fill: 'none',
      stroke: theme.quiet,
      'stroke-width': 0.75,
    }),
    ...points.flatMap(({ mean, sem }, i) =>
      Number.isFinite(mean)
        ? [
            element('line', {
              ...{ x1: x(i), x2: x(i), y1: y(mean - sem), y2: y(mean + sem), stroke: theme.ink, 'stroke-width': 1 },
            }),
            element('circle', {
              ...{ cx: x(i), cy: y(mean), r: 0.75 * mm, stroke: theme.ink, 'stroke-width': 0.5 },
              fill: layerColour(i, names.length),
            }),
          ]
        : [],
    ),
    below.draw(x, plot.bottom, theme),
  )
}

function histogramChart(
  regions: readonly Histogram[],
  names: readonly string[],
  { width, height, theme }: Box,
): string {
  const most = Math.max(0, ...regions.flatMap(({ shares }) => shares.filter(Number.isFinite)))
  if (most === 0) return text(0, lineHeight, 'no vertex is coloured', { size, fill: theme.quiet })
  const percent = scaleLinear([0, 100 * most], [height, 0]).nice(4)
  const left = valueAxisWidth(percent)
  const gap = 2.5 * mm
  const each = (width - left - gap * (regions.length - 1)) / regions.length
  // As many names as there is room for, the first and the last among them.
  const step = each / names.length
  const every = Math.max(1, Math.ceil((1.1 * lineHeight) / step))
  const named = names.map((name, i) => ((names.length - 1 - i) % every === 0 ? name : ''))
  const below = categoryAxis(named, step)
  const plot: Plot = { left, right: width, top: 2 * lineHeight + mm, bottom: height - below.height }
  const y = scaleLinear([0, 100 * most], [plot.bottom, plot.top]).nice(4)
  const drawn = regions.map(({ region, vertices, shares }, r) => {
    const x0 = left + r * (each + gap)
    const bars = shares.map((share, i) =>
      share > 0
        ? element('rect', {
            ...{
              x: x0 + (i + 0.08) * step,
              width: step * 0.84,
              y: y(100 * share),
              height: plot.bottom - y(100 * share),
            },
            ...{ fill: layerColour(i, names.length), stroke: theme.quiet, 'stroke-width': 0.25 },
          })
        : '',
    )
    return [
      text(x0 + each / 2, 0.8 * lineHeight, shorten(region, each + gap, size), {
        ...{ size, fill: theme.ink, anchor: 'middle', weight: 500 },
      }),
      text(x0 + each / 2, 1.8 * lineHeight, shorten(`n = ${vertices.toLocaleString('en')}`, each + gap, size), {
        ...{ size, fill: theme.quiet, anchor: 'middle' },
      }),
      ...bars,
      below.draw((index) => x0 + (index + 0.5) * step, plot.bottom, theme),
    ].join('')
  })
  return element('g', {}, valueAxis(y, plot, 'share of vertices, %', theme), ...drawn)
}

function distanceChart(finding: Finding, names: readonly string[], { width, height, theme }: Box): string {
  const bins = rowsOf(finding, 'distance').filter(({ hemisphere }) => hemisphere !== 'both')
  const trends = rowsOf(finding, 'trend')
  const source = String(trends[0]?.['source'] ?? '')
  if (bins.length === 0) return text(0, lineHeight, 'no distances: see the notes', { size, fill: theme.quiet })
  const sides = ['left', 'right'] as const
  const key = legend(
    sides.map((side, i) => ({ label: `${side}: ${trendText(trends, side)}`, colour: theme.series[i], kind: 'line' })),
    width,
    theme,
  )
  const both = trendText(trends, 'both')
  const left = lineHeight + 2 * mm + Math.max(...shownLayers(names).map((i) => names[i].length)) * size * 0.56
  const plot: Plot = {
    ...{ left, right: width - 2 * mm, top: key.height + lineHeight, bottom: height - 2 * lineHeight - 1.5 * mm },
  }
  const furthest = Math.max(...bins.map(({ to_mm }) => Number(to_mm)))
  const x = scaleLinear([0, furthest], [plot.left, plot.right])
  const y = scaleLinear([-0.5, names.length - 0.5], [plot.bottom, plot.top])
  const ticks = x.ticks(4)
  const middle = (row: Row) => (Number(row['from_mm']) + Number(row['to_mm'])) / 2
  const curves = sides.map((side, i) => {
    const own = bins.filter(({ hemisphere }) => hemisphere === side)
    const at = (row: Row, column: string) => `${x(middle(row)).toFixed(2)} ${y(Number(row[column])).toFixed(2)}`
    if (own.length === 0) return ''
    const band = [...own.map((row) => at(row, 'three_quarters')), ...own.toReversed().map((row) => at(row, 'quarter'))]
    return [
      element('path', { d: `M${band.join('L')}Z`, fill: theme.series[i], 'fill-opacity': 0.15 }),
      element('path', {
        ...{
          d: `M${own.map((row) => at(row, 'mean')).join('L')}`,
          fill: 'none',
          stroke: theme.series[i],
          'stroke-width': 1,
        },
      }),
      ...own.map((row) =>
        element('circle', { cx: x(middle(row)), cy: y(Number(row['mean'])), r: 0.55 * mm, fill: theme.series[i] }),
      ),
    ].join('')
  })
  return element(
    'g',
    {},
    key.drawn,
    text(0, key.height + 0.6 * lineHeight, `both: ${both}`, { size, fill: theme.ink }),
    ...shownLayers(names).flatMap((i) => [
      element('line', { x1: plot.left, x2: plot.right, y1: y(i), y2: y(i), stroke: theme.grid, 'stroke-width': 0.5 }),
      text(plot.left - 1.2 * mm, y(i) + 0.35 * size, names[i], { size, fill: theme.ink, anchor: 'end' }),
    ]),
    text(0.8 * lineHeight, (plot.top + plot.bottom) / 2, 'preferred layer', {
      ...{ size, fill: theme.ink, anchor: 'middle', rotate: -90 },
    }),
    ...curves,
    ...ticks.map((tick) =>
      text(x(tick), plot.bottom + mm + 0.8 * lineHeight, formatTick(tick, ticks), {
        ...{ size, fill: theme.ink, anchor: 'middle' },
      }),
    ),
    text(
      (plot.left + plot.right) / 2,
      plot.bottom + mm + 1.9 * lineHeight,
      `distance from ${source} along the cortex, mm`,
      {
        ...{ size, fill: theme.ink, anchor: 'middle' },
      },
    ),
  )
}

/** Five of the layers at most, the first and the last among them. */
function shownLayers(names: readonly string[]): readonly number[] {
  const last = names.length - 1
  const count = Math.min(5, names.length)
  return [...new Set(Array.from({ length: count }, (_, i) => Math.round((i * last) / Math.max(1, count - 1))))]
}

function trendText(trends: readonly Row[], hemisphere: string): string {
  const row = trends.find((trend) => trend['hemisphere'] === hemisphere)
  const rho = Number(row?.['rho'])
  if (!Number.isFinite(rho)) return 'no trend'
  const p = Number(row?.['p_spin'])
  const written = `ρ = ${rho.toFixed(2).replace('-', '−')}`
  return `${written}, ${Number.isFinite(p) ? `spin p = ${Number(p.toPrecision(2))}` : 'no spin p'}`
}
