import { HeschlError } from '../../errors.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { prepareRidge, type RidgeOptions, type RidgeProblem } from '../ridge.ts'
import type { Watch } from '../score.ts'
import { writeLags, type LaggedRuns } from './lagged.ts'
import { mostSamples, preparePrimal, primalIsCheaper } from './primal.ts'

/** [n_samples, n_features] of features with or without lags. */
export function designShape(features: Matrix32 | LaggedRuns): readonly [samples: number, features: number] {
  if (!('runs' in features)) return [features.rows, features.cols]
  const { runs, lags } = features
  return [runs.reduce((sum, { rows }) => sum + rows, 0), runs[0].cols * (lags.to - lags.from + 1)]
}

/** The design matrix as a whole. */
export const writtenOut = (features: Matrix32 | LaggedRuns): Matrix32 =>
  'runs' in features ? writeLags(features) : features

/**
 * Cross-validated ridge by whichever way is cheaper: from features' products where there are far more samples than
 * features, and from samples' products otherwise. Where float64 does not hold the former's systems (collinear features
 * with the least of penalties), the latter is taken for as many samples as it can.
 * @throws HeschlError as `prepareRidge`
 */
export async function prepareSolver(
  features: Matrix32 | LaggedRuns,
  options: RidgeOptions,
  watch: Watch = {},
): Promise<RidgeProblem> {
  const [nSamples, nFeatures] = designShape(features)
  if (primalIsCheaper(nSamples, nFeatures)) {
    const { runs, lags } = 'runs' in features ? features : { runs: [features], lags: { from: 0, to: 0 } }
    try {
      return await preparePrimal(runs, { ...options, lags }, watch)
    } catch (error) {
      const numerical = error instanceof HeschlError && error.code === 'NUMERICAL'
      if (!numerical || nSamples > mostSamples) throw error
    }
  }
  return prepareRidge(writtenOut(features), options, watch)
}
