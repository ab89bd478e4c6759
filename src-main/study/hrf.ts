/** What a study file or a command may say of the haemodynamic response; features/hrf.ts says what each is. */
export const hrfNames = [
  'glover',
  'spm',
  'glover-derivative',
  'spm-derivative',
  'glover-dispersion',
  'spm-dispersion',
] as const

/** `fir`: delays in TRs, a regressor each. */
export type HaemodynamicResponse = (typeof hrfNames)[number] | { readonly fir: readonly number[] }

/**
 * How frames become regressors. `none`: the mean of the frames within each sample of the recording. `lags`: those means at
 * every sample of the recording's rate from so many seconds before a response to so many, a regressor each.
 */
export type Hrf = HaemodynamicResponse | 'none' | { readonly lags: { readonly from: number; readonly to: number } }
