import { zeros32, type Matrix32 } from '../../linalg/matrix.ts'
import type { Fold } from '../folds.ts'
import type { FoldScaling } from './options.ts'

/**
 * All samples by what a fold's training samples say: less their mean, over their SD (population), as scikit-learn's
 * StandardScaler fitted there and applied to the rest. A column that is constant there is centred alone.
 *
 * @param x [n_samples, n_columns]
 * @returns [n_samples, n_columns]; a column with a training sample that is not finite is NaN
 */
export function scaleByTraining(x: Matrix32, fold: Fold, how: FoldScaling): Matrix32 {
  if (how === 'none') return x
  const { rows, cols, data } = x
  const mean = new Float64Array(cols)
  const square = new Float64Array(cols)
  const training = (each: (start: number) => void) => {
    for (let i = 0; i < rows; i++) if (i < fold.start || i >= fold.end) each(i * cols)
  }
  const count = rows - (fold.end - fold.start)
  training((start) => {
    for (let j = 0; j < cols; j++) mean[j] += data[start + j]
  })
  for (let j = 0; j < cols; j++) mean[j] /= count
  training((start) => {
    for (let j = 0; j < cols; j++) square[j] += (data[start + j] - mean[j]) ** 2
  })
  const scale = square.map((sum, j) => {
    const variance = sum / count
    if (how === 'centre' || isConstant(variance, mean[j], count)) return 1
    return Math.sqrt(variance)
  })
  const out = zeros32(rows, cols)
  for (let i = 0, k = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++, k++) out.data[k] = (data[k] - mean[j]) / scale[j]
  }
  return out
}

/** A variance that is rounding error. Source: scikit-learn, sklearn/preprocessing/_data.py, `_is_constant_feature`. */
function isConstant(variance: number, mean: number, count: number): boolean {
  return variance <= count * Number.EPSILON * variance + (count * mean * Number.EPSILON) ** 2
}
