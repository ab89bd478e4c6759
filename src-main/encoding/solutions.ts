/** What solvers are made of: plain data in shared memory, so that threads read one copy. */
import type { Matrix, Matrix64 } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'
import type { InnerFold } from './innerFolds.ts'

export interface InnerSolution {
  /** [inner, inner], `innerSolver`'s R in the units of P. */
  readonly residual: Matrix
  /** [inner], R 1. */
  readonly constants: Float64Array
}

export interface FoldSolution {
  readonly fold: Fold
  /** [n_samples, held out], the transpose of `fastSolver`'s M; 0 for the held-out samples. */
  readonly m: Matrix
  /** [n_samples], 1 / P_ii⁽⁻ᶠ⁾ in the units of P; 0 for the held-out samples. */
  readonly weights: Float64Array
  /** Largest norm of a row of M. */
  readonly reach: number
  /** Where alphas are chosen by inner folds, in the order of the training samples. */
  readonly inner?: readonly InnerSolution[]
}

/** Ridge at one alpha from the matrices of `fastSolver`: products with targets in the element type of P and M. */
export interface ProductSolution {
  readonly kind: 'product'
  /** [n, n], P / `size`. */
  readonly p: Matrix
  readonly size: number
  readonly folds: readonly FoldSolution[]
}

/** Of the training features of an inner fold, centred on the outer fold's. */
interface InnerDecomposition {
  readonly inner: InnerFold
  /** [inner training, rank] */
  readonly u: Matrix64
  /** [rank] */
  readonly s: Float64Array
  /** [inner held out, rank] */
  readonly z: Matrix64
}

export interface Decomposition {
  readonly fold: Fold
  /** [training, rank] */
  readonly u: Matrix64
  /** [rank] */
  readonly s: Float64Array
  /** [held out, rank]: held-out features along the right singular vectors. */
  readonly z: Matrix64
  /** [training]: diagonal of `exactSolver`'s N, 0 where it is rounding error. */
  readonly rest: Float64Array
  /** Where alphas are chosen by inner folds. */
  readonly inner?: readonly InnerDecomposition[]
}

/** Ridge at one alpha from the decompositions that all alphas share. */
export interface ExactSolution {
  readonly kind: 'exact'
  readonly decompositions: readonly Decomposition[]
  /** In units of the mean eigenvalue, as the features are scaled. */
  readonly alpha: number
}

export type AlphaSolution = ProductSolution | ExactSolution

/** All that depends on features alone: plain data in shared memory. */
export interface PreparedProblem {
  readonly nSamples: number
  readonly folds: readonly Fold[]
  /** Whether features and targets are centred on each fold's training samples. */
  readonly intercept: boolean
  readonly alphas: readonly number[]
  /** Mean square by which the features' products are divided, as `CentredFeatures`. */
  readonly scale: number
  /** Whether the features vary over each fold's training samples. */
  readonly varies: readonly boolean[]
  /** One per alpha, undefined until it is asked for; none where every feature is constant. */
  readonly solutions: readonly (AlphaSolution | undefined)[]
}
