import { pauser, type Watch } from '../score.ts'
import { scoredPart } from '../folds.ts'
import type { LaggedRuns } from '../primal/lagged.ts'
import { prepareSolver, writtenOut } from '../primal/prepareSolver.ts'
import type { FeatureLevels } from '../levels.ts'
import type { RidgeProblem } from '../ridge.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { scaleByTraining } from './foldScaling.ts'
import type { FoldComponents } from '../foldComponents.ts'
import { scoreComponents, targetComponents, type ComponentScoring } from './components.ts'
import { trainedWithout, type Arrangement, type HeldSet } from './heldOut.ts'
import type { EncodingComputing, EncodingKeep, EncodingOptions, EncodingProblem, EncodingScores } from './options.ts'
import { restoreRows, takeRows } from './rows.ts'
import { scoreRidge } from './sharedAlpha.ts'
import { weightsOf } from './weights.ts'

/** What folds hold out, and where that lies in one order for all of them. */
interface Folds {
  readonly sets: readonly HeldSet[]
  readonly arrangement: Arrangement
}

/** All folds from one matrix of products: nothing is done to X, and Y is not scaled, by what training samples say. */
export async function prepareTogether(
  given: Matrix32 | LaggedRuns,
  all: Folds,
  options: EncodingOptions,
  computing: EncodingComputing,
  watch: Watch,
): Promise<EncodingProblem> {
  const { arrangement } = all
  const { order } = arrangement
  const arranged = order === undefined ? given : takeRows(writtenOut(given), order)
  const problem = await prepareSolver(arranged, ridgeOptions(arrangement, options, computing), watch)
  // A constant added to a feature changes no weight where there is an intercept, but takes digits.
  const centred = options.intercept ? 'centre' : 'none'
  const features =
    options.weights === true ? scaleByTraining(writtenOut(arranged), { start: 0, end: 0 }, centred) : undefined
  return encodingOf(problem, features, all, options, computing)
}

/** The same of features whose products have been added up level by level; no weights. */
export async function prepareLevels(
  levels: FeatureLevels,
  all: Folds,
  options: EncodingOptions,
  computing: EncodingComputing,
  watch: Watch,
): Promise<EncodingProblem> {
  const problem = await levels.prepare(ridgeOptions(all.arrangement, options, computing), watch)
  return encodingOf(problem, undefined, all, options, computing)
}

function ridgeOptions({ folds }: Arrangement, options: EncodingOptions, computing: EncodingComputing) {
  const { alphas, selection, intercept } = options
  const { gemm, threads, lazy = false } = computing
  const weights = options.weights === true
  return { ...{ folds, alphas, selection, intercept, weights, gemm, lazy }, ...(threads && { threads }) }
}

/** @param features [n_samples, n_features] that weights are of; none where none are asked for */
function encodingOf(
  problem: RidgeProblem,
  features: Matrix32 | undefined,
  { sets, arrangement }: Folds,
  options: EncodingOptions,
  { gemm }: EncodingComputing,
): EncodingProblem {
  const { nSamples } = problem
  const { order, folds } = arrangement
  return {
    nSamples,
    nFolds: folds.length,
    products: [problem.products],
    get bytes() {
      return problem.bytes + (features?.data.byteLength ?? 0)
    },
    async score(y, scoreWatch = {}, { weights, ...kept } = {}, known) {
      const arranged = takeRows(y, y.rows === nSamples ? order : undefined)
      const primal = (duals: Float64Array, cols: number) =>
        weightsOf({ a: features!, transposeA: true }, { data: duals, rows: y.rows, cols }, gemm, pauser(scoreWatch))
      const asked = weights === true && features !== undefined ? primal : undefined
      const found =
        options.pcaY === 'none' || y.rows !== nSamples
          ? await scoreEach(problem, arranged, options, scoreWatch, kept, asked)
          : await scoreByComponents(problem, { y, arranged, sets, arrangement, known }, options, {
              ...{ gemm, watch: scoreWatch, keep: kept },
              ...(asked && { primal: asked }),
            })
      const { predictions, ...scores } = found
      return {
        ...scores,
        heldOut: folds.map(scoredPart).map(({ start, end }) => end - start),
        ...(predictions && { predictions: restoreRows(predictions, y.cols, order) }),
      }
    },
  }
}

/** A ridge a target. */
async function scoreEach(
  problem: RidgeProblem,
  y: Matrix32,
  options: EncodingOptions,
  watch: Watch,
  keep: EncodingKeep,
  primal: ((duals: Float64Array, cols: number) => Promise<Float32Array>) | undefined,
): Promise<Omit<EncodingScores, 'heldOut'>> {
  const asked = { ...keep, duals: primal !== undefined }
  const { duals, ...scores } = await scoreRidge(problem, y, options, watch, asked)
  return { ...scores, nAlphas: y.cols, ...(primal && duals && { weights: await primal(duals, y.cols) }) }
}

/** Responses as they are recorded and in the order of the problem. */
interface Responses extends Folds {
  readonly y: Matrix32
  readonly arranged: Matrix32
  readonly known: FoldComponents | undefined
}

/** A ridge a component of the targets, components of all folds together. */
async function scoreByComponents(
  problem: RidgeProblem,
  { y, arranged, sets, arrangement, known }: Responses,
  options: EncodingOptions,
  scoring: Omit<ComponentScoring, 'options'>,
): Promise<Omit<EncodingScores, 'heldOut'>> {
  const { gemm, watch } = scoring
  const half = (from: number): Watch => ({ ...watch, onProgress: (share) => watch.onProgress?.(from + share / 2) })
  const count = options.pcaY as number
  const components = known ?? (await targetComponents(y, trainedWithout(sets), count, gemm, half(0)))
  const { targets, alpha, weights } = await scoreComponents(problem, arranged, arrangement, components, {
    ...scoring,
    ...{ options, watch: known ? watch : half(0.5) },
  })
  return { ...targets, alpha, nAlphas: count, ...(weights && { weights }) }
}
