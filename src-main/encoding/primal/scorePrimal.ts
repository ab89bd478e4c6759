/** Chooses alphas and scores targets from sums over samples. */
import { solveFactored } from '../../linalg/choleskySolve.ts'
import type { Gemm } from '../../linalg/gemm.ts'
import { zeros64, type Matrix32, type Matrix64 } from '../../linalg/matrix.ts'
import { scoredPart, type Fold } from '../folds.ts'
import type { InnerFold } from '../innerFolds.ts'
import { foldScore, keepFit, keepMeans, keeps } from '../foldScore.ts'
import { pauser, type Watch } from '../score.ts'
import { createScores } from '../scoreJob.ts'
import { givenAlpha, type Keep, type RidgeScores } from '../solver.ts'
import { meansOf, targetsAbout, withoutTargets } from './centred.ts'
import { eachPanel, fillTargets, targetMoments, type TargetBatch } from './moments.ts'
import type { LaggedFeatures } from './lagged.ts'
import type { TrainingFold } from './trainingFold.ts'
import {
  innerFoldErrors,
  leaveOneOutErrors,
  subtractFromRows,
  trainingStretches,
  type FoldProblem,
} from './validation.ts'

/** Columns of every product: the last ones padded, so that a target's numbers do not depend on its company. */
const batchWidth = 128
/** Bytes of sums and predictions of targets that are scored together: the more, the less often systems are factored. */
export const batchesBytes = 256e6

/** What depends on features alone. */
export interface PrimalProblem {
  readonly features: LaggedFeatures
  readonly intercept: boolean
  readonly gemm: Gemm
  readonly folds: readonly Fold[]
  readonly inner: readonly (readonly InnerFold[])[] | undefined
  readonly alphas: readonly number[]
  /** Whether the features vary over each fold's training samples. */
  readonly varies: readonly boolean[]
  training(fold: number, pause: () => Promise<void>): Promise<TrainingFold>
}

/** @param y [n_samples, n_targets] */
export async function scorePrimal(problem: PrimalProblem, y: Matrix32, watch: Watch, keep: Keep): Promise<RidgeScores> {
  const { folds, inner, alphas, features } = problem
  const scores = createScores(y, problem, keep)
  const pause = pauser(watch)
  const targets = scorable(y)
  const heldOut = folds.reduce((most, { start, end }) => Math.max(most, end - start), 0)
  const batchBytes = 8 * batchWidth * (5 * features.nFeatures + heldOut)
  const together = Math.max(1, Math.floor(batchesBytes / batchBytes)) * batchWidth
  const steps = folds.reduce((sum, _, fold) => sum + alphas.length * (inner?.[fold].length ?? 1), 0)
  const rounds = Math.max(1, Math.ceil(targets.length / together))
  let done = 0
  const step = () => watch.onProgress?.(++done / (steps * rounds))
  for (let first = 0; first < targets.length; first += together) {
    const batches = batchesOf(y, targets.slice(first, first + together), problem.intercept)
    for (const { targets: some } of batches) {
      for (const target of some) {
        for (let fold = 0; fold < folds.length; fold++) scores.r[fold * y.cols + target] = 0
        keepMeans(y, scores, problem, target)
        if (scores.duals) for (let i = 0; i < y.rows; i++) scores.duals[i * y.cols + target] = 0
      }
      await pause()
    }
    const whole = [{ start: 0, end: y.rows }]
    const totals = await targetMoments(features, batches, whole, problem.gemm, pause)
    for (const [index, fold] of folds.entries()) {
      if (!problem.varies[index]) continue
      const asked = [...batches.keys()].filter((i) => batches[i].targets.some((target) => isAsked(target, index, keep)))
      if (asked.length === 0) continue
      const own = asked.map((i) => batches[i])
      const training = await problem.training(index, pause)
      const heldOut = await targetMoments(features, own, [fold], problem.gemm, pause)
      const moments = asked.map((at, i) => withoutTargets(totals[at], heldOut[i]))
      const centre = { features: training.means, targets: moments.map((one) => meansOf(one, problem.intercept)) }
      const products = moments.map(
        (one, i) => targetsAbout(one, training.sums, centre.features, centre.targets[i]).products,
      )
      const fit = { ...problem, training, batches: own, centre, products, pause, step }
      await scoreFold(fit, problem, index, y, scores, keep)
    }
  }
  watch.onProgress?.(1)
  return scores
}

