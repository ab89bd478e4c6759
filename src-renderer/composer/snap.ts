/** Where a panel that is moved or resized comes to lie: on lines of others, else on the grid. Lengths are millimetres. */

export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Whether two rectangles share more than an edge. */
export const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

/** A line that something lies on, across the whole page. */
export interface Guide {
  readonly axis: 'x' | 'y'
  readonly at: number
}

export interface Placed {
  readonly rect: Rect
  readonly guides: readonly Guide[]
}

export interface Surroundings {
  readonly page: { readonly width: number; readonly height: number }
  readonly others: readonly Rect[]
  /** What is nearer to a line than this lies on it; 0 leaves lines alone. */
  readonly reach: number
  /** 0 for none. */
  readonly grid: number
}

/** Of a panel. */
export const leastSide = 8

interface Span {
  readonly from: number
  readonly size: number
}

const along = (axis: 'x' | 'y') => (rect: Rect) =>
  axis === 'x' ? { from: rect.x, size: rect.width } : { from: rect.y, size: rect.height }

const linesOf = ({ from, size }: Span) => [from, from + size / 2, from + size]

function targets(axis: 'x' | 'y', { page, others }: Surroundings): readonly number[] {
  const whole = { from: 0, size: axis === 'x' ? page.width : page.height }
  return [whole, ...others.map(along(axis))].flatMap(linesOf)
}

/** The nearest line within reach of any of these places. */
function nearest(places: readonly number[], lines: readonly number[], reach: number) {
  let found: { readonly line: number; readonly by: number } | null = null
  for (const place of places)
    for (const line of lines) {
      const by = line - place
      if (Math.abs(by) < reach && (found === null || Math.abs(by) < Math.abs(found.by))) found = { line, by }
    }
  return found
}

const onGrid = (value: number, grid: number) => (grid > 0 ? Math.round(value / grid) * grid : value)
const within = (value: number, low: number, high: number) => Math.min(Math.max(value, low), Math.max(low, high))
/** To a hundredth of a millimetre: what a file should hold. */
export const tidy = (value: number) => Math.round(value * 100) / 100

/** @param wanted where the pointer has moved it, of its size */
export function moved(wanted: Rect, around: Surroundings): Placed {
  const guides: Guide[] = []
  const place = (axis: 'x' | 'y'): number => {
    const { from, size } = along(axis)(wanted)
    const most = (axis === 'x' ? around.page.width : around.page.height) - size
    const found = nearest(linesOf({ from, size }), targets(axis, around), around.reach)
    const at = within(found ? from + found.by : onGrid(from, around.grid), 0, most)
    if (found && Math.abs(at - from - found.by) < 1e-6) guides.push({ axis, at: tidy(found.line) })
    return tidy(at)
  }
  return { rect: { ...wanted, x: place('x'), y: place('y') }, guides }
}

/** Which of its edges are held: −1 the left or upper one, 1 the right or lower one, 0 neither. */
export interface Handle {
  readonly x: -1 | 0 | 1
  readonly y: -1 | 0 | 1
}

/** @param wanted with its held edges where the pointer has moved them */
export function resized(wanted: Rect, handle: Handle, around: Surroundings): Placed {
  const guides: Guide[] = []
  const span = (axis: 'x' | 'y'): Span => {
    const { from, size } = along(axis)(wanted)
    const held = handle[axis]
    if (held === 0) return { from, size }
    const end = from + size
    const edge = held < 0 ? from : end
    const found = nearest([edge], targets(axis, around), around.reach)
    const asked = found ? found.line : onGrid(edge, around.grid)
    const most = axis === 'x' ? around.page.width : around.page.height
    const at = held < 0 ? within(asked, 0, end - leastSide) : within(asked, from + leastSide, most)
    if (found && Math.abs(at - found.line) < 1e-6) guides.push({ axis, at: tidy(found.line) })
    return held < 0 ? { from: at, size: end - at } : { from, size: at - from }
  }
  const [x, y] = [span('x'), span('y')]
  return {
    rect: { x: tidy(x.from), y: tidy(y.from), width: tidy(x.size), height: tidy(y.size) },
    guides,
  }
}
