/**
 * A figure of lettered panels at a printed width, as journals take it: 7 and 8 pt type, panel letters of 9 pt, no title
 * inside. Lengths are CSS pixels: 96 to the inch.
 */
import { element, escape, shorten, text, textWidth, wrap } from '../plots/svg.ts'
import { plotThemes, type PlotTheme, type ThemeName } from '../plots/theme.ts'

/** CSS pixels of a millimetre, and of a point. */
export const mm = 96 / 25.4
export const pt = 96 / 72

/** Sizes of type: panel letters; what a panel shows; everything else, which nothing is smaller than. */
export const typeSizes = { letter: 9 * pt, heading: 8 * pt, body: 7 * pt, marks: 5.5 * pt } as const

/** Lines of body type are so far apart. */
export const lineHeight = 1.25 * typeSizes.body

/** What a panel draws in, from its own top left at (0, 0). */
export interface Box {
  readonly width: number
  readonly height: number
  readonly theme: PlotTheme
}

export interface Panel {
  /** Of its figure alone, the same whatever is drawn in it: `map`, `regions`. */
  readonly name: string
  /** Beside the letter: what is shown, in a few words. */
  readonly heading: string
  /** Of its row's width, against the others'; 1 where it is left out. */
  readonly share?: number
  /** Of what it draws, below the heading. */
  readonly heightMm: number
  /** A row that would give any of its panels less is broken: each of its panels then has the whole width. */
  readonly leastMm?: number
  readonly draw: (box: Box) => string
}

/** What panels have to know of how they are printed before they are drawn. */
export interface PanelLayout {
  readonly theme: ThemeName
  /** Of pictures. */
  readonly dpi: number
}

export type PanelRows = readonly (readonly Panel[])[]

export interface Page {
  /** Read by screen readers; not drawn. */
  readonly title: string
  /** "Listeners are simulated …": drawn in a box of its own above the panels; null for real data. */
  readonly notice: string | null
  readonly widthMm: number
  readonly theme: ThemeName
  readonly rows: PanelRows
}

const margin = mm
const columnGap = 4 * mm
const rowGap = 3 * mm
const headingHeight = 5 * mm
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * Panels are lettered from A in the order of reading.
 *
 * @returns a whole SVG document, its width and height in millimetres
 */
export function page({ title, notice, widthMm, theme: name, rows }: Page): string {
  const theme = plotThemes[name]
  const width = widthMm * mm
  const inner = width - 2 * margin
  const parts: string[] = []
  let y = margin
  if (notice !== null) {
    const box = noticeBox(notice, inner, theme)
    parts.push(placed(margin, y, box.drawn))
    y += box.height + rowGap
  }
  let letter = 0
  for (const row of rows.flatMap((each) => fitting(each, inner))) {
    let x = margin
    for (const { panel, width: own } of row) {
      const box = { width: own, height: headingHeight + panel.heightMm * mm, theme }
      parts.push(placed(x, y, headed(letters[letter++], panel, box)))
      x += own + columnGap
    }
    y += headingHeight + Math.max(...row.map(({ panel }) => panel.heightMm)) * mm + rowGap
  }
  const height = y - rowGap + margin
  const paper = element('rect', { x: 0, y: 0, width, height, fill: theme.paper })
  return sheet(widthMm, height / mm, notice === null ? title : `${title}. ${notice}`, paper, ...parts)
}

/**
 * A whole document.
 * @param width and height in millimetres
 * @param title read by screen readers
 */
export function sheet(width: number, height: number, title: string, ...drawn: readonly string[]): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      ...{ width: `${round(width)}mm`, height: `${round(height)}mm` },
      viewBox: `0 0 ${round(width * mm)} ${round(height * mm)}`,
      role: 'img',
    },
    element('title', {}, escape(title)),
    ...drawn,
  )
}

