import { HeschlError } from '../errors.ts'

/**
 * Mean of the folds' scores, a value a target.
 * @param r [folds, n_targets]
 * @returns [n_targets]; NaN where any fold's score is
 */
export function meanOverFolds(r: Float32Array, folds: number): Float32Array {
  if (!Number.isInteger(folds) || folds < 1 || r.length % folds !== 0) {
    throw new HeschlError('SHAPE_MISMATCH', 'The scores do not divide into folds', {
      expected: `a multiple of ${folds} values`,
      found: `${r.length} values`,
    })
  }
  const targets = r.length / folds
  const out = new Float32Array(targets)
  for (let j = 0; j < targets; j++) {
    let sum = 0
    for (let fold = 0; fold < folds; fold++) sum += r[fold * targets + j]
    out[j] = sum / folds
  }
  return out
}

export interface Summary {
  /** Mean of the finite values; NaN where there is none. */
  readonly mean: number
  /** [regions]: the mean of each region's finite values; NaN for a region that has none. */
  readonly byRegion: readonly number[]
}

/**
 * @param map [n_targets]; values that are not finite are left out
 * @param labels [n_targets], region of each target
 * @param nRegions number of regions; needed with `labels`
 */
export function summarize(map: Float32Array, labels?: Uint16Array, nRegions = 0): Summary {
  if (labels && labels.length !== map.length) {
    throw new HeschlError('SHAPE_MISMATCH', 'A map and its parcellation differ in length', {
      expected: `${map.length} labels`,
      found: `${labels.length} labels`,
    })
  }
  let sum = 0
  let count = 0
  const sums = new Float64Array(nRegions)
  const counts = new Uint32Array(nRegions)
  for (let i = 0; i < map.length; i++) {
    const value = map[i]
    if (!Number.isFinite(value)) continue
    sum += value
    count++
    const region = labels?.[i]
    if (region === undefined || region >= nRegions) continue
    sums[region] += value
    counts[region]++
  }
  return { mean: sum / count, byRegion: Array.from(sums, (total, region) => total / counts[region]) }
}

/**
 * Percentiles of the finite values, linearly interpolated (numpy's default).
 * @param percents each 0–100
 * @returns one value a percentile; NaN where no value is finite
 */
export function percentiles(map: Float32Array, percents: readonly number[]): number[] {
  const ranks = new Ranks(map)
  return percents.map((percent) => {
    if (ranks.count === 0) return NaN
    const position = (Math.min(100, Math.max(0, percent)) / 100) * (ranks.count - 1)
    const below = Math.floor(position)
    const low = ranks.at(below)
    const high = ranks.at(Math.min(below + 1, ranks.count - 1))
    return low + (high - low) * (position - below)
  })
}

const bins = 4096

/** Finite values by their rank, for a few ranks: of all values only those are put in order that share a bin with one. */
class Ranks {
  readonly count: number
  readonly #values: Float32Array
  /** Of each value: the first 12 bits of its number, in the order of numbers. */
  readonly #binOf: Uint16Array
  readonly #sizes = new Uint32Array(bins)
  readonly #sorted = new Map<number, Float32Array>()

  constructor(map: Float32Array) {
    const values = new Float32Array(map.length)
    let count = 0
    for (let i = 0; i < map.length; i++) if (Number.isFinite(map[i])) values[count++] = map[i]
    this.count = count
    this.#values = values.subarray(0, count)
    const bits = new Uint32Array(values.buffer, 0, count)
    this.#binOf = new Uint16Array(count)
    for (let i = 0; i < count; i++) {
      // The sign first: negative numbers run backwards (IEEE 754).
      const bin = bits[i] >>> 31 === 1 ? ~bits[i] >>> 20 : (bits[i] >>> 20) | (bins >>> 1)
      this.#binOf[i] = bin
      this.#sizes[bin]++
    }
  }

  at(rank: number): number {
    let bin = 0
    let before = 0
    while (before + this.#sizes[bin] <= rank) before += this.#sizes[bin++]
    return this.#bin(bin)[rank - before]
  }

  #bin(bin: number): Float32Array {
    const known = this.#sorted.get(bin)
    if (known) return known
    const own = new Float32Array(this.#sizes[bin])
    let count = 0
    for (let i = 0; i < this.count; i++) if (this.#binOf[i] === bin) own[count++] = this.#values[i]
    this.#sorted.set(bin, own.sort())
    return own
  }
}
