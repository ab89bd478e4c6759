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
export type Hrf = (typeof hrfNames)[number] | { readonly fir: readonly number[] }
