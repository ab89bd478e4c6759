import type { Hrf } from './hrf.ts'
import type { Encoding } from './schema.ts'

/** The encoding model with nothing left open: what is stored with every score and shown beside it. */
export interface ResolvedEncoding {
  readonly hrf: Hrf
  /** Steps a TR of the grid on which events are convolved. */
  readonly oversampling: number
  /**
   * Seconds of audio a model hears at once; `none`: the whole recording; `causal`: at most so many seconds of the past, in
   * windows that end every `step` seconds (activations/windows.ts).
   */
  readonly window: number | 'none' | { readonly causal: number; readonly step: number }
  /** Seconds from one window to the next; overlapping frames are averaged. Null where the window has no stride. */
  readonly stride: number | null
  /** Over what a model's norms over time are taken: each window, or the recording (activations/types.ts). */
  readonly norm: 'window' | 'recording'
  /** Scaling of each unit over a run, before the HRF. */
  readonly scaleFeatures: 'minmax' | 'none'
  /** Volumes left out at both ends of every run, of regressors and recording alike, before anything is scaled. */
  readonly trim: { readonly start: number; readonly end: number }
  /** Degree of the polynomial over the run that is taken out of the recording; 0: the mean alone. */
  readonly detrend: number
  /** Hz: slower cosines are taken out of the recording, together with trend and confounds. */
  readonly highPass: number | null
  /** Columns of the recordings' `confounds` that are regressed out. */
  readonly confounds: readonly string[]
  /** z-scores over a run. */
  readonly standardizeX: 'per-run' | 'none'
  /** z-scores over a run, or its median and the distance of two percentiles (cleaning/robustScale.ts). */
  readonly standardizeY: 'per-run' | 'none' | { readonly robust: readonly [from: number, to: number] }
  /** Outer folds of the cross-validation, unshuffled, over the concatenated runs; `runs`: each run held out in turn. */
  readonly folds: number | 'runs'
  /** Candidate penalties: 10 to evenly spaced powers. */
  readonly alphas: { readonly from: number; readonly to: number; readonly count: number }
  /** How each target's alpha is chosen inside an outer fold: as scikit-learn, or by inner folds as himalaya. */
  readonly selection: 'leave-one-out' | { readonly kfold: number }
  readonly score: 'pearson per fold, averaged'
}

/** `standard`: the common core of the papers' two pipelines (Millet et al. 2022, released code), without their PCA. */
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
  folds: 10,
  alphas: { from: 1, to: 8, count: 20 },
  selection: 'leave-one-out',
  score: 'pearson per fold, averaged',
}

const presets: Readonly<Record<Encoding['preset'], ResolvedEncoding>> = { standard }

/** Every option of the encoding model with its value: what the study file says, and the preset for the rest. */
export function resolveEncoding(encoding: Encoding): ResolvedEncoding {
  const { preset, ...given } = encoding
  const options = Object.entries(given).filter(([, value]) => value !== undefined)
  const resolved = { ...presets[preset], ...(Object.fromEntries(options) as Partial<ResolvedEncoding>) }
  return typeof resolved.window === 'number' ? resolved : { ...resolved, stride: null }
}
