/** Electrodes of all subjects side by side: what scores of a study without a cortex are told by. */
import type { Snapshot } from './session.ts'

export interface ElectrodeTargets {
  /** Of all subjects; with the subject before it, where there are several. */
  readonly names: readonly string[]
  /**
   * A subject's scores among all.
   * @param own [its electrodes]
   * @returns [all electrodes], NaN for those of others
   */
  place(subject: string, own: Float32Array): Float32Array
}

/** @returns undefined where recordings are of a cortex, or nothing can be planned */
export function electrodeTargets({ basis }: Snapshot): ElectrodeTargets | undefined {
  const electrodes = basis?.electrodes
  if (!electrodes || electrodes.size === 0) return undefined
  const names: string[] = []
  const starts = new Map<string, number>()
  for (const [subject, own] of electrodes) {
    starts.set(subject, names.length)
    names.push(...own.map((name) => (electrodes.size > 1 ? `${subject}:${name}` : name)))
  }
  return {
    names,
    place(subject, own) {
      const all = new Float32Array(names.length).fill(NaN)
      all.set(own, starts.get(subject))
      return all
    },
  }
}
