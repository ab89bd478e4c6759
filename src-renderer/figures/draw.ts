/** A finding as a printed figure, or as panels to be placed on a page. */
import type { FigureName, FindingFigure } from '../../src-main/contract/findings.ts'
import { behaviourPanels } from './behaviour.ts'
import { hierarchyPanels } from './hierarchy.ts'
import { page, type Page, type PanelLayout, type PanelRows } from './page.ts'
import { regimesPanels } from './regimes.ts'
import { scoresPanels } from './scores.ts'

/** How large a figure is printed, and in which colours. */
export type PrintLayout = Pick<Page, 'widthMm' | 'theme'> & Pick<PanelLayout, 'dpi'>

const figures: Readonly<Record<FigureName, (figure: FindingFigure, layout: PanelLayout) => PanelRows>> = {
  scores: scoresPanels,
  behaviour: behaviourPanels,
  hierarchy: hierarchyPanels,
  regimes: regimesPanels,
}

/** Panels as the figure has them, in rows; their names are unique in it. */
export const findingPanels = (figure: FindingFigure, layout: PanelLayout): PanelRows =>
  figures[figure.finding.figure](figure, layout)

/**
 * @returns a whole SVG document
 * @throws RangeError for pictures of more than 64 million dots
 */
export function drawFinding(figure: FindingFigure, { widthMm, theme, dpi }: PrintLayout): string {
  const { title, notice } = figure.finding
  return page({ title, notice, widthMm, theme, rows: findingPanels(figure, { theme, dpi }) })
}
