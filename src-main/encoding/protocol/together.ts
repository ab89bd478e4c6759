import { pauser, type Watch } from '../score.ts'
import type { LaggedRuns } from '../primal/lagged.ts'
import { designShape, prepareSolver, writtenOut } from '../primal/prepareSolver.ts'
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
  { order, folds }: Arrangement,
  options: EncodingOptions,
  { gemm, threads }: EncodingComputing,
  watch: Watch,
): Promise<EncodingProblem> {
  const { alphas, selection, intercept } = options
  const [nSamples] = designShape(given)
  const arranged = order === undefined ? given : takeRows(writtenOut(given), order)
  const ridge = {
    folds,
    alphas,
    selection,
    intercept,
    weights: options.weights === true,
    gemm,
    ...(threads && { threads }),
  }
  const problem = await prepareSolver(arranged, ridge, watch)
  // A constant added to a feature changes no weight where there is an intercept, but takes digits.
  const centred = intercept ? 'centre' : 'none'
  const features =
    options.weights === true ? scaleByTraining(writtenOut(arranged), { start: 0, end: 0 }, centred) : undefined
  return {
    nSamples,
    nFolds: folds.length,
    bytes: problem.bytes + (features?.data.byteLength ?? 0),
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
        heldOut: folds.map(({ start, end }) => end - start),
        ...(predictions && { predictions: restoreRows(predictions, y.cols, order) }),
        ...(coefficients && {
          weights: await weightsOf({ a: features!, transposeA: true }, coefficients, gemm, pauser(scoreWatch)),
        }),
      }
    },
  }
}
