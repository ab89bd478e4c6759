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
  const values = map.filter((value) => Number.isFinite(value)).sort()
  return percents.map((percent) => {
    if (values.length === 0) return NaN
    const position = (Math.min(100, Math.max(0, percent)) / 100) * (values.length - 1)
    const below = Math.floor(position)
    const low = values[below]
    const high = values[Math.min(below + 1, values.length - 1)]
    return low + (high - low) * (position - below)
  })
}
