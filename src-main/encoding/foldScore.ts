import { correlate } from '../linalg/correlation.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { scoredPart, type Fold } from './folds.ts'
import type { PreparedProblem } from './solutions.ts'
import { momentCount, type Prediction, type RidgeScores } from './solver.ts'
import { trainingSize } from './split.ts'
import type { TargetRow } from './targets.ts'

/**
 * Pearson's r of scored samples and row `t` of a prediction; 0 where a side is constant, or would be but for rounding.
 * @param first column of the prediction's first scored sample
 */
export function foldScore(heldOut: Float32Array, { values, resolution }: Prediction, t: number, first: number): number {
  const count = heldOut.length
  const start = t * values.cols + first
  let sum = 0
  for (let i = 0; i < count; i++) sum += values.data[start + i]
  const mean = sum / count
  let square = 0
  for (let i = 0; i < count; i++) square += (values.data[start + i] - mean) ** 2
  if (!(Math.sqrt(square / count) > resolution[t])) return 0
  const r = correlate(heldOut, 0, values.data, start, count)
  return Number.isNaN(r) ? 0 : r
}

/** Where what is kept of a fold is written. */
interface Kept {
  readonly y: Matrix32
  readonly scores: RidgeScores
  readonly fold: Fold
  readonly index: number
}

/**
 * Writes what is kept of a fitted row, whose predictions lack the mean of its training samples.
 * @param t row of the prediction
 * @param intercept without one there is no mean to add
 */
export function keepFit(kept: Kept, row: TargetRow, { values }: Prediction, t: number, intercept: boolean): void {
  const { samples, mean, spread } = row
  const constant = intercept ? mean + spread * trainingMean(samples, kept.fold) : 0
  const first = t * values.cols + scoredPart(kept.fold).start - kept.fold.start
  keepPredicted(kept, row.target, (i) => constant + spread * values.data[first + i])
}

/** Writes what is kept where there is nothing to fit: the mean of the training samples is predicted, or 0. */
export function keepMeans(
  y: Matrix32,
  scores: RidgeScores,
  { folds, intercept }: Pick<PreparedProblem, 'folds' | 'intercept'>,
  target: number,
): void {
  if (!keeps(scores)) return
  const values = Float64Array.from({ length: y.rows }, (_, i) => y.data[i * y.cols + target])
  for (const [index, fold] of folds.entries()) {
    const mean = intercept ? trainingMean(values, fold) : 0
    keepPredicted({ y, scores, fold, index }, target, () => mean)
  }
}

/** Whether anything is kept beside r and alpha that predictions are needed for. */
export const keeps = ({ r2, predictions, moments }: RidgeScores): boolean =>
  r2 !== undefined || predictions !== undefined || moments !== undefined

/**
 * Writes what is kept of a target's predictions.
 * @param predicted of the fold's i-th scored sample
 */
export function keepPredicted(
  { y, scores, fold: whole, index }: Kept,
  target: number,
  predicted: (i: number) => number,
): void {
  const fold = scoredPart(whole)
  const { r2, predictions, moments } = scores
  const { data, cols } = y
  let sum = 0
  for (let i = fold.start; i < fold.end; i++) sum += data[i * cols + target]
  const mean = sum / (fold.end - fold.start)
  let meanPredicted = 0
  if (moments) for (let i = fold.start; i < fold.end; i++) meanPredicted += predicted(i - fold.start)
  meanPredicted /= fold.end - fold.start
  let [square, product] = [0, 0]
  let error = 0
  let total = 0
  let varies = false
  for (let i = fold.start; i < fold.end; i++) {
    const value = data[i * cols + target]
    const prediction = predicted(i - fold.start)
    if (predictions) predictions[i * cols + target] = prediction
    error += (value - prediction) ** 2
    total += (value - mean) ** 2
    square += (prediction - meanPredicted) ** 2
    product += (value - mean) * (prediction - meanPredicted)
    if (value !== data[fold.start * cols + target]) varies = true
  }
  if (r2) r2[index * cols + target] = varies ? 1 - error / total : 0
  moments?.set([mean, meanPredicted, total, square, product], momentCount * (index * cols + target))
}

function trainingMean(values: Float32Array | Float64Array, fold: Fold): number {
  let total = 0
  for (let i = 0; i < fold.start; i++) total += values[i]
  for (let i = fold.end; i < values.length; i++) total += values[i]
  return total / trainingSize(fold, values.length)
}
