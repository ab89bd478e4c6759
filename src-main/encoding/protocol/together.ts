import { pauser, type Watch } from '../score.ts'
import { prepareRidge } from '../ridge.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { scaleByTraining } from './foldScaling.ts'
import type { Arrangement } from './heldOut.ts'
import type { EncodingComputing, EncodingOptions, EncodingProblem } from './options.ts'
import { restoreRows, takeRows } from './rows.ts'
import { scoreRidge } from './sharedAlpha.ts'
import { weightsOf } from './weights.ts'

/** All folds from one Gram matrix: nothing is done to X or Y by what a fold's training samples say. */
export async function prepareTogether(
  x: Matrix32,
  { order, folds }: Arrangement,
  options: EncodingOptions,
  { gemm, threads }: EncodingComputing,
  watch: Watch,
): Promise<EncodingProblem> {
  const { alphas, selection, intercept } = options
  const arranged = takeRows(x, order)
  const ridge = {
    folds,
    alphas,
    selection,
    intercept,
    weights: options.weights === true,
    gemm,
    ...(threads && { threads }),
  }
  const problem = await prepareRidge(arranged, ridge, watch)
  // A constant added to a feature changes no weight where there is an intercept, but takes digits.
  const centred = intercept ? 'centre' : 'none'
  const features = options.weights === true ? scaleByTraining(arranged, { start: 0, end: 0 }, centred) : undefined
  return {
    nSamples: x.rows,
    nFolds: folds.length,
    bytes: problem.bytes + (features?.data.byteLength ?? 0),
    coupled: options.alpha === 'shared',
    async score(y, scoreWatch = {}, { weights, ...kept } = {}) {
      const keep = { ...kept, duals: weights === true && features !== undefined }
      const { duals, predictions, ...scores } = await scoreRidge(
        problem,
        takeRows(y, y.rows === x.rows ? order : undefined),
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