/** A drawing moved to a place, pixels. */
export const placed = (x: number, y: number, drawn: string): string =>
  element('g', { transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})` }, drawn)

/** A panel under its letter and heading; where it has neither it takes the whole box. */
export function headed(letter: string, { heading, draw }: Pick<Panel, 'heading' | 'draw'>, box: Box): string {
  if (letter === '' && heading === '') return draw(box)
  const { width, height, theme } = box
  const indent = letter === '' ? 0 : 4 * mm
  return [
    letter === '' ? '' : text(0, typeSizes.letter, letter, { size: typeSizes.letter, weight: 600, fill: theme.ink }),
    text(indent, typeSizes.letter, shorten(heading, width - indent, typeSizes.heading), {
      ...{ size: typeSizes.heading, fill: theme.ink },
    }),
    placed(0, headingHeight, draw({ width, height: height - headingHeight, theme })),
  ].join('')
}

/** A row's panels with their widths, side by side or, where that is too narrow for one of them, each by itself. */
function fitting(row: readonly Panel[], inner: number): readonly (readonly { panel: Panel; width: number }[])[] {
  const whole = row.reduce((sum, { share = 1 }) => sum + share, 0)
  const room = inner - (row.length - 1) * columnGap
  const placed = row.map((panel) => ({ panel, width: (room * (panel.share ?? 1)) / whole }))
  const narrow = placed.some(({ panel, width }) => width < (panel.leastMm ?? 0) * mm)
  return narrow ? row.map((panel) => [{ panel, width: inner }]) : [placed]
}

/** A box with what must be said above everything else. */
export function noticeBox(notice: string, width: number, theme: PlotTheme) {
  const pad = 1.5 * mm
  const lines = wrap(notice, width - 2 * pad, typeSizes.body)
  const height = lines.length * lineHeight + 2 * pad
  const drawn = [
    element('rect', { x: 0, y: 0, width, height, rx: 2, fill: theme.noticePaper, stroke: theme.notice }),
    ...lines.map((line, i) =>
      text(pad, pad + (i + 0.8) * lineHeight, line, { size: typeSizes.body, weight: 500, fill: theme.notice }),
    ),
  ].join('')
  return { height, drawn }
}

const round = (value: number) => Math.round(value * 1000) / 1000

/** Points and intervals are drawn over bars. */
export const barOpacity = { 'fill-opacity': 0.75 }

export interface LegendEntry {
  readonly label: string
  readonly colour: string
  /** `bar`: a filled square, as bars are; `class`: as classes on a cortex are; `line`; `level`: a dashed line. */
  readonly kind: 'bar' | 'class' | 'line' | 'level' | 'chance'
}

/** Entries side by side from (0, 0), in as many rows as they need. */
/** Of a line at what is scored by chance. */
export const chanceDashes = '1 1.5'

export function legend(entries: readonly LegendEntry[], width: number, theme: PlotTheme) {
  const size = typeSizes.body
  let x = 0
  let row = 0
  const parts = entries.flatMap(({ label, colour, kind }) => {
    const square = kind === 'bar' || kind === 'class'
    const mark = square ? 2 * mm : 4 * mm
    const needed = mark + mm + textWidth(label, size) + 3 * mm
    if (x > 0 && x + needed - 3 * mm > width) {
      x = 0
      row++
    }
    const [left, middle] = [x, (row + 0.5) * lineHeight]
    x += needed
    const dashes = kind === 'level' ? '3 2' : kind === 'chance' ? chanceDashes : undefined
    return [
      square
        ? element('rect', {
            ...{ x: left, y: middle - mm, width: mark, height: mark, fill: colour },
            ...(kind === 'bar' ? barOpacity : {}),
          })
        : element('line', {
            ...{ x1: left, x2: left + mark, y1: middle, y2: middle, stroke: colour },
            ...{ 'stroke-width': 1, 'stroke-dasharray': dashes },
          }),
      text(left + mark + mm, middle + 0.35 * size, label, { size, fill: theme.ink }),
    ]
  })
  return { height: entries.length === 0 ? 0 : (row + 1) * lineHeight + mm, drawn: element('g', {}, ...parts) }
}
