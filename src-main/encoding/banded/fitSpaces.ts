/** Ridge regression on several feature spaces together, by any of the ways to weigh them. */
import { HeschlError } from '../../errors.ts'
import type { RidgeOptions } from '../ridge.ts'
import type { Watch } from '../score.ts'
import type { Band } from './bands.ts'
import { bandCandidates } from './candidates.ts'
import { descendBands, type GradientOptions, type GradientScores } from './gradient.ts'
import { searchBands, type BandedScores, type SearchOptions, type TargetSource } from './search.ts'
import { splitScores, type SplitScores } from './split.ts'

/**
 * `ridge`: all spaces have the same weight, 1, and there is an alpha a target. `banded-random`, `banded-gradient`:
 * weights a target, chosen by random search (`search.ts`) or found by gradient descent (`gradient.ts`) from equal weights
 * and the best alpha.
 */
export type SpaceSolver =
  | { readonly solver: 'ridge' }
  | { readonly solver: 'banded-random'; readonly iterations: number; readonly seed: number }
  | { readonly solver: 'banded-gradient'; readonly iterations: number }

export interface SpaceScores {
  readonly nTargets: number
  /** [folds, n_targets], as `RidgeScores`. */
  readonly r: Float32Array
  readonly r2: Float32Array
  /** [folds, n_targets]: the penalty of weights with a sum of 1 (of ridge: of 1 each). NaN where nothing was fitted. */
  readonly alpha: Float64Array
  /** [folds, spaces, n_targets]: δ = log(weight / alpha), −Infinity for a weight of 0, NaN where nothing was fitted. */
  readonly deltas: Float64Array
  readonly split?: SplitScores
}

/** A target whose δ change by less is done; himalaya's. */
const tolerance = 0.01

/**
 * @param keep `split`: contributions of the spaces to the scores, which a search fits once more
 * @throws HeschlError OPTION_INVALID, SHAPE_MISMATCH, CANCELLED
 */
export async function fitSpaces(
  bands: readonly Band[],
  targets: TargetSource,
  options: RidgeOptions,
  how: SpaceSolver,
  watch: Watch = {},
  keep: { readonly split?: boolean } = {},
): Promise<SpaceScores> {
  // One space alone has no weight to find.
  const descent = how.solver === 'banded-gradient' && bands.length > 1 ? descentOf(how, options) : undefined
  const candidates = candidatesOf(bands.length, how)
  const part = (from: number, to: number): Watch => ({
    ...watch,
    onProgress: (fraction) => watch.onProgress?.(from + (to - from) * fraction),
  })
  const searched = descent ? 0.05 : keep.split === true ? 0.8 : 1
  const found = await searchBands(bands, targets, { ...options, candidates }, part(0, searched), { r2: true })
  const chosen = scoresOf(found, candidates, options)
  if (descent) {
    const reached = await descendBands(bands, targets, { ...descent, start: chosen.deltas }, part(searched, 1))
    return { ...descended(chosen, reached, bands.length), ...(keep.split === true && { split: reached.split }) }
  }
  if (keep.split !== true) return chosen
  const split = await splitScores(bands, targets, { ...options, candidates }, found, part(searched, 1))
  return { ...chosen, split }
}

/** What a gradient descent is told, but for its start. */
function descentOf(
  { iterations }: { readonly iterations: number },
  { folds, gemm, selection }: RidgeOptions,
): Omit<GradientOptions, 'start'> {
  if (selection === undefined || selection === 'leave-one-out') {
    throw new HeschlError('OPTION_INVALID', 'Kernel weights by gradient descent need inner folds', {
      expected: 'inner folds, or runs held out in turn',
      found: 'leave-one-out',
      remedy: 'Choose alphas by inner folds, or weights by random search',
    })
  }
  return { folds, gemm, selection, iterations, tolerance, method: 'conjugate-gradient' }
}

function scoresOf(
  { nTargets, r, r2, ...found }: BandedScores,
  candidates: SearchOptions['candidates'],
  { alphas }: RidgeOptions,
): SpaceScores {
  const bands = candidates[0].length
  const alpha = Float64Array.from(found.alpha, (index) => alphas[index] ?? NaN)
  const deltas = new Float64Array(bands * alpha.length)
  for (const [i, index] of found.candidate.entries()) {
    for (let b = 0; b < bands; b++)
      deltas[placeOf(i, b, bands, nTargets)] = Math.log((candidates[index]?.[b] ?? NaN) / alpha[i])
  }
  return { nTargets, r, r2: r2!, alpha, deltas }
}

/** Scores after a descent; where nothing was fitted, what ridge says of it. */
function descended(before: SpaceScores, { r, r2, deltas }: GradientScores, bands: number): SpaceScores {
  const { nTargets } = before
  const alpha = before.alpha.map((_, i) => {
    // himalaya's `best_alphas_`.
    let sum = 0
    for (let b = 0; b < bands; b++) sum += Math.exp(deltas[placeOf(i, b, bands, nTargets)])
    return 1 / sum
  })
  return {
    nTargets,
    r: r.map((value, i) => (Number.isNaN(value) ? before.r[i] : value)),
    r2: r2.map((value, i) => (Number.isNaN(value) ? before.r2[i] : value)),
    alpha,
    deltas,
  }
}

/** Where a band of position `i` of [folds, targets] is in [folds, bands, targets]. */
const placeOf = (i: number, band: number, bands: number, nTargets: number): number =>
  (Math.floor(i / nTargets) * bands + band) * nTargets + (i % nTargets)

function candidatesOf(bands: number, how: SpaceSolver): readonly (readonly number[])[] {
  if (how.solver === 'ridge' || bands === 1) return [Array<number>(bands).fill(1)]
  if (how.solver === 'banded-gradient') return [Array<number>(bands).fill(1 / bands)]
  return bandCandidates(bands, how)
}
