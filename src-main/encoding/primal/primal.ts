/**
 * Cross-validated ridge where there are far more samples than features: what `prepareRidge` computes, from sums over
 * samples of features' products [n_features, n_features], so that nothing grows with the square of the samples. Features
 * may be delayed copies of fewer (temporal response functions), which are never in memory together. float64 throughout.
 */
import { factorBytes } from '../../linalg/choleskySolve.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { HeschlError } from '../../errors.ts'
import { checkAlphas } from '../alphaGrid.ts'
import { innerFoldsOf } from '../innerFolds.ts'
import type { RidgeOptions, RidgeProblem } from '../ridge.ts'
import { pauser, type Watch } from '../score.ts'
import { checkFolds } from '../split.ts'
import { Kept } from './kept.ts'
import { LaggedFeatures, type Lags } from './lagged.ts'
import { featureMoments, panelBytes } from './moments.ts'
import { batchesBytes, scorePrimal } from './scorePrimal.ts'
import { trainingFold, type TrainingFold } from './trainingFold.ts'

/** Bytes of what is kept for the next targets, unless told otherwise. */
const usualKept = 1e9
/** More samples than this make [n_samples, n_samples] matrices of most of a gigabyte, one an alpha. */
export const mostSamples = 10_000

export interface PrimalOptions extends Omit<RidgeOptions, 'threads'> {
  /** Delays of the units in samples; none where it is left out. */
  readonly lags?: Lags
  /** Bytes that may be kept for the next targets of the same features; results do not depend on it. */
  readonly keptBytes?: number
}

/**
 * Whether ridge should be computed this way: by the numbers of samples and features alone, so that the same problem is
 * always solved the same way. Below 1,000 samples either way takes no time.
 */
export const primalIsCheaper = (nSamples: number, nFeatures: number): boolean =>
  nFeatures < nSamples && (nSamples > mostSamples || (nSamples >= 1000 && nSamples >= 8 * nFeatures))

/** Bytes in memory at most while targets are scored, without the targets and their scores; for a pre-flight estimate. */
export const primalBytes = (nSamples: number, units: number, lagCount: number, keptBytes = usualKept): number => {
  const size = units * lagCount
  return 4 * nSamples * units + 5 * 8 * size * size + factorBytes(size) + 3 * panelBytes + batchesBytes + keptBytes
}

/**
 * All that depends on the features alone. Lags never reach from one run into another.
 * @param runs [samples, units] each; their samples are one after the other in folds and targets
 * @throws HeschlError OPTION_INVALID, SHAPE_MISMATCH, CANCELLED; NUMERICAL where a feature is not finite, or the smallest
 *   alpha is lost beside the features' products
 */
export async function preparePrimal(
  runs: readonly Matrix32[],
  options: PrimalOptions,
  watch: Watch = {},
): Promise<RidgeProblem> {
  const { folds, alphas, selection = 'leave-one-out', intercept = true, gemm, keptBytes = usualKept } = options
  const features = new LaggedFeatures(runs, options.lags ?? { from: 0, to: 0 }, intercept)
  const { nSamples } = features
  checkFolds(folds, nSamples)
  checkAlphas(alphas)
  const inner = innerFoldsOf(selection, folds, nSamples)
  const pause = pauser(watch)
  const total = await featureMoments(features, [{ start: 0, end: nSamples }], gemm, pause)
  const kept = new Kept(keptBytes)
  const shared = { features, total, intercept, kept, gemm }
  const training = (index: number, wait: () => Promise<void>): Promise<TrainingFold> =>
    trainingFold(shared, folds[index], String(index), wait)
  const size = features.nFeatures
  let trace = 0
  for (let i = 0; i < size; i++)
    trace += total.products.data[i * size + i] - (intercept ? total.sums[i] ** 2 / nSamples : 0)
  const varies: boolean[] = []
  for (const index of folds.keys()) {
    const fold = await training(index, pause)
    varies.push(fold.trace / fold.count > (1e-12 * trace) / nSamples)
    // Tells now whether float64 holds the systems, and is needed later.
    if (varies.at(-1) === true) await fold.factor(alphas[0], pause)
    watch.onProgress?.((index + 1) / folds.length)
  }
  const problem = { features, intercept, gemm, folds, inner, alphas, varies, training }
  return {
    nSamples,
    products: 'features',
    get bytes() {
      return features.bytes + total.products.data.byteLength + kept.bytes
    },
    score: (y, scoreWatch = {}, keep = {}) => {
      if (y.rows === nSamples) return scorePrimal(problem, y, scoreWatch, keep)
      return Promise.reject(
        new HeschlError('SHAPE_MISMATCH', 'The responses and the design matrix differ in length', {
          expected: `${nSamples} volumes`,
          found: `${y.rows} volumes`,
        }),
      )
    },
  }
}
