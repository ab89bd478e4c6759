/**
 * Cross-validated ridge with one alpha per target, chosen within each training fold: by leave-one-out error as
 * scikit-learn's RidgeCV(alphas, alpha_per_target=True), or by inner folds as himalaya's KernelRidgeCV(alphas, cv=K).
 * Features and targets are centred on the training samples, the intercept is not penalised; or nothing is centred and
 * there is none, as scikit-learn's fit_intercept=False and himalaya.
 */
import type { Gemm } from '../linalg/gemm.ts'
import type { Matrix32, Matrix64 } from '../linalg/matrix.ts'
import { checkAlphas, coarseGrid } from './alphaGrid.ts'
import { decompose } from './exactSolver.ts'
import { spectralNorm } from './fastSolver.ts'
import type { Fold } from './folds.ts'
import { centreFeatures, gramMatrix, type CentredFeatures } from './gram.ts'
import { createPrepareJob, preparedOf, takeAlphas } from './prepareJob.ts'
import { pauser, scoreTargets, type LazyProblem, type Watch } from './score.ts'
import type { ScoreThreads } from './scoreThreads.ts'
import type { AlphaSolution, Decomposition, PreparedProblem, ProductSolution } from './solutions.ts'
import type { Keep, RidgeScores } from './solver.ts'
import { innerFoldsOf, type Selection } from './innerFolds.ts'
import { sum } from '../linalg/vector.ts'
import { checkFolds, rowOf, trainingSize } from './split.ts'

export type { Selection } from './innerFolds.ts'
export type { RidgeScores } from './solver.ts'

export interface RidgeOptions {
  readonly folds: readonly Fold[]
  /** Penalties, increasing; in the square of the features' unit, as scikit-learn's. */
  readonly alphas: readonly number[]
  /** `leave-one-out` where it is left out. */
  readonly selection?: Selection
  /** Whether an intercept is fitted; true where it is left out. */
  readonly intercept?: boolean
  /** Whether `Keep.duals` will be asked for, and digits are kept for them; false where it is left out. */
  readonly weights?: boolean
  /** Whether alphas are solved only when targets ask for them, as where all are given; false where it is left out. */
  readonly lazy?: boolean
  /** What features are prepared with, and targets scored with where there are no `threads`. */
  readonly gemm: Gemm
  readonly threads?: ScoreThreads
}

/** What a ridge is solved from: X Xᵀ [n_samples, n_samples], or XᵀX [n_features, n_features]. */
export type ProductsOf = 'samples' | 'features'

export interface RidgeProblem {
  readonly nSamples: number
  readonly products: ProductsOf
  /** Memory that it may come to hold; grows with alphas times n_samples squared. */
  readonly bytes: number
  /**
   * @param y [n_samples, n_targets]
   * @throws HeschlError SHAPE_MISMATCH, CANCELLED
   */
  score(y: Matrix32, watch?: Watch, keep?: Keep): Promise<RidgeScores>
}

/**
 * All that depends on X alone: shared by every subject who heard the same stimuli.
 * @param x [n_samples, n_features]; columns may be constant, or depend on one another
 * @throws HeschlError OPTION_INVALID, NUMERICAL where a feature is not finite, CANCELLED
 */
export async function prepareRidge(x: Matrix32, options: RidgeOptions, watch: Watch = {}): Promise<RidgeProblem> {
  check(options, x.rows)
  const features = centreFeatures(x, options.intercept)
  return prepareFeatures(features, await gramMatrix(features, options.gemm, pauser(watch)), options, watch)
}

function check({ folds, alphas }: RidgeOptions, nSamples: number): void {
  checkFolds(folds, nSamples)
  checkAlphas(alphas)
}

