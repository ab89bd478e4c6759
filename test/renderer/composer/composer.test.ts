import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FigurePage } from '../../../src-main/contract/figurePage.ts'
import { aligned, distributed, sameSize } from '../../../src-renderer/composer/align.ts'
import {
  duplicated,
  emptyPage,
  grownBy,
  movedBy,
  rectOf,
  withoutPanels,
  withPanel,
} from '../../../src-renderer/composer/edit.ts'
import { began, changed, redone, undone } from '../../../src-renderer/composer/history.ts'
import { pageAction, panelAction } from '../../../src-renderer/composer/keys.ts'
import { leastSide, moved, resized, type Rect } from '../../../src-renderer/composer/snap.ts'

const page = { width: 180, height: 120 }
const rect = (x: number, y: number, width: number, height: number): Rect => ({ x, y, width, height })
const around = (others: readonly Rect[] = [], reach = 2, grid = 1) => ({ page, others, reach, grid })

describe('a panel that is moved', () => {
  test('lies on the grid where no line is near', () =>
    expect(moved(rect(20.4, 30.6, 50, 40), around())).toEqual({ rect: rect(20, 31, 50, 40), guides: [] }))
  test('lies on an edge or the middle of another panel, and says so', () => {
    const other = rect(33.3, 70, 60, 40)
    const { rect: placed, guides } = moved(rect(34.6, 11, 50, 40), around([other]))
    expect(placed.x).toBe(33.3)
    expect(guides).toContainEqual({ axis: 'x', at: 33.3 })
    // Its middle on the page's.
    expect(moved(rect(64, 11, 50, 40), around()).rect.x).toBe(65)
  })
  test('is where it was put without snapping', () =>
    expect(moved(rect(20.43, 30.61, 50, 40), around([], 0, 0)).rect).toEqual(rect(20.43, 30.61, 50, 40)))
  test('never leaves the page', () => {
    const side = fc.double({ min: leastSide, max: 100, noNaN: true })
    const at = fc.double({ min: -500, max: 500, noNaN: true })
    fc.assert(
      fc.property(at, at, side, side, fc.boolean(), (x, y, width, height, snap) => {
        const placed = moved(rect(x, y, width, height), around([rect(10, 10, 30, 30)], snap ? 2 : 0)).rect
        expect(placed.x).toBeGreaterThanOrEqual(0)
        expect(placed.x + placed.width).toBeLessThanOrEqual(page.width + 0.01)
        expect(placed.y + placed.height).toBeLessThanOrEqual(page.height + 0.01)
      }),
    )
  })
})

describe('a panel that is resized', () => {
  test('moves the edge that is held alone, onto lines and the grid', () => {
    const { rect: placed, guides } = resized(rect(10, 10, 79.2, 40.3), { x: 1, y: 1 }, around([rect(10, 60, 80, 30)]))
    expect(placed).toEqual(rect(10, 10, 80, 40))
    expect(guides).toEqual([{ axis: 'x', at: 90 }])
    const left = resized(rect(12.7, 10, 77.3, 40), { x: -1, y: 0 }, around())
    expect(left.rect).toEqual(rect(13, 10, 77, 40))
  })
  test('keeps a least side, on the page', () => {
    expect(resized(rect(10, 10, -5, 40), { x: 1, y: 0 }, around()).rect.width).toBe(leastSide)
    expect(resized(rect(10, 10, 400, 40), { x: 1, y: 0 }, around()).rect.width).toBe(170)
    expect(resized(rect(-20, 10, 80, 40), { x: -1, y: 0 }, around()).rect).toEqual(rect(0, 10, 60, 40))
  })
})

