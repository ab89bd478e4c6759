/** A finding as a printed figure. */
import type { FigureName, FindingFigure } from '../../src-main/contract/findings.ts'
import { behaviourFigure } from './behaviour.ts'
import type { ThemeName } from '../plots/theme.ts'
import { hierarchyFigure } from './hierarchy.ts'
import { regimesFigure } from './regimes.ts'
import { scoresFigure } from './scores.ts'

/** How large a figure is printed, and in which colours. */
export interface PrintLayout {
  readonly widthMm: number
  /** Of its pictures. */
  readonly dpi: number
  readonly theme: ThemeName
}

/** @returns a whole SVG document of `page` (page.ts) */
export type Drawing = (figure: FindingFigure, layout: PrintLayout) => string

const drawings: Readonly<Record<FigureName, Drawing>> = {
  scores: scoresFigure,
  behaviour: behaviourFigure,
  hierarchy: hierarchyFigure,
  regimes: regimesFigure,
}

/** @throws RangeError for pictures of more than 64 million dots */
export function drawFinding(figure: FindingFigure, layout: PrintLayout): string {
  return drawings[figure.finding.figure](figure, layout)
}
