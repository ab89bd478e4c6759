/** Moments of some samples, less those of others, and about the means of a training set. */
import { zeros64, type Matrix64 } from '../../linalg/matrix.ts'
import type { Moments, TargetMoments } from './moments.ts'

/** What a fit is centred on: means over its training samples, or 0 without an intercept. */
export interface Centre {
  /** [n_features] */
  readonly features: Float64Array
  /** Batch by batch, [batch]. */
  readonly targets: readonly Float64Array[]
}

export const meansOf = ({ sums, count }: { readonly sums: Float64Array; readonly count: number }, intercept: boolean) =>
  sums.map((sum) => (intercept ? sum / count : 0))

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i])

/** Of the samples that are in `all` and not in `part`. */
export const withoutFeatures = (all: Moments, part: Moments): Moments => ({
  count: all.count - part.count,
  sums: minus(all.sums, part.sums),
  products: { ...all.products, data: minus(all.products.data, part.products.data) },
})

/** Of the samples that are in `all` and not in `part`. */
export const withoutTargets = (all: TargetMoments, part: TargetMoments): TargetMoments => ({
  count: all.count - part.count,
  sums: minus(all.sums, part.sums),
  squares: minus(all.squares, part.squares),
  products: { ...all.products, data: minus(all.products.data, part.products.data) },
})

/** Σ (x - m)(x - m)ᵀ; written over the moments' products. */
export function featuresAbout({ count, sums, products }: Moments, means: Float64Array): Matrix64 {
  const { data, cols } = products
  for (let i = 0; i < cols; i++) {
    const [sum, mean] = [sums[i], means[i]]
    const own = count * mean - sum
    for (let j = 0, at = i * cols; j < cols; j++, at++) data[at] += own * means[j] - mean * sums[j]
  }
  return products
}

interface TargetsAbout {
  /** [n_features, batch], Σ (x - m)(y - mean)ᵀ */
  readonly products: Matrix64
  /** [batch], Σ (y - mean)² */
  readonly squares: Float64Array
}

/** @param sums [n_features], of the same samples' features */
export function targetsAbout(
  { count, sums: targetSums, squares, products }: TargetMoments,
  sums: Float64Array,
  means: Float64Array,
  targetMeans: Float64Array,
): TargetsAbout {
  const about = zeros64(products.rows, products.cols)
  for (let j = 0, at = 0; j < products.rows; j++) {
    for (let t = 0; t < products.cols; t++, at++) {
      const moved = (count * means[j] - sums[j]) * targetMeans[t] - means[j] * targetSums[t]
      about.data[at] = products.data[at] + moved
    }
  }
  const own = squares.map((square, t) => square - targetMeans[t] * (2 * targetSums[t] - count * targetMeans[t]))
  return { products: about, squares: own }
}
