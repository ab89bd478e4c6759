/** The test that was asked for, on maps or regions, with its correction. */
import type { Adjacency } from '../../../linalg/adjacency.ts'
import type { Matrix64 } from '../../../linalg/matrix.ts'
import { adjust, oneSampleT, signFlipTest, tfceDefaults, wilcoxon } from '../../../statistics/index.ts'
import { corrections } from '../../../statistics/multiple.ts'
import type { Correction } from '../../../statistics/multiple.ts'
import type { PermutationTest } from '../../../statistics/permutationTest.ts'
import type { PermutationHost } from '../../../statistics/permuted.ts'
import type { Alternative, MapTest } from '../../../statistics/result.ts'
import type { FigureOptions } from '../../../study/figures.ts'

type Options = FigureOptions['regimes']

/** One contrast's test at every vertex, or in every region, before any correction. */
export type Tested = MapTest & Partial<Pick<PermutationTest, 'pMax'>>

/** What is corrected, and how: `usual` is decided here. */
export function correctionOf({ test, correction }: Options): Exclude<Options['correction'], 'usual'> {
  if (correction !== 'usual') return correction
  return rearranges(test) ? 'family-wise' : 'benjamini-hochberg'
}

const rearranges = (test: Options['test']) => test === 'sign-flip' || test === 'tfce'

/**
 * @param differences [subjects, n], of subjects who have scores
 * @param mesh of the vertices; null for regions, which `tfce` then tests by plain sign flips
 * @throws HeschlError CANCELLED, as `host.progress`
 */
export async function testDifferences(
  differences: Matrix64,
  alternative: Alternative,
  { test, permutations, seed }: Options,
  mesh: Adjacency | null,
  host: PermutationHost,
): Promise<Tested> {
  if (test === 't') return oneSampleT(differences, alternative)
  // So few subjects have no rearrangements: Wilcoxon's test says why there is none.
  if (test === 'wilcoxon' || differences.rows < 2)
    return wilcoxon(differences, { alternative, zeros: 'wilcox', method: 'auto', continuity: false }, (done, total) => {
      void host.progress?.(done, total)
    })
  const statistic = test === 'tfce' && mesh !== null ? { adjacency: mesh, ...tfceDefaults } : 't'
  return signFlipTest(differences, { alternative, permutations, seed, statistic }, host)
}

interface Corrected {
  /** Of each contrast [n]; NaN where not tested. */
  readonly q: readonly Float64Array[]
  /** "Benjamini–Hochberg over 12 tests". */
  readonly words: string
  readonly tests: number
}

/**
 * Corrected p values of several contrasts as one family. Family-wise: by the largest statistic of each contrast and
 * Bonferroni over contrasts where subjects' signs were flipped, else by Holm's method over all tests.
 */
export function correctFamily(family: readonly Tested[], options: Options): Corrected {
  const p = Float64Array.from(family.flatMap((test) => [...test.p]))
  const tests = p.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0)
  const contrasts = family.filter((test) => test.p.some((value) => !Number.isNaN(value))).length
  const how = correctionOf(options)
  if (how === 'family-wise' && rearranges(options.test)) {
    const q = family.map(({ p: own, pMax }) =>
      Float64Array.from(pMax ?? own, (value) => Math.min(1, value * contrasts)),
    )
    const over = contrasts > 1 ? `, Bonferroni over ${contrasts} contrasts` : ''
    return { q, words: `family-wise by the largest statistic${over} (${tests.toLocaleString('en')} tests)`, tests }
  }
  const correction: Correction = how === 'family-wise' ? 'holm' : how
  const adjusted = adjust(p, correction)
  let end = 0
  const q = family.map(({ p: { length } }) => {
    end += length
    return adjusted.subarray(end - length, end)
  })
  return { q, words: `${corrections[correction]} over ${tests.toLocaleString('en')} tests`, tests }
}
