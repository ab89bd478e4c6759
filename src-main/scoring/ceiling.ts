/**
 * Noise ceiling from subjects who heard the same stimuli, or from one subject who heard them again and again.
 *
 * Model: a subject's z-scored response is a part shared by all subjects plus noise of its own. The mean correlation
 * between two subjects estimates the shared share of variance, and its square root is the correlation that a perfect
 * model of the shared part has with one subject. What is reliable within a subject but not shared is not counted, so
 * that a model of one subject's own responses may exceed it.
 * Source: Hsu, Borst and Theunissen (2004), Network 15:91–109; Nastase et al. (2019), Soc. Cogn. Affect. Neurosci.
 * 14:667–685 (inter-subject correlation). Of presentations to one subject instead of subjects the mean correlation is
 * the explainable variance of one presentation, (var(mean) − (TP − var(mean)) / (N − 1)) / TP with TP the mean variance
 * of a presentation: the signal power over the total power of Schoppe et al. (2016), Front. Comput. Neurosci. 10:10.
 */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { standardizeColumns } from './standardize.ts'

/** Variance of a sum of z-scores that is rounding error. */
const nothing = 1e-6

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
  readonly add: (run: string, response: Matrix32) => void
  /**
   * Per target, [n_targets]: `correlation`, the mean over pairs of subjects, averaged over runs weighted by their
   * volumes; `ceiling` = sqrt(max(0, correlation)). NaN where no run has two usable subjects.
   */
  finish(): { readonly ceiling: Float32Array; readonly correlation: Float32Array }
  /**
   * Once all subjects were added: holds one of them against the others. Every response that was added is to be given
   * again before `bounds`.
   * @throws HeschlError SHAPE_MISMATCH as `add`
   */
  readonly compare: (run: string, response: Matrix32) => void
  /**
   * Per target, [n_targets], what was compared: `lower`, the mean correlation of a subject with the mean of the others,
   * `upper`, that with the mean of all, itself among them. Between them lies what the best model of the shared part can
   * reach (Nili et al. 2014, PLoS Comput. Biol. 10:e1003553). Runs weighted by their volumes; NaN as `finish`.
   */
  bounds(): { readonly lower: Float32Array; readonly upper: Float32Array }
}

export function interSubjectCeiling(nTargets: number): InterSubjectCeiling {
  const runs = new Map<string, RunSum>()
  const lower = new Float64Array(nTargets)
  const upper = new Float64Array(nTargets)

  function check(run: string, response: Matrix32, known: RunSum | undefined): void {
    if (response.cols !== nTargets || (known && known.volumes !== response.rows)) {
      throw new HeschlError('SHAPE_MISMATCH', 'Two responses to one stimulus differ in shape', {
        where: { stimulus: run },
        expected: `${known?.volumes ?? response.rows} volumes x ${nTargets} targets`,
        found: `${response.rows} volumes x ${response.cols} targets`,
      })
    }
  }

  function add(run: string, response: Matrix32): void {
    const known = runs.get(run)
    check(run, response, known)
    const entry = known ?? {
      volumes: response.rows,
      sum: new Float32Array(response.rows * nTargets),
      subjects: new Uint16Array(nTargets),
    }
    runs.set(run, entry)
    const z = standardizeColumns(response)
    const usable = usableOf(z)
    for (let j = 0; j < nTargets; j++) entry.subjects[j] += usable[j]
    for (let i = 0; i < z.data.length; i++) if (usable[i % nTargets]) entry.sum[i] += z.data[i]
  }

  function compare(run: string, response: Matrix32): void {
    const entry = runs.get(run)
    check(run, response, entry)
    if (!entry) return
    const { volumes, sum, subjects } = entry
    const z = standardizeColumns(response)
    const usable = usableOf(z)
    const product = new Float64Array(nTargets)
    const square = new Float64Array(nTargets)
    for (let i = 0; i < sum.length; i++) {
      product[i % nTargets] += (z.data[i] * sum[i]) / volumes
      square[i % nTargets] += sum[i] ** 2 / volumes
    }
    for (let j = 0; j < nTargets; j++) {
      if (usable[j] === 0 || subjects[j] < 2) continue
      // z has unit variance; the sum of the others is the sum less z.
      const others = Math.sqrt(Math.max(0, square[j] - 2 * product[j] + 1))
      lower[j] += (volumes * (others > nothing ? (product[j] - 1) / others : 0)) / subjects[j]
      upper[j] += (volumes * (square[j] > nothing ? product[j] / Math.sqrt(square[j]) : 0)) / subjects[j]
    }
  }

  function bounds(): { lower: Float32Array; upper: Float32Array } {
    const weights = new Float64Array(nTargets)
    for (const { volumes, subjects } of runs.values())
      for (let j = 0; j < nTargets; j++) if (subjects[j] > 1) weights[j] += volumes
    const mean = (sums: Float64Array) => Float32Array.from(sums, (value, j) => value / weights[j])
    return { lower: mean(lower), upper: mean(upper) }
  }

  function usableOf(z: Matrix32): Uint8Array {
    // Constant columns are all 0 and others that are not finite all NaN: the largest value tells.
    const usable = new Uint8Array(nTargets)
    for (let i = 0; i < z.data.length; i++) if (z.data[i] > 0) usable[i % nTargets] = 1
    return usable
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

  return { add, finish, compare, bounds }
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
