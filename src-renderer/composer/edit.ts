/** Changes of a page, each giving a new one. Lengths are millimetres. */
import type { FigurePage, PagePanel } from '../../src-main/contract/figurePage.ts'
import { leastSide, overlap, tidy, type Rect } from './snap.ts'

export const widths = [88, 120, 180] as const
const gap = 4
const edge = 2

/** A panel before it has a place and a name on a page. */
export type NewPanel = PagePanel extends infer One ? (One extends PagePanel ? Omit<One, 'id' | 'at'> : never) : never

export const emptyPage = (title: string): FigurePage => ({
  ...{ 'heschl-figure': 1, title, width: 180, height: 120, dpi: 300, letters: 'a', panels: [] },
  ...{ caption: '', methods: '', made: null },
})

export const rectOf = ({ at, size }: Pick<PagePanel, 'at' | 'size'>): Rect => ({
  ...{ x: at[0], y: at[1], width: size[0], height: size[1] },
})

export const placedAt = <Panel extends PagePanel>(panel: Panel, { x, y, width, height }: Rect): Panel => ({
  ...panel,
  ...{ at: [x, y], size: [width, height] },
})

/** The first number that makes a new id. */
function idFor(kind: string, panels: readonly PagePanel[]): string {
  for (let i = 1; ; i++) if (!panels.some(({ id }) => id === `${kind}-${i}`)) return `${kind}-${i}`
}

/** The highest, then leftmost free place; below everything else, on a page that grows, where there is none. */
function freePlace([width, height]: readonly [number, number], page: FigurePage): [number, number] {
  const taken = page.panels.map(rectOf)
  const columns = [edge, ...taken.map((rect) => rect.x), ...taken.map((rect) => rect.x + rect.width + gap)]
  const rows = [edge, ...taken.map((rect) => rect.y), ...taken.map((rect) => rect.y + rect.height + gap)]
  const ascending = (values: readonly number[]) => [...new Set(values)].toSorted((a, b) => a - b)
  for (const y of ascending(rows))
    for (const x of ascending(columns)) {
      const rect = { x, y, width, height }
      if (x + width <= page.width && !taken.some((other) => overlap(rect, other))) return [x, y]
    }
  return [edge, Math.max(edge, ...taken.map((rect) => rect.y + rect.height + gap))]
}

/**
 * @param wanted where its upper left corner should lie; a free place is found where it is left out
 * @returns the page, as high as it has to be, and the new panel's id
 */
export function withPanel(
  page: FigurePage,
  panel: NewPanel,
  wanted?: readonly [number, number],
): { readonly page: FigurePage; readonly id: string } {
  const size: [number, number] = [Math.min(panel.size[0], page.width - 2 * edge), panel.size[1]]
  const at: [number, number] = wanted
    ? [tidy(within(wanted[0], 0, page.width - size[0])), tidy(Math.max(0, wanted[1]))]
    : freePlace(size, page)
  const id = idFor(panel.show, page.panels)
  const added = { ...panel, id, at, size }
  const height = Math.min(600, Math.max(page.height, Math.ceil(at[1] + size[1] + edge)))
  return { page: { ...page, height, panels: [...page.panels, added] }, id }
}

export const withoutPanels = (page: FigurePage, ids: readonly string[]): FigurePage => ({
  ...page,
  panels: page.panels.filter((panel) => !ids.includes(panel.id)),
})

/** @returns the page and the copies' ids */
export function duplicated(
  page: FigurePage,
  ids: readonly string[],
): { readonly page: FigurePage; readonly ids: readonly string[] } {
  const copies: string[] = []
  let now = page
  for (const panel of page.panels.filter(({ id }) => ids.includes(id))) {
    const added = withPanel(now, panel)
    now = added.page
    copies.push(added.id)
  }
  return { page: now, ids: copies }
}

export const withChanged = (page: FigurePage, id: string, change: (panel: PagePanel) => PagePanel): FigurePage => ({
  ...page,
  panels: page.panels.map((panel) => (panel.id === id ? change(panel) : panel)),
})

const within = (value: number, low: number, high: number) => Math.min(Math.max(value, low), Math.max(low, high))

/** Moved together; what is chosen stays on the page as a whole. */
export function movedBy(page: FigurePage, ids: readonly string[], dx: number, dy: number): FigurePage {
  const rects = page.panels.filter(({ id }) => ids.includes(id)).map(rectOf)
  if (rects.length === 0) return page
  const far = (at: 'x' | 'y', size: 'width' | 'height', by: number) =>
    within(
      by,
      -Math.min(...rects.map((rect) => rect[at])),
      Math.min(...rects.map((rect) => page[size] - rect[at] - rect[size])),
    )
  const [x, y] = [far('x', 'width', dx), far('y', 'height', dy)]
  return {
    ...page,
    panels: page.panels.map((panel) =>
      ids.includes(panel.id) ? { ...panel, at: [tidy(panel.at[0] + x), tidy(panel.at[1] + y)] } : panel,
    ),
  }
}

/** Each made larger by so much at its right and lower edge; none leaves the page. */
export function grownBy(page: FigurePage, ids: readonly string[], dx: number, dy: number): FigurePage {
  return ids.reduce(
    (now, id) =>
      withChanged(now, id, (panel) => {
        const { x, y, width, height } = rectOf(panel)
        return placedAt(panel, {
          ...{ x, y },
          width: within(width + dx, leastSide, page.width - x),
          height: within(height + dy, leastSide, page.height - y),
        })
      }),
    page,
  )
}
