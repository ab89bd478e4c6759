/**
 * Dynamic time warping that asks for few exact distances: the cheapest path is the same as of `warpedCost`, and so is
 * every bit of its cost.
 *
 * Given a lower bound of every distance, the bounds' own cheapest path is found and costed exactly: T. A cell through
 * which even the bounds' cheapest path costs more than T is on no cheapest path; what is left, for bounds that are nearly
 * the distances themselves, is little more than the path. Exact costs are then accumulated over those cells alone.
 */
import { pageBytes, WebAssembly } from '../linalg/wasmCode.ts'
import type { DtwVariant } from './dtw.ts'
import { rowAccumulator } from './warpModule.ts'

/** What the rounding of sums may add up to, relative to them. */
const slack = 1 + 1e-9

export class BoundedWarp {
  readonly #memory = new WebAssembly.Memory({ initial: 1 })
  readonly #accumulateRow = rowAccumulator(this.#memory)
  /** [rows, cols], and [rows + 1, cols + 1] accumulated from the start, Infinity beside the start; both in memory. */
  #costs = new Float64Array(0)
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
    this.#accumulate(bound, rows, cols, published)
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
    for (let i = rows - 1, right = cols - 1, leftmost = right; i >= 0; i--) {
      let [seeds, nextRight, nextLeftmost] = [false, -1, 0]
      for (let j = right; j >= leftmost || (j >= 0 && after[i * cols + j] < Infinity); j--) {
        const rest = after[i * cols + j]
        if (sums[(i + 1) * width + j + 1] + rest > most) continue
        this.#cells[count++] = i * cols + j
        const through = rest + bound[i * cols + j]
        if (nextRight < 0) nextRight = published && j === cols - 1 ? j - 1 : j
        seeds = true
        nextLeftmost = j > 0 ? j - 1 : 0
        if (i > 0) {
          if (j > 0) lower(after, (i - 1) * cols + j - 1, through)
          if (!(published && j === cols - 1)) lower(after, (i - 1) * cols + j, through)
        }
        if (j > 0 && !(published && i === rows - 1)) lower(after, i * cols + j - 1, through)
      }
      if (!seeds) break
      right = nextRight
      leftmost = nextLeftmost
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

  /** Sums up bounds along the cheapest paths to each cell. */
  #accumulate(bound: Float64Array, rows: number, cols: number, published: boolean): void {
    const [costs, sums, width] = [this.#costs, this.#bounds, cols + 1]
    costs.set(bound.subarray(0, rows * cols))
    sums.fill(Infinity, 0, width)
    sums[0] = 0
    // What a path cannot come by on the last column and row is left out of the least of three there.
    const inner = published ? cols - 1 : cols
    for (let i = 0; i < rows; i++) {
      const above = i * width
      const below = above + width
      sums[below] = Infinity
      if (published && i === rows - 1) {
        for (let j = 0; j < cols; j++) {
          const up = j === cols - 1 ? Infinity : sums[above + j + 1]
          sums[below + j + 1] = costs[i * cols + j] + Math.min(sums[above + j], up)
        }
        continue
      }
      if (inner > 0)
        this.#accumulateRow(8 * i * cols, sums.byteOffset + 8 * above, sums.byteOffset + 8 * below, 8 * inner)
      if (published)
        sums[below + cols] = costs[i * cols + cols - 1] + Math.min(sums[above + cols - 1], sums[below + cols - 1])
    }
  }

  #make(rows: number, cols: number): void {
    const cells = (rows + 1) * (cols + 1)
    if (this.#bounds.length >= cells) return
    const pages = Math.ceil((32 * cells) / pageBytes) - this.#memory.buffer.byteLength / pageBytes
    if (pages > 0) this.#memory.grow(pages)
    this.#costs = new Float64Array(this.#memory.buffer, 0, 2 * cells)
    this.#bounds = new Float64Array(this.#memory.buffer, 16 * cells, 2 * cells)
    this.#exact = new Float64Array(2 * cells)
    this.#after = new Float64Array(2 * cells)
    this.#known = new Float64Array(2 * cells)
    this.#cells = new Int32Array(2 * cells)
  }
}

function lower(values: Float64Array, at: number, value: number): void {
  if (value < values[at]) values[at] = value
}
