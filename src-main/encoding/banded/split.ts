/**
 * What each band of a banded ridge contributes to its predictions. With w the dual weights of a training fold T, of the
 * kernel and alpha chosen, the prediction is the sum over bands of γ_b (K_b,FT − mean over T) w: himalaya's
 * `predict(split=True)`, scored with its `r2_score_split` and `correlation_score_split`.
 * Sources: Dupré la Tour et al. (2022), NeuroImage 264:119728, 2.6 (product measure); St-Yves and Naselaris (2018),
 * NeuroImage 180:188–202 (split correlation).
 */
import { HeschlError } from '../../errors.ts'
import { invertPositiveDefinite } from '../../linalg/inverse.ts'
import type { Gemm } from '../../linalg/gemm.ts'
import type { Matrix32, Matrix64 } from '../../linalg/matrix.ts'
import type { Fold } from '../folds.ts'
import { pauser, type Watch } from '../score.ts'
import { mixBands, type Band } from './bands.ts'
import { centredTargets, heldOutKernel, trainingKernel } from './kernels.ts'
import type { BandedScores, SearchOptions, TargetSource } from './search.ts'

export interface SplitScores {
  /**
   * [folds, bands, n_targets]: shares of 1 − Σ(y − ŷ)² / Σ(y − m)² on the held-out samples, m the mean of the training
   * samples: their sum over bands. NaN where there is no choice, or alpha is too small for float64.
   */
  readonly r2: Float32Array
  /** [folds, bands, n_targets]: shares of Pearson's r, which is their sum. NaN as above; 0 where a side is constant. */
  readonly r: Float32Array
}

/** Targets a product: what bounds its memory. */
const targetsAtOnce = 512

/**
 * Fits every choice once more, with one inverse for each fold, candidate and alpha that some target of a batch has.
 * @throws HeschlError CANCELLED
 */
export async function splitScores(
  bands: readonly Band[],
  targets: TargetSource,
  options: Pick<SearchOptions, 'folds' | 'alphas' | 'candidates' | 'gemm'>,
  choices: Pick<BandedScores, 'candidate' | 'alpha'>,
  watch: Watch = {},
): Promise<SplitScores> {
  const { nTargets, batch } = targets
  const size = options.folds.length * bands.length * nTargets
  const scores = { r2: new Float32Array(size).fill(NaN), r: new Float32Array(size).fill(NaN) }
  for (let from = 0; from < nTargets; from += batch) {
    const y = await targets.read(from, Math.min(nTargets, from + batch))
    const onProgress = (fraction: number) => watch.onProgress?.((from + fraction * y.cols) / nTargets)
    await splitBatch(bands, { y, from, nTargets }, options, choices, scores, { ...watch, onProgress })
  }
  return scores
}

/** @param targets `from` of `nTargets` on: y [n_samples, n_targets of the batch] */
async function splitBatch(
  bands: readonly Band[],
  { y, from, nTargets }: { readonly y: Matrix32; readonly from: number; readonly nTargets: number },
  { folds, alphas, candidates, gemm }: Pick<SearchOptions, 'folds' | 'alphas' | 'candidates' | 'gemm'>,
  choices: Pick<BandedScores, 'candidate' | 'alpha'>,
  scores: SplitScores,
  watch: Watch,
): Promise<void> {
  const pause = pauser(watch)
  for (const [index, weights] of candidates.entries()) {
    if (!choices.candidate.includes(index)) continue
    const mixed = mixBands(bands, weights)
    const shares = bands.map(({ features }, b) => (weights[b] * features.scale) / mixed.features.scale)
    for (const [f, fold] of folds.entries()) {
      const first = f * nTargets + from
      const own = {
        candidate: choices.candidate.subarray(first, first + y.cols),
        alpha: choices.alpha.subarray(first, first + y.cols),
      }
      for (const [alpha, all] of targetsByAlpha(own, index, alphas)) {
        await pause()
        const inverse = await trainingInverse(mixed.k, alpha / mixed.features.scale, fold, gemm)
        if (!inverse) continue
        for (let begin = 0; begin < all.length; begin += targetsAtOnce) {
          const part = all.slice(begin, begin + targetsAtOnce)
          const { training, heldOut } = centredTargets(y, part, fold)
          const w = await gemm.multiply(inverse, training)
          const predictions = []
          for (const [b, { k }] of bands.entries()) predictions.push(await bandPrediction(k, shares[b], w, fold, gemm))
          const at = (b: number, t: number) => (f * bands.length + b) * nTargets + from + part[t]
          writeScores(predictions, heldOut, part.length, at, scores)
          await pause()
        }
      }
    }
    watch.onProgress?.((index + 1) / candidates.length)
  }
}

