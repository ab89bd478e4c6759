/** The encoding model as a methods paragraph: what is done, in order, with citations. */
import { isDeepStrictEqual } from 'node:util'
import type { PresetName, Variant } from './encodingSchema.ts'
import { resolveEncoding } from './encoding.ts'
import { presetEncoding, presetInfo } from './presets.ts'
import { references } from './references.ts'
import type { Reference } from './references.ts'
import type { ResolvedEncoding } from './resolvedEncoding.ts'
import type { FeatureSet, Study } from './schema.ts'
import { listed } from './words.ts'

export interface MethodsOf {
  readonly encoding: ResolvedEncoding
  /** Where the options come from, before any that were set by name. */
  readonly preset: PresetName
  readonly variant: Variant
  /** Of Heschl. */
  readonly version: string
  /** Spaces that are fitted together. */
  readonly sets?: readonly FeatureSet[]
}

export interface Methods {
  readonly paragraph: string
  /** In the order in which they are cited. */
  readonly references: readonly string[]
}

/** Remembers what is cited. */
type Cite = (...keys: readonly Reference[]) => string

export function methodsOf({ encoding, preset, variant, version, sets = [] }: MethodsOf): Methods {
  const cited = new Set<Reference>()
  const cite: Cite = (...keys) => {
    for (const key of keys) cited.add(key)
    return `(${keys.map((key) => references[key].cited).join('; ')})`
  }
  const { title, sources } = presetInfo[preset]
  const slip = variant === 'intended' ? ', with slips of the released code put right' : ''
  const changed = changedOptions(encoding, presetEncoding(preset, variant))
  const but = changed.length === 0 ? '' : `; other than there: ${changed.join(', ')}`
  const sentences = [
    `Encoding models were fitted with Heschl ${version}, preset ${preset}: ${title} ${cite(...sources)}${slip}${but}`,
    ...heard(encoding),
    ...regressors(encoding, cite),
    ...recordings(encoding),
    ...transformed(encoding),
    ...fitted(encoding, cite),
    ...sets.map((set) => together(set, cite)),
    ...scored(encoding, cite),
  ]
  return { paragraph: `${sentences.join('. ')}.`, references: [...cited].map((key) => references[key].whole) }
}

/** Of a study: its preset, and what it sets otherwise. */
export function methodsOfStudy({ encoding, sets }: Study, version: string): Methods {
  const { preset, variant = 'as-published' } = encoding
  return methodsOf({ encoding: resolveEncoding(encoding), preset, variant, version, sets })
}

/** Names of the options that have another value than the preset's. */
function changedOptions(encoding: ResolvedEncoding, preset: ResolvedEncoding): readonly string[] {
  const options = Object.keys(preset) as (keyof ResolvedEncoding)[]
  return options.filter((option) => !isDeepStrictEqual(encoding[option], preset[option]))
}

function heard({ window, stride, norm }: ResolvedEncoding): readonly string[] {
  const over = norm === 'window' ? 'each window' : 'the whole recording'
  const norms = `their normalisations over time were taken over ${over}`
  if (window === 'none') return [`Speech models heard each recording in one pass; ${norms}`]
  if (typeof window === 'object') {
    const { causal, step } = window
    return [
      `Speech models computed each frame from at most ${causal} s of the sound before it, in windows that end every ${step} s; ${norms}`,
    ]
  }
  return [
    `Speech models heard windows of ${window} s that begin ${stride} s apart, and activations of a frame that several windows share were averaged; ${norms}`,
  ]
}

const scalings = {
  minmax: 'Each unit was scaled to 0–1 over a run and',
  zscore: 'Each unit was z-scored over a run and',
  none: 'Each unit, as it is, was',
} as const

function regressors({ scaleFeatures, hrf, oversampling, trim }: ResolvedEncoding, cite: Cite): readonly string[] {
  const unit = scalings[scaleFeatures]
  const cut =
    trim.start === 0 && trim.end === 0
      ? 'All volumes of every run were used'
      : `The first ${trim.start} and the last ${trim.end} volumes of every run were left out`
  return [`${unit} ${responded(hrf, oversampling, cite)}`, cut]
}

