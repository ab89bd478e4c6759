/**
 * Wilcoxon's signed-rank test at every vertex.
 * Sources: Wilcoxon (1945); Pratt (1959) and Cureton (1967) for zeros; the interface follows scipy.stats.wilcoxon.
 */
import { HeschlError } from '../errors.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { forEachColumn } from './columns.ts'
import type { ColumnProgress } from './columns.ts'
import { normalTail } from './distributions.ts'
import { countReasons, reasonCode } from './result.ts'
import type { Alternative, MapTest } from './result.ts'
import { rankSumBelow } from './rankSums.ts'
import { RankedDifferences } from './signedRanks.ts'

export interface WilcoxonOptions {
  readonly alternative: Alternative
  /**
   * What zero differences do. `wilcox`: they are left out. `pratt`: they take part in the ranking and are left out of
   * the sums. `zsplit`: half of their ranks counts as positive, half as negative.
   */
  readonly zeros: 'wilcox' | 'pratt' | 'zsplit'
  /** `auto`: exact up to 50 differences, the normal approximation above. */
  readonly method: 'auto' | 'exact' | 'normal'
  /** Whether the normal approximation moves the statistic half a rank towards its mean. */
  readonly continuity: boolean
}

/** As many differences as `auto` takes exactly (scipy's number). */
const exactUpTo = 50
/** As many as `exact` may be asked for. */
const mostExact = 100

/**
 * The exact distribution is over all 2^n signs of the ranks that are there: with ties and zeros too, where scipy's
 * `exact` rounds and its `auto` enumerates up to n = 13. Differences that are not finite are left out.
 * @param differences [subjects, vertices]; a subset of the vertices gives the same numbers for them
 * @param progress called now and then with the vertices that are done; may throw to stop
 * @returns statistic: sum of the positive ranks, or for `two-sided` the smaller of the two sums, as in scipy
 * @throws HeschlError SHAPE_MISMATCH, OPTION_INVALID (`exact` of more than 100 differences)
 */
export function wilcoxon(differences: Matrix, options: WilcoxonOptions, progress?: ColumnProgress): MapTest {
  const { alternative, zeros, method, continuity } = options
  const { rows, cols } = differences
  if (method === 'exact' && rows > mostExact) {
    throw new HeschlError('OPTION_INVALID', 'An exact Wilcoxon test of this many subjects is not computed', {
      expected: `at most ${mostExact}`,
      found: `${rows}`,
      remedy: 'Ask for the normal approximation, which differs little from it here',
    })
  }
  const statistic = new Float64Array(cols).fill(NaN)
  const p = new Float64Array(cols).fill(NaN)
  const n = new Uint32Array(cols)
  const reason = new Uint8Array(cols)
  const ranked = new RankedDifferences(rows)
  let most = 0
  let exactly = 0
  let normally = 0
  forEachColumn(
    differences,
    (vertex, values, count) => {
      n[vertex] = count
      most = Math.max(most, count)
      if (count < 2) {
        reason[vertex] = reasonCode(count === 0 ? 'no value' : 'one value')
        return
      }
      ranked.rank(values, count, zeros)
      if (ranked.nonzero === 0) {
        reason[vertex] = reasonCode('all zero')
        return
      }
      statistic[vertex] = alternative === 'two-sided' ? Math.min(ranked.plus, ranked.minus) : ranked.plus
      const exact = method === 'exact' || (method === 'auto' && count <= exactUpTo)
      if (exact) exactly++
      else normally++
      p[vertex] = exact ? exactP(ranked, alternative) : normalP(ranked, alternative, continuity)
    },
    progress,
  )
  return {
    ...{ statistic, p, n, reason },
    untested: countReasons(reason),
    test: {
      name: 'Wilcoxon signed-rank test',
      n: most,
      alternative,
      correction: null,
      parameters: parameters(exactly, normally, options),
      // All signs alike, and for two sides their opposite.
      ...(exactly > 0 && normally === 0 ? { smallestP: (alternative === 'two-sided' ? 2 : 1) / 2 ** most } : {}),
    },
  }
}

function exactP(ranked: RankedDifferences, alternative: Alternative): number {
  // Doubled ranks are whole numbers, as mean ranks are halves.
  const doubled = Math.round(2 * ranked.plus) - ranked.splitDoubled
  if (alternative === 'less') return rankSumBelow(ranked, doubled)
  // The distribution is symmetric.
  const above = rankSumBelow(ranked, ranked.totalDoubled - doubled)
  if (alternative === 'greater') return above
  return Math.min(1, 2 * Math.min(above, rankSumBelow(ranked, doubled)))
}

function normalP(ranked: RankedDifferences, alternative: Alternative, continuity: boolean): number {
  const { plus, mean, deviation } = ranked
  let z = (plus - mean) / deviation
  if (continuity) {
    const towards = alternative === 'greater' ? 1 : alternative === 'less' ? -1 : Math.sign(z)
    z -= (towards * 0.5) / deviation
  }
  if (alternative === 'greater') return normalTail(z)
  if (alternative === 'less') return normalTail(-z)
  return Math.min(1, 2 * normalTail(Math.abs(z)))
}

function parameters(exactly: number, normally: number, { zeros, continuity }: WilcoxonOptions): string[] {
  const normal = `normal approximation with${continuity ? '' : 'out'} continuity correction`
  const zero = {
    wilcox: 'zero differences left out',
    pratt: "zero differences by Pratt's rule",
    zsplit: 'ranks of zero differences split',
  }[zeros]
  if (normally === 0) return ['exact null distribution', zero]
  return [exactly === 0 ? normal : `exact at ${exactly} vertices, ${normal} at ${normally}`, zero]
}
