/** What a score of held-out predictions is made of, fold by fold. */
import type { Matrix } from '../linalg/matrix.ts'
import type { Blocks } from './blockPermutations.ts'

/** As the encoding model's `score` (study/encoding.ts). */
export interface ScoreRule {
  /** Pearson's r, its square, or the coefficient of determination. */
  readonly measure: 'r' | 'r-squared' | 'r2'
  /** `folds`: one score a fold, averaged; `concatenated`: all held-out samples one after the other. */
  readonly over: 'folds' | 'concatenated'
}

/** A fold's prediction that varies by less than this share of its mean is constant but for float32 rounding. */
const rounding = 1e-6

/**
 * One target: every fold's predictions and responses, centred and of unit norm, and how the folds' products make the
 * score: `constant` + Σ `weights`[f] · product[f], whatever order the fold's responses stand in.
 */
export class FoldMoments {
  /** [n_samples]; 0 where a fold's are constant, and where nothing is held out. */
  readonly predicted: Float64Array
  readonly responses: Float64Array
  readonly weights: Float64Array
  constant = 0
  readonly #blocks: Blocks
  readonly #rule: ScoreRule
  readonly #folds: Moments[]

  constructor(blocks: Blocks, nSamples: number, rule: ScoreRule) {
    this.predicted = new Float64Array(nSamples)
    this.responses = new Float64Array(nSamples)
    this.weights = new Float64Array(blocks.bounds.length - 1)
    this.#blocks = blocks
    this.#rule = rule
    this.#folds = Array.from(this.weights, () => ({ n: 0, meanP: 0, meanY: 0, squareP: 0, squareY: 0 }))
  }

  /**
   * Takes column `j` of both, [n_samples, columns].
   * @returns false where it cannot be scored: a value that is not finite, or responses that are constant
   */
  load(predictions: Matrix['data'], y: Matrix['data'], columns: number, j: number): boolean {
    const { starts, lengths, bounds } = this.#blocks
    let varies = false
    for (const [f, fold] of this.#folds.entries()) {
      let [n, sumP, sumY] = [0, 0, 0]
      for (let b = bounds[f]; b < bounds[f + 1]; b++) {
        for (let i = starts[b]; i < starts[b] + lengths[b]; i++) {
          sumP += this.predicted[i] = predictions[i * columns + j]
          sumY += this.responses[i] = y[i * columns + j]
          n++
        }
      }
      if (!Number.isFinite(sumP) || !Number.isFinite(sumY)) return false
      Object.assign(fold, { n, meanP: sumP / n, meanY: sumY / n })
      fold.squareP = this.#unit(this.predicted, f, fold.meanP)
      fold.squareY = this.#unit(this.responses, f, fold.meanY)
      if (fold.squareY > 0) varies = true
    }
    this.#weigh()
    return varies
  }

  /** Centres a fold's samples and divides by their norm, whose square is returned; 0 where they are constant. */
  #unit(values: Float64Array, f: number, mean: number): number {
    const { starts, lengths, bounds } = this.#blocks
    let square = 0
    let n = 0
    for (let b = bounds[f]; b < bounds[f + 1]; b++) {
      for (let i = starts[b]; i < starts[b] + lengths[b]; i++) square += (values[i] - mean) ** 2
      n += lengths[b]
    }
    if (square <= n * (rounding * mean) ** 2) square = 0
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0
    for (let b = bounds[f]; b < bounds[f + 1]; b++)
      for (let i = starts[b]; i < starts[b] + lengths[b]; i++) values[i] = (values[i] - mean) * scale
    return square
  }

  #weigh(): void {
    const { measure, over } = this.#rule
    this.constant = 0
    if (over === 'concatenated') {
      this.#concatenate()
      return
    }
    for (const [f, { n, meanP, meanY, squareP, squareY }] of this.#folds.entries()) {
      const share = 1 / this.#folds.length
      this.weights[f] = share
      if (measure !== 'r2') continue
      // 1 − Σ(y − ŷ)² / Σ(y − ȳ)² with Σ(y − ŷ)² = Σ(y − ȳ)² + Σ(ŷ − m)² + n(ȳ − m)² − 2 Σ(y − ȳ)(ŷ − m), m the mean of ŷ.
      this.weights[f] = squareY > 0 ? share * 2 * Math.sqrt(squareP / squareY) : 0
      if (squareY > 0) this.constant -= (share * (squareP + n * (meanY - meanP) ** 2)) / squareY
    }
  }

  #concatenate(): void {
    let [n, meanP, meanY] = [0, 0, 0]
    for (const fold of this.#folds) {
      n += fold.n
      meanP += fold.n * fold.meanP
      meanY += fold.n * fold.meanY
    }
    meanP /= n
    meanY /= n
    let [squareP, squareY, between, error] = [0, 0, 0, 0]
    for (const fold of this.#folds) {
      squareP += fold.squareP + fold.n * (fold.meanP - meanP) ** 2
      squareY += fold.squareY + fold.n * (fold.meanY - meanY) ** 2
      between += fold.n * (fold.meanP - meanP) * (fold.meanY - meanY)
      error += fold.squareP + fold.squareY + fold.n * (fold.meanY - fold.meanP) ** 2
    }
    const r2 = this.#rule.measure === 'r2'
    const scale = r2 ? squareY / 2 : Math.sqrt(squareP * squareY)
    this.constant = scale > 0 ? (r2 ? 1 - error / squareY : between / scale) : 0
    for (const [f, fold] of this.#folds.entries())
      this.weights[f] = scale > 0 ? Math.sqrt(fold.squareP * fold.squareY) / scale : 0
  }
}

interface Moments {
  n: number
  meanP: number
  meanY: number
  squareP: number
  squareY: number
}