function responded(hrf: ResolvedEncoding['hrf'], oversampling: number, cite: Cite): string {
  const grid = `on a grid of ${oversampling} steps a TR`
  if (hrf === 'none') return 'averaged over the frames within each sample of the recording, without a response'
  if (typeof hrf === 'object' && 'lags' in hrf) {
    const { from, to } = hrf.lags
    return `averaged within each sample of the recording and entered at every lag from ${from} to ${to} s (temporal response function)`
  }
  if (typeof hrf === 'object')
    return `averaged within each TR, ${grid}, and entered at delays of ${listed(hrf.fir.map(String))} TRs (finite impulse response)`
  const [name, part] = hrf.split('-')
  const response =
    name === 'glover'
      ? `Glover’s haemodynamic response ${cite('glover')}`
      : `SPM’s haemodynamic response ${cite('friston')}`
  const others =
    part === undefined
      ? ''
      : part === 'derivative'
        ? ' and with its derivative in time'
        : ' and with its derivatives in time and dispersion'
  const orthogonal = part === undefined ? '' : ', each made orthogonal to those before it'
  return `convolved with ${response}${others} ${grid}, and sampled at the onset of every volume${orthogonal}, as nilearn’s compute_regressor`
}

function recordings({ detrend, highPass, confounds, standardizeY }: ResolvedEncoding): readonly string[] {
  const parts = [
    ...(detrend > 0 ? [`a polynomial trend of degree ${detrend}`] : []),
    ...(highPass === null ? [] : [`cosine drifts slower than ${highPass} Hz`]),
    ...(confounds.length > 0 ? [`the confounds ${listed(confounds)}`] : []),
  ]
  const cleared =
    parts.length === 0
      ? 'Nothing was regressed out of the recordings'
      : `Each run of the recordings was cleared, in one regression, of its mean, ${listed(parts)}`
  if (typeof standardizeY === 'object') {
    const [from, to] = standardizeY.robust
    return [
      cleared,
      `Each target had its median over a run subtracted and was divided by the distance of the percentiles ${from} and ${to}, in units of a normal distribution’s`,
    ]
  }
  const scaled = {
    'per-run': 'Each target was z-scored over a run',
    'training-fold': 'Each target was z-scored by its mean and SD in the training fold',
    none: 'Targets were not scaled',
  } as const
  return [cleared, scaled[standardizeY]]
}

function transformed({ standardizeX, pcaX, pcaY }: ResolvedEncoding): readonly string[] {
  const scaled = {
    'per-run': 'Regressors were z-scored over a run',
    'training-fold': 'Regressors were z-scored by their mean and SD in the training fold',
    centre: 'Regressors had their mean in the training fold subtracted',
    none: 'Regressors were not scaled',
  } as const
  if (pcaX === 'none' && pcaY === 'none')
    return [`${scaled[standardizeX]}; neither they nor the targets were reduced to principal components`]
  const reduced = [
    ...(pcaX === 'none' ? [] : [`regressors were reduced to ${pcaX}`]),
    ...(pcaY === 'none' ? [] : [`targets ${pcaX === 'none' ? 'were reduced ' : ''}to ${pcaY}`]),
  ]
  const back = pcaY === 'none' ? '' : ', and predictions of targets were transformed back before they were scored'
  const components = `${listed(reduced)} principal components fitted in the training fold${back}`
  return [scaled[standardizeX], components.charAt(0).toUpperCase() + components.slice(1)]
}