/** Targets that are finite and not constant. */
function scorable(y: Matrix32): number[] {
  const { data, rows, cols } = y
  const finite = new Uint8Array(cols).fill(1)
  const varies = new Uint8Array(cols)
  for (let i = 0; i < rows; i++) {
    for (let t = 0, at = i * cols; t < cols; t++, at++) {
      if (data[at] !== data[t]) varies[t] = 1
      if (!Number.isFinite(data[at])) finite[t] = 0
    }
  }
  return Array.from({ length: cols }, (_, t) => t).filter((t) => finite[t] === 1 && varies[t] === 1)
}

function batchesOf(y: Matrix32, targets: readonly number[], intercept: boolean): TargetBatch[] {
  const batches: TargetBatch[] = []
  for (let first = 0; first < targets.length; first += batchWidth) {
    const some = targets.slice(first, first + batchWidth)
    const means = new Float64Array(some.length)
    if (intercept) {
      for (let i = 0; i < y.rows; i++) for (const [t, target] of some.entries()) means[t] += y.data[i * y.cols + target]
      for (let t = 0; t < means.length; t++) means[t] /= y.rows
    }
    batches.push({ y, targets: some, means, width: batchWidth })
  }
  return batches
}

/** One outer fold. */
async function scoreFold(
  fit: FoldProblem,
  { folds, inner }: PrimalProblem,
  index: number,
  y: Matrix32,
  scores: RidgeScores,
  keep: Keep,
): Promise<void> {
  const { given, curves } = keep
  const { batches, alphas, intercept } = fit
  const fold = folds[index]
  const fitted = batches.map(({ targets }) =>
    targets.map((target) => isAsked(target, index, keep) && isFitted(y, target, fold, intercept)),
  )
  if (given) {
    for (const [i, { targets }] of batches.entries())
      for (const [t, target] of targets.entries())
        if (fitted[i][t])
          scores.alpha[index * y.cols + target] = givenAlpha(given, { folds: folds.length, fold: index }, target)
  } else {
    const errors = inner ? await innerFoldErrors(fit, inner[index]) : await leaveOneOutErrors(fit, fold)
    for (const [i, { targets, width }] of batches.entries()) {
      for (const [t, target] of targets.entries()) {
        if (!fitted[i][t]) continue
        const curve = Float64Array.from(alphas, (_, alpha) => errors[i][alpha * width + t])
        choose(curve, scores, index, target)
      }
    }
  }
  if (curves === true) return
  const weights = await chosenWeights(fit, scores.alpha.subarray(index * y.cols, (index + 1) * y.cols))
  await scoreHeldOut(fit, weights, { fold, index, y, scores })
  if (scores.duals) await addDuals(fit, weights, { fold, index, y, scores, share: 1 / folds.length })
}

/** The alpha of least error, the first of equals. */
function choose(curve: Float64Array, { alpha, errors, curves, nTargets }: RidgeScores, fold: number, target: number) {
  let best = 255
  for (const [i, error] of curve.entries()) if (error < (best === 255 ? Infinity : curve[best])) best = i
  const at = fold * nTargets + target
  alpha[at] = best
  if (errors && best !== 255) errors[at] = curve[best]
  const folds = alpha.length / nTargets
  if (curves) for (const [i, error] of curve.entries()) curves[(i * folds + fold) * nTargets + target] = error
}

interface FoldScores {
  readonly fold: Fold
  readonly index: number
  readonly y: Matrix32
  readonly scores: RidgeScores
}

async function scoreHeldOut(
  { features, batches, centre, gemm, intercept, pause }: FoldProblem,
  weights: readonly Matrix64[],
  { fold, index, y, scores }: FoldScores,
): Promise<void> {
  const count = fold.end - fold.start
  const predicted = batches.map(({ targets }) => zeros64(targets.length, count))
  let reach = 0
  await eachPanel(features, [fold], pause, async (panel, { start }) => {
    subtractFromRows(panel, centre.features)
    for (const value of panel.data) reach += value * value
    for (const [i, { targets }] of batches.entries()) {
      const { data, rows, cols } = await gemm.multiply(panel, weights[i])
      for (let t = 0; t < targets.length; t++) {
        const to = t * count + start - fold.start
        for (let row = 0; row < rows; row++) predicted[i].data[to + row] = data[row * cols + t]
      }
    }
  })
  const scored = scoredPart(fold)
  const heldOut = new Float32Array(scored.end - scored.start)
  const samples = new Float32Array(y.rows)
  for (const [i, { targets }] of batches.entries()) {
    // As for other solvers: below this, what a prediction varies by is rounding error.
    const resolution = columnNorms(weights[i]).map((norm) => 1e-13 * Math.sqrt(reach) * norm)
    const prediction = { values: predicted[i], resolution }
    for (const [t, target] of targets.entries()) {
      if (scores.alpha[index * y.cols + target] === 255) continue
      for (let row = 0; row < y.rows; row++) samples[row] = y.data[row * y.cols + target]
      heldOut.set(samples.subarray(scored.start, scored.end))
      const own = { target, folds: [index], samples, mean: 0, spread: 1 }
      if (keeps(scores)) keepFit({ y, scores, fold, index }, own, prediction, t, intercept)
      scores.r[index * y.cols + target] = foldScore(heldOut, prediction, t, scored.start - fold.start)
      await pause()
    }
  }
}

