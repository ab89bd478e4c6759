import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  cellAt,
  cellPanels,
  columnsOf,
  gridLayout,
  leastHeight,
  rowsSeen,
} from '../../../../src-renderer/cortex/grid/layout.ts'

const size = fc.record({
  rows: fc.integer({ min: 1, max: 60 }),
  columns: fc.integer({ min: 1, max: 6 }),
  width: fc.integer({ min: 50, max: 4000 }),
  height: fc.integer({ min: 50, max: 3000 }),
})

test('columns fit the width; rows fit the height, or scroll at a height that can be read', () => {
  fc.assert(
    fc.property(size, (grid) => {
      const layout = gridLayout(grid)
      expect(layout.cellWidth * grid.columns).toBeLessThanOrEqual(grid.width)
      expect(layout.height).toBe(layout.cellHeight * grid.rows)
      expect(layout.cellHeight).toBeGreaterThanOrEqual(leastHeight)
      if (layout.height > grid.height) expect(layout.cellHeight).toBe(leastHeight)
    }),
  )
})

test('a cell is found where its panels are, and seen rows are those that meet the window', () => {
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), fc.integer({ min: 0, max: 5000 }), (grid, a, b, scroll) => {
      const layout = gridLayout(grid)
      const [row, column] = [a % grid.rows, b % grid.columns]
      const panels = cellPanels({ aspect: 'ventral', hemispheres: ['left', 'right'] }, layout, row, column)
      expect(panels.map(({ hemisphere }) => hemisphere)).toEqual(['right', 'left'])
      for (const { x, y, width, height } of panels)
        expect(cellAt(x + width / 2, y + height / 2, layout, grid)).toEqual({ row, column })
      const [first, last] = rowsSeen(layout, grid.rows, scroll, grid.height)
      for (let r = 0; r < grid.rows; r++) {
        const meets = (r + 1) * layout.cellHeight > scroll && r * layout.cellHeight < scroll + grid.height
        expect(r >= first && r <= last).toBe(meets)
      }
    }),
  )
})

test('beside the grid there is no cell', () => {
  const layout = gridLayout({ rows: 2, columns: 3, width: 300, height: 400 })
  for (const [x, y] of [
    [-1, 5],
    [5, -1],
    [layout.cellWidth * 3, 5],
    [5, layout.height],
  ] as const)
    expect(cellAt(x, y, layout, { rows: 2, columns: 3 })).toBeNull()
})

test('columns: medial views meet in the middle; from above and below both hemispheres are in one', () => {
  expect(
    columnsOf('both', ['lateral', 'medial', 'dorsal']).map(
      ({ aspect, hemispheres }) => `${aspect} ${hemispheres.join('+')}`,
    ),
  ).toEqual(['lateral left', 'medial left', 'medial right', 'lateral right', 'dorsal left+right'])
  expect(columnsOf('right', ['medial', 'lateral', 'ventral']).map(({ aspect }) => aspect)).toEqual([
    'lateral',
    'medial',
    'ventral',
  ])
  expect(columnsOf('both', [])).toEqual([])
})
