/** Caption and methods of a page, drafted from what its panels show, to be edited. */
import type { CaptionParts, Finding } from '../../../src-main/contract/findings.ts'
import type { FigurePage, PagePanel } from '../../../src-main/contract/figurePage.ts'
import type { MapSpec } from '../../../src-main/contract/maps.ts'
import { colormapLabel } from '../../colormaps/tables.ts'
import { morphText } from '../../cortex/forms.ts'
import { formatLimit } from '../../plots/format.ts'
import { qualityChartNames } from '../../plots/qualityCharts.ts'
import { columnText, quantities, type Quantity } from '../../plots/gridRows.ts'
import { gateWords, testOf, type Gate } from '../../plots/thresholds.ts'
import { discsOf, morphOf } from './formed.ts'
import { inReadingOrder, lettersOf } from './letters.ts'
import {
  answerTo,
  findingNeed,
  gridMapNeed,
  inspectionNeed,
  mapNeed,
  pointScoresNeed,
  surfaceNeed,
  tableNeed,
  type PageData,
} from './needs.ts'
import { mapName } from './panels.ts'
import { compareSpecs, paintOf, type ComparePanel } from './specs.ts'

type Draft = Pick<FigurePage, 'title' | 'panels' | 'letters'>

/** @param data with everything that `pageNeeds` names */
export function draftCaption(page: Draft, data: PageData): string {
  const letters = lettersOf(page)
  const panels = inReadingOrder(page.panels).filter(({ show }) => show !== 'text')
  const findings = findingsOf(panels, data)
  const lettered = panels.map((panel) => {
    const letter = letters.get(panel.id)
    const words = wordsOf(panel, data)
    return letter === undefined ? sentence(words) : `${letter}, ${words}`
  })
  const sentences = [
    page.title === '' ? '' : `${page.title.replace(/\.$/, '')}.`,
    ...findings.map(({ captionParts }) => captionParts.opening),
    ...lettered,
    ...findings.map(({ captionParts }) => captionParts.closing),
    data.notice ?? '',
  ]
  return sentences.filter((words) => words !== '').join(' ')
}

/** @param encoding the study's own paragraph on its encoding model */
export function draftMethods({ panels }: Draft, data: PageData, encoding: string): string {
  const paragraphs = [encoding, ...findingsOf(inReadingOrder(panels), data).map(({ methods }) => methods)]
  return [...new Set(paragraphs)].filter((words) => words !== '').join('\n\n')
}

/** Each once, in the order in which panels of them stand. */
function findingsOf(panels: readonly PagePanel[], data: PageData): readonly Finding[] {
  const shown = panels.flatMap((panel) =>
    panel.show === 'finding' ? [answerTo(findingNeed(panel), data).finding] : [],
  )
  return [...new Map(shown.map((finding) => [finding.provenance.key, finding])).values()]
}

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)

function wordsOf(panel: PagePanel, data: PageData): string {
  switch (panel.show) {
    case 'map': {
      const map = answerTo(mapNeed(panel.map), data)
      const part = map.part === '' ? '' : ` (${map.part})`
      return `${map.label}, of ${mapName(panel.map)}${part}, ${surfaceWords(panel, data)}; ${scaleWords(panel.scale)}.`
    }
    case 'grid': {
      const { label } = answerTo(mapNeed(panel.maps[0]), data)
      const names = panel.maps.map(mapName).join('; ')
      return `${label}, of (rows) ${names}, ${surfaceWords(panel, data)}; ${scaleWords(panel.scale)}.`
    }
    case 'compare':
      return compareWords(panel, data)
    case 'layers': {
      const { measure } = answerTo(tableNeed, data)
      return `mean ${measure.name} over vertices by layer, mean of subjects; bars are standard errors over subjects${seedsWords(data)}.`
    }
    case 'training': {
      const { measure } = answerTo(tableNeed, data)
      return `mean ${measure.name} over vertices of ${panel.layer} along the training (${panel.scale} in ${panel.axis}), mean of subjects; bars are standard errors over subjects${seedsWords(data)}.`
    }
    case 'regions': {
      const { measure } = answerTo(tableNeed, data)
      const names = panel.of.map(({ model, layer }) => mapName({ subject: 'mean', model, layer })).join(' and ')
      return `mean ${measure.name} of ${names} over the vertices of a region and over subjects.`
    }
    case 'point': {
      const { place, measure, rows } = answerTo(pointScoresNeed(panel.place), data)
      const people = Math.max(0, ...rows.map(({ values }) => values.filter((value) => !Number.isNaN(value)).length))
      return `${measure.name} at ${place.label} by layer, mean of ${people} subjects; bands are 95 % intervals over subjects (Student’s t), rings ${panel.subject}.`
    }
    case 'course': {
      const [first] = answerTo(inspectionNeed(panel), data)
      const places = panel.points.map(
        ({ name, model, layer, subject }) => `${name} (${mapName({ subject, model, layer })})`,
      )
      const drawn = panel.scaled ? 'z-scores over the run' : first.unit
      const when = panel.shifted ? `shifted back by ${formatLimit(first.delay.seconds)} s` : 'when they were recorded'
      return `what was heard (${panel.stimulus}: waveform, 0 to 8 kHz, words), and responses that were measured (line) and predicted from other folds (coloured), ${drawn}, drawn ${when}, at ${places.join('; ')}. Shaded are the moments of ${formatLimit(panel.window)} s without which the score falls or rises most.`
    }
    case 'quality':
      return `${qualityChartNames[panel.chart].toLowerCase()} of ${panel.subject}, run ${panel.run + 1}.`
    case 'finding': {
      const { captionParts } = answerTo(findingNeed(panel), data).finding
      return panelWords(captionParts, panel.panel)
    }
    case 'text':
      return ''
  }
}