function fitted(encoding: ResolvedEncoding, cite: Cite): readonly string[] {
  const { folds, gap, alphas, intercept, levels } = encoding
  const set = levels === 'single' ? 'each layer by itself' : 'each layer together with all layers before it'
  const held =
    typeof folds === 'number'
      ? `${folds} contiguous folds of the concatenated runs, without shuffling`
      : folds === 'runs'
        ? 'runs, each held out in turn'
        : `${folds.splits.length} splits that hold out ${folds.splits.map((split) => `{${split.join(', ')}}`).join(', ')}`
  const { from, to, count } = alphas
  const penalties =
    count === 1
      ? `a penalty of 10^${from}`
      : `${count} penalties from 10^${from} to 10^${to}, evenly spaced in their logarithm`
  const mean = intercept ? 'an intercept that is not penalised' : 'no intercept'
  return [
    `Targets were predicted from ${set}, cross-validated over ${held}`,
    ...(gap === 0
      ? []
      : [
          `The ${typeof gap === 'number' ? `${gap} ${gap === 1 ? 'volume' : 'volumes'}` : `${gap.seconds} s`} next to the held-out samples of a fold on either side, as far as they were of the same run, were neither in its training nor in its score`,
        ]),
    `The model was ridge regression ${cite('hoerl')} with ${mean}, over ${penalties}`,
    selectionText(encoding, cite),
  ]
}

function together({ id, of, solver, iterations, seed, partition }: FeatureSet, cite: Cite): string {
  const ways = {
    ridge: () => 'one weight for all of them',
    'banded-random': () =>
      `a weight for each (banded ridge regression ${cite('dupre')}), the best of ${iterations} drawn (seed ${seed})`,
    'banded-gradient': () =>
      `a weight for each (banded ridge regression ${cite('dupre')}), found in ${iterations} steps of gradient descent`,
  } as const
  const parts = partition ? '; the variance that they explain was divided among them by fits of all their unions' : ''
  return `In ${id}, ${listed(of)} were fitted together with ${ways[solver]()}${parts}`
}

function selectionText({ selection, alpha }: ResolvedEncoding, cite: Cite): string {
  const whose = alpha === 'per-target' ? 'each target’s own penalty' : 'one penalty for all targets'
  const how =
    selection === 'leave-one-out'
      ? `the least leave-one-out error, as scikit-learn’s RidgeCV ${cite('pedregosa')}`
      : selection === 'runs'
        ? `the least error over runs held out in turn inside it, as himalaya ${cite('dupre')}`
        : `the least error over ${selection.kfold} contiguous inner folds, as himalaya’s KernelRidgeCV ${cite('dupre')}`
  return `In each training fold ${whose} was chosen by ${how}`
}

function scored({ score, chance, ceiling }: ResolvedEncoding, cite: Cite): readonly string[] {
  const measure = {
    r: 'Pearson’s correlation of prediction and recording',
    'r-squared': 'the square of Pearson’s correlation of prediction and recording',
    r2: 'the coefficient of determination',
  } as const
  const over =
    score.over === 'folds'
      ? 'in each fold and averaged over folds'
      : 'over all held-out predictions put one after the other'
  const shifted =
    chance === 'zero'
      ? []
      : [
          `What is scored by chance was computed by fits to the same responses moved round in time within each run by a random quarter to three quarters of it (${chance.shifts === 1 ? 'once' : `the mean of ${chance.shifts}`} for each subject, seed ${chance.seed})`,
        ]
  return [`Scores are ${measure[score.measure]}, ${over}`, ...shifted, ceilingText(ceiling, cite)]
}

function ceilingText(ceiling: ResolvedEncoding['ceiling'], cite: Cite): string {
  const others = (fitted: string) =>
    `The noise ceiling is the correlation, over all volumes, of a subject’s recording with its prediction from the mean of the other subjects by ridge regression over penalties of 0.1, 1 and 10 in 10 contiguous folds, both reduced to 100 principal components fitted to ${fitted} ${cite('millet')}`
  switch (ceiling) {
    case 'across-subjects':
      return `The noise ceiling is the root of the mean correlation of pairs of subjects who heard the same ${cite('hsu', 'nastase')}`
    case 'as-published':
      return others('all volumes, as published')
    case 'fold-wise':
      return others('the training fold, otherwise as published')
    case 'repeats':
      return `The noise ceiling is the root of the mean correlation of a subject’s recordings of a stimulus that was heard several times ${cite('hsu')}`
    case 'none':
      return 'No noise ceiling was computed'
  }
}
