/**
 * An encoding model from features to responses: what is done to both by what a fold's training samples say, folds, ridge,
 * and how its alphas are chosen, after the published protocols (Millet et al. 2022; the voxelwise modelling tutorials of
 * Dupré la Tour et al. 2022).
 */
import { HeschlError } from '../../errors.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { checkAlphas } from '../alphaGrid.ts'
import type { FeatureLevels } from '../levels.ts'
import type { LaggedRuns } from '../primal/lagged.ts'
import { primalIsCheaper } from '../primal/primal.ts'
import { designShape, writtenOut } from '../primal/prepareSolver.ts'
import type { Watch } from '../score.ts'
import { prepareByFold } from './byFold.ts'
import { arrangeAll, heldOutSets } from './heldOut.ts'
import type { EncodingComputing, EncodingOptions, EncodingProblem } from './options.ts'
import { prepareLevels, prepareTogether } from './together.ts'

/**
 * All that depends on X alone, as far as it is worth keeping. One Gram matrix serves all folds where nothing is done to X,
 * and Y is not scaled, by what a fold's training samples say (`prepareTogether`); else each fold is a regression of its own
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
  const { sets, arrangement } = arrange(nSamples, options)
  return arrangement
    ? prepareTogether(given, { sets, arrangement }, options, computing, watch)
    : prepareByFold(writtenOut(given), sets, options, computing)
}

/**
 * The encoding model of layers that are fitted together, one more at a time, from the sum of their Gram matrices; but for
 * rounding what `prepareEncoding` gives for all of them side by side.
 *
 * @param levels asked for the layers that are added up, where the model can be computed so
 * @param nFeatures of all of them together
 * @returns undefined where it needs the features themselves
 * @throws HeschlError as `prepareEncoding`
 */
export async function prepareCumulative(
  levels: () => Promise<FeatureLevels>,
  [nSamples, nFeatures]: readonly [nSamples: number, nFeatures: number],
  options: EncodingOptions,
  computing: EncodingComputing,
  watch: Watch = {},
): Promise<EncodingProblem | undefined> {
  const { sets, arrangement } = arrange(nSamples, options)
  if (options.weights === true || primalIsCheaper(nSamples, nFeatures)) return undefined
  if (!arrangement || arrangement.order !== undefined) return undefined
  return prepareLevels(await levels(), { sets, arrangement }, options, computing, watch)
}

/** What folds hold out, and where it lies if one Gram matrix serves all folds. */
function arrange(nSamples: number, options: EncodingOptions) {
  const sets = heldOutSets(options.folds, nSamples)
  checkAlphas(options.alphas)
  checkComponents(options)
  const { standardizeX, standardizeY, pcaX, intercept } = options
  // Centring the features of a fold again changes nothing.
  const asGiven = standardizeX === 'none' || (standardizeX === 'centre' && intercept)
  const alike = asGiven && standardizeY === 'none' && pcaX === 'none'
  return { sets, arrangement: alike ? arrangeAll(sets, nSamples, options.selection) : undefined }
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
