/**
 * Ranks of absolute differences, one vertex after another in the same memory. Positive and negative differences are
 * sorted apart, natively, and merged: no comparison function, and ties are told exactly.
 */
export class RankedDifferences {
  /** Differences that are not 0. */
  nonzero = 0
  /** Sums of the ranks of positive and of negative differences. */
  plus = 0
  minus = 0
  /** Mean and standard deviation of `plus` under the null, corrected for ties. */
  mean = 0
  deviation = 0
  /** Whether the nonzero ranks are 1 to n, each once. */
  plain = false
  /** Twice the sum of the nonzero differences' ranks. */
  totalDoubled = 0
  /** Twice that part of `plus` which comes from zeros (`zsplit`). */
  splitDoubled = 0
  /** [nonzero]: twice the rank of each nonzero difference, ascending. */
  readonly doubledRanks: Uint32Array
  private readonly positive: Float64Array
  private readonly negative: Float64Array

  constructor(most: number) {
    this.doubledRanks = new Uint32Array(most)
    this.positive = new Float64Array(most)
    this.negative = new Float64Array(most)
  }

  /** @param values its first `count` ones are finite */
  rank(values: Float64Array, count: number, zeros: 'wilcox' | 'pratt' | 'zsplit'): void {
    const { positive, negative, doubledRanks } = this
    let above = 0
    let below = 0
    for (let i = 0; i < count; i++) {
      const value = values[i]
      if (value > 0) positive[above++] = value
      else if (value < 0) negative[below++] = -value
    }
    const ups = positive.subarray(0, above).sort()
    const downs = negative.subarray(0, below).sort()
    const zero = count - above - below
    const offset = zeros === 'wilcox' ? 0 : zero
    let plusDoubled = 0
    let totalDoubled = 0
    let ties = 0
    let i = 0
    let j = 0
    while (i < above || j < below) {
      const value = j >= below || (i < above && ups[i] <= downs[j]) ? ups[i] : downs[j]
      const first = i + j
      const firstUp = i
      while (i < above && ups[i] === value) i++
      while (j < below && downs[j] === value) j++
      const group = i + j - first
      const doubled = 2 * (offset + first) + 1 + group
      plusDoubled += (i - firstUp) * doubled
      totalDoubled += group * doubled
      if (group > 1) ties += group * (group * group - 1)
      doubledRanks.fill(doubled, first, first + group)
    }
    this.nonzero = above + below
    this.plain = ties === 0 && offset === 0
    this.totalDoubled = totalDoubled
    // Half of the zeros' rank sum, zero (zero + 1) / 2, doubled.
    this.splitDoubled = zeros === 'zsplit' ? (zero * (zero + 1)) / 2 : 0
    this.plus = (plusDoubled + this.splitDoubled) / 2
    this.minus = (totalDoubled - plusDoubled + this.splitDoubled) / 2
    const ranked = this.nonzero + offset
    let mean = (ranked * (ranked + 1)) / 4
    let variance = ranked * (ranked + 1) * (2 * ranked + 1)
    if (zeros === 'pratt') {
      mean -= (zero * (zero + 1)) / 4
      variance -= zero * (zero + 1) * (2 * zero + 1)
    } else if (zeros === 'zsplit' && zero > 1) {
      // scipy counts the zeros as ties among the rest.
      ties += zero * (zero * zero - 1)
    }
    this.mean = mean
    this.deviation = Math.sqrt((variance - ties / 2) / 24)
  }
}
