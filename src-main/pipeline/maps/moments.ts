/** Mean and spread over subjects at every target, added up subject by subject, so that their maps need not fit in memory. */

/** What hundreds of subjects' maps come to. */
export interface Moments {
  /** uint16 [n_targets]: subjects with a value there. */
  readonly count: Uint16Array
  /** [n_targets], NaN where no subject has a value. */
  readonly mean: Float32Array | Float64Array
  /** [n_targets]: summed squared deviations from the mean. */
  readonly squares: Float32Array | Float64Array
}

/** Welford (1962): stable however far the mean is from 0, and exactly 0 spread for values that are all the same. */
export class MomentsSum {
  readonly #count: Uint16Array
  readonly #mean: Float64Array
  readonly #squares: Float64Array
  readonly #sum: Float64Array

  constructor(targets: number) {
    this.#sum = new Float64Array(targets)
    this.#count = new Uint16Array(targets)
    this.#mean = new Float64Array(targets)
    this.#squares = new Float64Array(targets)
  }

  /**
   * @param values [n_targets] of one subject; what is not finite is left out
   * @returns their mean over targets; NaN where none is finite
   */
  add(values: Float32Array | Float64Array): number {
    const [count, mean, squares, sum] = [this.#count, this.#mean, this.#squares, this.#sum]
    let total = 0
    let finite = 0
    for (let v = 0; v < count.length; v++) {
      const value = values[v]
      // NaN of what is not finite: quicker than to ask, for hundreds of subjects' maps.
      if (value - value !== 0) continue
      total += value
      finite++
      sum[v] += value
      const n = (count[v] += 1)
      const before = mean[v]
      const off = value - before
      const after = before + off / n
      mean[v] = after
      squares[v] += off * (value - after)
    }
    return total / finite
  }

  /** float32 [n_targets]: sums over counts, NaN where no subject has a value. */
  average(): Float32Array {
    return Float32Array.from(this.#sum, (value, v) => (this.#count[v] > 0 ? value / this.#count[v] : NaN))
  }

  finish(): Moments {
    return {
      count: this.#count,
      mean: this.#mean.map((value, v) => (this.#count[v] > 0 ? value : NaN)),
      squares: this.#squares,
    }
  }
}

/**
 * The mean of a subject's maps (of several seeds, or models), target by target over those that have a value.
 * @param maps at least one, each [n_targets]
 */
export function meanOfMaps(maps: readonly Float32Array[]): Float32Array | Float64Array {
  if (maps.length === 1) return maps[0]
  const sum = new Float64Array(maps[0].length)
  const count = new Uint16Array(sum.length)
  for (const map of maps)
    for (let v = 0; v < sum.length; v++)
      if (!Number.isNaN(map[v])) {
        sum[v] += map[v]
        count[v] += 1
      }
  return sum.map((value, v) => (count[v] > 0 ? value / count[v] : NaN))
}
