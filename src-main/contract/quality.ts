/** How good recordings and stimuli are, and what will be dropped of them, before anything is fitted. */
import { z } from 'zod'
import type { Problem } from './study.ts'

const name = z.string().max(4096)

export const qualitySchemas = {
  /** Starts a job that looks at what was not looked at yet; what was is stored. */
  checkQuality: z.strictObject({ study: name }),
  qualityReport: z.strictObject({ study: name }),
  /** Of one recording: its series over time and histograms. */
  recordingQuality: z.strictObject({ study: name, subject: name, run: z.number().int().min(0).max(100_000) }),
} as const

/** Something that is left out, how much of it, and why. */
export interface Dropped {
  /** "volumes at the start", "vertices". */
  readonly what: string
  readonly count: number
  readonly of: number
  readonly why: string
}

export interface RecordingSummary {
  readonly subject: string
  /** Among the subject's recordings, from 0. */
  readonly run: number
  readonly stimulus: string
  readonly file: string
  /** Seconds between volumes, and from the first volume to the audio. */
  readonly tr: number
  readonly start: number
  /** null until it was read. */
  readonly volumes: number | null
  readonly seconds: number | null
  readonly audioSeconds: number | null
  /** null until it was looked at. */
  readonly looked: LookedAt | null
  readonly dropped: readonly Dropped[]
  /** What a person should look into. */
  readonly flags: readonly string[]
}

export interface LookedAt {
  readonly targets: number
  readonly constant: number
  readonly notFinite: number
  /** Percentiles of the targets that vary; null where none does. */
  readonly tsnr: { readonly low: number; readonly median: number; readonly high: number } | null
  readonly spikes: number
  /** mm; null without motion in the confounds. */
  readonly meanMotion: number | null
  /** Volumes with more than 0.5 mm. */
  readonly moved: number | null
}

export interface StimulusSummary {
  readonly id: string
  readonly audio: string
  readonly seconds: number | null
  /** Samples a second, channels. */
  readonly rate: number | null
  readonly channels: number | null
  /** null until it was looked at: share of clipped samples; dB below full scale of peak and root mean square. */
  readonly looked: { readonly clipped: number; readonly peak: number; readonly rms: number } | null
  readonly words: number | null
  readonly phones: number | null
  /** Recordings that heard it. */
  readonly heard: number
  readonly flags: readonly string[]
}

export interface QualityReport {
  readonly recordings: readonly RecordingSummary[]
  readonly stimuli: readonly StimulusSummary[]
  /** That were not looked at yet. */
  readonly missing: number
  readonly problems: readonly Problem[]
}

export interface RecordingQuality {
  readonly subject: string
  readonly run: number
  readonly stimulus: string
  readonly tr: number
  /** Seconds of the audio at the first volume. */
  readonly first: number
  readonly globalSignal: Float64Array
  readonly dvars: Float64Array
  /** DVARS above it is a spike; null where there is nothing to tell it from. */
  readonly spikeThreshold: number | null
  /** mm a volume; null without motion in the confounds. */
  readonly motion: { readonly fd: Float64Array; readonly words: string } | null
  readonly spectrum: { readonly hertz: Float64Array; readonly power: Float64Array }
  readonly histogram: { readonly edges: Float64Array; readonly counts: Float64Array }
  /** [targets] tSNR, left before right. */
  readonly tsnr: Float32Array
  /** Volumes that are left out at the ends. */
  readonly trim: { readonly start: number; readonly end: number }
}
