/** What every figure has round its content: title, notice above, provenance below. */
import { document, element, shorten, text, wrap } from '../plots/svg.ts'
import type { PlotTheme } from '../plots/theme.ts'

export interface Caption {
  readonly title: string
  readonly subtitle: string
  /** "Listeners are simulated …": drawn into the figure in a box of its own; null for real data. */
  readonly notice: string | null
  /** Lines that say what the figure was made from: study, options, content key, version. */
  readonly provenance: readonly string[]
}

export const margin = 24
const noticeSize = 12
const provenanceSize = 10

/**
 * @param content draws itself below `top`
 * @param contentHeight pixels
 */
export function frame(
  width: number,
  theme: PlotTheme,
  { title, subtitle, notice, provenance }: Caption,
  contentHeight: number,
  content: (top: number) => string,
): string {
  const inner = width - 2 * margin
  const parts: string[] = []
  let y = margin + 14
  parts.push(text(margin, y, shorten(title, inner, 18), { size: 18, weight: 600, fill: theme.ink }))
  if (subtitle !== '') {
    y += 20
    parts.push(text(margin, y, shorten(subtitle, inner, 12), { size: 12, fill: theme.quiet }))
  }
  y += 14
  if (notice !== null) {
    const lines = wrap(notice, inner - 24, noticeSize)
    const height = lines.length * 17 + 12
    parts.push(
      element('rect', { x: margin, y, width: inner, height, rx: 4, fill: theme.noticePaper, stroke: theme.notice }),
      ...lines.map((line, i) =>
        text(margin + 12, y + 20 + i * 17, line, { size: noticeSize, weight: 500, fill: theme.notice }),
      ),
    )
    y += height + 12
  }
  parts.push(content(y))
  y += contentHeight + 8
  for (const line of provenance.flatMap((one) => wrap(one, inner, provenanceSize))) {
    y += 14
    parts.push(text(margin, y, line, { size: provenanceSize, fill: theme.quiet }))
  }
  const height = Math.ceil(y + margin)
  const paper = element('rect', { x: 0, y: 0, width, height, fill: theme.paper })
  return document(width, height, notice === null ? title : `${title}. ${notice}`, paper, ...parts)
}
