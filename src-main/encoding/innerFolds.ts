import { HeschlError } from '../errors.ts'
import { contiguousFolds } from './folds.ts'
import type { Fold } from './folds.ts'
import { trainingSize } from './split.ts'

/**
 * How a target's alpha is chosen on an outer fold's training samples; `runs`: lengths of the runs, in order, each held out
 * in turn as far as the outer fold leaves it.
 */
export type Selection = 'leave-one-out' | { readonly kfold: number } | { readonly runs: readonly number[] }

/**
 * The stretches of samples that one inner fold holds out: one, or two around the outer fold's own. They are contiguous
 * among the outer fold's training samples.
 */
export type InnerFold = readonly Fold[]

/** Held-out samples of an inner fold. */
export const innerSize = (pieces: InnerFold): number => pieces.reduce((sum, { start, end }) => sum + end - start, 0)

/**
 * The inner folds of every outer fold; none for leave-one-out.
 * @throws HeschlError OPTION_INVALID where there are too few samples, or runs, to train on
 */
export function innerFoldsOf(
  selection: Selection,
  folds: readonly Fold[],
  nSamples: number,
): readonly (readonly InnerFold[])[] | undefined {
  if (selection === 'leave-one-out') return undefined
  if ('kfold' in selection) return folds.map((fold) => innerFolds(fold, nSamples, selection.kfold))
  return folds.map((fold) => runsLeft(fold, nSamples, selection.runs))
}

/** What an outer fold leaves of each run, an inner fold a run; scikit-learn's LeaveOneGroupOut. */
function runsLeft(outer: Fold, nSamples: number, runs: readonly number[]): readonly InnerFold[] {
  const total = runs.reduce((sum, length) => sum + length, 0)
  if (total !== nSamples) {
    throw new HeschlError('OPTION_INVALID', 'The lengths of the runs do not add up to the samples', {
      expected: `${nSamples} samples`,
      found: `${total} in ${runs.length} runs`,
      remedy: 'Give the number of samples of each run, in order',
    })
  }
  let end = 0
  const left = runs.flatMap((length) => {
    const start = end
    end += length
    const before = { start, end: Math.min(end, outer.start) }
    const after = { start: Math.max(start, outer.end), end }
    const pieces = [before, after].filter((piece) => piece.end > piece.start)
    return pieces.length > 0 ? [pieces] : []
  })
  const nTraining = trainingSize(outer, nSamples)
  if (left.length >= 2 && left.every((run) => nTraining - innerSize(run) >= 2)) return left
  throw new HeschlError('OPTION_INVALID', 'Alphas cannot be chosen by leaving out runs', {
    expected: 'at least 2 runs in every training fold, with at least 2 samples beside each',
    found: `${left.length} of ${runs.length} runs beside the samples held out`,
    remedy: 'Hold out fewer runs a fold, or choose alphas by leave-one-out or inner folds',
  })
}

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
