/** Spearman's rho of one map against many rearrangements of another, without sorting again. */
export class RankCorrelation {
  /** [n]: place of each value among the different values, from 0; -1 where it is not finite. */
  private readonly x: Int32Array
  private readonly y: Int32Array
  private readonly countsX: Float64Array
  private readonly countsY: Float64Array

  constructor(x: ArrayLike<number>, y: ArrayLike<number>) {
    this.x = places(x)
    this.y = places(y)
    this.countsX = new Float64Array(this.x.length)
    this.countsY = new Float64Array(this.y.length)
  }

  /**
   * Rho of x[order[i]] with y[i] over all i where both are finite, ties sharing their mean rank; and how many those are.
   * rho is NaN where a side does not vary.
   */
  of(order: Uint32Array): { rho: number; n: number } {
    const { x, y, countsX, countsY } = this
    countsX.fill(0)
    countsY.fill(0)
    let n = 0
    for (let i = 0; i < order.length; i++) {
      const a = x[order[i]]
      const b = y[i]
      if (a < 0 || b < 0) continue
      countsX[a]++
      countsY[b]++
      n++
    }
    const squareX = ranksFromCounts(countsX, n)
    const squareY = ranksFromCounts(countsY, n)
    let product = 0
    for (let i = 0; i < order.length; i++) {
      const a = x[order[i]]
      const b = y[i]
      if (a >= 0 && b >= 0) product += countsX[a] * countsY[b]
    }
    const rho = product / Math.sqrt(squareX * squareY)
    return { rho: Math.max(-1, Math.min(1, rho)), n }
  }
}

/** Turns counts of each value into their mean rank less the mean of all ranks; gives the ranks' sum of squares. */
function ranksFromCounts(counts: Float64Array, n: number): number {
  let before = 0
  let squares = 0
  for (let k = 0; k < counts.length; k++) {
    const count = counts[k]
    const rank = before + (count + 1) / 2 - (n + 1) / 2
    counts[k] = rank
    squares += count * rank * rank
    before += count
  }
  return squares
}

function places(values: ArrayLike<number>): Int32Array {
  const finite = Uint32Array.from({ length: values.length }, (_, i) => i).filter((i) => Number.isFinite(values[i]))
  finite.sort((i, j) => values[i] - values[j])
  const out = new Int32Array(values.length).fill(-1)
  let place = -1
  finite.forEach((i, k) => {
    if (k === 0 || values[i] !== values[finite[k - 1]]) place++
    out[i] = place
  })
  return out
}
