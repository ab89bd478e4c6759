/**
 * Noise ceiling from subjects who heard the same stimuli.
 *
 * Model: a subject's z-scored response is a part shared by all subjects plus noise of its own. The mean correlation
 * between two subjects estimates the shared share of variance, and its square root is the correlation that a perfect
 * model of the shared part has with one subject. What is reliable within a subject but not shared is not counted, so
 * that a model of one subject's own responses may exceed it.
 * Source: Hsu, Borst and Theunissen (2004), Network 15:91–109; Nastase et al. (2019), Soc. Cogn. Affect. Neurosci.
 * 14:667–685 (inter-subject correlation).
 */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { standardizeColumns } from './standardize.ts'

interface RunSum {
  readonly volumes: number
  /** [volumes, n_targets]: sum over subjects of z-scored responses. */
  readonly sum: Float32Array
  /** [n_targets]: subjects whose response varies and is finite. */
  readonly subjects: Uint16Array
}

export interface InterSubjectCeiling {
  /**
   * Adds one subject's response to one run; any order. Nothing of it is kept but its part of the run's sum.
   * @param run what the subjects share: the stimulus's id
   * @param response [volumes, n_targets]
   * @throws HeschlError SHAPE_MISMATCH where another subject's response to this run has another shape
   */
  add(run: string, response: Matrix32): void
  /**
   * Per target, [n_targets]: `correlation`, the mean over pairs of subjects, averaged over runs weighted by their
   * volumes; `ceiling` = sqrt(max(0, correlation)). NaN where no run has two usable subjects.
   */
  finish(): { readonly ceiling: Float32Array; readonly correlation: Float32Array }
}

export function interSubjectCeiling(nTargets: number): InterSubjectCeiling {
  const runs = new Map<string, RunSum>()

  function add(run: string, response: Matrix32): void {
    const known = runs.get(run)
    if (response.cols !== nTargets || (known && known.volumes !== response.rows)) {
      throw new HeschlError('SHAPE_MISMATCH', 'The responses of two subjects to one stimulus differ in shape', {
        where: { stimulus: run },
        expected: `${known?.volumes ?? response.rows} volumes x ${nTargets} targets`,
        found: `${response.rows} volumes x ${response.cols} targets`,
      })
    }
    const entry = known ?? {
      volumes: response.rows,
      sum: new Float32Array(response.rows * nTargets),
      subjects: new Uint16Array(nTargets),
    }
    runs.set(run, entry)
    const z = standardizeColumns(response)
    // Constant columns are all 0 and others that are not finite all NaN: the largest value tells.
    const usable = new Uint8Array(nTargets)
    for (let i = 0; i < z.data.length; i++) if (z.data[i] > 0) usable[i % nTargets] = 1
    for (let j = 0; j < nTargets; j++) entry.subjects[j] += usable[j]
    for (let i = 0; i < z.data.length; i++) if (usable[i % nTargets]) entry.sum[i] += z.data[i]
  }

  function finish(): { ceiling: Float32Array; correlation: Float32Array } {
    const correlation = new Float32Array(nTargets)
    const weighted = new Float64Array(nTargets)
    const weights = new Float64Array(nTargets)
    for (const { volumes, sum, subjects } of runs.values()) {
      const square = new Float64Array(nTargets)
      for (let i = 0; i < sum.length; i++) square[i % nTargets] += sum[i] ** 2
      for (let j = 0; j < nTargets; j++) {
        const n = subjects[j]
        if (n < 2) continue
        // Var(sum of z) = N + sum over ordered pairs of r, as every z has unit variance.
        weighted[j] += (volumes * (square[j] / volumes - n)) / (n * (n - 1))
        weights[j] += volumes
      }
    }
    for (let j = 0; j < nTargets; j++) correlation[j] = weighted[j] / weights[j]
    return { correlation, ceiling: correlation.map((r) => Math.sqrt(Math.max(0, r))) }
  }

  return { add, finish }
}

/** 99th percentile of the standard normal distribution. */
const upperPercent = 2.3263

/**
 * Targets whose inter-subject correlation stands out from noise, so that a share of their ceiling means something.
 *
 * Correlations of targets that share nothing scatter about 0 alike on both sides, and negative ones can only be such
 * scatter: their root mean square is its SD, and 1 % of pure noise would pass.
 * @param correlation [n_targets], as `interSubjectCeiling` gives it
 * @returns [n_targets], 1 where reliable
 */
export function reliableTargets(correlation: Float32Array): Uint8Array {
  let square = 0
  let count = 0
  for (const r of correlation) {
    if (!(r < 0)) continue
    square += r * r
    count++
  }
  const least = count > 0 ? upperPercent * Math.sqrt(square / count) : 0
  return Uint8Array.from(correlation, (r) => (r > 0 && r >= least ? 1 : 0))
}
