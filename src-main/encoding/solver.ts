import type { Matrix, Matrix32 } from '../linalg/matrix.ts'

/**
 * Targets a batch of errors: where all targets are evaluated, and where some are. Every product has this many columns
 * (predictions: rows), the last ones padded, so that a target's numbers do not depend on which others it is scored
 * with: a multiple of the vector units' width, and no power of two, whose strides share few lines of the cache.
 */
export const batchSize = 272
export const smallBatch = 96
export const predictionBatch = 128

export interface Prediction {
  /** [prediction batch, held out]: predictions up to a constant a target, which no correlation sees. */
  readonly values: Matrix
  /** [prediction batch]: standard deviation below which a prediction is rounding error. */
  readonly resolution: Float64Array
}

/** Ridge at one alpha, for every fold. */
export interface AlphaSolver {
  /**
   * Mean squared error within each fold's training samples: leave-one-out, or of inner folds, averaged over them.
   * @param y [n_samples, batch], a target a column, centred; one of the two sizes of batch
   * @param out [folds, batch]
   * @param wanted the folds whose errors are looked at; those of others may be left as they are
   */
  errors(y: Matrix32, out: Float64Array, wanted: ReadonlySet<number>): Promise<void>
  /**
   * @param samples [prediction batch, n_samples], a target a row; the fold's held-out samples have no effect
   * @returns valid until the next call
   */
  predict(fold: number, samples: Matrix32): Promise<Prediction>
  /**
   * Dual coefficients of a fold's fit: weights of the features as the solver has them are X_Tᵀ times these.
   * @param samples as of `predict`
   * @returns [prediction batch, n_samples], 0 for the held-out samples; valid until the next call
   */
  duals(fold: number, samples: Matrix32): Promise<Matrix>
}

/** Values a fold and target in `moments`. */
export const momentCount = 5

export interface RidgeScores {
  /**
   * [folds, n_targets]: Pearson's r on the held-out samples. 0 where the target or its prediction is constant there, or
   * the target or all features are constant on the training samples. NaN in every fold for a target that is constant
   * over the whole recording or has a value that is not finite.
   */
  readonly r: Float32Array
  /** [folds, n_targets]: index into alphas; 255 where there was nothing to fit. */
  readonly alpha: Uint8Array
  readonly nTargets: number
  /**
   * [folds, n_targets]: coefficient of determination on the held-out samples, 1 - Σ(y - ŷ)² / Σ(y - mean)², as
   * scikit-learn's r2_score; 0 where the target is constant there. NaN where r is.
   */
  readonly r2?: Float32Array
  /**
   * [folds, n_targets, 5]: of a fold's held-out samples the means of the target and of its prediction, and the sums over
   * samples of the squares of both less their means, and of their product. NaN where r is.
   */
  readonly moments?: Float64Array
  /** [n_samples, n_targets]: each held-out sample's prediction, in the target's unit. NaN where r is. */
  readonly predictions?: Float32Array
  /**
   * [folds, n_targets]: mean squared error at the chosen alpha, of leave-one-out or averaged over the inner folds, in
   * the square of the target's unit. Infinity where there was nothing to fit.
   */
  readonly errors?: Float64Array
  /** [alphas, folds, n_targets]: as `errors`, at every alpha; NaN where there was nothing to fit. */
  readonly curves?: Float64Array
  /**
   * [n_samples, n_targets]: dual coefficients, 0 for held-out samples, averaged over folds: the folds' mean weights are
   * Xᵀ times these, in which most of them may cancel. NaN where r is.
   */
  readonly duals?: Float64Array
}

/** What is kept beside r and alpha. */
export interface Keep {
  readonly r2?: boolean
  readonly moments?: boolean
  readonly predictions?: boolean
  readonly errors?: boolean
  /** Errors at every alpha, and no scores. */
  readonly curves?: boolean
  readonly duals?: boolean
  /** [folds], or [folds, n_targets]: indices of the alphas to score at; none is chosen. */
  readonly given?: Uint8Array
  /** [n_targets]: the one fold in which each target is scored; in the others nothing is said of it. */
  readonly own?: Uint8Array
}

/** The alpha that a target is to be scored at in a fold, of `Keep.given`. */
export function givenAlpha(
  given: Uint8Array,
  { folds, fold }: { folds: number; fold: number },
  target: number,
): number {
  const width = given.length / folds
  return given[fold * width + (width > 1 ? target : 0)]
}

/**
 * Targets to score, taken chunk by chunk by any number of threads; plain data. A chunk goes as far as it can with the
 * alphas that are solved: it marks those it lacks, and is taken again.
 */
export interface ScoreJob {
  /** [n_samples, n_targets] */
  readonly y: Matrix32
  readonly scores: RidgeScores
  /** [folds] or [folds, n_targets]: indices of alphas, where none is to be chosen. */
  readonly given?: Uint8Array
  /** [n_targets]: as of `Keep`. */
  readonly own?: Uint8Array
  /** [alphas, folds, n_targets]: validation errors of rows (targets.ts), NaN where not evaluated. */
  readonly errors: Float64Array
  /** [alphas]: 1 where an alpha is lacking. */
  readonly wanted: Int32Array
  /** Targets a chunk. */
  readonly chunk: number
  /** [chunks]: 0 at first, 1 once the coarse grid is evaluated, 2 when done. */
  readonly stages: Int32Array
  /** [chunks]: targets reported as done. */
  readonly told: Int32Array
  /** Next chunk, whether to stop, targets done. */
  readonly control: Int32Array
}
