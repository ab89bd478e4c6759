import { HeschlError } from '../errors.ts'
import { contiguousFolds } from './folds.ts'
import type { Fold } from './folds.ts'
import { trainingSize } from './split.ts'

/** How a target's alpha is chosen on an outer fold's training samples. */
export type Selection = 'leave-one-out' | { readonly kfold: number }

/**
 * The stretches of samples that one inner fold holds out: one, or two around the outer fold's own. They are contiguous
 * among the outer fold's training samples.
 */
export type InnerFold = readonly Fold[]

/** Held-out samples of an inner fold. */
export const innerSize = (pieces: InnerFold): number => pieces.reduce((sum, { start, end }) => sum + end - start, 0)

/**
 * K contiguous folds of an outer fold's training samples, as himalaya's `cv=K` (scikit-learn's KFold).
 * @throws HeschlError OPTION_INVALID where there are too few samples to train on
 */
export function innerFolds(outer: Fold, nSamples: number, kfold: number): readonly InnerFold[] {
  const nTraining = trainingSize(outer, nSamples)
  const fit = Number.isInteger(kfold) && kfold >= 2 && nTraining - Math.ceil(nTraining / kfold) >= 2
  if (!fit) {
    throw new HeschlError('OPTION_INVALID', 'The training samples cannot be divided into this number of inner folds', {
      expected: `2 or more inner folds of ${nTraining} samples, with at least 2 left to train on`,
      found: String(kfold),
      remedy: 'Choose fewer inner folds, or alphas by leave-one-out',
    })
  }
  const held = outer.end - outer.start
  return contiguousFolds(nTraining, kfold).map(({ start, end }) => {
    const before = { start, end: Math.min(end, outer.start) }
    const after = { start: Math.max(start, outer.start) + held, end: end + held }
    return [before, after].filter((piece) => piece.end > piece.start)
  })
}