describe('a page', () => {
  const layers = { show: 'layers', size: [86, 58] as [number, number] } as const
  const fill = (count: number) => {
    let now: FigurePage = emptyPage('')
    for (let i = 0; i < count; i++) now = withPanel(now, layers).page
    return now
  }
  test('takes panels side by side, then below, and grows', () => {
    const { panels, height } = fill(3)
    expect(panels.map(({ at }) => at)).toEqual([
      [2, 2],
      [92, 2],
      [2, 64],
    ])
    expect(panels.map(({ id }) => id)).toEqual(['layers-1', 'layers-2', 'layers-3'])
    expect(height).toBe(124)
  })
  test('no two panels that were added lie over each other', () => {
    const all = fill(5).panels.map(rectOf)
    for (const [i, a] of all.entries())
      for (const b of all.slice(i + 1))
        expect(a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height).toBe(false)
  })
  test('a copy has a place and a name of its own; what is removed is gone', () => {
    const copy = duplicated(fill(1), ['layers-1'])
    expect(copy.ids).toEqual(['layers-2'])
    expect(copy.page.panels[1].at).not.toEqual(copy.page.panels[0].at)
    expect(withoutPanels(copy.page, ['layers-1']).panels.map(({ id }) => id)).toEqual(['layers-2'])
  })
  test('arrows move and resize by millimetres, within the page', () => {
    const now = fill(1)
    expect(rectOf(movedBy(now, ['layers-1'], 5, 1).panels[0])).toEqual(rect(7, 3, 86, 58))
    expect(rectOf(movedBy(now, ['layers-1'], -5, 0).panels[0]).x).toBe(0)
    expect(rectOf(grownBy(now, ['layers-1'], 500, -500).panels[0])).toEqual(rect(2, 2, 178, leastSide))
  })
  test('a panel that is dropped lies where it was dropped, on the page', () => {
    const at = (x: number, y: number) => rectOf(withPanel(fill(0), layers, [x, y]).page.panels[0])
    expect(at(30, 40)).toEqual(rect(30, 40, 86, 58))
    expect(at(170, -20)).toEqual(rect(94, 0, 86, 58))
    expect(withPanel(fill(0), layers, [0, 100]).page.height).toBe(160)
  })
})