/** `prepareRidge` of features whose Gram matrix is known, as `gramMatrix` gives it. */
export async function prepareFeatures(
  features: CentredFeatures,
  k: Matrix64,
  options: RidgeOptions,
  watch: Watch,
): Promise<RidgeProblem> {
  const { folds, alphas, gemm, threads, selection = 'leave-one-out', weights = false, lazy: late = false } = options
  const { nSamples, centred: intercept } = features
  check(options, nSamples)
  const inner = innerFoldsOf(selection, folds, nSamples)
  const pause = pauser(watch)
  const norm = await spectralNorm(k, gemm)
  const rowSums = Float64Array.from({ length: nSamples }, (_, i) => sum(rowOf(k, i)))
  const varies = folds.map((fold) => trainingVariance(k, fold, rowSums, intercept) > 1e-12)
  const relative = features.scale > 0 ? alphas.map((alpha) => alpha / features.scale) : []
  const unsolved = relative.map((): AlphaSolution | undefined => undefined)
  let decompositions: readonly Decomposition[] | undefined
  let current: PreparedProblem = {
    ...{ nSamples, folds, intercept, alphas, scale: features.scale, varies },
    solutions: unsolved,
  }
  async function solve(some: readonly number[], solving: () => Promise<void>, report?: (share: number) => void) {
    const validation = { folds, inner, intercept, weights }
    const job = createPrepareJob(
      k,
      norm,
      some.map((i) => relative[i]),
      validation,
    )
    const watched = async () => {
      await solving()
      report?.(preparedOf(job))
    }
    const solved = new Map(await (threads?.prepare(job, watched) ?? takeAlphas(job, gemm, watched)))
    const solutions = [...current.solutions]
    for (const [at, alpha] of some.entries()) {
      const solution = solved.get(at)
      if (!solution) decompositions ??= await decompose(features, folds, solving, inner)
      solutions[alpha] = solution ?? { kind: 'exact', decompositions: decompositions!, alpha: relative[alpha] }
    }
    current = { ...current, solutions }
  }
  /** As many more unsolved alphas, the nearest ones, as keep all threads busy to the end: they may be asked for, too. */
  const filled = (some: readonly number[]): readonly number[] => {
    const together = threads?.threadsForAlphas(nSamples, some.length) ?? 1
    const more = alphas
      .map((_, i) => i)
      .filter((i) => !some.includes(i) && current.solutions[i] === undefined)
      .map((i) => ({ i, distance: Math.min(...some.map((one) => Math.abs(one - (i + 0.1)))) }))
      .sort((a, b) => a.distance - b.distance || Math.abs(a.i - alphas.length / 2) - Math.abs(b.i - alphas.length / 2))
    return [...some, ...more.slice(0, (together - (some.length % together)) % together).map(({ i }) => i)]
  }
  if (relative.length > 0 && !late) await solve(filled(coarseGrid(alphas)), pause, watch.onProgress)
  watch.onProgress?.(1)
  const lazy: LazyProblem = {
    get current() {
      return current
    },
    solve: (some, solving) => solve(late ? some : filled(some), solving),
  }
  return {
    nSamples,
    products: 'samples',
    get bytes() {
      const held = bytesOf(current.solutions, decompositions ?? [], late)
      return late ? held + k.data.byteLength : held
    },
    score: (y, scoreWatch = {}, keep = {}) => scoreTargets(lazy, y, scoreWatch, threads ?? gemm, keep),
  }
}

/** What solutions may come to hold: those that there are, and unless they come late as much for each that there is not. */
function bytesOf(
  solutions: PreparedProblem['solutions'],
  decompositions: readonly Decomposition[],
  late: boolean,
): number {
  let total = 0
  let count = 0
  for (const solution of solutions) {
    if (!solution) continue
    count++
    if (solution.kind === 'product') total += productBytes(solution)
  }
  const all = count > 0 ? (total * (late ? count : solutions.length)) / count : 0
  return decompositions.reduce((sum, one) => sum + decompositionBytes(one), all)
}

const decompositionBytes = ({ u, z, inner = [] }: Decomposition): number =>
  [{ u, z }, ...inner].reduce((sum, part) => sum + part.u.data.byteLength + part.z.data.byteLength, 0)

const productBytes = ({ p, folds }: ProductSolution): number =>
  folds
    .map(({ m, weights, inner = [] }) =>
      inner.reduce((sum, { residual }) => sum + residual.data.byteLength, m.data.byteLength + weights.byteLength),
    )
    .reduce((sum, bytes) => sum + bytes, p.data.byteLength)

/** `count` powers of ten with evenly spaced exponents, as numpy.logspace. */
export function logspace(from: number, to: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => 10 ** (count === 1 ? from : from + ((to - from) * i) / (count - 1)))
}

/**
 * Variance (mean square, without an intercept) of a fold's training features, relative to that over all samples.
 * @param rowSums [n_samples] of K
 */
function trainingVariance(k: Matrix64, fold: Fold, rowSums: Float64Array, intercept: boolean): number {
  const count = trainingSize(fold, k.rows)
  let trace = 0
  // The sum over training samples is that over all, less the held-out rows and columns, their crossing counted once.
  let total = 0
  for (let i = 0; i < k.rows; i++) {
    const held = i >= fold.start && i < fold.end
    if (!held) trace += k.data[i * k.rows + i]
    total += held ? sum(rowOf(k, i).subarray(fold.start, fold.end)) - rowSums[i] : rowSums[i]
  }
  return (trace - (intercept ? total / count : 0)) / count
}
