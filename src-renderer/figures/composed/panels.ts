/** What each kind of panel draws: (description, data) in, a heading and a drawing of a box out. */
import type { MapOfPanel, PagePanel } from '../../../src-main/contract/figurePage.ts'
import type { MapSpec } from '../../../src-main/contract/maps.ts'
import { layerChart } from '../../plots/layerChart.ts'
import { rowsOf } from '../../plots/layers.ts'
import { text, wrap } from '../../plots/svg.ts'
import { hasTraining, trainingChart } from '../../plots/trainingChart.ts'
import { barChart, type BarGroup } from '../bars.ts'
import { brainPanel } from '../brain.ts'
import { findingPanels } from '../draw.ts'
import { pt, type Box, type PanelLayout } from '../page.ts'
import { compareGrid } from './compareGrid.ts'
import { coursePanel, pointPanel, qualityPanel } from './looked.ts'
import { mapGrid } from './mapGrid.ts'
import { discsOf, morphOf, withoutForm } from './formed.ts'
import { scaled, type Drawable, type Problem } from './drawable.ts'
import { answerTo, findingNeed, gridMapNeed, mapNeed, surfaceNeed, tableNeed, type PageData } from './needs.ts'

type Of<Show extends PagePanel['show']> = Extract<PagePanel, { show: Show }>

/**
 * @param data with everything that `needsOf` names
 * @returns a problem where the study no longer has what the panel shows
 */
export function drawableOf(panel: PagePanel, data: PageData, layout: PanelLayout): Drawable | Problem {
  const own = kindOf(panel, data, layout)
  return 'problem' in own || panel.heading === undefined ? own : { ...own, heading: panel.heading }
}

function kindOf(panel: PagePanel, data: PageData, layout: PanelLayout): Drawable | Problem {
  switch (panel.show) {
    case 'map':
      return withoutForm(panel, data) ?? mapPanel(panel, data, layout)
    case 'grid':
      return (
        withoutForm(panel, data) ?? {
          heading: '',
          draw: (box) => {
            const maps = panel.maps.map((map) => ({
              ...{ name: mapName(map), map: answerTo(mapNeed(map), data), discs: discsOf(panel, map.subject) },
            }))
            return mapGrid(
              { ...panel, form: morphOf(panel), maps, surface: answerTo(surfaceNeed, data), dpi: layout.dpi },
              box,
            )
          },
        }
      )
    case 'compare':
      return withoutForm(panel, data) ?? comparePanel(panel, data, layout)
    case 'layers':
      return layersPanel(data)
    case 'training':
      return trainingPanel(panel, data)
    case 'regions':
      return regionsPanel(panel, data)
    case 'point':
      return pointPanel(panel, data)
    case 'course':
      return coursePanel(panel, data)
    case 'quality':
      return qualityPanel(panel, data)
    case 'finding':
      return findingPanel(panel, data, layout)
    case 'text':
      return { heading: '', draw: (box) => drawWords(panel, box) }
  }
}

/** "w2v-native, transf4, sub-01" */
export function mapName({ subject, model, layer }: MapOfPanel): string {
  const place = layer === model ? model : `${model}, ${layer}`
  return subject === 'mean' ? place : `${place}, ${subject}`
}

function mapPanel(panel: Of<'map'>, data: PageData, { dpi }: PanelLayout) {
  const { map: of, view, orbit, scale, outlines, directions = false, names = false, pins = [] } = panel
  const map = answerTo(mapNeed(of), data)
  const picture = {
    ...{ surface: answerTo(surfaceNeed, data), values: map, form: morphOf(panel), view, orbit, dpi, outlines },
    ...{ discs: discsOf(panel, of.subject), marks: { directions, names, pins } },
  }
  return { heading: mapName(of), draw: (box: Box) => brainPanel({ ...picture, scale, label: map.label }, box) }
}

