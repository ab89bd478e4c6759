/** What a layout of data sets tells: which recordings there are and what was heard in them. */
import type { Unused } from '../../contract/newStudy.ts'
import type { BidsFile } from './tree.ts'

/** One run of a subject: what a study file says of it, and where it is from. */
export interface FoundRecording {
  readonly subject: string
  /** Empty where it is not known. */
  readonly language: string
  readonly stimulus: string
  readonly data: string | { readonly left: string; readonly right: string }
  readonly tr: number
  /** Seconds from the first volume to the audio. */
  readonly start: number
  readonly confounds?: string
}

export interface FoundStimulus {
  readonly id: string
  readonly audio: string
  readonly words?: string
  readonly phones?: string
  readonly language: string
}

/** What volumes are sampled on where nothing else is asked for. */
export const usualSurface = 'fsaverage5'

/** Files that were looked at and are not in the study, with the reason. */
export type { Unused }

export interface Found {
  /** In words: "fMRIPrep", "Le Petit Prince (ds003643)". */
  readonly layout: string
  readonly name: string
  /** What the study's `surface` is: the template that recordings are of, or that volumes are sampled on. */
  readonly surface: string
  /** The space of recordings that are volumes; null for those of a surface. */
  readonly volumes: string | null
  /** Of recordings of its voxels, which are scored one by one: then there is no surface. */
  readonly mask?: string
  readonly stimuli: readonly FoundStimulus[]
  readonly recordings: readonly FoundRecording[]
  readonly unused: readonly Unused[]
  /** What was taken for granted, and what a reader should check. */
  readonly notes: readonly string[]
  /** Options of `encoding:` that the data set asks for. */
  readonly encoding: Readonly<Record<string, unknown>>
}

export interface ImportOptions {
  /** Tasks to take; all of them where it is empty. */
  readonly tasks: readonly string[]
  /** The space to take; the best that there is where it is left out. */
  readonly space?: string
  /** Of the one that is taken, where subjects have voxels of their own; the first where it is left out. */
  readonly subject?: string
  /** What volumes are sampled on; fsaverage5 where it is left out. */
  readonly surface?: string
}

/** Reads small text files of the data set. */
export interface Reader {
  /** @throws HeschlError FORMAT_INVALID where it is not JSON */
  json(path: string): Promise<unknown>
  text(path: string): Promise<string>
}

export interface Layout {
  /** Whether the files look like it. */
  matches(files: readonly BidsFile[]): boolean
  read(files: readonly BidsFile[], reader: Reader, options: ImportOptions): Promise<Found>
}

export const notFetched = 'its content was never fetched: datalad get, or git annex get'
