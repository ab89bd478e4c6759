/** Which samples a score of held-out predictions is made of, and what it would be without some of them. */

/** As an encoding model's score: `r-squared` is the square of r, `r2` the coefficient of determination. */
export interface ScoreOf {
  readonly measure: 'r' | 'r-squared' | 'r2'
  readonly over: 'folds' | 'concatenated'
}

/** One target, measured and predicted. */
export interface HeldOutSeries {
  /** [n_samples] */
  readonly measured: ArrayLike<number>
  /** [n_samples] */
  readonly predicted: ArrayLike<number>
  /** Samples that each fold holds out. */
  readonly folds: readonly Uint32Array[]
}

/** Sums over some samples about the means of all of their group: what a score is made of. */
interface Sums {
  readonly count: number
  readonly y: number
  readonly p: number
  readonly yy: number
  readonly pp: number
  readonly yp: number
  /** Of squared errors, about 0. */
  readonly error: number
}

/** Samples that are scored together: those of a fold, or of all folds. */
interface Group {
  readonly samples: Uint32Array
  readonly meanY: number
  readonly meanP: number
  readonly sums: Sums
}

const nothing: Sums = { count: 0, y: 0, p: 0, yy: 0, pp: 0, yp: 0, error: 0 }

/**
 * A score taken apart. Pearson's r is the mean over samples of z(measured) z(predicted), with the means and the population
 * SDs of the samples that are scored together; a score over folds is the mean of theirs. Every sample's share of that sum
 * is its contribution, so that contributions add up to the score: of `r-squared` each times its fold's r, of `r2` 1/n less
 * the sample's squared error over the sum of squares. What is constant contributes 0, as it scores 0.
 */
export class ScoreParts {
  readonly #series: HeldOutSeries
  readonly #by: ScoreOf
  readonly #groups: readonly Group[]
  /** [n_samples]: the group of a sample; −1 where it is not held out. */
  readonly #groupOf: Int32Array

