import type { Matrix } from '../linalg/matrix.ts'
import { zeros32, zeros64 } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'
import { heldOutMean } from './looErrors.ts'
import { squareAdder } from './squareAdder.ts'

/** Inner folds' errors of a batch of targets from products with P and M: mean squares a fold, averaged over the folds. */
export interface InnerErrors {
  /** [n_samples, batch], to be filled with c = P y. */
  readonly c: Matrix
  /** [n_samples, batch], of which the first rows are to be filled with c_T + Mᵀc_F, of an outer fold's training samples. */
  readonly training: Matrix
  /** [largest inner fold, batch], of which the first rows are to be filled with R times those of an inner fold. */
  readonly residuals: Matrix
  /** To be called once `c` is filled, before the inner folds of an outer one. */
  readonly begin: (outer: Fold) => void
  /**
   * Adds `share` times the mean squares of an inner fold's residuals to row `index` of `out` [folds, batch].
   * @param constants [inner], R 1
   */
  readonly add: (constants: Float64Array, share: number, out: Float64Array, index: number) => void
}

/**
 * @param most samples of an inner fold
 * @param batch a multiple of 4
 */
export function innerErrors(
  nSamples: number,
  most: number,
  batch: number,
  { float64, intercept }: { readonly float64: boolean; readonly intercept: boolean },
): InnerErrors {
  const zeros = float64 ? zeros64 : zeros32
  const [c, training] = [zeros(nSamples, batch), zeros(nSamples, batch)]
  const squares = float64 ? squares64(most, batch) : squares32(most, batch)
  return {
    ...{ c, training, residuals: squares.residuals },
    begin(outer) {
      if (intercept) heldOutMean(c, outer, squares.mean)
    },
    add(constants, share, out, index) {
      const sums = squares.sum(constants)
      for (let t = 0; t < batch; t++) out[index * batch + t] += (share / constants.length) * sums[t]
    },
  }
}

interface Squares {
  readonly residuals: Matrix
  /** [batch]: what is missing in `training`, of every sample. */
  readonly mean: Float64Array
  /** [batch], valid until the next call. */
  sum(constants: Float64Array): Float64Array
}

function squares64(most: number, batch: number): Squares {
  const residuals = zeros64(most, batch)
  const mean = new Float64Array(batch)
  const sums = new Float64Array(batch)
  return {
    ...{ residuals, mean },
    sum(constants) {
      sums.fill(0)
      for (const [i, constant] of constants.entries())
        for (let t = 0, k = i * batch; t < batch; t++, k++) sums[t] += (residuals.data[k] + mean[t] * constant) ** 2
      return sums
    },
  }
}

/** With the vector units. */
function squares32(most: number, batch: number): Squares {
  const { values, factors, shifts, mean, sums, add } = squareAdder(most, batch)
  factors.fill(1)
  return {
    residuals: { data: values, rows: most, cols: batch },
    mean,
    sum(constants) {
      shifts.set(constants)
      sums.fill(0)
      add(0, constants.length)
      return sums
    },
  }
}
