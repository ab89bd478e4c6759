/**
 * Dynamic time warping that asks for few exact distances: the cheapest path is the same as of `warpedCost`, and so is
 * every bit of its cost.
 *
 * Given a lower bound of every distance, the bounds' own cheapest path is found and costed exactly: T. A cell through
 * which even the bounds' cheapest path costs more than T is on no cheapest path; what is left, for bounds that are nearly
 * the distances themselves, is little more than the path. Exact costs are then accumulated over those cells alone.
 */
import type { DtwVariant } from './dtw.ts'

/** What the rounding of sums may add up to, relative to them. */
const slack = 1 + 1e-9

export class BoundedWarp {
  /** [rows + 1, cols + 1]: accumulated from the start; Infinity beside the start. */
  #bounds = new Float64Array(0)
  #exact = new Float64Array(0)
  /** [rows, cols]: least cost from a cell's end to the end, by bounds; Infinity where none is known to be needed. */
  #after = new Float64Array(0)
  #known = new Float64Array(0)
  #cells = new Int32Array(0)

  /**
   * @param bound [rows, cols], row-major: at most the distances, not below 0 by more than rounding; not NaN
   * @param exactly the distance of a row's and a column's frame
   */
  cost(
    bound: Float64Array,
    rows: number,
    cols: number,
    variant: DtwVariant,
    exactly: (row: number, column: number) => number,
  ): number {
    this.#make(rows, cols)
    const published = variant === 'as-published'
    const [width, size] = [cols + 1, rows * cols]
    const [sums, exact, after, known] = [this.#bounds, this.#exact, this.#after, this.#known]
    accumulate(bound, rows, cols, published, sums)
    if (sums[(rows + 1) * width - 1] === Infinity) return Infinity
    known.fill(NaN, 0, size)
    after.fill(Infinity, 0, size)
    exact.fill(Infinity, 0, (rows + 1) * width)
    exact[0] = 0
    const distance = (i: number, j: number): number => {
      const at = i * cols + j
      let value = known[at]
      if (Number.isNaN(value)) known[at] = value = exactly(i, j)
      return value
    }
    const most = slack * this.#pathCost(rows, cols, published, distance)
    // Backwards over the cells that a path of at most T can come from.
    let count = 0
    after[size - 1] = 0
    for (let i = rows - 1, right = cols - 1; i >= 0; i--) {
      let [seeds, nextRight] = [false, -1]
      for (let j = right; j >= 0; j--) {
        const rest = after[i * cols + j]
        if (sums[(i + 1) * width + j + 1] + rest > most) continue
        this.#cells[count++] = i * cols + j
        const through = rest + bound[i * cols + j]
        if (nextRight < 0) nextRight = published && j === cols - 1 ? j - 1 : j
        seeds = true
        if (i > 0) {
          if (j > 0) lower(after, (i - 1) * cols + j - 1, through)
          if (!(published && j === cols - 1)) lower(after, (i - 1) * cols + j, through)
        }
        if (j > 0 && !(published && i === rows - 1)) lower(after, i * cols + j - 1, through)
      }
      if (!seeds) break
      right = nextRight
    }
    while (count > 0) {
      const at = this.#cells[--count]
      const i = Math.floor(at / cols)
      const j = at - i * cols
      const above = i * width + j
      let least = exact[above]
      if (!(published && j === cols - 1) && exact[above + 1] < least) least = exact[above + 1]!
      if (!(published && i === rows - 1) && exact[above + width] < least) least = exact[above + width]!
      exact[above + width + 1] = distance(i, j) + least
    }
    return exact[(rows + 1) * width - 1]
  }

  /** The exact cost of the bounds' cheapest path. */
  #pathCost(rows: number, cols: number, published: boolean, distance: (row: number, column: number) => number): number {
    const [sums, width] = [this.#bounds, cols + 1]
    let [i, j] = [rows - 1, cols - 1]
    let total = distance(i, j)
    while (i > 0 || j > 0) {
      const above = i * width + j
      const diagonal = sums[above]
      const up = published && j === cols - 1 ? Infinity : sums[above + 1]
      const left = published && i === rows - 1 ? Infinity : sums[above + width]
      if (diagonal <= up && diagonal <= left) {
        i--
        j--
      } else if (up <= left) i--
      else j--
      total += distance(i, j)
    }
    return total
  }

  #make(rows: number, cols: number): void {
    const cells = (rows + 1) * (cols + 1)
    if (this.#bounds.length >= cells) return
    this.#bounds = new Float64Array(2 * cells)
    this.#exact = new Float64Array(2 * cells)
    this.#after = new Float64Array(2 * cells)
    this.#known = new Float64Array(2 * cells)
    this.#cells = new Int32Array(2 * cells)
  }
}

function lower(values: Float64Array, at: number, value: number): void {
  if (value < values[at]) values[at] = value
}

/** @param sums [rows + 1, cols + 1], made: the cost of the cheapest path up to each cell, and Infinity outside */
function accumulate(costs: Float64Array, rows: number, cols: number, published: boolean, sums: Float64Array): void {
  const width = cols + 1
  sums.fill(Infinity, 0, width)
  sums[0] = 0
  for (let i = 0; i < rows; i++) {
    const lastRow = published && i === rows - 1
    const above = i * width
    let left = Infinity
    let corner = sums[above]
    sums[above + width] = Infinity
    for (let j = 0; j < cols; j++) {
      const up = sums[above + j + 1]
      let least = corner
      if (up < least && !(published && j === cols - 1)) least = up
      if (left < least && !lastRow) least = left
      left = costs[i * cols + j] + least
      sums[above + width + j + 1] = left
      corner = up
    }
  }
}