/** Those of a batch's targets, in one fold, that have a candidate: by their alphas. */
function targetsByAlpha(
  { candidate, alpha }: Pick<BandedScores, 'candidate' | 'alpha'>,
  index: number,
  alphas: readonly number[],
): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (const [t, chosen] of candidate.entries()) {
    if (chosen !== index) continue
    const value = alphas[alpha[t]]
    const targets = found.get(value)
    if (targets) targets.push(t)
    else found.set(value, [t])
  }
  return found
}

/** (K_TT + aI)⁻¹, K centred on T; undefined where float64 does not hold it. */
async function trainingInverse(k: Matrix64, alpha: number, fold: Fold, gemm: Gemm): Promise<Matrix64 | undefined> {
  const a = trainingKernel(k, fold)
  for (let i = 0; i < a.rows; i++) a.data[i * a.cols + i] += alpha
  try {
    return await invertPositiveDefinite(a, gemm)
  } catch (error) {
    if (error instanceof HeschlError && error.code === 'NUMERICAL') return undefined
    throw error
  }
}

/** [held out, part]: one band's part of the prediction. @param w [training, part] */
async function bandPrediction(k: Matrix64, share: number, w: Matrix64, fold: Fold, gemm: Gemm): Promise<Matrix64> {
  const scaled = heldOutKernel(k, fold)
  for (let i = 0; i < scaled.data.length; i++) scaled.data[i] *= share
  return gemm.multiply(scaled, w)
}

/**
 * himalaya's `r2_score_split` and `correlation_score_split`.
 * @param predictions [held out, part] a band
 * @param heldOut [held out, part], less the mean of the training samples
 * @param count columns that are scored
 * @param at where the score of a band and a column is written
 * @returns [count] of the whole predictions: Pearson's r, and the coefficient of determination about the mean of the
 *   held-out samples; 0 where a side is constant
 */
export function writeScores(
  predictions: readonly Matrix64[],
  heldOut: Matrix64,
  count: number,
  at: (band: number, column: number) => number,
  { r2, r }: SplitScores,
): { readonly r: Float64Array; readonly r2: Float64Array } {
  const whole = { r: new Float64Array(count), r2: new Float64Array(count) }
  const { rows, cols, data } = heldOut
  for (let t = 0; t < count; t++) {
    const total = Float64Array.from({ length: rows }, (_, i) =>
      predictions.reduce((sum, prediction) => sum + prediction.data[i * cols + t], 0),
    )
    const meanY = mean(rows, (i) => data[i * cols + t])
    const meanTotal = mean(rows, (i) => total[i])
    const square = mean(rows, (i) => data[i * cols + t] ** 2)
    const variance = mean(rows, (i) => (data[i * cols + t] - meanY) ** 2)
    const spread = Math.sqrt(variance * mean(rows, (i) => (total[i] - meanTotal) ** 2))
    if (spread > 0) whole.r[t] = mean(rows, (i) => total[i] * (data[i * cols + t] - meanY)) / spread
    if (variance > 0) whole.r2[t] = 1 - mean(rows, (i) => (data[i * cols + t] - total[i]) ** 2) / variance
    for (const [b, { data: own }] of predictions.entries()) {
      const product = mean(rows, (i) => own[i * cols + t] * (2 * data[i * cols + t] - total[i]))
      const covariance = mean(rows, (i) => own[i * cols + t] * (data[i * cols + t] - meanY))
      r2[at(b, t)] = square > 0 ? product / square : 0
      r[at(b, t)] = spread > 0 ? covariance / spread : 0
    }
  }
  return whole
}

function mean(count: number, value: (i: number) => number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += value(i)
  return sum / count
}
