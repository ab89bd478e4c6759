/** Feature spaces that have a weight each in one kernel: K = Σ γ_b X_b X_bᵀ (himalaya's multiple-kernel ridge). */
import { HeschlError } from '../../errors.ts'
import type { Gemm } from '../../linalg/gemm.ts'
import { sharedMatrix64, zeros64, type Matrix32, type Matrix64 } from '../../linalg/matrix.ts'
import { centreFeatures, gramMatrix, type CentredFeatures } from '../gram.ts'
import { pauser, type Watch } from '../score.ts'

/** One feature space, centred over all samples. */
export interface Band {
  readonly features: CentredFeatures
  /** [n_samples, n_samples] with a mean eigenvalue of 1: X Xᵀ divided by `features.scale`. */
  readonly k: Matrix64
}

/**
 * @param spaces [n_samples, n_features] each
 * @throws HeschlError SHAPE_MISMATCH, OPTION_INVALID where there is none, NUMERICAL where a feature is not finite,
 *   CANCELLED
 */
export async function prepareBands(spaces: readonly Matrix32[], gemm: Gemm, watch: Watch = {}): Promise<Band[]> {
  if (spaces.length === 0) throw new HeschlError('OPTION_INVALID', 'There is no feature space to fit')
  const other = spaces.find(({ rows }) => rows !== spaces[0].rows)
  if (other) {
    throw new HeschlError('SHAPE_MISMATCH', 'The feature spaces differ in length', {
      expected: `${spaces[0].rows} samples`,
      found: `${other.rows} samples`,
      remedy: 'Trim them to the same volumes, in the same order',
    })
  }
  const bands: Band[] = []
  for (const x of spaces) {
    const features = centreFeatures(x)
    bands.push({ features, k: await gramMatrix(features, gemm, pauser(watch)) })
  }
  return bands
}

/**
 * The bands side by side, each multiplied by the square root of its weight.
 * @param weights one a band, at least 0
 */
export function mixBands(bands: readonly Band[], weights: readonly number[]): Band {
  const parts = bands.flatMap(({ features, k }, b) => {
    const scale = weights[b] * features.scale
    return scale > 0 ? [{ features, k, scale }] : []
  })
  const scale = parts.reduce((sum, part) => sum + part.scale, 0)
  const { nSamples } = bands[0].features
  const k = sharedMatrix64(nSamples, nSamples)
  for (const part of parts) {
    const share = part.scale / scale
    for (let i = 0; i < k.data.length; i++) k.data[i] += share * part.k.data[i]
  }
  const nFeatures = parts.reduce((sum, { features }) => sum + features.nFeatures, 0)
  const columns = (first: number, last: number) => {
    const out = zeros64(nSamples, last - first)
    let start = 0
    for (const { features, scale: own } of parts) {
      const from = Math.max(first, start)
      const to = Math.min(last, start + features.nFeatures)
      if (from < to) placeColumns(out, features.columns(from - start, to - start), from - first, Math.sqrt(own / scale))
      start += features.nFeatures
    }
    return out
  }
  return { features: { ...bands[0].features, nFeatures, scale, columns }, k }
}

function placeColumns(out: Matrix64, columns: Matrix64, at: number, factor: number): void {
  for (let i = 0; i < out.rows; i++) {
    for (let j = 0; j < columns.cols; j++) out.data[i * out.cols + at + j] = factor * columns.data[i * columns.cols + j]
  }
}
