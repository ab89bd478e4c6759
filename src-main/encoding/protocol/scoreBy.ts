import { momentCount } from '../solver.ts'
import type { EncodingKeep, EncodingScores } from './options.ts'

/** How well predictions are: of each fold, or of all held-out predictions put one after the other. */
export interface ScoreBy {
  /** Pearson's r, its square, or the coefficient of determination. */
  readonly measure: 'r' | 'r-squared' | 'r2'
  readonly over: 'folds' | 'concatenated'
}

/** What has to be kept for a score. */
export const keptFor = ({ measure, over }: ScoreBy): EncodingKeep =>
  over === 'concatenated' ? { moments: true } : { r2: measure === 'r2' }

/**
 * @param scores with what `keptFor` says
 * @returns [folds, n_targets], or [1, n_targets] over concatenated predictions: as RidgeScores' `r` and `r2`, NaN where
 *   `r` is
 */
export function scoreBy(scores: EncodingScores, { measure, over }: ScoreBy): Float32Array {
  if (over === 'concatenated') return concatenated(scores, measure)
  if (measure === 'r2') return scores.r2!
  return measure === 'r' ? scores.r : scores.r.map((r) => r * r)
}

/** From each fold's moments: those of all samples are theirs, and those of the folds' means. */
function concatenated({ moments, heldOut, nTargets }: EncodingScores, measure: ScoreBy['measure']): Float32Array {
  const total = heldOut.reduce((sum, count) => sum + count, 0)
  return Float32Array.from({ length: nTargets }, (_, t) => {
    const folds = heldOut.map((count, fold) => {
      const at = momentCount * (fold * nTargets + t)
      const [y, p, yy, pp, yp] = moments!.subarray(at, at + momentCount)
      return { count, y, p, yy, pp, yp }
    })
    const over = (value: (fold: (typeof folds)[number]) => number) => folds.reduce((sum, fold) => sum + value(fold), 0)
    const y = over((fold) => fold.count * fold.y) / total
    const p = over((fold) => fold.count * fold.p) / total
    const yy = over((fold) => fold.yy + fold.count * (fold.y - y) ** 2)
    const pp = over((fold) => fold.pp + fold.count * (fold.p - p) ** 2)
    if (Number.isNaN(yy)) return NaN
    if (yy === 0) return 0
    if (measure === 'r2')
      return 1 - over((fold) => fold.yy + fold.pp - 2 * fold.yp + fold.count * (fold.y - fold.p) ** 2) / yy
    const yp = over((fold) => fold.yp + fold.count * (fold.y - y) * (fold.p - p))
    const r = pp > 0 ? Math.max(-1, Math.min(1, yp / Math.sqrt(yy * pp))) : 0
    return measure === 'r' ? r : r * r
  })
}
