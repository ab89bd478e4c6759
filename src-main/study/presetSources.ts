/** Where every value of a preset comes from. */
import type { PresetName, Variant } from './encodingSchema.ts'
import type { ResolvedEncoding } from './resolvedEncoding.ts'

type Sources = Readonly<Record<keyof ResolvedEncoding, string>>

const both = 'Millet et al. 2022: both pipelines'
const first = 'Millet et al. 2022: Le Petit Prince'
const second = 'Millet et al. 2022: Narratives'
const tutorials = 'voxelwise modelling tutorials, himalaya'
const chen = 'Chen et al. 2023'
const absent = 'no such step is known of the published code'
const own = 'choice of Heschl'
const against0 = `${both}: scores are held against 0`
const model = 'how models hear: a choice of Heschl, as Millet et al. 2022'

const standard: Sources = {
  hrf: both,
  oversampling: `${first}; nilearn’s default is 50`,
  window: both,
  stride: both,
  norm: 'follows from windows that are computed one by one',
  scaleFeatures: both,
  trim: absent,
  detrend: absent,
  highPass: absent,
  confounds: absent,
  standardizeX: first,
  standardizeY: 'in place of robust scaling, which differs between the pipelines',
  pcaX: absent,
  pcaY: 'left out: one of the pipelines has it',
  folds: first,
  gap: `${both}: none`,
  alphas: first,
  intercept: `${first}, scikit-learn’s default`,
  selection: both,
  alpha: both,
  solver: both,
  score: both,
  chance: `${own}: tests against 0, as in both pipelines, find too much in contiguous folds; \`zero\` where folds hold out whole runs`,
  levels: `${both}: one layer at a time for layer preference`,
  ceiling: own,
}

const lpp: Sources = {
  ...standard,
  chance: against0,
  oversampling: first,
  standardizeY: `${first}: quantile_range=(0.01, 0.99), which scikit-learn reads as per cent`,
  pcaY: first,
  ceiling: `${first}: both reductions see all volumes`,
}

const narratives: Sources = {
  ...standard,
  chance: against0,
  oversampling: `${second}: nilearn’s default`,
  standardizeX: second,
  standardizeY: second,
  pcaY: `${second}: none`,
  folds: second,
  alphas: second,
  intercept: second,
}

const voxelwise: Sources = {
  ...standard,
  hrf: `${tutorials}; Huth et al. 2012`,
  oversampling: 'of the means within each TR: a choice of Heschl',
  window: model,
  stride: model,
  norm: model,
  scaleFeatures: `${tutorials}: none`,
  standardizeX: `${tutorials}: StandardScaler(with_std=False), there before the delays`,
  standardizeY: `${tutorials}: each run`,
  pcaY: absent,
  folds: `${own}: the tutorials hold out one run that was heard often`,
  gap: 'not used: whole runs are held out',
  alphas: tutorials,
  intercept: `${tutorials}: KernelRidgeCV has none`,
  selection: `${tutorials}: leave one run out`,
  alpha: tutorials,
  solver: tutorials,
  score: tutorials,
  chance: own,
  levels: own,
  ceiling: `${own}: \`repeats\` where a stimulus was heard often`,
}

const trf: Sources = {
  ...standard,
  hrf: `${chen}: 0 to 0.39 s, 40 lags at 100 Hz`,
  oversampling: 'not used: lags are of the recording’s samples',
  window: model,
  stride: model,
  norm: model,
  scaleFeatures: own,
  standardizeX: own,
  standardizeY: `${chen}: each channel in each block`,
  pcaY: absent,
  folds: own,
  gap: absent,
  alphas: chen,
  intercept: `${own}: scikit-learn’s default`,
  selection: own,
  alpha: `${chen}: per channel`,
  solver: chen,
  score: `${chen}: mean over folds of r²`,
  chance: own,
  levels: own,
  ceiling: own,
}

const asPublished: Readonly<Record<PresetName, Sources>> = { standard, lpp, narratives, voxelwise, trf }

/** Of the values that `intended` has otherwise (presets.ts). */
const intended: Partial<Readonly<Record<PresetName, Partial<Sources>>>> = {
  lpp: {
    standardizeY: `${first}: quantile_range as it was most likely meant`,
    ceiling: `${first}, with reductions that see the training fold alone`,
  },
}

export function presetSources(name: PresetName, variant: Variant): Sources {
  return variant === 'intended' ? { ...asPublished[name], ...intended[name] } : asPublished[name]
}
