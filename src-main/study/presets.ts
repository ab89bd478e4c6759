/** The encoding models of published work, each with every option. Where each value comes from is in presetSources.ts. */
import type { PresetName, Variant } from './encodingSchema.ts'
import type { Reference } from './references.ts'
import type { ResolvedEncoding } from './resolvedEncoding.ts'

/** The common core of the papers' two pipelines (Millet et al. 2022, released code), without their PCA. */
const standard: ResolvedEncoding = {
  hrf: 'glover',
  oversampling: 16,
  window: 10,
  stride: 5,
  norm: 'window',
  scaleFeatures: 'minmax',
  trim: { start: 0, end: 0 },
  detrend: 0,
  highPass: null,
  confounds: [],
  standardizeX: 'per-run',
  standardizeY: 'per-run',
  pcaX: 'none',
  pcaY: 'none',
  folds: 10,
  gap: 0,
  alphas: { from: 1, to: 8, count: 20 },
  intercept: true,
  selection: 'leave-one-out',
  alpha: 'per-target',
  solver: 'ridge',
  score: { measure: 'r', over: 'folds' },
  // Published tests are against 0, which find too much in these folds (docs/benchmarks.md, "False positives").
  chance: { shifts: 1, seed: 1 },
  levels: 'single',
  ceiling: 'across-subjects',
}

/** Millet et al. 2022, Le Petit Prince. */
const lpp: ResolvedEncoding = {
  ...standard,
  chance: 'zero',
  standardizeY: { robust: [0.01, 0.99] },
  pcaY: 100,
  ceiling: 'as-published',
}

/** Millet et al. 2022, Narratives: the second author's code. */
const narratives: ResolvedEncoding = {
  ...standard,
  chance: 'zero',
  oversampling: 50,
  standardizeX: 'training-fold',
  standardizeY: { robust: [0.1, 99.9] },
  folds: 5,
  alphas: { from: -1, to: 8, count: 10 },
  intercept: false,
}

/** The voxelwise modelling tutorials (Dupré la Tour et al. 2022), after Huth et al. 2012 and 2016. */
const voxelwise: ResolvedEncoding = {
  ...standard,
  chance: 'zero',
  hrf: { fir: [1, 2, 3, 4] },
  scaleFeatures: 'none',
  standardizeX: 'centre',
  folds: 'runs',
  alphas: { from: 1, to: 20, count: 20 },
  intercept: false,
  selection: 'runs',
  score: { measure: 'r2', over: 'folds' },
  ceiling: 'none',
}

/** Chen et al. 2023: temporal response functions of recordings at a rate. */
const trf: ResolvedEncoding = {
  ...standard,
  chance: 'zero',
  hrf: { lags: { from: 0, to: 0.39 } },
  scaleFeatures: 'none',
  folds: 5,
  alphas: { from: 2, to: 7, count: 10 },
  score: { measure: 'r-squared', over: 'folds' },
  ceiling: 'none',
}

const asPublished: Readonly<Record<PresetName, ResolvedEncoding>> = { standard, lpp, narratives, voxelwise, trf }

interface PresetInfo {
  /** What it follows, as in "preset lpp: …". */
  readonly title: string
  readonly sources: readonly Reference[]
}

export const presetInfo: Readonly<Record<PresetName, PresetInfo>> = {
  standard: { title: 'the steps that two published pipelines share', sources: ['millet'] },
  lpp: { title: 'the published pipeline for Le Petit Prince', sources: ['millet'] },
  narratives: { title: 'the published pipeline for Narratives', sources: ['millet', 'caucheteux'] },
  voxelwise: { title: 'voxelwise modelling with delayed features', sources: ['huth', 'dupre'] },
  trf: { title: 'temporal response functions', sources: ['chen'] },
}

/** What is otherwise where a slip in released code is put right; a preset that is not here has no known slip. */
const intended: Partial<Readonly<Record<PresetName, Partial<ResolvedEncoding>>>> = {
  lpp: { standardizeY: { robust: [1, 99] }, ceiling: 'fold-wise' },
}

export function presetEncoding(name: PresetName, variant: Variant): ResolvedEncoding {
  return variant === 'intended' ? { ...asPublished[name], ...intended[name] } : asPublished[name]
}
