import type { Encoding } from './schema.ts'

/** The encoding model with nothing left open: what is stored with every score and shown beside it. */
export interface ResolvedEncoding {
  readonly hrf: 'glover'
  /** Steps a TR of the grid on which events are convolved. */
  readonly oversampling: number
  /** Seconds of audio a model hears at once. */
  readonly window: number
  /** Seconds from one window to the next; overlapping frames are averaged. */
  readonly stride: number
  /** Scaling of each unit over a run, before the HRF. */
  readonly scaleFeatures: 'minmax'
  readonly standardizeX: 'per-run'
  readonly standardizeY: 'per-run'
  /** Outer folds of the cross-validation, unshuffled, over the concatenated runs. */
  readonly folds: number
  /** Candidate penalties: 10 to evenly spaced powers. */
  readonly alphas: { readonly from: number; readonly to: number; readonly count: number }
  /** How each target's alpha is chosen inside an outer fold. */
  readonly selection: 'leave-one-out'
  readonly score: 'pearson per fold, averaged'
}

/** `standard`: the common core of the papers' two pipelines (Millet et al. 2022, released code), without their PCA. */
const standard: ResolvedEncoding = {
  hrf: 'glover',
  oversampling: 16,
  window: 10,
  stride: 5,
  scaleFeatures: 'minmax',
  standardizeX: 'per-run',
  standardizeY: 'per-run',
  folds: 10,
  alphas: { from: 1, to: 8, count: 20 },
  selection: 'leave-one-out',
  score: 'pearson per fold, averaged',
}

/** Every option of the encoding model with its value: what the study file says, and the preset for the rest. */
export function resolveEncoding(encoding: Encoding): ResolvedEncoding {
  return {
    ...standard,
    hrf: encoding.hrf ?? standard.hrf,
    oversampling: encoding.oversampling ?? standard.oversampling,
    window: encoding.window ?? standard.window,
    stride: encoding.stride ?? standard.stride,
    folds: encoding.folds ?? standard.folds,
    alphas: encoding.alphas ?? standard.alphas,
  }
}
