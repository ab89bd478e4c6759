/** Where a model predicts responses at all: what a map of preferred layers is masked by. */
import { createGemm } from '../../linalg/gemm.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { percentiles } from '../../scoring/index.ts'
import { corrected, describe, signFlipTest, wilcoxon } from '../../statistics/index.ts'
import type { FigureOptions } from '../../study/figures.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext } from '../context.ts'

type Options = FigureOptions['hierarchy']

export interface Significance {
  /** [vertices]: corrected p; NaN where there is no test. */
  readonly p: Float64Array
  /** The test in full; null without one. */
  readonly test: string | null
  /** What is masked by the test, in words; empty without one. */
  readonly words: string
  /** Why there is no test although one was asked for; null otherwise. */
  readonly reason: string | null
}

/**
 * Is a score above chance over subjects, one-sided?
 * @param values [subjects, vertices] less what is scored by chance
 * @param what of the scores, and chance: "the mean over layers", "a score of 0"
 */
export async function significance(
  values: Matrix32,
  { what, chance }: { readonly what: string; readonly chance: string },
  options: Options,
  context: StepContext,
): Promise<Significance> {
  const { mask, level, permutations, seed } = options
  const untested = (reason: string | null): Significance => ({
    ...{ p: new Float64Array(values.cols).fill(NaN), test: null, words: '', reason },
  })
  if (mask === 'none') return untested(null)
  const subjects = values.rows
  if (subjects < 2) return untested('one subject: nothing says how subjects differ')
  // All signs alike: what both tests can come down to.
  const smallest = 2 ** -subjects
  if (smallest > level)
    return untested(`${subjects} subjects: no p below ${Number(smallest.toPrecision(2))} is possible`)
  const words = `vertices where ${what} is not above chance, ${chance} (p > ${level})`
  if (mask === 'wilcoxon') {
    const options = { alternative: 'greater', zeros: 'wilcox', method: 'auto', continuity: false } as const
    const found = corrected(wilcoxon(values, options), 'benjamini-hochberg')
    return { p: found.p, test: describe(found.test), words, reason: null }
  }
  const gemm = await createGemm()
  try {
    const found = await signFlipTest(
      values,
      { alternative: 'greater', statistic: 't', permutations, seed },
      { gemm, progress: () => throwIfCancelled(context) },
    )
    return { p: found.pMax, test: describe(found.test), words, reason: null }
  } finally {
    await gemm.close()
  }
}

/**
 * The mean score that the best layer of a vertex must have, and what that is in words.
 * @param means [layers] maps [vertices]
 */
export function leastScore(
  means: readonly Float32Array[],
  { least }: Options,
  tested: boolean,
): { readonly value: number; readonly words: string } {
  if (least !== undefined || tested) return { value: least ?? 0, words: `${least ?? 0}` }
  // Where nothing is predicted, the best layer's scores lie as far above 0 as the worst layer's lie below.
  const worst = Float32Array.from(means[0], (_, v) => means.reduce((low, map) => Math.min(low, map[v]), Infinity))
  const value = Math.max(0, -percentiles(worst, [2])[0] || 0)
  return {
    value,
    words: `${value.toPrecision(2)}, as far above 0 as the lowest layer’s scores reach below it (their 2nd percentile)`,
  }
}
