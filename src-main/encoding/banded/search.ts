/**
 * Banded ridge by random search: for each target and fold the kernel weights, of the candidates given, and the alpha
 * with the least validation error within the training fold. himalaya's MultipleKernelRidgeCV(solver='random_search',
 * local_alpha=True) on features and targets centred on each training fold. Of equal errors the first candidate and the
 * smallest alpha are taken.
 * Source: Dupré la Tour, Eickenberg, Nunez-Elizalde and Gallant (2022), NeuroImage 264:119728.
 */
import { HeschlError } from '../../errors.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { scoredPart } from '../folds.ts'
import { prepareFeatures, type RidgeOptions } from '../ridge.ts'
import { pauser, type Watch } from '../score.ts'
import type { Keep, RidgeScores } from '../solver.ts'
import { mixBands, type Band } from './bands.ts'
import { noCandidate } from './candidates.ts'

/** Targets, read a batch at a time, once for every candidate. */
export interface TargetSource {
  readonly nTargets: number
  /** Targets a batch; the last may have fewer. */
  readonly batch: number
  /** [n_samples, to - from]; in shared memory where threads score. */
  read(from: number, to: number): Promise<Matrix32>
}

export interface SearchOptions extends RidgeOptions {
  /** Weights of the bands, one list a candidate; alphas are in the unit of the kernel mixed with them. */
  readonly candidates: readonly (readonly number[])[]
}

/** The scores at the choices; `alpha`, `errors` and predictions are those of the candidate chosen. */
export interface BandedScores extends RidgeScores {
  readonly errors: Float64Array
  /** [folds, n_targets]: index into the candidates; 65,535 where there was nothing to fit. */
  readonly candidate: Uint16Array
}

/** All targets at once. */
export const inMemory = (y: Matrix32): TargetSource => ({
  nTargets: y.cols,
  batch: y.cols,
  read: () => Promise.resolve(y),
})

/**
 * Takes, for each candidate, what a ridge regression takes (encoding/ridge.ts); keeps the best of every target alone.
 * @param keep `predictions` take [n_samples, n_targets] float32 of memory
 * @throws HeschlError SHAPE_MISMATCH, OPTION_INVALID, CANCELLED
 */
export async function searchBands(
  bands: readonly Band[],
  targets: TargetSource,
  options: SearchOptions,
  watch: Watch = {},
  keep: Pick<Keep, 'r2' | 'predictions'> = {},
): Promise<BandedScores> {
  const { candidates, ...ridge } = options
  checkCandidates(candidates, bands.length)
  const { nTargets, batch } = targets
  const nSamples = bands[0].features.nSamples
  const best = emptyScores(nSamples, nTargets, ridge.folds.length, keep)
  // Preparing a candidate and scoring a batch are told alike: which of them takes longer depends on the targets.
  const steps = candidates.length * (1 + Math.ceil(nTargets / batch))
  let done = 0
  const pause = pauser(watch)
  const within = (): Watch => ({
    ...watch,
    onProgress: (fraction) => watch.onProgress?.((done + fraction) / steps),
  })
  for (const [index, weights] of candidates.entries()) {
    const { features, k } = mixBands(bands, weights)
    const problem = await prepareFeatures(features, k, ridge, within())
    done++
    for (let from = 0; from < nTargets; from += batch) {
      await pause()
      const to = Math.min(nTargets, from + batch)
      const scores = await problem.score(await targets.read(from, to), within(), { ...keep, errors: true })
      takeBetter(best, scores, { index, from, folds: ridge.folds })
      done++
    }
  }
  return best
}

function checkCandidates(candidates: SearchOptions['candidates'], bands: number): void {
  const usable = (weights: readonly number[]) =>
    weights.length === bands && weights.every((weight) => weight >= 0 && weight < Infinity)
  const bad = candidates.findIndex((weights) => !usable(weights))
  if (bad < 0 && candidates.length > 0 && candidates.length <= noCandidate) return
  throw new HeschlError('OPTION_INVALID', 'The candidate kernel weights are not usable', {
    expected: `1 to ${noCandidate} candidates of ${bands} finite weights, none of them negative`,
    found: bad < 0 ? `${candidates.length} candidates` : `${candidates[bad].join(', ')} in candidate ${bad + 1}`,
  })
}

function emptyScores(nSamples: number, nTargets: number, folds: number, keep: Keep): BandedScores {
  const size = folds * nTargets
  return {
    nTargets,
    r: new Float32Array(size).fill(NaN),
    alpha: new Uint8Array(size).fill(255),
    errors: new Float64Array(size).fill(Infinity),
    candidate: new Uint16Array(size).fill(noCandidate),
    ...(keep.r2 === true && { r2: new Float32Array(size).fill(NaN) }),
    ...(keep.predictions === true && { predictions: new Float32Array(nSamples * nTargets).fill(NaN) }),
  }
}

/** Takes over, into `best`, the folds of a batch of targets in which a candidate is better than those before it. */
function takeBetter(
  best: BandedScores,
  scores: RidgeScores,
  where: { readonly index: number; readonly from: number } & Pick<RidgeOptions, 'folds'>,
): void {
  const { index, from, folds } = where
  for (const [fold, { start, end }] of folds.map(scoredPart).entries()) {
    for (let t = 0; t < scores.nTargets; t++) {
      const at = fold * scores.nTargets + t
      const to = fold * best.nTargets + from + t
      const better = scores.errors![at] < best.errors[to]
      // Where nothing can be fitted the first candidate's scores stand.
      if (!better && index > 0) continue
      best.errors[to] = scores.errors![at]
      best.r[to] = scores.r[at]
      best.alpha[to] = scores.alpha[at]
      if (better) best.candidate[to] = index
      if (best.r2) best.r2[to] = scores.r2![at]
      for (let i = start; best.predictions && i < end; i++)
        best.predictions[i * best.nTargets + from + t] = scores.predictions![i * scores.nTargets + t]
    }
  }
}
