import type { Encoding } from './encodingSchema.ts'
import { presetEncoding } from './presets.ts'
import type { ResolvedEncoding } from './resolvedEncoding.ts'

export type { ResolvedEncoding } from './resolvedEncoding.ts'

/** Every option of the encoding model with its value: what the study file says, and the preset for the rest. */
export function resolveEncoding(encoding: Encoding): ResolvedEncoding {
  const { preset, variant = 'as-published', highPass, score, ...rest } = encoding
  const base = presetEncoding(preset, variant)
  const given = {
    ...defined(rest),
    ...(highPass !== undefined && { highPass: highPass === 'none' ? null : highPass }),
    ...(score && { score: { ...base.score, ...defined(score) } }),
  }
  const merged: ResolvedEncoding = { ...base, ...(given as Partial<ResolvedEncoding>) }
  // Whole runs that are held out have no neighbours in the training: noise scores 0 there, and shifts would tell nothing.
  const free = rest.chance === undefined && typeof merged.folds !== 'number'
  const resolved: ResolvedEncoding = free ? { ...merged, chance: 'zero' } : merged
  return typeof resolved.window === 'number' ? resolved : { ...resolved, stride: null }
}

const defined = <T extends object>(options: T): Partial<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>

/** Of a subject with so many runs. */
export const foldCount = (folds: ResolvedEncoding['folds'], runs: number): number =>
  typeof folds === 'number' ? folds : folds === 'runs' ? runs : folds.splits.length

/** Options that came later, at the value that everything had before them. */
const before = { pcaX: 'none', pcaY: 'none', intercept: true, alpha: 'per-target', gap: 0, chance: 'zero' }

/**
 * What a fit's content key holds of the encoding model beside the recordings' cleaning: an option at the value it had
 * before it could be chosen adds nothing, so that results are not computed again because an option was added.
 *
 * @param stimuli of the subject's runs, in order: a renamed stimulus changes nothing
 */
export function fitOptions(encoding: ResolvedEncoding, stimuli: readonly string[]): Readonly<Record<string, unknown>> {
  const { alphas, selection, standardizeX, score, hrf } = encoding
  const usual = score.measure === 'r' && score.over === 'folds'
  const later = Object.entries(before).filter(([name, value]) => encoding[name as keyof typeof before] !== value)
  return {
    folds: runsHeldOut(encoding.folds, stimuli),
    ...{ alphas, selection, standardizeX },
    score: usual ? 'pearson per fold, averaged' : score,
    ...Object.fromEntries(later.map(([name]) => [name, encoding[name as keyof typeof before]])),
    // The design holds the samples' means alone.
    ...(typeof hrf === 'object' && 'lags' in hrf && { lags: hrf.lags }),
  }
}

function runsHeldOut(folds: ResolvedEncoding['folds'], stimuli: readonly string[]): unknown {
  if (typeof folds !== 'object') return folds
  return { splits: folds.splits.map((split) => stimuli.flatMap((id, run) => (split.includes(id) ? [run] : []))) }
}
