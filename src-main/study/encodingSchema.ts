/** What `encoding:` of a study file may say: every option of the encoding model by name; a preset fills what is not given. */
import { z } from 'zod'
import { hrfNames } from './hrf.ts'

export const presetNames = ['standard', 'lpp', 'narratives', 'voxelwise', 'trf'] as const
export type PresetName = (typeof presetNames)[number]

/** What a paper's released code does, or what it was most likely meant to do. */
export const variants = ['as-published', 'intended'] as const
export type Variant = (typeof variants)[number]

const none = z.literal('none')
const trimmed = z.number().int().min(0).max(10_000).default(0)
const percent = z.number().gt(0).lt(100)
const seconds = z.number().positive().max(600)
/** A response of a second before the sound is as far as an anticipation goes; a minute after it, as any reaches. */
const lag = z.number().min(-60).max(60)
const components = z.union([none, z.number().int().min(1).max(100_000)])
const inner = z.strictObject({ kfold: z.number().int().min(2).max(100) })
/** Stimulus ids that a fold holds out. */
const heldOut = z.array(z.string().min(1).max(100)).min(1).max(10_000)

export const encodingSchema = z.strictObject({
  preset: z.enum(presetNames).default('standard'),
  variant: z.enum(variants).optional(),
  hrf: z
    .union([
      z.enum([...hrfNames, 'none']),
      z.strictObject({ fir: z.array(z.number().int().min(0).max(100)).min(1).max(100) }),
      z.strictObject({ lags: z.strictObject({ from: lag, to: lag }) }),
    ])
    .optional(),
  oversampling: z.number().int().min(1).max(100).optional(),
  /** Seconds, the papers' 10 s windows with a 5 s stride; `none`: one pass; `causal`: seconds of the past, every `step`. */
  window: z.union([seconds, none, z.strictObject({ causal: seconds, step: seconds })]).optional(),
  stride: seconds.optional(),
  /** Of norms over time: each window's own, as the papers, or the recording's. */
  norm: z.enum(['window', 'recording']).optional(),
  scaleFeatures: z.enum(['minmax', 'zscore', 'none']).optional(),
  /** Volumes at both ends of every run that are left out. */
  trim: z.strictObject({ start: trimmed, end: trimmed }).optional(),
  /** Degree of a polynomial over each run. */
  detrend: z.number().int().min(0).max(10).optional(),
  /** Hz */
  highPass: z.union([none, z.number().positive().max(10)]).optional(),
  /** Columns of the recordings' `confounds`. */
  confounds: z.array(z.string().min(1).max(200)).max(500).optional(),
  standardizeX: z.enum(['per-run', 'training-fold', 'centre', 'none']).optional(),
  /** `robust`: the percentiles, in per cent, whose distance is 1. */
  standardizeY: z
    .union([z.enum(['per-run', 'training-fold', 'none']), z.strictObject({ robust: z.tuple([percent, percent]) })])
    .optional(),
  /** Principal components, fitted in the training fold. */
  pcaX: components.optional(),
  pcaY: components.optional(),
  folds: z
    .union([
      z.number().int().min(2).max(100),
      z.literal('runs'),
      z.strictObject({ splits: z.array(heldOut).min(1).max(1000) }),
    ])
    .optional(),
  /** Volumes, or seconds, on both sides of what a contiguous fold holds out that it does not train on. */
  gap: z.union([z.number().int().min(0).max(10_000), z.strictObject({ seconds })]).optional(),
  /** Powers of ten, evenly spaced. */
  alphas: z.strictObject({ from: z.number(), to: z.number(), count: z.number().int().min(1).max(200) }).optional(),
  intercept: z.boolean().optional(),
  /** How alphas are chosen inside an outer fold; `kfold`: that many contiguous inner folds. */
  selection: z.union([z.enum(['leave-one-out', 'runs']), inner]).optional(),
  alpha: z.enum(['per-target', 'shared']).optional(),
  /** Several spaces are weighed apart in `sets` (sets.ts). */
  solver: z.enum(['ridge']).optional(),
  score: z
    .strictObject({
      measure: z.enum(['r', 'r-squared', 'r2']).optional(),
      over: z.enum(['folds', 'concatenated']).optional(),
    })
    .optional(),
  /** What a score is held against where chance is meant: 0, or scores of the same responses shifted in time. */
  chance: z
    .union([
      z.literal('zero'),
      z.strictObject({
        shifts: z.number().int().min(1).max(100),
        seed: z.number().int().min(0).max(0xffffffff).default(1),
      }),
    ])
    .optional(),
  levels: z.enum(['single', 'cumulative']).optional(),
  ceiling: z.enum(['across-subjects', 'as-published', 'fold-wise', 'repeats', 'none']).optional(),
})

export type Encoding = z.output<typeof encodingSchema>
