/** A guided new study: what was found in a folder, what a person made of it, and what it will cost. */
import { z } from 'zod'
import type { Plan, Problem } from './study.ts'

const text = z.string().max(4096)
const name = z.string().max(200)
/** Subjects of the largest data sets are some thousands. */
const many = 10_000

const folder = {
  /** The data set's; `~` and relative paths are the host's business. */
  path: text,
  /** Tasks to take; all of them where it is empty. */
  tasks: z.array(name).max(1000),
  /** The space to take; null for the best that there is. */
  space: z.union([name, z.null()]),
}

const source = z.union([
  z.strictObject({ checkpoint: text }),
  z.strictObject({ onnx: text, taps: z.array(text).max(100), normalize: z.boolean() }),
  z.strictObject({ architecture: name, seeds: z.number().int().min(1).max(100) }),
])

const draft = z.strictObject({
  ...folder,
  /** Where the study file will lie. */
  file: text,
  name,
  /** An installed template, or a folder; null for the one that the recordings are on. */
  surface: z.union([text, z.null()]),
  preset: name,
  /** Seconds, of every recording; null for what each says. */
  tr: z.union([z.number(), z.null()]),
  /** What is said of a subject's or a stimulus's language in place of what was found. */
  subjects: z.array(z.strictObject({ id: name, language: name })).max(many),
  stimuli: z.array(z.strictObject({ id: name, language: name })).max(many),
  /** Ids of those that are left out. */
  withoutSubjects: z.array(name).max(many),
  withoutStimuli: z.array(name).max(many),
  models: z.array(z.strictObject({ id: name, regime: name, language: name, source })).max(1000),
})

export const newStudySchemas = {
  /** Tells of its progress by the event `reading`. */
  readFolder: z.strictObject({ ...folder, request: text }),
  /** Of `readFolder`, `findModels` or `checkDraft`, which is then rejected with CANCELLED. */
  stopReading: z.strictObject({ request: text }),
  /** Checkpoints and ONNX files below a folder. */
  findModels: z.strictObject({ path: text, request: text }),
  /** What the study would be, its problems, and what it would cost. Writes nothing. */
  checkDraft: draft.extend({ request: text }),
  /** Writes the study file, whole or not at all. Refuses to replace one unless `replace` says so. */
  writeDraft: draft.extend({ replace: z.boolean() }),
} as const

export type Draft = z.infer<typeof draft>
export type DraftModel = Draft['models'][number]

export interface FoundModel {
  readonly kind: 'checkpoint' | 'onnx'
  /** Absolute. */
  readonly path: string
  /** A name for it, of its folder or file. */
  readonly id: string
  /** "wav2vec2, 12 blocks of 768 units"; why it cannot be used, where it cannot. */
  readonly words: string
  readonly usable: boolean
}

export interface FoundRun {
  readonly stimulus: string
  /** Of the data set, as a person would recognise it: one file's name. */
  readonly data: string
  readonly tr: number
  readonly start: number
  readonly confounds: boolean
}

export interface Unused {
  readonly path: string
  readonly reason: string
}

export interface FoundFolder {
  /** Absolute. */
  readonly path: string
  /** "fMRIPrep", "Le Petit Prince (ds003643)". */
  readonly layout: string
  readonly name: string
  /** What recordings are of, or what volumes are sampled on. */
  readonly surface: string
  /** The space of recordings that are volumes; null for those of a surface. */
  readonly volumes: string | null
  readonly preset: string
  readonly presets: readonly string[]
  readonly architectures: readonly string[]
  readonly subjects: readonly { readonly id: string; readonly language: string; readonly runs: readonly FoundRun[] }[]
  readonly stimuli: readonly {
    readonly id: string
    readonly audio: string
    readonly words: boolean
    readonly phones: boolean
    readonly language: string
  }[]
  /** What there is to choose from, whether it was taken or not. */
  readonly tasks: readonly string[]
  readonly spaces: readonly string[]
  readonly space: string
  readonly models: readonly FoundModel[]
  /** The first of them; `unusedCount` says how many there are. */
  readonly unused: readonly Unused[]
  readonly unusedCount: number
  readonly notes: readonly string[]
  /** Where a study file would lie. */
  readonly file: string
  /** Study files that are in the folder already. */
  readonly studies: readonly string[]
}

export interface DraftCheck {
  /** The study file as it would be written. */
  readonly text: string
  readonly problems: readonly Problem[]
  /** A file that is there already. */
  readonly exists: boolean
  readonly subjects: number
  readonly recordings: number
  /** null where problems leave no plan. */
  readonly plan: { readonly steps: number; readonly totals: Plan['totals']; readonly provider: string } | null
  /** Bytes; null where the system does not say. */
  readonly freeDisk: number | null
  readonly memory: number
}

export interface Reading {
  readonly request: string
  /** Files seen so far. */
  readonly files: number
}
