/** The options of `encode` as several feature spaces are fitted with them. */
import { HeschlError } from '../../errors.ts'
import type { Fold } from '../../encoding/folds.ts'
import { logspace, type RidgeOptions } from '../../encoding/ridge.ts'
import type { ArrayEncoding } from '../../study/arrayEncoding.ts'
import { checkRuns, heldOutOf } from '../encodingModel.ts'
import type { Computing } from '../fits.ts'

/** @throws HeschlError OPTION_INVALID for what is done fold by fold, which spaces told apart are not */
export function ridgeOptions(encoding: ArrayEncoding, samples: number, computing: Computing): RidgeOptions {
  const { runs, alphas, selection } = encoding
  checkSpaces(encoding)
  if (runs !== null) checkRuns(runs, samples)
  return {
    folds: foldsOf(encoding, samples),
    alphas: 'count' in alphas ? logspace(alphas.from, alphas.to, alphas.count) : alphas,
    selection: selection === 'runs' ? { runs: runs! } : selection,
    ...computing,
  }
}

function checkSpaces({ standardizeX, standardizeY, pcaX, pcaY, intercept, alpha, over, folds }: ArrayEncoding): void {
  const refuse = (found: string, expected: string) =>
    new HeschlError('OPTION_INVALID', 'Feature spaces that are told apart are not fitted in this way', {
      expected,
      found,
      remedy: 'Choose otherwise, or fit the spaces side by side with `--solver ridge`',
    })
  if (standardizeX === 'training-fold') throw refuse('standardize-x training-fold', 'per-run, centre or none')
  if (standardizeY === 'training-fold') throw refuse('standardize-y training-fold', 'per-run, robust or none')
  if (pcaX !== 'none') throw refuse(`pca-x ${pcaX}`, 'none')
  if (pcaY !== 'none') throw refuse(`pca-y ${pcaY}`, 'none')
  if (alpha === 'shared') throw refuse('alpha shared', 'per-target')
  if (over === 'concatenated') throw refuse('over concatenated', 'folds')
  // Runs with a mean of 0, held out whole: their mean, which an intercept is, is 0 in every training fold.
  const without = standardizeY === 'per-run' && folds === 'runs'
  if (!intercept && !without) throw refuse('no intercept', 'an intercept, or whole runs with standardize-y per-run')
}

/** Each fold's one stretch. */
function foldsOf({ folds, runs, gap }: ArrayEncoding, samples: number): readonly Fold[] {
  return heldOutOf(folds, samples, runs ?? [samples], gap).map((fold) => {
    if ('start' in fold) return fold
    const sorted = [...new Set(fold)].sort((a, b) => a - b)
    const [start, end] = [sorted[0], sorted.at(-1)! + 1]
    if (end - start === sorted.length) return { start, end }
    throw new HeschlError('OPTION_INVALID', 'Feature spaces that are told apart need folds of one stretch each', {
      expected: 'rows that follow one another',
      found: `${sorted.length} of the rows ${start} to ${end - 1}`,
      remedy: 'Give such folds, or fit the spaces side by side with `--solver ridge`',
    })
  })
}
