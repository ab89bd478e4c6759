/** Changes of a page, each giving a new one. Lengths are millimetres. */
import type { FigurePage, PagePanel } from '../../src-main/contract/figurePage.ts'
import { leastSide, type Rect } from './snap.ts'

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

const overlap = (a: Rect, b: Rect) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

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

/** @returns the page, as high as it has to be, and the new panel's id */
export function withPanel(page: FigurePage, panel: NewPanel): { readonly page: FigurePage; readonly id: string } {
  const size: [number, number] = [Math.min(panel.size[0], page.width - 2 * edge), panel.size[1]]
  const at = freePlace(size, page)
  const id = idFor(panel.show, page.panels)
  const added = { ...panel, id, at, size }
  const height = Math.min(600, Math.max(page.height, Math.ceil(at[1] + size[1] + edge)))
  return { page: { ...page, height, panels: [...page.panels, added] }, id }
}

export const withoutPanel = (page: FigurePage, id: string): FigurePage => ({
  ...page,
  panels: page.panels.filter((panel) => panel.id !== id),
})

export function duplicated(page: FigurePage, id: string): { readonly page: FigurePage; readonly id: string } {
  const panel = page.panels.find((one) => one.id === id)
  return panel === undefined ? { page, id } : withPanel(page, panel)
}

export const withChanged = (page: FigurePage, id: string, change: (panel: PagePanel) => PagePanel): FigurePage => ({
  ...page,
  panels: page.panels.map((panel) => (panel.id === id ? change(panel) : panel)),
})

/** Moved or, with `resize`, made larger by so much; it stays on the page. */
export function nudged(page: FigurePage, id: string, dx: number, dy: number, resize: boolean): FigurePage {
  const within = (value: number, low: number, high: number) => Math.min(Math.max(value, low), Math.max(low, high))
  return withChanged(page, id, (panel) => {
    const { x, y, width, height } = rectOf(panel)
    return placedAt(
      panel,
      resize
        ? {
            ...{ x, y },
            width: within(width + dx, leastSide, page.width - x),
            height: within(height + dy, leastSide, page.height - y),
          }
        : {
            ...{ width, height },
            x: within(x + dx, 0, page.width - width),
            y: within(y + dy, 0, page.height - height),
          },
    )
  })
}