/** Adds a share of the residuals of the training samples over alpha, which are the dual coefficients. */
async function addDuals(
  { features, batches, centre, alphas, gemm, pause }: FoldProblem,
  weights: readonly Matrix64[],
  { fold, index, y, scores, share }: FoldScores & { readonly share: number },
): Promise<void> {
  const duals = scores.duals!
  await eachPanel(features, trainingStretches(fold, y.rows), pause, async (panel, { start }) => {
    subtractFromRows(panel, centre.features)
    for (const [i, batch] of batches.entries()) {
      const fitted = await gemm.multiply(panel, weights[i])
      const values = zeros64(panel.rows, batch.width)
      fillTargets(batch, start, values)
      for (const [t, target] of batch.targets.entries()) {
        const alpha = scores.alpha[index * y.cols + target]
        if (alpha === 255) continue
        for (let row = 0; row < panel.rows; row++) {
          const at = row * batch.width + t
          const residual = values.data[at] - centre.targets[i][t] - fitted.data[at]
          duals[(start + row) * y.cols + target] += (share * residual) / alphas[alpha]
        }
      }
    }
  })
}

const isAsked = (target: number, fold: number, { own }: Keep): boolean => own === undefined || own[target] === fold

/** Whether a target has anything to fit in a fold: training samples that differ, or without an intercept are not 0. */
function isFitted(y: Matrix32, target: number, fold: Fold, intercept: boolean): boolean {
  const { data, rows, cols } = y
  const first = fold.start > 0 ? 0 : fold.end
  const constant = intercept ? data[first * cols + target] : 0
  for (let i = 0; i < rows; i++)
    if ((i < fold.start || i >= fold.end) && data[i * cols + target] !== constant) return true
  return false
}

/**
 * Weights at each target's alpha, batch by batch [n_features, batch]; 0 where there is none.
 * @param alpha [n_targets]
 */
async function chosenWeights(
  { training, batches, products, alphas, gemm, pause }: FoldProblem,
  alpha: Uint8Array,
): Promise<readonly Matrix64[]> {
  const chosen = alphas.map((): { readonly batch: number; readonly column: number }[] => [])
  for (const [i, { targets }] of batches.entries())
    for (const [t, target] of targets.entries()) chosen[alpha[target]]?.push({ batch: i, column: t })
  const size = products[0]?.rows ?? 0
  const weights = batches.map(({ width }) => zeros64(size, width))
  for (const [index, all] of chosen.entries()) {
    if (all.length === 0) continue
    const factor = await training.factor(alphas[index], pause)
    for (let first = 0; first < all.length; first += batchWidth) {
      const part = all.slice(first, first + batchWidth)
      const solution = zeros64(size, batchWidth)
      for (const [t, { batch, column }] of part.entries()) copyColumn(products[batch], column, solution, t)
      await solveFactored(factor, solution, gemm)
      for (const [t, { batch, column }] of part.entries()) copyColumn(solution, t, weights[batch], column)
      await pause()
    }
  }
  return weights
}

function copyColumn(from: Matrix64, column: number, to: Matrix64, at: number): void {
  for (let j = 0; j < from.rows; j++) to.data[j * to.cols + at] = from.data[j * from.cols + column]
}

function columnNorms(a: Matrix64): Float64Array {
  const squares = new Float64Array(a.cols)
  for (let j = 0, at = 0; j < a.rows; j++) for (let t = 0; t < a.cols; t++, at++) squares[t] += a.data[at] ** 2
  return squares.map(Math.sqrt)
}
