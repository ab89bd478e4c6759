/** What a regression will cost, in operations and bytes, from its sizes alone: for plans and memory limits. */
import { coarseGrid } from './alphaGrid.ts'
import { primalCost } from './primal/cost.ts'
import { primalIsCheaper } from './primal/primal.ts'
import { batchSize } from './solver.ts'

export interface RidgeSizes {
  readonly samples: number
  readonly features: number
  /** Features whose products with one another are not known from an earlier regression; all where it is left out. */
  readonly added?: number
  /** How many of the features are one unit at its lags; 1 where it is left out. */
  readonly lagCount?: number
  readonly folds: number
  readonly alphas: readonly number[]
  /** Inner folds; undefined for leave-one-out. */
  readonly inner: number | undefined
  readonly threads: number
}

export interface RidgeCost {
  /** Of what depends on X alone: operations in float64, or as long as they. */
  readonly prepare: number
  /** A target: operations in float32, or as long as they. */
  readonly perTarget: number
  /** Of what depends on X alone and is kept, bytes. */
  readonly solutions: number
  /** While it is made, bytes beside it. */
  readonly preparing: number
  /** What threads score with, bytes. */
  readonly scoring: number
}

/** Alphas beyond the coarse grid that are evaluated exactly for a target, on average (alphaGrid.ts). */
const refined = 3
/** Targets a thread takes at a time (scoreJob.ts), at most. */
const chunk = 12 * batchSize

/**
 * What is not a product, as the operations that would take as long, measured with 300 to 1,800 samples
 * (test/benchmark/plan.ts): an element of P and of an inner fold's matrices a float64 alpha; and a target's sample an
 * evaluated alpha, and error curve, of an alpha in a fold.
 */
const beside = { element: 2000, inner: 350, sample: 2000, curve: 86_000 }

/** @param sizes of a regression whose alphas are chosen a target */
export function ridgeCost(sizes: RidgeSizes): RidgeCost {
  const { samples: n, features, added = features, folds, alphas, inner, threads, lagCount = 1 } = sizes
  if (primalIsCheaper(n, features)) {
    const { prepare, perTarget, bytes } = primalCost({ ...sizes, lagCount, alphas: alphas.length })
    // All of it is float64, at half the pace.
    return { prepare, perTarget: 2 * perTarget, solutions: bytes, preparing: 0, scoring: 0 }
  }
  const held = n / folds
  const training = n - held
  // The samples that an inner fold holds out, and how many such folds there are.
  const part = inner === undefined ? 0 : training / inner
  const parts = inner === undefined ? 0 : folds * inner
  const evaluated = Math.min(alphas.length, coarseGrid(alphas).length + refined)
  const products = n ** 3 + folds * (held ** 3 + 2 * held ** 2 * n) + parts * (part ** 3 + 1.4 * part ** 2 * held)
  const anAlpha = products + beside.element * n ** 2 + beside.inner * parts * part * training
  const error = 4 * n ** 2 + parts * 2 * part ** 2
  const solution = 8 * n ** 2 + parts * 4 * part ** 2
  return {
    prepare: n ** 2 * added + alphas.length * anAlpha,
    perTarget: evaluated * (error + beside.sample * n) + 2 * n ** 2 + beside.curve * folds * alphas.length,
    solutions: alphas.length * solution,
    // Matrices of an alpha in float64, which as many threads solve as there are.
    preparing: Math.min(threads, alphas.length) * (48 * n ** 2 + 2 * solution) + 8 * n ** 2,
    scoring: threads * (4 * n * chunk + 8 * folds * alphas.length * chunk + 16 * n * batchSize),
  }
}
