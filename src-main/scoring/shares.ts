import { HeschlError } from '../errors.ts'

/** Pearson's r, its square, or the coefficient of determination (study/resolvedEncoding.ts). */
export type Measure = 'r' | 'r-squared' | 'r2'

/** What a perfect model would score: the ceiling is a correlation, and the other measures are shares of variance. */
const attainable = (ceiling: number, measure: Measure) => (measure === 'r' ? ceiling : ceiling * ceiling)

/**
 * How much of what can be explained is: the sum of the scores over that of their ceilings, both over the targets whose
 * ceiling is reliable. A ratio of sums and not the mean of ratios, which targets with a ceiling near 0 would rule.
 * @param scores [n_targets]; what is not finite is left out
 * @param ceiling [n_targets], as a correlation; 0 where it is not reliable (`reliableTargets`)
 * @returns NaN where no target is reliable
 * @throws HeschlError SHAPE_MISMATCH
 */
export function shareOfCeiling(scores: Float32Array, ceiling: Float32Array, measure: Measure): number {
  sameLength([scores, ceiling])
  let [top, bottom] = [0, 0]
  for (let j = 0; j < scores.length; j++) {
    if (!(ceiling[j] > 0 && Number.isFinite(scores[j]))) continue
    top += scores[j]
    bottom += attainable(ceiling[j], measure)
  }
  return bottom > 0 ? top / bottom : NaN
}

/**
 * The share of what can be explained, target by target.
 * @param scores, ceiling, measure as `shareOfCeiling`
 * @returns [n_targets]; NaN where the ceiling is not reliable
 * @throws HeschlError SHAPE_MISMATCH
 */
export function sharesOfCeiling(scores: Float32Array, ceiling: Float32Array, measure: Measure): Float32Array {
  sameLength([scores, ceiling])
  return scores.map((score, j) => (ceiling[j] > 0 ? score / attainable(ceiling[j], measure) : NaN))
}

function sameLength(maps: readonly Float32Array[]): void {
  const lengths = [...new Set(maps.map((map) => map.length))]
  if (lengths.length < 2) return
  throw new HeschlError('SHAPE_MISMATCH', 'Maps of different length', {
    expected: `${lengths[0]} targets`,
    found: `${lengths[1]} targets`,
  })
}
