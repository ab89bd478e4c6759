/** Parts of Gram matrices and targets, centred on the training samples of a fold. */
import { zeros64, type Matrix32, type Matrix64 } from '../../linalg/matrix.ts'
import { scoredPart, type Fold } from '../folds.ts'
import { rowOf, trainingSize } from '../split.ts'

/** [training, training] of a Gram matrix, doubly centred. */
export function trainingKernel(k: Matrix64, fold: Fold): Matrix64 {
  const rows = trainingSamples(fold, k.rows)
  const out = zeros64(rows.length, rows.length)
  const means = new Float64Array(rows.length)
  for (const [i, row] of rows.entries()) {
    for (const [j, col] of rows.entries()) {
      const value = k.data[row * k.cols + col]
      out.data[i * out.cols + j] = value
      means[i] += value / rows.length
    }
  }
  const grand = means.reduce((sum, mean) => sum + mean, 0) / rows.length
  for (let i = 0; i < out.rows; i++) {
    for (let j = 0; j < out.cols; j++) out.data[i * out.cols + j] += grand - means[i] - means[j]
  }
  return out
}

/** [scored, training] of a Gram matrix of features that are centred on the training samples. */
export function heldOutKernel(k: Matrix64, fold: Fold): Matrix64 {
  const rows = trainingSamples(fold, k.rows)
  const mean = new Float64Array(rows.length)
  for (const row of rows) {
    for (const [j, col] of rows.entries()) mean[j] += k.data[row * k.cols + col] / rows.length
  }
  const scored = scoredPart(fold)
  const out = zeros64(scored.end - scored.start, rows.length)
  for (let i = 0; i < out.rows; i++) {
    const row = rowOf(k, scored.start + i)
    let own = 0
    for (const [j, col] of rows.entries()) {
      out.data[i * out.cols + j] = row[col] - mean[j]
      own += (row[col] - mean[j]) / rows.length
    }
    // A sum of weights that is 0 but for rounding must not count.
    for (let j = 0; j < rows.length; j++) out.data[i * out.cols + j] -= own
  }
  return out
}

/** Indices of the samples that a fold trains on. */
function trainingSamples({ start, end }: Fold, nSamples: number): Int32Array {
  return Int32Array.from({ length: nSamples - (end - start) }, (_, i) => (i < start ? i : i + end - start))
}

/** [training, part] and [scored, part] of some targets, centred on the training samples. */
export function centredTargets(y: Matrix32, part: readonly number[], fold: Fold) {
  const count = trainingSize(fold, y.rows)
  const training = zeros64(count, part.length)
  const scored = scoredPart(fold)
  const heldOut = zeros64(scored.end - scored.start, part.length)
  for (const [t, target] of part.entries()) {
    let mean = 0
    for (let i = 0; i < y.rows; i++) {
      if (i < fold.start || i >= fold.end) mean += y.data[i * y.cols + target] / count
    }
    for (let i = 0; i < y.rows; i++) {
      const value = y.data[i * y.cols + target] - mean
      if (i >= scored.start && i < scored.end) heldOut.data[(i - scored.start) * part.length + t] = value
      else if (i < fold.start || i >= fold.end)
        training.data[(i < fold.start ? i : i - (fold.end - fold.start)) * part.length + t] = value
    }
  }
  return { training, heldOut }
}
