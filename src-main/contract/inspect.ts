/** Why a place scores as it does: what a window shows of a vertex, a region or an electrode, and of what was heard. */
import { z } from 'zod'
import type { Hemisphere, Measure } from './study.ts'

const name = z.string().max(4096)

/** A vertex; a region of the parcellation, in one hemisphere or both; or an electrode of a subject. */
export const placeSchema = z.union([
  z.strictObject({ hemisphere: z.enum(['left', 'right']), vertex: z.number().int().min(0).max(10_000_000) }),
  z.strictObject({ region: name, hemisphere: z.enum(['left', 'right']).optional() }),
  /** Of a subject, where several have one of that name. */
  z.strictObject({ electrode: name, subject: name.optional() }),
])
export type InspectedPlace = z.infer<typeof placeSchema>

/** Points that are looked at side by side. */
const mostPoints = 8

export const pointSchema = z.strictObject({
  /** A subject's id. */
  subject: name,
  /** A model's id (the first of its seeds, or its last checkpoint), that of one of its members, or of a space. */
  model: name,
  layer: name,
  place: placeSchema,
})
export type InspectedPoint = z.infer<typeof pointSchema>

/** The most columns of a picture: more than a screen has. */
const mostColumns = 8192

export const inspectSchemas = {
  /** Scores of every layer at a place, by subject. What is asked for later in its lane takes its place, as below. */
  pointScores: z.strictObject({ study: name, place: placeSchema, lane: z.string().max(100).optional() }),
  /** Held-out predictions at some places, from stored designs and alphas. */
  inspect: z.strictObject({
    study: name,
    /** A request supersedes those before it in its lane, which are rejected with CANCELLED. */
    lane: z.string().max(100),
    points: z.array(pointSchema).min(1).max(mostPoints),
    /** Seconds of a window that is left out to see what the score owes to it. */
    window: z.number().min(0.1).max(600),
    /** Whether weights of the features are asked for: they take longer. */
    weights: z.boolean(),
  }),
  /** Ends what `inspect` computes in a lane. */
  stopInspecting: z.strictObject({ lane: z.string().max(100) }),
  stimulusView: z.strictObject({
    study: name,
    stimulus: name,
    /** Seconds of the audio; what lies outside it is empty. */
    from: z.number().min(-100_000).max(100_000),
    to: z.number().min(-100_000).max(100_000),
    columns: z.number().int().min(1).max(mostColumns),
  }),
  stimulusAudio: z.strictObject({
    study: name,
    stimulus: name,
    /** From 0; `parts` of any part says how many there are. */
    part: z.number().int().min(0).max(100_000),
  }),
} as const

/** A place in words, and how large it is. */
export interface PlaceFacts {
  readonly place: InspectedPlace
  /** "left 1234, A1/A2"; "A1/A2, both hemispheres"; "electrode G12 of sub-01, left, STG". */
  readonly label: string
  readonly hemisphere: Hemisphere | null
  /** Of the parcellation; empty outside every region. */
  readonly region: string
  /** Vertices, or electrodes. */
  readonly targets: number
}

/** Scores of one layer at a place: one value a subject. */
export interface PointScore {
  readonly model: string
  readonly regime: string
  readonly language: string
  /** `space`: of sound, words or phones, whose layer has its own name. */
  readonly kind: 'model' | 'space'
  readonly layer: string
  readonly subjects: readonly string[]
  /** [subjects] mean over the place's targets that have a score; NaN where none has. */
  readonly values: Float64Array
  /** Over subjects that have a value; NaN where there are none. */
  readonly mean: number
  /** Student's t over subjects, 95 %; NaN for fewer than two. */
  readonly low: number
  readonly high: number
}

export interface PointScores {
  readonly place: PlaceFacts
  readonly measure: Measure
  readonly rows: readonly PointScore[]
  /** The noise ceiling, mean over the place's targets; null where there is none. */
  readonly ceiling: { readonly kind: string; readonly r: number; readonly reliable: boolean } | null
}

/** One run of a subject, on the time axis of its stimulus. */
export interface InspectedRun {
  readonly stimulus: string
  /** Seconds from one sample to the next. */
  readonly tr: number
  /** Samples of this run, after trimming; runs lie one after the other. */
  readonly samples: number
  /** Seconds of the audio at which the first of them was taken; the others follow every `tr`. */
  readonly first: number
  /** Seconds of the audio; null where it cannot be read. */
  readonly seconds: number | null
  /** Samples of a window that is left out. */
  readonly window: number
}

