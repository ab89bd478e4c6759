/**
 * Cross-validated ridge with one alpha per target, chosen by leave-one-out error within each training fold: what
 * scikit-learn's RidgeCV(alphas, alpha_per_target=True) gives on each fold (features and targets centred on the
 * training samples, intercept not penalised), scored by Pearson's r on the held-out samples.
 */
import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import type { Matrix32, Matrix64 } from '../linalg/matrix.ts'
import { checkAlphas } from './alphaGrid.ts'
import { decompose, exactSolver, type Decomposition } from './exactSolver.ts'
import { fastSolver, spectralNorm } from './fastSolver.ts'
import type { Fold } from './folds.ts'
import { centreFeatures, gramMatrix } from './gram.ts'
import { scoreTargets, type Watch } from './score.ts'
import type { AlphaSolver, PreparedProblem, RidgeScores } from './solver.ts'
import { checkFolds, copyTraining, rowOf, trainingSize } from './split.ts'

export type { RidgeScores } from './solver.ts'

export interface RidgeOptions {
  readonly folds: readonly Fold[]
  /** Penalties, increasing; in the square of the features' unit, as scikit-learn's. */
  readonly alphas: readonly number[]
  readonly gemm: Gemm
}

export interface RidgeProblem {
  readonly nSamples: number
  /** Memory held, for a pre-flight estimate; grows with alphas times n_samples squared. */
  readonly bytes: number
  /**
   * @param y [n_samples, n_targets]
   * @throws HeschlError SHAPE_MISMATCH, CANCELLED
   */
  score(y: Matrix32, watch?: Watch): Promise<RidgeScores>
}

/**
 * All that depends on X alone: shared by every subject who heard the same stimuli.
 * @param x [n_samples, n_features]; columns may be constant, or depend on one another
 * @throws HeschlError OPTION_INVALID, NUMERICAL where a feature is not finite, CANCELLED
 */
export async function prepareRidge(x: Matrix32, options: RidgeOptions, watch: Watch = {}): Promise<RidgeProblem> {
  const { folds, alphas, gemm } = options
  checkFolds(folds, x.rows)
  checkAlphas(alphas)
  const pause = pauser(watch)
  const features = centreFeatures(x)
  const k = await gramMatrix(features, gemm, pause)
  const norm = await spectralNorm(k, gemm)
  const varies = folds.map((fold) => trainingVariance(k, fold) > 1e-12)
  const solvers: AlphaSolver[] = []
  let decompositions: readonly Decomposition[] | undefined
  if (features.scale > 0) {
    for (const [i, alpha] of alphas.entries()) {
      await pause()
      const relative = alpha / features.scale
      let solver = await trusted(fastSolver(k, norm, relative, folds, gemm))
      if (!solver) {
        decompositions ??= await decompose(features, folds, pause)
        solver = exactSolver(decompositions, relative, gemm)
      }
      solvers.push(solver)
      watch.onProgress?.((i + 1) / alphas.length)
    }
  }
  const problem: PreparedProblem = { nSamples: x.rows, folds, alphas, varies, solvers }
  const shared = decompositions?.reduce((sum, { u, z }) => sum + u.data.byteLength + z.data.byteLength, 0) ?? 0
  return {
    nSamples: x.rows,
    bytes: solvers.reduce((sum, solver) => sum + solver.bytes, shared),
    score: (y, scoreWatch = {}) => scoreTargets(problem, y, scoreWatch, pauser(scoreWatch)),
  }
}

/** `count` powers of ten with evenly spaced exponents, as numpy.logspace. */
export function logspace(from: number, to: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => 10 ** (count === 1 ? from : from + ((to - from) * i) / (count - 1)))
}

/** A matrix that is not positive definite to float64 precision is one more sign that the fast way will not do. */
async function trusted(solver: Promise<AlphaSolver | undefined>): Promise<AlphaSolver | undefined> {
  try {
    return await solver
  } catch (error) {
    if (error instanceof HeschlError && error.code === 'NUMERICAL') return undefined
    throw error
  }
}

/** Variance of the features over a fold's training samples, relative to that over all samples. */
function trainingVariance(k: Matrix64, fold: Fold): number {
  const count = trainingSize(fold, k.rows)
  const row = new Float64Array(count)
  let total = 0
  for (let i = 0; i < k.rows; i++) {
    if (i >= fold.start && i < fold.end) continue
    copyTraining(rowOf(k, i), fold, row)
    let sum = 0
    for (const value of row) sum += value
    total += k.data[i * k.rows + i] - sum / count
  }
  return total / count
}

/** Lets events in a few times a second, and stops when the user has cancelled. */
function pauser(watch: Watch): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < 50) return
    await new Promise((resolve) => setImmediate(resolve))
    last = performance.now()
    if (watch.cancelled?.()) throw new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
  }
}
