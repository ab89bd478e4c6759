import type { RankedDifferences } from './signedRanks.ts'

/** Cumulative distributions of the sum of ranks 1 to n that a fair coin chooses, by n. */
const plainSums = new Map<number, Float64Array>()

/**
 * P(sum <= what is given) where every nonzero difference is positive with probability 1/2.
 * @param doubled twice a sum of positive ranks
 */
export function rankSumBelow(ranked: RankedDifferences, doubled: number): number {
  if (!ranked.plain) return tiedSumBelow(ranked, doubled)
  const n = ranked.nonzero
  let sums = plainSums.get(n)
  if (!sums) {
    sums = cumulative(
      distribution(
        Uint32Array.from({ length: n }, (_, i) => i + 1),
        n,
        (n * (n + 1)) / 2,
      ),
    )
    plainSums.set(n, sums)
  }
  return sums[Math.round(doubled / 2)]
}

function tiedSumBelow({ doubledRanks, nonzero, totalDoubled }: RankedDifferences, doubled: number): number {
  // The smaller half is the one to sum: the other follows by symmetry.
  if (2 * doubled > totalDoubled) {
    const above = totalDoubled - doubled - 1
    return above < 0 ? 1 : 1 - total(distribution(doubledRanks, nonzero, above))
  }
  return doubled < 0 ? 0 : total(distribution(doubledRanks, nonzero, doubled))
}

/**
 * P(sum = k) for k = 0 to `most`, by taking in one rank after the other.
 * @param ranks its first `count` ones are whole and ascending
 */
function distribution(ranks: Uint32Array, count: number, most: number): Float64Array {
  const probability = new Float64Array(most + 1)
  probability[0] = 1
  let reached = 0
  for (let i = 0; i < count; i++) {
    const rank = ranks[i]
    reached = Math.min(most, reached + rank)
    for (let k = reached; k >= rank; k--) probability[k] = (probability[k] + probability[k - rank]) / 2
    for (let k = Math.min(rank - 1, reached); k >= 0; k--) probability[k] /= 2
  }
  return probability
}

function cumulative(probability: Float64Array): Float64Array {
  for (let k = 1; k < probability.length; k++) probability[k] += probability[k - 1]
  return probability
}

const total = (probability: Float64Array): number => probability.reduce((sum, value) => sum + value, 0)
