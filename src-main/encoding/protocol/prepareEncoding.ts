/**
 * An encoding model from features to responses: what is done to both by what a fold's training samples say, folds, ridge,
 * and how its alphas are chosen, after the published protocols (Millet et al. 2022; the voxelwise modelling tutorials of
 * Dupré la Tour et al. 2022).
 */
import { HeschlError } from '../../errors.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { checkAlphas } from '../alphaGrid.ts'
import type { LaggedRuns } from '../primal/lagged.ts'
import { designShape, writtenOut } from '../primal/prepareSolver.ts'
import type { Watch } from '../score.ts'
import { prepareByFold } from './byFold.ts'
import { arrangeAll, heldOutSets } from './heldOut.ts'
import type { EncodingComputing, EncodingOptions, EncodingProblem } from './options.ts'
import { prepareTogether } from './together.ts'

/**
 * All that depends on X alone, as far as it is worth keeping. One Gram matrix serves all folds where nothing is done to X
 * or Y by what a fold's training samples say (`prepareTogether`); else each fold is a regression of its own
 * (`prepareByFold`), at about `folds` times the cost of preparing, and the same numbers where both apply.
 *
 * @param given [n_samples, n_features]: the runs one after the other, and feature spaces side by side; or the runs and their
 *   lags, which are written out only where they have to be
 * @throws HeschlError OPTION_INVALID, NUMERICAL where a feature is not finite, CANCELLED
 */
export async function prepareEncoding(
  given: Matrix32 | LaggedRuns,
  options: EncodingOptions,
  computing: EncodingComputing,
  watch: Watch = {},
): Promise<EncodingProblem> {
  const [nSamples] = designShape(given)
  const sets = heldOutSets(options.folds, nSamples)
  checkAlphas(options.alphas)
  checkComponents(options)
  const { standardizeX, standardizeY, pcaX, pcaY, intercept } = options
  // Centring the features of a fold again changes nothing.
  const asGiven = standardizeX === 'none' || (standardizeX === 'centre' && intercept)
  const alike = asGiven && standardizeY === 'none' && pcaX === 'none' && pcaY === 'none'
  const arrangement = alike ? arrangeAll(sets, nSamples, options.selection) : undefined
  return arrangement
    ? prepareTogether(given, arrangement, options, computing, watch)
    : prepareByFold(writtenOut(given), sets, options, computing)
}

/** Whether a target's scores depend on the other targets. */
export const isCoupled = ({ alpha, pcaY }: Pick<EncodingOptions, 'alpha' | 'pcaY'>): boolean =>
  alpha === 'shared' || pcaY !== 'none'

function checkComponents({ pcaX, pcaY }: EncodingOptions): void {
  for (const count of [pcaX, pcaY]) {
    if (count === 'none' || (Number.isInteger(count) && count >= 1)) continue
    throw new HeschlError('OPTION_INVALID', 'Principal components cannot be taken', {
      expected: 'at least one component',
      found: String(count),
      remedy: 'Raise the number of components, or take none',
    })
  }
}
