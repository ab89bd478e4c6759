/** Data sets of fMRIPrep, and Narratives (OpenNeuro ds002345), which is one with onsets and exclusions of its own. */
import { z } from 'zod'
import { functionalRuns } from './functional.ts'
import type { FunctionalRun } from './functional.ts'
import { notFetched, usualSurface } from './layout.ts'
import type { Found, FoundRecording, FoundStimulus, ImportOptions, Layout, Reader, Unused } from './layout.ts'
import { audioFiles, audioOf, phonesOf, wordsOf } from './stimuli.ts'
import type { BidsFile } from './tree.ts'

/** Narratives: {task: {story: {onset, duration}}}, in volumes. */
const onsets = z.record(z.string(), z.record(z.string(), z.object({ onset: z.number(), duration: z.number() })))
/** Narratives: {task: {subject: [names of scans that its authors leave out]}}. */
const exclusions = z.record(z.string(), z.record(z.string(), z.array(z.string())))
const sidecar = z.looseObject({ RepetitionTime: z.number().positive().optional() })
const description = z.looseObject({ Name: z.string().optional() })

export const preprocessed: Layout = {
  matches: (files) => files.some(({ entities }) => entities.sub !== undefined && entities.space !== undefined),
  read: (files, reader, options) => new Reading(files, reader, options).read(),
}

/** What a study file takes. */
const longestTr = 60
const latestStart = 3600
const longestName = 200

/** Spaces of one subject, in which a template's surface is nowhere. */
const ownSpace = /^(T1w|T2w|anat|bold|boldref|func|individual|orig|scanner)$/

class Reading {
  readonly #files: readonly BidsFile[]
  readonly #byPath: ReadonlyMap<string, BidsFile>
  /** Files of a subject's run: a data set has thousands of runs, and tens of thousands of files. */
  readonly #byRun: ReadonlyMap<string, readonly BidsFile[]>
  readonly #reader: Reader
  readonly #options: ImportOptions
  readonly #unused: Unused[] = []
  readonly #notes: string[] = []

