import { primalBytes } from './primal.ts'

interface PrimalSizes {
  readonly samples: number
  /** Units times lags. */
  readonly features: number
  readonly lagCount: number
  readonly folds: number
  readonly alphas: number
  /** Inner folds; undefined for leave-one-out. */
  readonly inner: number | undefined
}

/**
 * What `preparePrimal` and scoring cost, as counted from their products: floating-point operations of what all targets
 * share and of one target, and bytes beside the targets.
 */
export function primalCost({ samples: n, features: p, lagCount, folds, alphas, inner }: PrimalSizes) {
  // The samples of all folds, and of all their inner folds, are summed once each.
  const sums = 2 * n * (p / lagCount) * p * (2 + (inner === undefined ? 0 : folds - 1))
  const systems = folds * alphas * (inner ?? 1)
  const errors = inner === undefined ? folds * alphas * n * p ** 2 : 0
  const perSystem = inner === undefined ? 4 * p ** 2 + 2 * n * p : 6 * p ** 2
  return {
    prepare: sums + (systems * p ** 3) / 3 + errors,
    perTarget: 2 * n * p * (3 + (inner === undefined ? 0 : folds - 1)) + systems * perSystem,
    bytes: primalBytes(n, p / lagCount, lagCount),
  }
}