describe('panels that are chosen together', () => {
  const rects = [rect(10, 20, 30, 20), rect(60, 5, 40, 30), rect(120, 50, 20, 10)]
  const now: FigurePage = {
    ...emptyPage(''),
    panels: rects.map(({ x, y, width, height }, i) => ({
      ...{ id: `p-${i}`, show: 'layers', at: [x, y], size: [width, height] },
    })),
  }
  const ids = now.panels.map(({ id }) => id)
  const of = (page: FigurePage) => page.panels.map(rectOf)

  test('line up on the edges and middles of the box around them', () => {
    expect(of(aligned(now, ids, 'left')).map(({ x }) => x)).toEqual([10, 10, 10])
    expect(of(aligned(now, ids, 'right')).map(({ x, width }) => x + width)).toEqual([140, 140, 140])
    expect(of(aligned(now, ids, 'centre')).map(({ x, width }) => x + width / 2)).toEqual([75, 75, 75])
    expect(of(aligned(now, ids, 'top')).map(({ y }) => y)).toEqual([5, 5, 5])
    expect(of(aligned(now, ids, 'bottom')).map(({ y, height }) => y + height)).toEqual([60, 60, 60])
    expect(of(aligned(now, ids, 'middle')).map(({ y, height }) => y + height / 2)).toEqual([32.5, 32.5, 32.5])
  })
  test('one alone lines up on the page; what is not chosen stays', () => {
    const [first, second] = of(aligned(now, ['p-0'], 'right'))
    expect(first).toEqual(rect(150, 20, 30, 20))
    expect(second).toEqual(rects[1])
    expect(aligned(now, ['gone'], 'left')).toBe(now)
  })
  test('have the same gaps once they are distributed; the outer ones stay', () => {
    const [a, b, c] = of(distributed(now, ids.toReversed(), 'across'))
    expect([a, c]).toEqual([rects[0], rects[2]])
    expect(b.x - a.x - a.width).toBeCloseTo(c.x - b.x - b.width, 6)
    expect(distributed(now, ids.slice(1), 'across')).toBe(now)
  })
  test('distribution keeps sizes and ends, and never leaves the page', () => {
    const side = fc.integer({ min: leastSide, max: 60 })
    const panel = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 60 }), side, side)
    fc.assert(
      fc.property(fc.array(panel, { minLength: 3, maxLength: 6 }), fc.boolean(), (all, across) => {
        const page: FigurePage = {
          ...emptyPage(''),
          panels: all.map(([x, y, width, height], i) => ({
            ...{ id: `p-${i}`, show: 'layers', at: [x, y], size: [width, height] },
          })),
        }
        const chosen = page.panels.map(({ id }) => id)
        const placed = of(distributed(page, chosen, across ? 'across' : 'down'))
        placed.forEach((one, i) => {
          expect([one.width, one.height]).toEqual([all[i][2], all[i][3]])
          expect(Math.min(one.x, one.y)).toBeGreaterThanOrEqual(0)
          expect(one.x + one.width).toBeLessThanOrEqual(page.width)
        })
      }),
      { numRuns: 30 },
    )
  })
  test('take the size of the one that was chosen first, on the page', () => {
    expect(of(sameSize(now, ['p-1', 'p-0', 'p-2'], 'width')).map(({ width }) => width)).toEqual([40, 40, 40])
    const wide = sameSize({ ...now, width: 150 }, ['p-1', 'p-2'], 'width')
    expect(rectOf(wide.panels[2])).toEqual(rect(110, 50, 40, 10))
  })
  test('move together, and stop together at the edge of the page', () => {
    const all = of(movedBy(now, ids, -50, 2))
    expect(all).toEqual(rects.map((one) => ({ ...one, x: one.x - 10, y: one.y + 2 })))
    expect(of(withoutPanels(now, ['p-0', 'p-2']))).toEqual([rects[1]])
  })
})

describe('history', () => {
  test('takes back and does again', () => {
    const history = changed(changed(began('a'), 'b'), 'c')
    expect(undone(history).present).toBe('b')
    expect(redone(undone(history))).toMatchObject({ present: 'c', past: ['a', 'b'], future: [] })
    expect(undone(began('a')).present).toBe('a')
    expect(changed(undone(history), 'd').future).toEqual([])
  })
  test('changes of one kind in a row are one step', () => {
    const typed = changed(changed(changed(began('a'), 'ab', 'title'), 'abc', 'title'), 'x')
    expect(undone(typed).present).toBe('abc')
    expect(undone(undone(typed)).present).toBe('a')
  })
})

test('keys', () => {
  const key = (name: string, held: Partial<Record<'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey', boolean>> = {}) => ({
    ...{ key: name, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false },
    ...held,
  })
  expect(panelAction(key('ArrowLeft'))).toEqual({ kind: 'nudge', dx: -1, dy: 0, resize: false })
  expect(panelAction(key('ArrowDown', { shiftKey: true, altKey: true }))).toEqual({
    kind: 'nudge',
    dx: 0,
    dy: 5,
    resize: true,
  })
  expect(panelAction(key('Delete'))).toEqual({ kind: 'remove' })
  expect(panelAction(key('d', { metaKey: true }))).toEqual({ kind: 'duplicate' })
  expect(panelAction(key(' '))).toEqual({ kind: 'choose' })
  expect(pageAction(key('a', { ctrlKey: true }))).toEqual({ kind: 'all' })
  expect(panelAction(key('a'))).toBeNull()
  expect(pageAction(key('Z', { ctrlKey: true, shiftKey: true }))).toEqual({ kind: 'redo' })
  expect(pageAction(key('z'))).toBeNull()
  expect(pageAction(key('=', { ctrlKey: true }))).toEqual({ kind: 'zoom', by: 1 })
})
