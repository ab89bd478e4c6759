/** A page of placed panels as SVG: the same functions draw it in the window and for a file. */
import type { FigurePage, PagePanel } from '../../../src-main/contract/figurePage.ts'
import { element } from '../../plots/svg.ts'
import { plotThemes } from '../../plots/theme.ts'
import { headed, mm, noticeBox, placed, sheet, type PanelLayout } from '../page.ts'
import { lettersOf } from './letters.ts'
import type { PageData } from './needs.ts'
import type { Problem } from './drawable.ts'
import { drawableOf } from './panels.ts'

/** Figures are printed on white, whatever the window's colours. */
const theme = 'light'

/** What a panel looks like, from (0, 0). */
export interface DrawnPanel {
  readonly drawn: string
  /** As screen readers are told. */
  readonly heading: string
}

/**
 * @param dpi of pictures
 * @throws RangeError for pictures of more than 64 million dots
 */
function drawPanel(panel: PagePanel, letter: string, data: PageData, dpi: number): DrawnPanel | Problem {
  const layout: PanelLayout = { theme, dpi }
  const drawable = drawableOf(panel, data, layout)
  if ('problem' in drawable) return drawable
  const [width, height] = panel.size
  const box = { width: width * mm, height: height * mm, theme: plotThemes[theme] }
  return { drawn: headed(letter, drawable, box), heading: drawable.heading }
}

/** A panel as a document of its own, as large as it is on the page. @throws RangeError as `drawPanel` */
export function panelDocument(panel: PagePanel, letter: string, data: PageData, dpi: number): DrawnPanel | Problem {
  const drawn = drawPanel(panel, letter, data, dpi)
  if ('problem' in drawn) return drawn
  const [width, height] = panel.size
  return { ...drawn, drawn: sheet(width, height, drawn.heading, drawn.drawn) }
}

/** The notice as a document of its own, as large as it is above the page. */
export function noticeDrawing(page: Pick<FigurePage, 'width'>, notice: string): string {
  const { drawn, height } = drawNotice(page, notice)
  return sheet(page.width, height / mm, notice, drawn)
}

/** A panel of a page that cannot be drawn. */
export class PanelProblem extends Error {
  override readonly name = 'PanelProblem'
  readonly panel: string

  constructor(panel: string, problem: string) {
    super(problem)
    this.panel = panel
  }
}

const margin = mm

/** What a notice takes above the panels, millimetres; it is no part of the page that panels are placed on. */
export const noticeHeight = (page: Pick<FigurePage, 'width'>, notice: string | null): number =>
  notice === null ? 0 : drawNotice(page, notice).height / mm

function drawNotice({ width }: Pick<FigurePage, 'width'>, notice: string) {
  const { drawn, height } = noticeBox(notice, width * mm - 2 * margin, plotThemes[theme])
  return { drawn: placed(margin, margin, drawn), height: height + 2 * margin }
}

/**
 * @param data with everything that `pageNeeds` names
 * @param before told of each panel, with how many there are
 * @returns a whole SVG document, its width and height in millimetres
 * @throws PanelProblem for the first panel that the study cannot give; RangeError as `drawPanel`
 */
export function drawPage(
  page: FigurePage,
  data: PageData,
  dpi: number,
  before: (done: number, of: number) => void = () => undefined,
): string {
  const letters = lettersOf(page)
  const notice = data.notice === null ? null : drawNotice(page, data.notice)
  const above = notice?.height ?? 0
  const panels = page.panels.map((panel, i) => {
    before(i, page.panels.length)
    const one = drawPanel(panel, letters.get(panel.id) ?? '', data, dpi)
    if ('problem' in one) throw new PanelProblem(panel.id, one.problem)
    return placed(panel.at[0] * mm, above + panel.at[1] * mm, one.drawn)
  })
  const [width, height] = [page.width * mm, above + page.height * mm]
  return sheet(
    page.width,
    height / mm,
    [page.title, data.notice].filter(Boolean).join('. '),
    element('rect', { x: 0, y: 0, width, height, fill: plotThemes[theme].paper }),
    notice?.drawn ?? '',
    ...panels,
  )
}
