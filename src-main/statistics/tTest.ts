/** Student's t at every vertex: one sample, pairs (of differences), two groups by Welch's or the pooled variance. */
import type { Matrix } from '../linalg/matrix.ts'
import { checkSameVertices, forEachColumn } from './columns.ts'
import { tTail } from './distributions.ts'
import { momentsOf } from './moments.ts'
import { countReasons, reasonCode } from './result.ts'
import type { Alternative, MapTest, Untestable } from './result.ts'

/** Values, mean and standard deviation (n - 1) of every column. */
interface Moments {
  readonly count: Uint32Array
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

/**
 * Are the values other than 0? Of paired differences (`pairedDifferences`) it is the paired test.
 * Values that are not finite are left out.
 * @param values [subjects, vertices]
 * @returns statistic: t, with n - 1 degrees of freedom
 * @throws HeschlError SHAPE_MISMATCH
 */
export function oneSampleT(values: Matrix, alternative: Alternative): MapTest {
  const { count, mean, deviation } = moments(values)
  return finish(values.cols, count, alternative, 'one-sample t test', ['mean against 0'], values.rows, (v) => {
    if (count[v] === 0) return 'no value'
    if (count[v] === 1) return 'one value'
    if (deviation[v] === 0) return mean[v] === 0 ? 'all zero' : 'all equal'
    return [mean[v] / (deviation[v] / Math.sqrt(count[v])), count[v] - 1]
  })
}

/**
 * Do two groups of subjects differ?
 * @param a, b [subjects, vertices], different subjects; values that are not finite are left out
 * @param variances `unequal`: Welch's test with Satterthwaite's degrees of freedom; `equal`: Student's, pooled
 * @returns statistic: t, positive where `a` is larger
 * @throws HeschlError SHAPE_MISMATCH
 */
export function twoSampleT(a: Matrix, b: Matrix, alternative: Alternative, variances: 'equal' | 'unequal'): MapTest {
  checkSameVertices(a, b)
  const [first, second] = [moments(a), moments(b)]
  const n = first.count.map((count, v) => count + second.count[v])
  const name = variances === 'unequal' ? "Welch's t test" : "Student's t test"
  return finish(a.cols, n, alternative, name, [`${variances} variances`], [a.rows, b.rows], (v) => {
    const [na, nb] = [first.count[v], second.count[v]]
    if (na === 0 || nb === 0) return 'no value'
    if (na === 1 || nb === 1) return 'one value'
    const difference = first.mean[v] - second.mean[v]
    const [sa, sb] = [first.deviation[v], second.deviation[v]]
    if (sa === 0 && sb === 0) return 'all equal'
    if (variances === 'equal') {
      const df = na + nb - 2
      const pooled = Math.hypot(sa * Math.sqrt((na - 1) / df), sb * Math.sqrt((nb - 1) / df))
      return [difference / (pooled * Math.sqrt(1 / na + 1 / nb)), df]
    }
    const error = Math.hypot(sa / Math.sqrt(na), sb / Math.sqrt(nb))
    // Each group's share of the squared error.
    const [ea, eb] = [(sa / Math.sqrt(na) / error) ** 2, (sb / Math.sqrt(nb) / error) ** 2]
    return [difference / error, 1 / (ea ** 2 / (na - 1) + eb ** 2 / (nb - 1))]
  })
}

function finish(
  vertices: number,
  n: Uint32Array,
  alternative: Alternative,
  name: string,
  parameters: readonly string[],
  subjects: number | readonly [number, number],
  /** t and its degrees of freedom. */
  test: (vertex: number) => Untestable | [number, number],
): MapTest {
  const statistic = new Float64Array(vertices).fill(NaN)
  const p = new Float64Array(vertices).fill(NaN)
  const reason = new Uint8Array(vertices)
  for (let v = 0; v < vertices; v++) {
    const outcome = test(v)
    if (typeof outcome === 'string') {
      reason[v] = reasonCode(outcome)
      continue
    }
    const [t, df] = outcome
    statistic[v] = t
    p[v] =
      alternative === 'two-sided'
        ? 2 * tTail(Math.abs(t), df)
        : alternative === 'greater'
          ? tTail(t, df)
          : tTail(-t, df)
  }
  const description = { name, n: subjects, alternative, correction: null, parameters }
  return { statistic, p, n, reason, untested: countReasons(reason), test: description }
}

function moments(values: Matrix): Moments {
  const count = new Uint32Array(values.cols)
  const mean = new Float64Array(values.cols)
  const deviation = new Float64Array(values.cols)
  forEachColumn(values, (v, column, n) => {
    count[v] = n
    if (n === 0) return
    const moment = momentsOf(column, n)
    mean[v] = moment.mean
    deviation[v] = n > 1 ? moment.norm / Math.sqrt(n - 1) : 0
  })
  return { count, mean, deviation }
}
