import type { Hrf } from './hrf.ts'

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
  readonly scaleFeatures: 'minmax' | 'zscore' | 'none'
  /** Volumes left out at both ends of every run, of regressors and recording alike, before anything is scaled. */
  readonly trim: { readonly start: number; readonly end: number }
  /** Degree of the polynomial over the run that is taken out of the recording; 0: the mean alone. */
  readonly detrend: number
  /** Hz: slower cosines are taken out of the recording, together with trend and confounds. */
  readonly highPass: number | null
  /** Columns of the recordings' `confounds` that are regressed out. */
  readonly confounds: readonly string[]
  /** z-scores over a run, or by the training fold's mean and SD; `centre`: by its mean alone. */
  readonly standardizeX: 'per-run' | 'training-fold' | 'centre' | 'none'
  /** As X; or over a run its median and the distance of two percentiles (cleaning/robustScale.ts). */
  readonly standardizeY: 'per-run' | 'training-fold' | 'none' | { readonly robust: readonly [from: number, to: number] }
  /** Principal components that stand for X, or for Y, fitted in the training fold; scores are of Y itself. */
  readonly pcaX: number | 'none'
  readonly pcaY: number | 'none'
  /**
   * Outer folds of the cross-validation, unshuffled, over the concatenated runs; `runs`: each run held out in turn;
   * `splits`: the stimuli that each fold holds out.
   */
  readonly folds: number | 'runs' | { readonly splits: readonly (readonly string[])[] }
  /**
   * Samples next to those that a contiguous fold holds out, on both sides and within the run, that are neither in its
   * training nor in its score: volumes, or seconds. Between runs there is none.
   */
  readonly gap: number | { readonly seconds: number }
  /** Candidate penalties: 10 to evenly spaced powers. */
  readonly alphas: { readonly from: number; readonly to: number; readonly count: number }
  /** Whether the mean of the training fold's responses is predicted too. */
  readonly intercept: boolean
  /** How alphas are chosen inside an outer fold: as scikit-learn, or by inner folds as himalaya, or by runs held out in turn. */
  readonly selection: 'leave-one-out' | 'runs' | { readonly kfold: number }
  /** One of each target's own, or the one that is best on average over targets. */
  readonly alpha: 'per-target' | 'shared'
  /** Of several spaces there are others (sets.ts). */
  readonly solver: 'ridge'
  /**
   * Pearson's r, its square, or the coefficient of determination (scikit-learn's r2_score); one a fold, averaged, or one of
   * all held-out predictions put one after the other.
   */
  readonly score: { readonly measure: 'r' | 'r-squared' | 'r2'; readonly over: 'folds' | 'concatenated' }
  /**
   * What scores are held against where chance is meant: 0, or the mean score of the same responses shifted in time, so many
   * times.
   */
  readonly chance: 'zero' | { readonly shifts: number; readonly seed: number }
  /** Each layer by itself, or with all layers before it. */
  readonly levels: 'single' | 'cumulative'
  readonly ceiling: 'across-subjects' | 'as-published' | 'fold-wise' | 'repeats' | 'none'
}
