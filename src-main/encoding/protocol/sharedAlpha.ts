import type { RidgeProblem, RidgeScores } from '../ridge.ts'
import type { Watch } from '../score.ts'
import { batchSize, type Keep } from '../solver.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import type { EncodingOptions } from './options.ts'
import { takeColumns } from './rows.ts'

/** Targets whose errors at every alpha are held at a time. */
const surveyed = 8 * batchSize

/**
 * Scores targets, each at its own alpha; or all at the alpha that has the least error in a fold on average over them, in
 * the square of their unit: scikit-learn's `alpha_per_target=False`, himalaya's `local_alpha=False`. That evaluates
 * every alpha for every target.
 */
export async function scoreRidge(
  problem: RidgeProblem,
  y: Matrix32,
  { alpha, alphas }: Pick<EncodingOptions, 'alpha' | 'alphas'>,
  watch: Watch,
  keep: Keep,
): Promise<RidgeScores> {
  if (alpha === 'per-target' || keep.given) return problem.score(y, watch, keep)
  let sums = new Float64Array(0)
  for (let from = 0; from < y.cols; from += surveyed) {
    const to = Math.min(y.cols, from + surveyed)
    const report = (fraction: number) => watch.onProgress?.((0.9 * (from + fraction * (to - from))) / y.cols)
    const part = takeColumns(y, from, to)
    const own = keep.own && { own: keep.own.subarray(from, to) }
    const { curves } = await problem.score(part, { ...watch, onProgress: report }, { curves: true, ...own })
    const rows = curves!.length / part.cols
    if (sums.length === 0) sums = new Float64Array(rows)
    // Target after target, so that the sums do not depend on how many are surveyed at a time.
    for (let t = 0; t < part.cols; t++) {
      for (let i = 0; i < rows; i++) {
        const error = curves![i * part.cols + t]
        if (!Number.isNaN(error)) sums[i] += error
      }
    }
  }
  const folds = sums.length / alphas.length
  const given = Uint8Array.from({ length: folds }, (_, fold) => {
    let best = 0
    for (let i = 1; i < alphas.length; i++) if (sums[i * folds + fold] < sums[best * folds + fold]) best = i
    return best
  })
  const report = (fraction: number) => watch.onProgress?.(0.9 + 0.1 * fraction)
  return problem.score(y, { ...watch, onProgress: report }, { ...keep, given })
}
