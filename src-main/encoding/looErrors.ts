import type { Matrix } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'

type Values = Float32Array | Float64Array

/**
 * Mean of ((c_T + Mᵀc_F + mean) w)² over a fold's training samples T, where mean = sum(c_F) / n_T; float64.
 * @param c [n_samples, batch]
 * @param spread [training, batch], Mᵀc_F
 * @param weights [training]
 * @param out [batch]
 */
export function looErrors(c: Matrix, spread: Matrix, weights: Float64Array, fold: Fold, out: Float64Array): void {
  const mean = new Float64Array(c.cols)
  for (let i = fold.start; i < fold.end; i++) {
    for (let t = 0; t < c.cols; t++) mean[t] += c.data[i * c.cols + t]
  }
  for (let t = 0; t < c.cols; t++) mean[t] /= weights.length
  out.fill(0)
  addSquares(c.data, 0, spread.data, weights, 0, fold.start, mean, out)
  addSquares(c.data, fold.end - fold.start, spread.data, weights, fold.start, weights.length, mean, out)
  for (let t = 0; t < out.length; t++) out[t] /= weights.length
}

/** Adds the squares of samples first to last of those in `spread`; in `c`, which has all samples, `skipped` later. */
function addSquares(
  c: Values,
  skipped: number,
  spread: Values,
  weights: Float64Array,
  first: number,
  last: number,
  mean: Float64Array,
  out: Float64Array,
): void {
  const batch = mean.length
  let i = first
  // Four samples a pass: their sum is loaded and stored once.
  for (; i + 3 < last; i += 4) {
    const [w0, w1, w2, w3] = [weights[i], weights[i + 1], weights[i + 2], weights[i + 3]]
    let s = i * batch
    let k = (i + skipped) * batch
    for (let t = 0; t < batch; t++, s++, k++) {
      const shift = mean[t]
      const e0 = (c[k] + spread[s] + shift) * w0
      const e1 = (c[k + batch] + spread[s + batch] + shift) * w1
      const e2 = (c[k + 2 * batch] + spread[s + 2 * batch] + shift) * w2
      const e3 = (c[k + 3 * batch] + spread[s + 3 * batch] + shift) * w3
      out[t] += e0 * e0 + e1 * e1 + (e2 * e2 + e3 * e3)
    }
  }
  for (; i < last; i++) {
    for (let t = 0; t < batch; t++) {
      out[t] += ((c[(i + skipped) * batch + t] + spread[i * batch + t] + mean[t]) * weights[i]) ** 2
    }
  }
}
