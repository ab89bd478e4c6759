/** Lining up panels that were chosen together. Lengths are millimetres. */
import type { FigurePage } from '../../src-main/contract/figurePage.ts'
import { placedAt, rectOf } from './edit.ts'
import { tidy, type Rect } from './snap.ts'

/** An edge or the middle that panels are brought to. */
export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom'
export type Direction = 'across' | 'down'

/** The box around rectangles; at least one. */
export function around(rects: readonly Rect[]): Rect {
  const [x, y] = [Math.min(...rects.map((rect) => rect.x)), Math.min(...rects.map((rect) => rect.y))]
  return {
    ...{ x, y },
    width: Math.max(...rects.map((rect) => rect.x + rect.width)) - x,
    height: Math.max(...rects.map((rect) => rect.y + rect.height)) - y,
  }
}

const replaced = (page: FigurePage, rects: ReadonlyMap<string, Rect>): FigurePage => ({
  ...page,
  panels: page.panels.map((panel) => {
    const rect = rects.get(panel.id)
    return rect ? placedAt(panel, rect) : panel
  }),
})

const chosen = ({ panels }: FigurePage, ids: readonly string[]) => panels.filter(({ id }) => ids.includes(id))

/** One panel is brought to the page's edge or middle, several to those of the box around them. */
export function aligned(page: FigurePage, ids: readonly string[], to: Alignment): FigurePage {
  const panels = chosen(page, ids)
  if (panels.length === 0) return page
  const whole =
    panels.length === 1 ? { x: 0, y: 0, width: page.width, height: page.height } : around(panels.map(rectOf))
  const place = (rect: Rect): Rect => {
    const [right, below] = [whole.x + whole.width - rect.width, whole.y + whole.height - rect.height]
    switch (to) {
      case 'left':
        return { ...rect, x: whole.x }
      case 'centre':
        return { ...rect, x: tidy((whole.x + right) / 2) }
      case 'right':
        return { ...rect, x: tidy(right) }
      case 'top':
        return { ...rect, y: whole.y }
      case 'middle':
        return { ...rect, y: tidy((whole.y + below) / 2) }
      case 'bottom':
        return { ...rect, y: tidy(below) }
    }
  }
  return replaced(page, new Map(panels.map((panel) => [panel.id, place(rectOf(panel))])))
}

/** The first and the last stay; the gaps between all of them become the same. */
export function distributed(page: FigurePage, ids: readonly string[], direction: Direction): FigurePage {
  const [at, size] = direction === 'across' ? (['x', 'width'] as const) : (['y', 'height'] as const)
  const panels = chosen(page, ids).toSorted((a, b) => rectOf(a)[at] - rectOf(b)[at])
  if (panels.length < 3) return page
  const rects = panels.map(rectOf)
  const whole = Math.max(...rects.map((rect) => rect[at] + rect[size])) - rects[0][at]
  const gap = (whole - rects.reduce((sum, rect) => sum + rect[size], 0)) / (rects.length - 1)
  let next = rects[0][at]
  const placed = rects.map((rect) => {
    const own = { ...rect, [at]: tidy(next) }
    next += rect[size] + gap
    return own
  })
  // Panels that overlap more than there is room for would leave the page.
  if (placed.some((rect) => rect.x < 0 || rect.y < 0)) return page
  return replaced(page, new Map(panels.map(({ id }, i) => [id, placed[i]])))
}

/** All as wide, or as high, as the one that was chosen first; what would not fit on the page is moved back onto it. */
export function sameSize(page: FigurePage, ids: readonly string[], side: 'width' | 'height'): FigurePage {
  const model = page.panels.find(({ id }) => id === ids[0])
  if (!model) return page
  const [at, whole] = side === 'width' ? (['x', page.width] as const) : (['y', page.height] as const)
  const size = rectOf(model)[side]
  return replaced(
    page,
    new Map(
      chosen(page, ids).map((panel) => {
        const rect = rectOf(panel)
        return [panel.id, { ...rect, [side]: size, [at]: tidy(Math.max(0, Math.min(rect[at], whole - size))) }]
      }),
    ),
  )
}
