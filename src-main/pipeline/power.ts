/** What a pilot's differences say of the subjects that a comparison needs (statistics/power.ts). */
import { setImmediate as pause } from 'node:timers/promises'
import {
  effectOf,
  subjectsBySimulation,
  subjectsForT,
  subjectsForWilcoxon,
  subjectsInterval,
} from '../statistics/power.ts'
import type { Differences, PowerOptions } from '../statistics/power.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'

/** Pilots of fewer subjects are not resampled: hardly any two studies would differ. */
const fewestResampled = 10

export interface PowerTask {
  readonly kind: 'power'
  /** A pilot for each length of recording; or an effect that is assumed. */
  readonly pilots: readonly {
    readonly minutes: number
    readonly runs: number
    readonly differences: readonly number[]
  }[]
  readonly effect?: number
  readonly options: PowerOptions
  /** Studies that are simulated for each number of subjects, and resamples of the pilot. */
  readonly studies: number
  readonly seed: number
}

/** How many subjects, for recordings of one length. */
export interface PowerRow {
  /** null for an effect that is assumed. */
  readonly minutes: number | null
  readonly runs: number | null
  /** Of the pilot. */
  readonly subjects: number | null
  readonly mean: number | null
  readonly sd: number | null
  /** Mean over SD. */
  readonly effect: number
  /** By the noncentral t, for a paired t test; null: more than 10,000. */
  readonly needsT: number | null
  /** Those times π/3, for Wilcoxon's test. */
  readonly needsWilcoxon: number | null
  /** By simulated studies, for Wilcoxon's test; null: more than 1,000. */
  readonly simulated: {
    readonly subjects: number
    readonly power: number
    readonly low: number
    readonly high: number
  } | null
  /** What simulated studies' subjects were drawn from. */
  readonly drawn: Differences['kind']
  /** 95 % of `needsWilcoxon` over resampled pilots; an end is null above 10,000; null without a pilot. */
  readonly interval: readonly [low: number | null, high: number | null] | null
}

export async function computePower(task: PowerTask, context: StepContext): Promise<StepResult> {
  const { pilots, effect, options, studies, seed } = task
  const how = { studies, seed }
  const rows: PowerRow[] = []
  const row = (
    of: Pick<PowerRow, 'minutes' | 'runs' | 'subjects' | 'mean' | 'sd' | 'effect' | 'interval'>,
    from: Differences,
  ): PowerRow => {
    const found = Number.isFinite(of.effect) && of.effect !== 0 ? subjectsBySimulation(from, options, how) : null
    return {
      ...of,
      needsT: subjectsForT(of.effect, options),
      needsWilcoxon: subjectsForWilcoxon(of.effect, options),
      simulated: found && { subjects: found.subjects, ...found.reached },
      drawn: from.kind,
    }
  }
  if (effect !== undefined)
    rows.push(
      row(
        { minutes: null, runs: null, subjects: null, mean: null, sd: null, effect, interval: null },
        { kind: 'normal', mean: effect, sd: 1 },
      ),
    )
  for (const [done, { minutes, runs, differences }] of pilots.entries()) {
    await pause()
    throwIfCancelled(context)
    context.progress({ fraction: done / pilots.length })
    const found = effectOf(differences)
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length
    const sd = mean / found
    const interval = subjectsInterval(differences, options, { resamples: studies, seed })
    const from: Differences =
      differences.length < fewestResampled ? { kind: 'normal', mean, sd } : { kind: 'resampled', values: differences }
    rows.push(row({ minutes, runs, subjects: differences.length, mean, sd, effect: found, interval }, from))
  }
  return { arrays: [], provenance: { rows } }
}