/** A stretch of samples, counted over all runs, and what the score loses without it. */
export interface InspectedMoment {
  readonly kind: 'carries' | 'breaks'
  readonly from: number
  readonly to: number
  readonly run: number
  /** Seconds of the audio during which it was recorded. */
  readonly recorded: readonly [from: number, to: number]
  /** Of what was heard: so much earlier as the response takes. */
  readonly heard: readonly [from: number, to: number]
  /** Score less the score without it. */
  readonly drop: number
  /** Sum of the contributions. */
  readonly contribution: number
  /** Words that were said in `heard`, where the stimulus has them. */
  readonly words: string
}

export interface InspectedFold {
  readonly samples: number
  /** By the study's measure. */
  readonly score: number
  /** null where the fold had nothing to fit, or several were chosen (a region, components of the recordings). */
  readonly alpha: number | null
}

/** A group of regressors: one unit each of a layer, under one response. */
export interface WeightGroup {
  /** "transf6", "transf6, 2 TRs later", "mel, 0.12 s later". */
  readonly label: string
  readonly units: number
}

export interface InspectedWeights {
  /** [regressors] mean over folds; of the regressors as the regression has them. */
  readonly weights: Float64Array
  /** [regressors] SD over samples: a weight times this is what the prediction moves with it. */
  readonly spreads: Float64Array
  readonly groups: readonly WeightGroup[]
  /** [units of a group] what a unit is, where it has a name. */
  readonly names: readonly string[]
}

/** Measured against predicted at one place: what the study's encoding model gives for samples that it did not see. */
export interface Inspection {
  readonly point: InspectedPoint
  readonly place: PlaceFacts
  /** The member of the model that this is of: "seed 1", "after 10,000 steps"; empty for one. */
  readonly part: string
  readonly measure: Measure
  /** As it is stored, mean over the place's targets. */
  readonly stored: number
  /** The same from the predictions below. */
  readonly score: number
  /** Targets that have a score. */
  readonly scored: number
  readonly runs: readonly InspectedRun[]
  /** [samples of all runs], cleaned and scaled as they are fitted; of a region the mean. */
  readonly measured: Float32Array
  /** [samples] by the folds that hold them out; NaN where none does. */
  readonly predicted: Float32Array
  /** [samples] share of the score; they add up to it. */
  readonly contribution: Float64Array
  /** [samples] what the score loses without the window that begins here; NaN where none does. */
  readonly drop: Float64Array
  /** [samples] the fold that holds a sample out; −1: none. */
  readonly fold: Int32Array
  readonly folds: readonly InspectedFold[]
  readonly moments: readonly InspectedMoment[]
  /** Seconds from a sound to the most of its response, and in words what that is. */
  readonly delay: { readonly seconds: number; readonly words: string }
  /** In words: "as fitted: z-scored by run". */
  readonly unit: string
  readonly weights: InspectedWeights | null
}

/** Progress of an inspection that takes over a second. */
export interface InspectionProgress {
  readonly study: string
  readonly lane: string
  readonly step: string
  /** 0–1 */
  readonly fraction: number
  readonly secondsLeft: number | null
}

export interface StimulusWord {
  readonly text: string
  /** Seconds of the audio. */
  readonly start: number
  readonly end: number
}

/** A stretch of a stimulus as it is drawn. */
export interface StimulusView {
  readonly stimulus: string
  readonly from: number
  readonly to: number
  readonly seconds: number
  /** [columns, 2]: least and most sample of each column, −1 to 1; 0 outside the audio. */
  readonly peaks: Float32Array
  /** [columns, bands], the lowest band first: 0–255, from 80 dB below the recording's loudest to the loudest. */
  readonly mel: Uint8Array
  readonly bands: number
  /** That overlap the stretch; none where they are too many to read. */
  readonly words: readonly StimulusWord[]
  /** Whether the stimulus has words at all, and how many overlap the stretch. */
  readonly wordCount: number | null
}

/** A part of a stimulus to play: a WAV file of its own. */
export interface StimulusAudio {
  readonly stimulus: string
  readonly part: number
  readonly parts: number
  /** Seconds of the audio at which it begins. */
  readonly start: number
  readonly wav: Uint8Array
}
