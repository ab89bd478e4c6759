/** What an encoding model may be told, and what it gives. */
import type { FoldComponents } from '../foldComponents.ts'
import type { Selection } from '../innerFolds.ts'
import type { ProductsOf, RidgeOptions, RidgeScores } from '../ridge.ts'
import type { Watch } from '../score.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import type { HeldOut } from './heldOut.ts'

/** Scaling by what a fold's training samples say: mean and SD, the mean alone, or none. */
export type FoldScaling = 'training-fold' | 'centre' | 'none'

export interface EncodingOptions {
  /** Samples that each fold holds out; folds share none, and may leave some samples out. */
  readonly folds: readonly HeldOut[]
  /** What is done to X (scikit-learn's StandardScaler) before anything else. */
  readonly standardizeX: FoldScaling
  readonly standardizeY: Exclude<FoldScaling, 'centre'>
  /** Principal components that stand for X, fitted on a fold's training samples after `standardizeX`. */
  readonly pcaX: number | 'none'
  /** As X. Each component has its own alpha; predictions are turned back into targets before they are scored. */
  readonly pcaY: number | 'none'
  /** Penalties, increasing. */
  readonly alphas: readonly number[]
  readonly intercept: boolean
  /** Inner folds are of a fold's training samples in the order that they have in X. */
  readonly selection: Selection
  /** One alpha a target, or a fold the one whose error is least on average over targets. */
  readonly alpha: 'per-target' | 'shared'
  /** Whether weights will be asked for: X is then held. */
  readonly weights?: boolean
}

export interface EncodingComputing extends Pick<RidgeOptions, 'gemm' | 'threads'> {
  /**
   * Bytes that folds prepared one by one may take together: where they do, further recordings are scored without
   * preparing them again. Changes no result.
   */
  readonly keepBytes?: number
  /** As of ridge: for targets whose alphas are given. */
  readonly lazy?: boolean
}

/** What is kept beside r and alpha. */
export interface EncodingKeep {
  readonly r2?: boolean
  /** For scores over concatenated predictions. */
  readonly moments?: boolean
  readonly predictions?: boolean
  /** The options' `weights` must be set. */
  readonly weights?: boolean
  /** [folds, targets, or components of Y]: indices of the alphas to score at, as `EncodingScores.alpha`; none is chosen. */
  readonly given?: Uint8Array
}

/** As of ridge; all that has a unit is in that of Y after `standardizeY`. */
export interface EncodingScores extends Omit<RidgeScores, 'errors' | 'curves' | 'duals'> {
  /** Columns of `alpha`: targets, or components of Y. */
  readonly nAlphas: number
  /** [folds]: how many samples each holds out. */
  readonly heldOut: readonly number[]
  /**
   * [n_features, n_targets]: weights of the features after `standardizeX`, averaged over folds, PCA inverted (what
   * scikit-learn's `coef_` are, averaged). NaN where r is.
   */
  readonly weights?: Float32Array
}

export interface EncodingProblem {
  readonly nSamples: number
  readonly nFolds: number
  /** What its ridges are solved from; where each fold has one of its own, those that were scored. */
  readonly products: readonly ProductsOf[]
  /** Memory held, for a pre-flight estimate. */
  readonly bytes: number
  /**
   * All targets at once, where `isCoupled` says that their scores depend on one another.
   * @param y [n_samples, n_targets]
   * @param components of Y as `componentsOf` gives them, where they are known
   * @throws HeschlError SHAPE_MISMATCH, OPTION_INVALID, CANCELLED
   */
  score(y: Matrix32, watch?: Watch, keep?: EncodingKeep, components?: FoldComponents): Promise<EncodingScores>
}
