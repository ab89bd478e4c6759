/** One layer's frames, averaged over the windows that they are in. */
import type { Matrix32 } from '../linalg/matrix.ts'

/** The running mean of one layer's frames over windows that overlap. */
export class OverlapMean {
  /** Sums of frames that later windows may still add to, [frames, units]; the first is frame `frames`. */
  #sums: Float32Array
  /** Number of windows in each of those sums. */
  #counts: Uint32Array
  /** Number of frames that are final. */
  frames = 0
  readonly #units: number
  readonly #nominal: boolean

  /** @param nominal the values are names: the first window's stay */
  constructor(units: number, nominal: boolean) {
    this.#units = units
    this.#nominal = nominal
    this.#sums = new Float32Array(0)
    this.#counts = new Uint32Array(0)
  }

  /**
   * Adds a window that starts at frame `first` and takes over its matrix.
   * @param end frames before this are final
   * @returns the means of frames `first` to `end`
   */
  add(first: number, window: Matrix32, end: number): Matrix32 {
    const units = this.#units
    const { data } = window
    const counts = new Uint32Array(window.rows).fill(1)
    if (this.#nominal) {
      data.set(this.#sums)
      this.#counts = new Uint32Array(0)
    }
    for (let row = 0; row < this.#counts.length; row++) counts[row] += this.#counts[row]
    const rows = end - first
    const shared = this.#counts.length
    // Rows of as many windows go together: the sums are the slowest part of a stream that is not the network's.
    for (let row = 0; row < shared;) {
      const count = row < rows ? counts[row] : 1
      let next = row + 1
      while (next < shared && (next < rows ? counts[next] : 1) === count) next++
      addAndDivide(data, this.#sums, row * units, next * units, count)
      row = next
    }
    this.#sums = data.subarray(rows * units)
    this.#counts = counts.subarray(rows)
    this.frames = end
    return { data: data.subarray(0, rows * units), rows, cols: units }
  }
}

/** to[i] = (to[i] + sums[i]) / count, the sum rounded to float32 before it is divided. */
function addAndDivide(to: Float32Array, sums: Float32Array, from: number, end: number, count: number): void {
  const inverse = 1 / count
  // Of a power of two the inverse is exact, and multiplying is faster.
  if ((count & (count - 1)) === 0) {
    for (let i = from; i < end; i++) to[i] = Math.fround(to[i] + sums[i]) * inverse
  } else {
    for (let i = from; i < end; i++) to[i] = Math.fround(to[i] + sums[i]) / count
  }
}
