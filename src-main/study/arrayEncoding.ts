/** The encoding model of arrays that belong to no study: what a command says, and a preset for the rest. */
import { HeschlError } from '../errors.ts'
import type { PresetName, Variant } from './encodingSchema.ts'
import { presetEncoding } from './presets.ts'
import type { ResolvedEncoding } from './resolvedEncoding.ts'

/** Samples that a fold holds out, counted from 0; `end` is exclusive. */
export type HeldOut = readonly number[] | { readonly start: number; readonly end: number }

/** The options of a study's encoding model (resolvedEncoding.ts) that concern arrays, with nothing left open. */
export interface ArrayEncoding extends Pick<
  ResolvedEncoding,
  'standardizeX' | 'standardizeY' | 'pcaX' | 'pcaY' | 'intercept' | 'selection' | 'alpha'
> {
  /** Samples of each run, which follow one another; null where nothing is done by runs. */
  readonly runs: readonly number[] | null
  /** Contiguous and unshuffled; each run in turn; or the samples that each fold holds out. */
  readonly folds: number | 'runs' | readonly HeldOut[]
  /** Samples next to the held-out ones on both sides, within a run, that are neither in training nor in the score. */
  readonly gap: number
  /** As numpy.logspace, or one by one. */
  readonly alphas: { readonly from: number; readonly to: number; readonly count: number } | readonly number[]
  /** Whether scores are one a fold, or one of all held-out predictions put one after the other. */
  readonly over: ResolvedEncoding['score']['over']
}

export type Measure = ResolvedEncoding['score']['measure']

/** What the command line said; the rest is the preset's. */
export type GivenArrayEncoding = Partial<ArrayEncoding> & { readonly scores?: readonly Measure[] }

/** What holds without a preset: ridge on the arrays as they are. Folds, alphas and their selection have to be given. */
const plain = {
  standardizeX: 'none',
  standardizeY: 'none',
  pcaX: 'none',
  pcaY: 'none',
  intercept: true,
  alpha: 'per-target',
  gap: 0,
  over: 'folds',
  scores: ['r'],
} as const

/** Options of a preset that are done to arrays before the command sees them. */
const earlier = [
  ...['hrf', 'oversampling', 'window', 'stride', 'norm', 'scaleFeatures', 'trim', 'detrend', 'highPass'],
  'confounds',
] as readonly (keyof ResolvedEncoding)[]

export interface ChosenArrayEncoding {
  readonly encoding: ArrayEncoding
  readonly scores: readonly Measure[]
  /** Of the preset: what X and Y are taken to have been made with. */
  readonly assumed: Partial<ResolvedEncoding> | null
}

/**
 * @throws HeschlError OPTION_INVALID where an option is needed and neither given nor a preset's, or options contradict
 *   each other
 */
export function arrayEncoding(
  given: GivenArrayEncoding,
  preset?: { readonly name: PresetName; readonly variant: Variant },
): ChosenArrayEncoding {
  const model = preset && presetEncoding(preset.name, preset.variant)
  const { scores, ...rest } = { ...plain, ...(model && ofPreset(model)), ...given }
  const { folds, alphas, selection } = rest
  if (folds === undefined) throw missing('--folds')
  if (alphas === undefined) throw missing('--alphas')
  if (selection === undefined) throw missing('--select')
  const encoding: ArrayEncoding = { runs: null, ...rest, folds, alphas, selection }
  checkRuns(encoding)
  const assumed = model && Object.fromEntries(earlier.map((option) => [option, model[option]]))
  return { encoding, scores, assumed: assumed ?? null }
}

function ofPreset(model: ResolvedEncoding): GivenArrayEncoding {
  const { standardizeX, standardizeY, pcaX, pcaY, folds, alphas, intercept, selection, alpha, score } = model
  const held = typeof folds === 'object' ? {} : { folds }
  const own = { standardizeX, standardizeY, pcaX, pcaY, alphas, intercept, selection, alpha, ...held }
  return { ...own, scores: [score.measure], over: score.over }
}

function missing(flag: string): HeschlError {
  return new HeschlError('OPTION_INVALID', `required option '${flag}' not specified`, {
    remedy: 'Give it, or a --preset that has it',
  })
}

function checkRuns({ runs, ...options }: ArrayEncoding): void {
  if (runs !== null) return
  const { standardizeX, standardizeY, folds, selection } = options
  const by = [
    ...(standardizeX === 'per-run' ? ['standardize-x per-run'] : []),
    ...(standardizeY === 'per-run' ? ['standardize-y per-run'] : []),
    ...(typeof standardizeY === 'object' ? ['standardize-y robust'] : []),
    ...(folds === 'runs' ? ['folds runs'] : []),
    ...(selection === 'runs' ? ['select runs'] : []),
  ]
  if (by.length === 0) return
  throw new HeschlError('OPTION_INVALID', `--${by[0]} is done by runs, and their lengths are not known`, {
    expected: '--runs with the samples of each run, as 282,298,340',
    found: 'no --runs',
    remedy: 'Give --runs; of one run, its number of samples',
  })
}
