import { HeschlError } from '../errors.ts'
import type { Matrix, Matrix32, Matrix64 } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'

/** Training samples of a fold: all that is not held out, as up to two stretches of the recording. */
export const trainingSize = (fold: Fold, nSamples: number): number => nSamples - (fold.end - fold.start)

/** @throws HeschlError OPTION_INVALID where a fold lies outside the samples or leaves fewer than 3 to train on */
export function checkFolds(folds: readonly Fold[], nSamples: number): void {
  for (const [index, { start, end }] of folds.entries()) {
    const whole = Number.isInteger(start) && Number.isInteger(end)
    if (!whole || start < 0 || end <= start || end > nSamples || nSamples - (end - start) < 3) {
      throw new HeschlError('OPTION_INVALID', 'A fold does not fit the samples', {
        expected: `held-out samples within 0 to ${nSamples}, and at least 3 to train on`,
        found: `${start} to ${end} in fold ${index + 1}`,
        remedy: 'Lower `encoding.folds`, or bring longer recordings',
      })
    }
  }
  if (folds.length === 0) throw new HeschlError('OPTION_INVALID', 'There is no fold to score')
}

/** Copies the training samples of a row. */
export function copyTraining(row: Float32Array | Float64Array, fold: Fold, out: Float32Array | Float64Array): void {
  out.set(row.subarray(0, fold.start))
  out.set(row.subarray(fold.end), fold.start)
}

/** Row `i` of a matrix, as a view. */
export function rowOf(matrix: Matrix32, i: number): Float32Array
export function rowOf(matrix: Matrix64, i: number): Float64Array
export function rowOf(matrix: Matrix, i: number): Float32Array | Float64Array
export function rowOf(matrix: Matrix, i: number): Float32Array | Float64Array {
  return matrix.data.subarray(i * matrix.cols, (i + 1) * matrix.cols)
}