  constructor(series: HeldOutSeries, by: ScoreOf) {
    this.#series = series
    this.#by = by
    const { folds, measured } = series
    const sets = by.over === 'folds' ? folds : [Uint32Array.from(folds.flatMap((fold) => [...fold]))]
    this.#groups = sets.map((samples) => this.#group(samples))
    this.#groupOf = new Int32Array(measured.length).fill(-1)
    for (const [index, { samples }] of this.#groups.entries()) for (const i of samples) this.#groupOf[i] = index
  }

  get score(): number {
    return mean(this.#groups.map(({ sums }) => scoreOf(sums, this.#by.measure)))
  }

  /** [n_samples]; 0 for samples that no fold holds out. */
  contributions(): Float64Array {
    const { measured, predicted } = this.#series
    const out = new Float64Array(measured.length)
    for (const { samples, meanY, meanP, sums } of this.#groups) {
      const share = 1 / this.#groups.length
      const { count, yy, pp } = sums
      if (!(yy > 0)) continue
      const r = scoreOf(sums, 'r')
      const factor = this.#by.measure === 'r' ? share : share * r
      for (const i of samples) {
        const error = (measured[i] - predicted[i]) ** 2
        if (this.#by.measure === 'r2') out[i] = share * (1 / count - error / yy)
        else if (pp > 0) out[i] = (factor * (measured[i] - meanY) * (predicted[i] - meanP)) / Math.sqrt(yy * pp)
      }
    }
    return out
  }

  /**
   * What the score loses without samples `from` to `to`, exclusive: the predictions stay, means and SDs are those of the
   * samples that are left. Negative where it gains. 0 where no sample of them is held out, NaN where none would be left.
   */
  drop(from: number, to: number): number {
    const { measured, predicted } = this.#series
    const removed = new Map<number, Sums>()
    for (let i = from; i < to; i++) {
      const index = this.#groupOf[i]
      if (index < 0) continue
      const { meanY, meanP } = this.#groups[index]
      const own = removed.get(index) ?? nothing
      removed.set(index, plus(own, measured[i] - meanY, predicted[i] - meanP, measured[i] - predicted[i]))
    }
    if (removed.size === 0) return 0
    const left = this.#groups.flatMap(({ sums }, index) => {
      const without = removed.get(index)
      const rest = without ? minus(sums, without) : sums
      return rest.count >= 2 ? [scoreOf(rest, this.#by.measure)] : []
    })
    return this.score - mean(left)
  }

  #group(samples: Uint32Array): Group {
    const { measured, predicted } = this.#series
    let [meanY, meanP] = [0, 0]
    let [variesY, variesP] = [false, false]
    for (const i of samples) {
      meanY += measured[i] / samples.length
      meanP += predicted[i] / samples.length
      if (measured[i] !== measured[samples[0]]) variesY = true
      if (predicted[i] !== predicted[samples[0]]) variesP = true
    }
    let sums = nothing
    for (const i of samples) {
      const y = variesY ? measured[i] - meanY : 0
      const p = variesP ? predicted[i] - meanP : 0
      sums = plus(sums, y, p, measured[i] - predicted[i])
    }
    return { samples, meanY, meanP, sums }
  }
}

const plus = ({ count, y, p, yy, pp, yp, error }: Sums, dy: number, dp: number, e: number): Sums => ({
  ...{ count: count + 1, y: y + dy, p: p + dp },
  ...{ yy: yy + dy * dy, pp: pp + dp * dp, yp: yp + dy * dp, error: error + e * e },
})

const minus = (a: Sums, b: Sums): Sums => ({
  ...{ count: a.count - b.count, y: a.y - b.y, p: a.p - b.p },
  ...{ yy: a.yy - b.yy, pp: a.pp - b.pp, yp: a.yp - b.yp, error: a.error - b.error },
})

/** Share of a sum of squares below which what is left of it is rounding error. */
const rounding = 1e-12

function scoreOf({ count, y, p, yy, pp, yp, error }: Sums, measure: ScoreOf['measure']): number {
  const squareY = yy - (y * y) / count
  const squareP = pp - (p * p) / count
  if (!(squareY > rounding * yy)) return 0
  if (measure === 'r2') return 1 - error / squareY
  if (!(squareP > rounding * pp)) return 0
  const r = (yp - (y * p) / count) / Math.sqrt(squareY * squareP)
  return measure === 'r' ? r : r * r
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** A window of time and what the score loses without it. */
interface Moment {
  /** Samples `from` to `to`, exclusive. */
  readonly from: number
  readonly to: number
  readonly drop: number
}

/**
 * The windows without which a score loses most, and those without which it gains most; they share no sample.
 * @param drops [n_samples] of the window that begins at a sample; NaN where none does
 * @param length of a window that begins at a sample
 * @param count of each kind at most
 * @returns in falling order of their effect
 */
export function pickMoments(
  drops: Float64Array,
  length: (sample: number) => number,
  count: number,
): { readonly carry: readonly Moment[]; readonly breaks: readonly Moment[] } {
  const taken = new Uint8Array(drops.length)
  const order = Array.from(drops.keys()).filter((i) => drops[i] !== 0 && !Number.isNaN(drops[i]))
  function pick(sorted: readonly number[], wanted: (drop: number) => boolean): Moment[] {
    const out: Moment[] = []
    for (const from of sorted) {
      if (out.length === count || !wanted(drops[from])) break
      const to = from + length(from)
      if (taken.subarray(from, to).includes(1)) continue
      taken.fill(1, from, to)
      out.push({ from, to, drop: drops[from] })
    }
    return out
  }
  const carry = pick(
    order.toSorted((a, b) => drops[b] - drops[a]),
    (drop) => drop > 0,
  )
  const breaks = pick(
    order.toSorted((a, b) => drops[a] - drops[b]),
    (drop) => drop < 0,
  )
  return { carry, breaks }
}
