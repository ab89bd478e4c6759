/** Where the cells of a grid are, and the panels in them. Pixels from the top left of what is scrolled. */
import type { Hemisphere } from '../../../src-main/contract/study.ts'
import type { Aspect, Panel } from '../camera.ts'

export interface Column {
  readonly aspect: Aspect
  readonly hemispheres: readonly Hemisphere[]
}

export interface GridSize {
  readonly rows: number
  readonly columns: number
  /** Of what is seen at once, without the rows' titles. */
  readonly width: number
  readonly height: number
}

export interface GridLayout {
  readonly cellWidth: number
  readonly cellHeight: number
  /** All rows, seen or not. */
  readonly height: number
}

/** As flat as the lateral view of a brain is. */
const shape = 0.72
/** Below, a map cannot be read. */
export const leastHeight = 96

/** Rows fill the height as far as a brain fills its cell; where there are too many they scroll. */
export function gridLayout({ rows, columns, width, height }: GridSize): GridLayout {
  const cellWidth = Math.max(1, Math.floor(width / Math.max(1, columns)))
  const share = Math.floor(height / Math.max(1, rows))
  const cellHeight = Math.max(leastHeight, Math.min(share, Math.round(cellWidth * shape) + 8))
  return { cellWidth, cellHeight, height: rows * cellHeight }
}

/** A panel a hemisphere, side by side; from below the right one is on the left, as from the left the front is. */
export function cellPanels({ aspect, hemispheres }: Column, layout: GridLayout, row: number, column: number): Panel[] {
  const order = aspect === 'ventral' ? hemispheres.toReversed() : hemispheres
  const width = layout.cellWidth / order.length
  return order.map((hemisphere, i) => ({
    ...{ hemisphere, aspect, width, height: layout.cellHeight },
    x: column * layout.cellWidth + i * width,
    y: row * layout.cellHeight,
  }))
}

/** The columns of a choice of hemispheres: lateral and medial by hemisphere, from above and below both in one. */
export function columnsOf(hemispheres: 'left' | 'right' | 'both', aspects: readonly Aspect[]): readonly Column[] {
  const sides: readonly Hemisphere[] = hemispheres === 'both' ? ['left', 'right'] : [hemispheres]
  const seen = (aspect: Aspect) => aspects.includes(aspect)
  const sagittal = sides.flatMap((side) => {
    const own = (['lateral', 'medial'] as const).filter(seen).map((aspect) => ({ aspect, hemispheres: [side] }))
    // The medial views meet in the middle.
    return side === 'right' && sides.length > 1 ? own.toReversed() : own
  })
  const axial = (['dorsal', 'ventral'] as const).filter(seen).map((aspect) => ({ aspect, hemispheres: sides }))
  return [...sagittal, ...axial]
}

/** The cell at a place of what is scrolled; null beside the grid. */
export function cellAt(
  x: number,
  y: number,
  { cellWidth, cellHeight }: GridLayout,
  { rows, columns }: Pick<GridSize, 'rows' | 'columns'>,
): { readonly row: number; readonly column: number } | null {
  const [row, column] = [Math.floor(y / cellHeight), Math.floor(x / cellWidth)]
  return row >= 0 && row < rows && column >= 0 && column < columns ? { row, column } : null
}

/** First and last row that is seen. */
export function rowsSeen({ cellHeight }: GridLayout, rows: number, scroll: number, height: number): [number, number] {
  return [
    Math.max(0, Math.floor(scroll / cellHeight)),
    Math.min(rows - 1, Math.ceil((scroll + height) / cellHeight) - 1),
  ]
}