  constructor(files: readonly BidsFile[], reader: Reader, options: ImportOptions) {
    this.#files = files
    this.#byPath = new Map(files.map((file) => [file.path, file]))
    const named = files.filter(({ entities }) => entities.sub !== undefined && entities.task !== undefined)
    this.#byRun = Map.groupBy(named, ({ entities: { sub, ses = '', task, run = '' } }) =>
      keyOf(`sub-${sub}`, ses, task, run),
    )
    this.#reader = reader
    this.#options = options
  }

  async read(): Promise<Found> {
    const { runs, unused } = functionalRuns(this.#files, this.#options)
    this.#unused.push(...unused)
    const events = await this.#one('event_meta.json', onsets)
    const excluded = await this.#one('scan_exclude.json', exclusions)
    const narratives = events !== null
    const languages = narratives ? 'english' : ''
    const audio = audioFiles(this.#files)
    const stimuli = new Map<string, FoundStimulus>()
    const recordings: FoundRecording[] = []
    for (const run of runs) {
      const [file] = filesOf(run)
      const leave = (reason: string) => void this.#unused.push({ path: file.path, reason })
      if (excluded?.[run.task]?.[run.subject]?.some((name) => file.name.startsWith(`${name}_`))) {
        leave('its authors leave it out (scan_exclude.json)')
        continue
      }
      if ('volume' in run.files && ownSpace.test(run.space)) {
        leave(`it is in the subject’s own space (${run.space}): subjects have no vertices in common there`)
        continue
      }
      const stories = Object.entries(events?.[run.task] ?? {})
      if (stories.length > 1) {
        leave(
          `${stories.length} stories in one scan (${stories.map(([name]) => name).join(', ')}); a recording has one stimulus`,
        )
        continue
      }
      const tr = await this.#repetitionTime(file, run)
      if (tr === null) {
        leave('no RepetitionTime in a JSON file beside it or above it')
        continue
      }
      if (tr > longestTr) {
        leave(`its RepetitionTime of ${tr} s cannot be right`)
        continue
      }
      const heard = await this.#stimulus(run, audio)
      if (heard === null) {
        leave(`no audio of the task "${run.task}" was found`)
        continue
      }
      if (!heard.file.there) {
        leave(`its audio ${heard.file.path}: ${notFetched}`)
        continue
      }
      const start = heard.onset ?? (stories.length === 1 ? stories[0][1].onset * tr : 0)
      if (!(Math.abs(start) <= latestStart)) {
        leave(`the onset of its audio, ${Number.isNaN(start) ? 'not a number' : `${start} s`}, cannot be right`)
        continue
      }
      const id = heard.file.name.replace(/\.[^.]*$/, '').replace(/[^A-Za-z0-9_.+-]/g, '-')
      if (!stimuli.has(id)) stimuli.set(id, this.#stimulusOf(id, run.task, heard.file, languages))
      const confounds = this.#confounds(run, file)
      recordings.push({
        ...{ subject: run.subject, language: languages, stimulus: id, tr },
        data: 'left' in run.files ? { left: run.files.left.path, right: run.files.right.path } : run.files.volume.path,
        start,
        ...(confounds && { confounds: confounds.path }),
      })
    }
    if (narratives) this.#notes.push('Onsets are of code/event_meta.json, in volumes, taken times the TR')
    else if (recordings.some(({ start }) => start === 0))
      this.#notes.push('Where no events.tsv names the audio, it is taken to begin with the first volume')
    return {
      layout: narratives ? 'Narratives (ds002345)' : 'fMRIPrep',
      name: (await this.#one('dataset_description.json', description))?.Name?.slice(0, longestName) || 'BIDS data set',
      ...(runs.length > 0 && 'left' in runs[0].files
        ? { surface: runs[0].space, volumes: null }
        : { surface: usualSurface, volumes: runs[0]?.space ?? '' }),
      stimuli: [...stimuli.values()],
      recordings,
      unused: this.#unused,
      notes: this.#notes,
      encoding: narratives ? { preset: 'narratives' } : { preset: 'standard' },
    }
  }

  /** The file of this name that lies nearest to the root. */
  async #one<T>(name: string, schema: z.ZodType<T>): Promise<T | null> {
    const [file] = this.#files
      .filter((each) => each.name === name && each.there)
      .toSorted((a, b) => a.path.split('/').length - b.path.split('/').length)
    if (!file) return null
    const parsed = schema.safeParse(await this.#reader.json(file.path))
    if (parsed.success) return parsed.data
    this.#notes.push(`${file.path} is not as expected and was not used`)
    return null
  }

  /** BIDS's inheritance: the JSON of the file itself, then of the run as recorded, then of its task, nearest first. */
  async #repetitionTime({ path, entities }: BidsFile, run: FunctionalRun): Promise<number | null> {
    const folders = path.split('/').slice(0, -1)
    const own = path.slice(0, path.indexOf('.', path.lastIndexOf('/') + 1))
    const withoutHemisphere = own.replace(`_hemi-${entities.hemi}`, '')
    const isRecorded = ({ suffix, extension, entities: { space, desc } }: BidsFile) =>
      suffix === 'bold' && extension === '.json' && space === undefined && desc === undefined
    const recorded = this.#filesOf(run).filter(isRecorded)
    const names = [`${own}.json`, `${withoutHemisphere}.json`, ...recorded.map((each) => each.path)]
    for (let depth = folders.length; depth >= 0; depth--)
      names.push([...folders.slice(0, depth), `task-${run.task}_bold.json`].join('/'))
    for (const name of names) {
      if (this.#byPath.get(name)?.there !== true) continue
      const parsed = sidecar.safeParse(await this.#reader.json(name))
      if (parsed.success && parsed.data.RepetitionTime !== undefined) return parsed.data.RepetitionTime
    }
    return null
  }

  /** What events.tsv says was played, else the audio named as the task. */
  async #stimulus(run: FunctionalRun, audio: readonly BidsFile[]): Promise<{ file: BidsFile; onset?: number } | null> {
    const events = this.#filesOf(run).find(
      ({ suffix, extension, there }) => there && suffix === 'events' && extension === '.tsv',
    )
    if (events) {
      const [header, ...rows] = (await this.#reader.text(events.path)).split(/\r?\n/).map((line) => line.split('\t'))
      const [onset, file] = [header.indexOf('onset'), header.indexOf('stim_file')]
      const played = rows.filter((row) =>
        audio.some(({ path }) => path.endsWith(`/${row[file]}`) || path === row[file]),
      )
      if (file >= 0 && played.length > 1) {
        this.#notes.push(`${events.path}: several sounds in one run; the first is taken`)
      }
      if (file >= 0 && played.length > 0) {
        const found = audio.find(({ path }) => path.endsWith(`/${played[0][file]}`) || path === played[0][file])!
        // What is not there is no number, rather than the first volume
        const text = played[0][onset]?.trim() ?? ''
        return { file: found, onset: text === '' ? NaN : Number(text) }
      }
    }
    const file = audioOf(audio, run.task, run.run)
    return file && { file }
  }

  #stimulusOf(id: string, task: string, audio: BidsFile, language: string): FoundStimulus {
    const words = wordsOf(this.#files, task, audio)
    const phones = phonesOf(this.#files, audio)
    return {
      ...{ id, audio: audio.path, language },
      ...(words?.there && { words: words.path }),
      ...(phones?.there && { phones: phones.path }),
    }
  }

  #confounds(run: FunctionalRun, recording: BidsFile): BidsFile | undefined {
    const folder = recording.path.slice(0, recording.path.lastIndexOf('/'))
    return this.#filesOf(run).find(
      ({ path, entities, suffix, extension, there }) =>
        there &&
        path.startsWith(`${folder}/`) &&
        extension === '.tsv' &&
        entities.desc === 'confounds' &&
        ['timeseries', 'regressors'].includes(suffix),
    )
  }

  #filesOf({ subject, session, task, run }: FunctionalRun): readonly BidsFile[] {
    return this.#byRun.get(keyOf(subject, session, task, run)) ?? []
  }
}

const filesOf = ({ files }: FunctionalRun): readonly BidsFile[] =>
  'volume' in files ? [files.volume] : [files.left, files.right]

const keyOf = (subject: string, session: string, task: string, run: string) =>
  JSON.stringify([subject, session, task, run])
