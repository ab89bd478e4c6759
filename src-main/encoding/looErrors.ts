import { zeros32, zeros64, type Matrix } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'
import { squareAdder } from './squareAdder.ts'

/**
 * Leave-one-out errors of a batch of targets from products with P and M: for each target and fold the mean of
 * ((spread + mean) w)² over training samples, where mean = sum(c_F) / n_T over the held-out ones, 0 without an intercept;
 * float64 sums.
 */
export interface LooErrors {
  /** [n_samples, batch], to be filled with c = P y. */
  readonly c: Matrix
  /** [n_samples, batch], to be filled with c + Mᵀc_F; what it holds for held-out samples is not read. */
  readonly spread: Matrix
  /**
   * @param weights [n_samples]
   * @param out [folds, batch], of which row `index` is written
   */
  readonly compute: (weights: Float64Array, fold: Fold, out: Float64Array, index: number) => void
}

/** For products in float32, with the vector units. @param batch a multiple of 4 */
export function looErrors32(nSamples: number, batch: number, intercept = true): LooErrors {
  const { values, factors, shifts, mean, sums, add } = squareAdder(nSamples, batch)
  const c = zeros32(nSamples, batch)
  return {
    c,
    spread: { data: values, rows: nSamples, cols: batch },
    compute(weights, fold, out, index) {
      factors.set(weights)
      shifts.set(weights)
      if (intercept) heldOutMean(c, fold, mean)
      sums.fill(0)
      add(0, fold.start)
      add(fold.end, nSamples)
      writeMeans(sums, nSamples, fold, out, index)
    },
  }
}

/** For products in float64. */
export function looErrors64(nSamples: number, batch: number, intercept = true): LooErrors {
  const [c, spread] = [zeros64(nSamples, batch), zeros64(nSamples, batch)]
  const mean = new Float64Array(batch)
  const sums = new Float64Array(batch)
  return {
    ...{ c, spread },
    compute(weights, fold, out, index) {
      if (intercept) heldOutMean(c, fold, mean)
      sums.fill(0)
      for (let i = 0; i < nSamples; i++) {
        if (i >= fold.start && i < fold.end) continue
        for (let t = 0, k = i * batch; t < batch; t++, k++) sums[t] += ((spread.data[k] + mean[t]) * weights[i]) ** 2
      }
      writeMeans(sums, nSamples, fold, out, index)
    },
  }
}

/** sum(c_F) / n_T of each target. */
export function heldOutMean({ data, rows, cols }: Matrix, { start, end }: Fold, mean: Float64Array): void {
  mean.fill(0)
  for (let i = start; i < end; i++) for (let t = 0; t < cols; t++) mean[t] += data[i * cols + t]
  for (let t = 0; t < cols; t++) mean[t] /= rows - (end - start)
}

function writeMeans(sums: Float64Array, nSamples: number, fold: Fold, out: Float64Array, index: number): void {
  const nTraining = nSamples - (fold.end - fold.start)
  for (let t = 0; t < sums.length; t++) out[index * sums.length + t] = sums[t] / nTraining
}