function comparePanel(panel: Of<'compare'>, data: PageData, { dpi }: PanelLayout): Drawable {
  const mapOf = (spec: MapSpec) => answerTo(gridMapNeed(spec, panel.correction), data)
  return { heading: '', draw: (box) => compareGrid(panel, answerTo(surfaceNeed, data), mapOf, dpi, box) }
}

function layersPanel(data: PageData): Drawable | Problem {
  const table = answerTo(tableNeed, data)
  if (table.rows.length === 0) return { problem: 'The study has no scores yet' }
  return {
    heading: 'Score by layer',
    draw: (box) => scaled(box, (inner) => layerChart({ ...inner, table, selected: null })),
  }
}

function trainingPanel({ axis, layer, scale }: Of<'training'>, data: PageData): Drawable | Problem {
  const table = answerTo(tableNeed, data)
  if (!hasTraining(table, axis, layer)) return { problem: `No series of checkpoints has scores of ${layer} by ${axis}` }
  return {
    heading: `${layer} along the training`,
    draw: (box) => scaled(box, (inner) => trainingChart({ ...inner, table, axis, layer, scale, selected: null })),
  }
}

function regionsPanel({ of, most }: Of<'regions'>, data: PageData): Drawable | Problem {
  const table = answerTo(tableNeed, data)
  const series = of.map(({ model, layer }) => ({
    name: mapName({ subject: 'mean', model, layer }),
    row: rowsOf(table.rows, model).find((row) => row.layer === layer),
  }))
  const lost = series.find(({ row }) => row === undefined)
  if (lost) return { problem: `The study has no scores of ${lost.name}` }
  const rows = series.map(({ row }) => row!)
  const best = table.regions.map((_, i) => Math.max(...rows.map(({ byRegion }) => finite(byRegion[i]))))
  const scored = [...best.keys()].filter((i) => best[i] > -Infinity)
  if (scored.length === 0) return { problem: 'The study has no scores by region: it names no parcellation' }
  const kept = scored.toSorted((a, b) => best[b] - best[a]).slice(0, most)
  const groups = kept
    .toSorted((a, b) => a - b)
    .map((i): BarGroup => ({
      ...{ name: table.regions[i].replaceAll('_', ' '), level: null },
      bars: rows.map(({ byRegion }) => ({ value: byRegion[i], interval: null, points: [], mark: '' })),
    }))
  const some = kept.length < scored.length ? ` (${kept.length} of ${scored.length} regions, the highest)` : ''
  return {
    heading: `${series.length === 1 ? series[0].name : 'Scores'} by region${some}`,
    draw: (box) => {
      const colours = series.map((_, i) => box.theme.series[i % box.theme.series.length])
      const legend = series.map(({ name }, i) => ({ label: name, colour: colours[i], kind: 'bar' as const }))
      const axis = `mean ${table.measure.name}`
      return barChart({ groups, colours, legend: series.length > 1 ? legend : [], axis }, box)
    },
  }
}

const finite = (value: number | undefined) => (Number.isFinite(value) ? value! : -Infinity)

function findingPanel(panel: Of<'finding'>, data: PageData, layout: PanelLayout): Drawable | Problem {
  const panels = findingPanels(answerTo(findingNeed(panel), data), layout).flat()
  const found = panels.find(({ name }) => name === panel.panel)
  if (found) return found
  const there = panels.map(({ name }) => name).join(', ')
  return { problem: `The figure ${panel.figure} of this study has no panel ${panel.panel}; it has ${there}` }
}

function drawWords({ words, points, bold }: Of<'text'>, { width, theme }: Box): string {
  const size = points * pt
  const lines = words.split('\n').flatMap((line) => (line.trim() === '' ? [''] : wrap(line, width, size)))
  return lines
    .map((line, i) => text(0, (i * 1.3 + 0.85) * size, line, { size, fill: theme.ink, weight: bold ? 600 : 400 }))
    .join('')
}
