import type { Matrix32 } from '../linalg/matrix.ts'

/**
 * Mean and SD of every unit over frames that arrive a block at a time. Sums are float64 and of what differs from the first
 * frame, so that a unit far from 0 keeps its variation.
 */
export class UnitMoments {
  readonly #first: Float64Array
  readonly #sums: Float64Array
  readonly #squares: Float64Array
  #frames = 0

  constructor(units: number) {
    this.#first = new Float64Array(units)
    this.#sums = new Float64Array(units)
    this.#squares = new Float64Array(units)
  }

  /** @param block [frames, units] */
  add({ data, rows, cols }: Matrix32): void {
    if (this.#frames === 0 && rows > 0) this.#first.set(data.subarray(0, cols))
    for (let row = 0; row < rows; row++) {
      for (let u = 0; u < cols; u++) {
        const difference = data[row * cols + u] - this.#first[u]
        this.#sums[u] += difference
        this.#squares[u] += difference * difference
      }
    }
    this.#frames += rows
  }

  mean(unit: number): number {
    return this.#first[unit] + this.#sums[unit] / this.#frames
  }

  /** As numpy's std; 0 for a unit that never changes. */
  deviation(unit: number): number {
    const shift = this.#sums[unit] / this.#frames
    return Math.sqrt(Math.max(0, this.#squares[unit] / this.#frames - shift * shift))
  }
}
