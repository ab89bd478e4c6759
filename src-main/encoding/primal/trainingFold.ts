/** What ridge needs of an outer fold's training features: their products, and the systems of every alpha. */
import { factorBytes, factorPositiveDefinite, type CholeskyFactor } from '../../linalg/choleskySolve.ts'
import type { Gemm } from '../../linalg/gemm.ts'
import type { Matrix64 } from '../../linalg/matrix.ts'
import type { Fold } from '../folds.ts'
import { featuresAbout, meansOf, withoutFeatures } from './centred.ts'
import type { Kept } from './kept.ts'
import type { LaggedFeatures } from './lagged.ts'
import { featureMoments, type Moments } from './moments.ts'

export interface PrimalFeatures {
  readonly features: LaggedFeatures
  readonly total: Moments
  readonly intercept: boolean
  readonly kept: Kept
  readonly gemm: Gemm
}

/** Some samples of a training set, and the rest of it. */
export interface InnerPart {
  readonly count: number
  /** [n_features], of features less their means over all samples */
  readonly sums: Float64Array
  /** [n_features, n_features], about the training set's means */
  readonly products: Matrix64
  /** (C + alpha)⁻¹ of the rest. */
  factor(alpha: number, pause: () => Promise<void>): Promise<CholeskyFactor>
}

export interface TrainingFold {
  readonly count: number
  /** [n_features], of features less their means over all samples. */
  readonly sums: Float64Array
  /** [n_features], 0 without an intercept. */
  readonly means: Float64Array
  /** Σ over features of their sum of squares about the means. */
  readonly trace: number
  factor(alpha: number, pause: () => Promise<void>): Promise<CholeskyFactor>
  inner(stretches: readonly Fold[], pause: () => Promise<void>): Promise<InnerPart>
}

/** @param name of the fold, in what is kept */
export async function trainingFold(
  { features, total, intercept, kept, gemm }: PrimalFeatures,
  fold: Fold,
  name: string,
  pause: () => Promise<void>,
): Promise<TrainingFold> {
  const size = features.nFeatures
  const matrixBytes = 8 * size * size
  const { count, sums, means, products } = await kept.get(name, matrixBytes, async () => {
    const rest = withoutFeatures(total, await featureMoments(features, [fold], gemm, pause))
    const means = meansOf(rest, intercept)
    return { count: rest.count, sums: rest.sums, means, products: featuresAbout(rest, means) }
  })
  const factorOf = (key: string, alpha: number, matrix: () => Float64Array, wait: () => Promise<void>) =>
    kept.get(`${key} ${alpha}`, factorBytes(size), () => {
      const data = matrix()
      for (let i = 0; i < size; i++) data[i * size + i] += alpha
      return factorPositiveDefinite({ data, rows: size, cols: size }, gemm, wait)
    })
  return {
    count,
    sums,
    means,
    trace: means.reduce((sum, _, i) => sum + products.data[i * size + i], 0),
    factor: (alpha, wait) => factorOf(name, alpha, () => products.data.slice(), wait),
    async inner(stretches, wait) {
      const key = `${name} ${stretches.map(({ start, end }) => `${start}-${end}`).join(',')}`
      const part = await kept.get(key, matrixBytes, async () => {
        const moments = await featureMoments(features, stretches, gemm, wait)
        return { count: moments.count, sums: moments.sums, products: featuresAbout(moments, means) }
      })
      const rest = () => products.data.map((value, i) => value - part.products.data[i])
      return { ...part, factor: (alpha, pausing) => factorOf(key, alpha, rest, pausing) }
    },
  }
}
