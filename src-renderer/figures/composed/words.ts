/** Caption and methods of a page, drafted from what its panels show, to be edited. */
import type { CaptionParts, Finding } from '../../../src-main/contract/findings.ts'
import type { FigurePage, PagePanel } from '../../../src-main/contract/figurePage.ts'
import { colormapLabel } from '../../colormaps/tables.ts'
import { formatLimit } from '../../plots/format.ts'
import { inReadingOrder, lettersOf } from './letters.ts'
import { answerTo, findingNeed, mapNeed, surfaceNeed, tableNeed, type PageData } from './needs.ts'
import { mapName } from './panels.ts'

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
      return `${map.label}, of ${mapName(panel.map)}${part}, ${surfaceWords(panel.form, data)}; ${scaleWords(panel.scale)}.`
    }
    case 'grid': {
      const { label } = answerTo(mapNeed(panel.maps[0]), data)
      const names = panel.maps.map(mapName).join('; ')
      return `${label}, of (rows) ${names}, ${surfaceWords(panel.form, data)}; ${scaleWords(panel.scale)}.`
    }
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
    case 'finding': {
      const { captionParts } = answerTo(findingNeed(panel), data).finding
      return panelWords(captionParts, panel.panel)
    }
    case 'text':
      return ''
  }
}

const panelWords = ({ panels }: CaptionParts, name: string) => panels.find(({ panel }) => panel === name)?.words ?? ''

function surfaceWords(form: string, data: PageData): string {
  const { name, schematic } = answerTo(surfaceNeed, data)
  return `on the ${form} surface of ${name}${schematic ? ' (not anatomical)' : ''}`
}

function scaleWords({ colormap, limits, threshold }: Extract<PagePanel, { show: 'map' }>['scale']): string {
  const range = `colours (${colormapLabel(colormap)}) from ${formatLimit(limits.low)} to ${formatLimit(limits.high)}`
  if (threshold === null) return range
  return colormap === 'blue-red'
    ? `${range}, none within ${formatLimit(threshold)} of ${formatLimit((limits.low + limits.high) / 2)}`
    : `${range}, none below ${formatLimit(threshold)}`
}

const seedsWords = (data: PageData) =>
  answerTo(tableNeed, data).rows.some(({ spread }) => spread !== null)
    ? ', bands one standard deviation over seeds of random weights'
    : ''
