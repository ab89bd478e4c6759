import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { zeros64, type Matrix32, type Matrix64 } from '../linalg/matrix.ts'
import { centreFeatures, gramMatrix, type CentredFeatures } from './gram.ts'
import { prepareFeatures, type RidgeOptions, type RidgeProblem } from './ridge.ts'
import { pauser, type Watch } from './score.ts'

/**
 * Features that are added level by level (one layer of a model after the other): the Gram matrix of all so far is the
 * last one plus the new level's, K_l = K_(l-1) + X_l X_lᵀ, so that a level costs products of its own features alone.
 */
export class FeatureLevels {
  readonly #gemm: Gemm
  readonly #intercept: boolean
  #features: CentredFeatures | undefined
  /** As `gramMatrix`, of all features so far. */
  #k: Matrix64 | undefined

  /** @param intercept whether features are centred, and an intercept fitted */
  constructor(gemm: Gemm, intercept = true) {
    this.#gemm = gemm
    this.#intercept = intercept
  }

  /**
   * @param x [n_samples, n_features] of the next level; as many samples as the others
   * @throws HeschlError SHAPE_MISMATCH, NUMERICAL where a feature is not finite, CANCELLED
   */
  async add(x: Matrix32, watch: Watch = {}): Promise<void> {
    if (this.#features && x.rows !== this.#features.nSamples) {
      throw new HeschlError('SHAPE_MISMATCH', 'The levels of features differ in length', {
        expected: `${this.#features.nSamples} samples`,
        found: `${x.rows} samples`,
      })
    }
    const level = centreFeatures(x, this.#intercept)
    const k = await gramMatrix(level, this.#gemm, pauser(watch))
    const before = this.#features
    this.#features = before ? joined(before, level) : level
    this.#k = before && this.#k ? mean(this.#k, before.scale, k, level.scale) : k
  }

  /**
   * The regression on all features so far; as `prepareRidge` on their matrices side by side, but for rounding.
   * @throws HeschlError as `prepareRidge`; OPTION_INVALID where nothing was added yet
   */
  async prepare(options: Omit<RidgeOptions, 'intercept'>, watch: Watch = {}): Promise<RidgeProblem> {
    if (!this.#features || !this.#k) throw new HeschlError('OPTION_INVALID', 'There are no features to fit')
    return prepareFeatures(this.#features, this.#k, options, watch)
  }
}

/** Side by side, scaled alike. */
function joined(a: CentredFeatures, b: CentredFeatures): CentredFeatures {
  const scale = a.scale + b.scale
  const share = (part: CentredFeatures) => (scale > 0 ? Math.sqrt(part.scale / scale) : 0)
  return {
    nSamples: a.nSamples,
    nFeatures: a.nFeatures + b.nFeatures,
    centred: a.centred,
    scale,
    columns(first, last) {
      const out = zeros64(a.nSamples, last - first)
      const parts = [
        { part: a, from: first, to: Math.min(last, a.nFeatures), at: 0 },
        {
          part: b,
          from: Math.max(first - a.nFeatures, 0),
          to: last - a.nFeatures,
          at: Math.max(a.nFeatures - first, 0),
        },
      ]
      for (const { part, from, to, at } of parts) {
        if (to <= from) continue
        const columns = part.columns(from, to)
        const factor = share(part)
        for (let i = 0; i < out.rows; i++) {
          for (let j = 0; j < columns.cols; j++) {
            out.data[i * out.cols + at + j] = factor * columns.data[i * columns.cols + j]
          }
        }
      }
      return out
    },
  }
}

/** Gram matrices of a mean eigenvalue of 1, weighted by the features' variance: so is the result. */
function mean(a: Matrix64, weightA: number, b: Matrix64, weightB: number): Matrix64 {
  const total = weightA + weightB
  const [shareA, shareB] = total > 0 ? [weightA / total, weightB / total] : [0, 0]
  return { ...a, data: a.data.map((value, i) => shareA * value + shareB * b.data[i]) }
}
