/** Errors within a training fold, from which a target's alpha is chosen. */
import type { Gemm } from '../../linalg/gemm.ts'
import { zeros64, type Matrix64 } from '../../linalg/matrix.ts'
import { solveFactored, solveLower } from '../../linalg/choleskySolve.ts'
import type { Fold } from '../folds.ts'
import type { InnerFold } from '../innerFolds.ts'
import { targetsAbout, type Centre } from './centred.ts'
import type { LaggedFeatures } from './lagged.ts'
import { eachPanel, fillTargets, targetMoments, type TargetBatch } from './moments.ts'
import type { TrainingFold } from './trainingFold.ts'

export interface FoldProblem {
  readonly features: LaggedFeatures
  readonly training: TrainingFold
  readonly batches: readonly TargetBatch[]
  readonly centre: Centre
  /** Batch by batch [n_features, batch], Σ x yᵀ over the training samples about their means. */
  readonly products: readonly Matrix64[]
  readonly alphas: readonly number[]
  readonly intercept: boolean
  readonly gemm: Gemm
  readonly pause: () => Promise<void>
  /** Called after every alpha of every inner fold. */
  readonly step: () => void
}

/**
 * Mean squared error of each inner fold, averaged over them, batch by batch [alphas, batch]. Features and targets are
 * centred on the outer training samples, not again inside, as himalaya's KernelRidgeCV on a centred kernel. With w the
 * weights from the other samples, Σ (y - x w)² = Σ y² - 2 wᵀ Σ x y + wᵀ (Σ x xᵀ) w: no product with samples for an alpha.
 */
export async function innerFoldErrors(
  problem: FoldProblem,
  inner: readonly InnerFold[],
): Promise<readonly Float64Array[]> {
  const { features, training, batches, centre, alphas, gemm, pause } = problem
  const errors = batches.map(({ width }) => new Float64Array(alphas.length * width))
  for (const stretches of inner) {
    const part = await training.inner(stretches, pause)
    const moments = await targetMoments(features, batches, stretches, gemm, pause)
    const heldOut = moments.map((one, i) => targetsAbout(one, part.sums, centre.features, centre.targets[i]))
    for (const [index, alpha] of alphas.entries()) {
      const factor = await part.factor(alpha, pause)
      for (const [i, { products, squares }] of heldOut.entries()) {
        const { rows, cols } = products
        const data = problem.products[i].data.map((value, at) => value - products.data[at])
        const weights = { data, rows, cols }
        await solveFactored(factor, weights, gemm)
        const spread = await gemm.multiply(part.products, weights)
        const sums = squares.slice()
        for (let j = 0, at = 0; j < rows; j++) {
          for (let t = 0; t < cols; t++, at++) sums[t] += data[at] * (spread.data[at] - 2 * products.data[at])
        }
        // Rounding error of a perfect fit must not be less than nothing.
        for (let t = 0; t < cols; t++) errors[i][index * cols + t] += Math.max(0, sums[t]) / part.count / inner.length
        await pause()
      }
      problem.step()
    }
  }
  return errors
}

/**
 * Mean squared leave-one-out error, batch by batch [alphas, batch]: a training sample's residual divided by 1 - h, where
 * h = xᵀ (C + alpha)⁻¹ x + 1 / n is its diagonal element of the hat matrix with an intercept that is not penalised.
 */
export async function leaveOneOutErrors(problem: FoldProblem, fold: Fold): Promise<readonly Float64Array[]> {
  const { features, training, batches, alphas, intercept, gemm, pause } = problem
  const stretches = trainingStretches(fold, features.nSamples)
  const errors = batches.map(({ width }) => new Float64Array(alphas.length * width))
  for (const [index, alpha] of alphas.entries()) {
    const factor = await training.factor(alpha, pause)
    const weights: Matrix64[] = []
    for (const { data, rows, cols } of problem.products) {
      weights.push({ data: data.slice(), rows, cols })
      await solveFactored(factor, weights.at(-1)!, gemm)
    }
    await eachPanel(features, stretches, pause, async (panel, { start }) => {
      subtractFromRows(panel, problem.centre.features)
      const columns = transposed(panel)
      await solveLower(factor, columns, gemm)
      const free = freedom(columns, intercept ? 1 / training.count : 0)
      for (const [i, batch] of batches.entries()) {
        const fitted = await gemm.multiply(panel, weights[i])
        const values = zeros64(panel.rows, batch.width)
        fillTargets(batch, start, values)
        addSquares(values, fitted, problem.centre.targets[i], free, errors[i].subarray(index * batch.width))
      }
    })
    for (const [i, { width }] of batches.entries())
      for (let t = 0; t < width; t++) errors[i][index * width + t] /= training.count
    problem.step()
  }
  return errors
}

/** All that a fold does not hold out. */
export const trainingStretches = ({ start, end }: Fold, nSamples: number): readonly Fold[] => [
  { start: 0, end: start },
  { start: end, end: nSamples },
]

/** 1 - h of each sample. @param half [n_features, samples], L⁻¹ x */
function freedom(half: Matrix64, mean: number): Float64Array {
  const free = new Float64Array(half.cols).fill(1 - mean)
  for (let j = 0, at = 0; j < half.rows; j++) for (let i = 0; i < half.cols; i++, at++) free[i] -= half.data[at] ** 2
  return free
}

function addSquares(y: Matrix64, fitted: Matrix64, means: Float64Array, free: Float64Array, out: Float64Array): void {
  for (let i = 0, at = 0; i < y.rows; i++) {
    for (let t = 0; t < y.cols; t++, at++) out[t] += ((y.data[at] - means[t] - fitted.data[at]) / free[i]) ** 2
  }
}

export function subtractFromRows(a: Matrix64, values: Float64Array): void {
  for (let i = 0, at = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++, at++) a.data[at] -= values[j]
}

function transposed(a: Matrix64): Matrix64 {
  const out = zeros64(a.cols, a.rows)
  // Tiles, so that the transposed reads stay within the cache.
  for (let top = 0; top < a.rows; top += 32) {
    const bottom = Math.min(top + 32, a.rows)
    for (let j = 0; j < a.cols; j++) {
      for (let i = top; i < bottom; i++) out.data[j * a.rows + i] = a.data[i * a.cols + j]
    }
  }
  return out
}
