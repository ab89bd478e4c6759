import { HeschlError } from '../errors.ts'

/** Held-out samples: `start` to `end`, exclusive. */
export interface Fold {
  readonly start: number
  readonly end: number
}

/**
 * Contiguous folds of nearly equal size, the first ones longer by one where they do not divide evenly
 * (scikit-learn's KFold with shuffle=False).
 * @throws HeschlError OPTION_INVALID
 */
export function contiguousFolds(nSamples: number, folds: number): readonly Fold[] {
  if (!Number.isInteger(folds) || folds < 2 || folds > nSamples) {
    throw new HeschlError('OPTION_INVALID', 'The samples cannot be divided into this number of folds', {
      expected: `2 to ${nSamples} folds`,
      found: String(folds),
      remedy: 'Lower `encoding.folds`, or bring longer recordings',
    })
  }
  const size = Math.floor(nSamples / folds)
  const longer = nSamples % folds
  return Array.from({ length: folds }, (_, i) => {
    const start = i * size + Math.min(i, longer)
    return { start, end: start + size + (i < longer ? 1 : 0) }
  })
}