function compareWords(panel: ComparePanel, data: PageData): string {
  const specs = compareSpecs(panel)
  const rows = panel.rows.map(({ name, note }) => (note === '' ? name : `${name} (${note})`)).join('; ')
  const columns = panel.columns.map(columnText).join('; ')
  const shown = quantities.filter((quantity) => specs.some(({ kind }) => kind === quantity))
  const scales = shown.map((quantity) => {
    const own = specs.filter(({ kind }) => kind === quantity)
    return quantityWordsOf(panel, quantity, own, data)
  })
  return `rows: ${rows}; columns: ${columns}; ${surfaceWords(panel, data)}. ${scales.join('. ')}.`
}

/** Label, colours and what is coloured, as the window says them under the grid. */
function quantityWordsOf(panel: ComparePanel, quantity: Quantity, specs: readonly MapSpec[], data: PageData): string {
  const maps = specs.map((spec) => answerTo(gridMapNeed(spec, panel.correction), data))
  const label = [...new Set(maps.map((map) => map.label))].join('; ')
  if (quantity === 'preferred') return label
  const { scale, level, fade } = paintOf(panel, quantity)
  const { correction } = panel
  const gate: Gate =
    level !== null && correction !== 'none'
      ? { kind: 'fdr', level, correction }
      : scale.threshold === null
        ? { kind: 'none' }
        : { kind: 'value', at: scale.threshold }
  const { threshold, colormap } = scale
  const electrodes = answerTo(surfaceNeed, data).unplaced !== undefined
  const told = gateWords({ gate, threshold, colormap, fade, maps: maps.length, test: testOf(maps) }, electrodes)
  return `${label}, ${scaleWords({ ...scale, threshold: null })}; ${told}`
}

const panelWords = ({ panels }: CaptionParts, name: string) => panels.find(({ panel }) => panel === name)?.words ?? ''

function surfaceWords(panel: Parameters<typeof morphOf>[0], data: PageData): string {
  const { name, schematic, left, right } = answerTo(surfaceNeed, data)
  const form = panel.towards ? `surface (${morphText(morphOf(panel))})` : `${panel.form} surface`
  const shown = (left.electrodes?.names.length ?? 0) + (right.electrodes?.names.length ?? 0)
  const { diameter } = discsOf(panel, 'mean')
  const electrodes = shown > 0 ? `, electrodes as discs of ${formatLimit(diameter)} mm at the nearest point of it` : ''
  return `on the ${form} of ${name}${schematic ? ' (not anatomical)' : ''}${electrodes}`
}

function scaleWords({
  colormap,
  limits,
  threshold,
  fade = false,
}: Extract<PagePanel, { show: 'map' }>['scale']): string {
  const range = `colours (${colormapLabel(colormap)}) from ${formatLimit(limits.low)} to ${formatLimit(limits.high)}`
  if (threshold === null) return range
  const short = fade ? 'fainter' : 'none'
  return colormap === 'blue-red'
    ? `${range}, ${short} within ${formatLimit(threshold)} of ${formatLimit((limits.low + limits.high) / 2)}`
    : `${range}, ${short} below ${formatLimit(threshold)}`
}

const seedsWords = (data: PageData) =>
  answerTo(tableNeed, data).rows.some(({ spread }) => spread !== null)
    ? ', bands one standard deviation over seeds of random weights'
    : ''
