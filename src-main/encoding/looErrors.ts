import { zeros64, type Matrix, type Matrix32, type Matrix64 } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'
import { squareAdder } from './squareAdder.ts'

/**
 * Leave-one-out errors of a batch of targets from products with P and M: for each target and fold the mean of
 * ((c + spread + mean) w)² over training samples, where mean = sum(c_F) / n_T over the held-out ones, 0 without an intercept; float64
 * sums.
 */
export interface LooErrors {
  /** [n_samples, batch], to be filled with P y. */
  readonly c: Matrix
  /** [n_samples, batch], to be filled with Mᵀc_F; what it holds for held-out samples is not read. */
  readonly spread: Matrix
  /**
   * @param weights [n_samples]
   * @param out [folds, batch], of which row `index` is written
   */
  compute(weights: Float64Array, fold: Fold, out: Float64Array, index: number): void
}

/** For products in float32, with the vector units. @param batch a multiple of 4 */
export function looErrors32(nSamples: number, batch: number, intercept = true): LooErrors {
  const matrixBytes = 4 * nSamples * batch
  const bytes = 2 * matrixBytes + 8 * (nSamples + 2 * batch)
  const { buffer, add } = squareAdder(bytes)
  let next = 0
  const take = <T>(
    type: new (buffer: ArrayBuffer, start: number, length: number) => T,
    length: number,
    size: number,
  ) => {
    const view = new type(buffer, next, length)
    next += size * length
    return view
  }
  const c: Matrix32 = { data: take(Float32Array, nSamples * batch, 4), rows: nSamples, cols: batch }
  const spread: Matrix32 = { data: take(Float32Array, nSamples * batch, 4), rows: nSamples, cols: batch }
  const mean = take(Float64Array, batch, 8)
  const sums = take(Float64Array, batch, 8)
  const ownWeights = take(Float64Array, nSamples, 8)
  const addSamples = (first: number, last: number) => {
    const [row, weight] = [4 * batch * first, 8 * first]
    const addresses = [row, matrixBytes + row, ownWeights.byteOffset + weight, mean.byteOffset, sums.byteOffset]
    add(...addresses, last - first, 4 * batch)
  }
  return {
    c,
    spread,
    compute(weights, fold, out, index) {
      ownWeights.set(weights)
      if (intercept) heldOutMean(c, fold, mean)
      sums.fill(0)
      addSamples(0, fold.start)
      addSamples(fold.end, nSamples)
      writeMeans(sums, nSamples, fold, out, index)
    },
  }
}

/** For products in float64. */
export function looErrors64(nSamples: number, batch: number, intercept = true): LooErrors {
  const c: Matrix64 = zeros64(nSamples, batch)
  const spread: Matrix64 = zeros64(nSamples, batch)
  const mean = new Float64Array(batch)
  const sums = new Float64Array(batch)
  return {
    c,
    spread,
    compute(weights, fold, out, index) {
      if (intercept) heldOutMean(c, fold, mean)
      sums.fill(0)
      for (let i = 0; i < nSamples; i++) {
        if (i >= fold.start && i < fold.end) continue
        for (let t = 0, k = i * batch; t < batch; t++, k++) {
          sums[t] += ((c.data[k] + spread.data[k] + mean[t]) * weights[i]) ** 2
        }
      }
      writeMeans(sums, nSamples, fold, out, index)
    },
  }
}

/** sum(c_F) / n_T of each target. */
function heldOutMean({ data, rows, cols }: Matrix, { start, end }: Fold, mean: Float64Array): void {
  mean.fill(0)
  for (let i = start; i < end; i++) for (let t = 0; t < cols; t++) mean[t] += data[i * cols + t]
  for (let t = 0; t < cols; t++) mean[t] /= rows - (end - start)
}

function writeMeans(sums: Float64Array, nSamples: number, fold: Fold, out: Float64Array, index: number): void {
  const nTraining = nSamples - (fold.end - fold.start)
  for (let t = 0; t < sums.length; t++) out[index * sums.length + t] = sums[t] / nTraining
}
