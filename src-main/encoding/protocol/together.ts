import { pauser, type Watch } from '../score.ts'
import { scoredPart } from '../folds.ts'
import type { LaggedRuns } from '../primal/lagged.ts'
import { prepareSolver, writtenOut } from '../primal/prepareSolver.ts'
import type { FeatureLevels } from '../levels.ts'
import type { RidgeProblem } from '../ridge.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { scaleByTraining } from './foldScaling.ts'
import type { Arrangement } from './heldOut.ts'
import type { EncodingComputing, EncodingOptions, EncodingProblem } from './options.ts'
import { restoreRows, takeRows } from './rows.ts'
import { scoreRidge } from './sharedAlpha.ts'
import { weightsOf } from './weights.ts'

/** All folds from one matrix of products: nothing is done to X or Y by what a fold's training samples say. */
export async function prepareTogether(
  given: Matrix32 | LaggedRuns,
  arrangement: Arrangement,
  options: EncodingOptions,
  computing: EncodingComputing,
  watch: Watch,
): Promise<EncodingProblem> {
  const { order } = arrangement
  const arranged = order === undefined ? given : takeRows(writtenOut(given), order)
  const problem = await prepareSolver(arranged, ridgeOptions(arrangement, options, computing), watch)
  // A constant added to a feature changes no weight where there is an intercept, but takes digits.
  const centred = options.intercept ? 'centre' : 'none'
  const features =
    options.weights === true ? scaleByTraining(writtenOut(arranged), { start: 0, end: 0 }, centred) : undefined
  return encodingOf(problem, features, arrangement, options, computing)
}

/** The same of features whose products have been added up level by level; no weights. */
export async function prepareLevels(
  levels: FeatureLevels,
  arrangement: Arrangement,
  options: EncodingOptions,
  computing: EncodingComputing,
  watch: Watch,
): Promise<EncodingProblem> {
  const problem = await levels.prepare(ridgeOptions(arrangement, options, computing), watch)
  return encodingOf(problem, undefined, arrangement, options, computing)
}

function ridgeOptions({ folds }: Arrangement, options: EncodingOptions, { gemm, threads }: EncodingComputing) {
  const { alphas, selection, intercept } = options
  const weights = options.weights === true
  return { ...{ folds, alphas, selection, intercept, weights, gemm }, ...(threads && { threads }) }
}

/** @param features [n_samples, n_features] that weights are of; none where none are asked for */
function encodingOf(
  problem: RidgeProblem,
  features: Matrix32 | undefined,
  { order, folds }: Arrangement,
  options: EncodingOptions,
  { gemm }: EncodingComputing,
): EncodingProblem {
  const { nSamples } = problem
  return {
    nSamples,
    nFolds: folds.length,
    get bytes() {
      return problem.bytes + (features?.data.byteLength ?? 0)
    },
    async score(y, scoreWatch = {}, { weights, ...kept } = {}) {
      const keep = { ...kept, duals: weights === true && features !== undefined }
      const { duals, predictions, ...scores } = await scoreRidge(
        problem,
        takeRows(y, y.rows === nSamples ? order : undefined),
        options,
        scoreWatch,
        keep,
      )
      const coefficients = duals && { data: duals, rows: y.rows, cols: y.cols }
      return {
        ...scores,
        nAlphas: y.cols,
        heldOut: folds.map(scoredPart).map(({ start, end }) => end - start),
        ...(predictions && { predictions: restoreRows(predictions, y.cols, order) }),
        ...(coefficients && {
          weights: await weightsOf({ a: features!, transposeA: true }, coefficients, gemm, pauser(scoreWatch)),
        }),
      }
    },
  }
}
