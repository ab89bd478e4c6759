import type { Matrix32 } from '../linalg/matrix.ts'
import { correlate } from '../linalg/correlation.ts'
import { standardizeColumns } from './standardize.ts'

/**
 * Reliability of the mean over all presentations of a stimulus: the odd presentations' mean correlated with that of the
 * even ones, r, corrected to the full number by Spearman–Brown, 2r / (1 + r). With an odd number of presentations the
 * halves differ in size, and the correction is that of equal halves.
 * Source: Spearman (1910), Br. J. Psychol. 3:271–295; Brown (1910), ibid. 3:296–322.
 */
export interface SplitHalf {
  /** The next presentation, [n_samples, n_targets]; each z-scored. */
  add(response: Matrix32): void
  /** [n_targets]: `half`, the correlation of the halves, and `reliability`; NaN without two usable presentations. */
  finish(): { readonly half: Float32Array; readonly reliability: Float32Array }
}

export function splitHalf(nSamples: number, nTargets: number): SplitHalf {
  // A target a row, so that a target's series is one stretch.
  const halves = [new Float32Array(nSamples * nTargets), new Float32Array(nSamples * nTargets)]
  let count = 0

  function add(response: Matrix32): void {
    const z = standardizeColumns(response)
    const half = halves[count++ % 2]
    for (let i = 0; i < nSamples; i++)
      for (let j = 0; j < nTargets; j++) half[j * nSamples + i] += z.data[i * nTargets + j]
  }

  function finish(): { half: Float32Array; reliability: Float32Array } {
    const half = Float32Array.from({ length: nTargets }, (_, j) =>
      correlate(halves[0], j * nSamples, halves[1], j * nSamples, nSamples),
    )
    return { half, reliability: half.map((r) => (r > -1 ? (2 * r) / (1 + r) : NaN)) }
  }

  return { add, finish }
}
