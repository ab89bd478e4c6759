import { correlate } from '../linalg/correlation.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'
import type { Prediction, RidgeScores } from './solver.ts'
import { trainingSize } from './split.ts'
import type { TargetRow } from './targets.ts'

/**
 * Pearson's r of held-out samples and row `t` of a prediction; 0 where a side is constant, or would be but for
 * rounding.
 */
export function foldScore(heldOut: Float32Array, { values, resolution }: Prediction, t: number): number {
  const count = heldOut.length
  const start = t * values.cols
  let sum = 0
  for (let i = 0; i < count; i++) sum += values.data[start + i]
  const mean = sum / count
  let square = 0
  for (let i = 0; i < count; i++) square += (values.data[start + i] - mean) ** 2
  if (!(Math.sqrt(square / count) > resolution[t])) return 0
  const r = correlate(heldOut, 0, values.data, start, count)
  return Number.isNaN(r) ? 0 : r
}

/** Where a fold's coefficients of determination and predictions are written. */
interface Kept {
  readonly y: Matrix32
  readonly scores: RidgeScores
  readonly fold: Fold
  readonly index: number
}

/**
 * Writes what is kept of a fitted row, whose predictions lack the mean of its training samples.
 * @param t row of the prediction
 */
export function keepFit(kept: Kept, row: TargetRow, { values }: Prediction, t: number): void {
  const { samples, mean, spread } = row
  const constant = mean + spread * trainingMean(samples, kept.fold)
  keep(kept, row.target, (i) => constant + spread * values.data[t * values.cols + i])
}

/** Writes what is kept where there is nothing to fit: the mean of the training samples is predicted. */
export function keepMeans(y: Matrix32, scores: RidgeScores, folds: readonly Fold[], target: number): void {
  if (!scores.r2 && !scores.predictions) return
  const values = Float64Array.from({ length: y.rows }, (_, i) => y.data[i * y.cols + target])
  for (const [index, fold] of folds.entries()) {
    const mean = trainingMean(values, fold)
    keep({ y, scores, fold, index }, target, () => mean)
  }
}

function keep({ y, scores, fold, index }: Kept, target: number, predicted: (i: number) => number): void {
  const { r2, predictions } = scores
  const { data, cols } = y
  let sum = 0
  for (let i = fold.start; i < fold.end; i++) sum += data[i * cols + target]
  const mean = sum / (fold.end - fold.start)
  let error = 0
  let total = 0
  let varies = false
  for (let i = fold.start; i < fold.end; i++) {
    const value = data[i * cols + target]
    const prediction = predicted(i - fold.start)
    if (predictions) predictions[i * cols + target] = prediction
    error += (value - prediction) ** 2
    total += (value - mean) ** 2
    if (value !== data[fold.start * cols + target]) varies = true
  }
  if (r2) r2[index * cols + target] = varies ? 1 - error / total : 0
}

function trainingMean(values: Float32Array | Float64Array, fold: Fold): number {
  let total = 0
  for (let i = 0; i < fold.start; i++) total += values[i]
  for (let i = fold.end; i < values.length; i++) total += values[i]
  return total / trainingSize(fold, values.length)
}
