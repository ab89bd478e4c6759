/** Whether a study's files are there and fit each other, told with the lines that name them. Reads headers alone. */
import { accessSync, constants, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Problem } from '../contract/study.ts'
import { arrayPlace } from '../arrayPlace.ts'
import { HeschlError } from '../errors.ts'
import type { Behaviour } from './behaviourSchema.ts'
import { checkCoverage, checkVertices } from './fits.ts'
import type { HemisphereCounts } from './fits.ts'
import type { Finding } from './finding.ts'
import { axisOf, membersOf } from './members.ts'
import { toProblem } from './parse.ts'
import { checkRegions } from './regions.ts'
import { similar } from './similar.ts'
import type { Model, Recording, Study } from './schema.ts'
import { weightSource } from './source.ts'
import type { WeightSource } from './source.ts'
import { checkTextModels } from './textModels.ts'
import { checkTranscript } from './transcripts.ts'
import type { TranscriptFacts } from './transcripts.ts'
import { isOfVoxels } from './volumesSchema.ts'
import { pathText } from './words.ts'
import type { KeyPath } from './words.ts'
import type { Locate } from './yaml.ts'

/** What is asked of a study's files. Paths are absolute; every call rejects with a HeschlError. */
export interface FileProbe {
  audioInfo(path: string): Promise<{ readonly sampleRate: number; readonly seconds: number }>
  /** Reads a transcript whole, so that its faults are told before anything is computed. */
  transcript(path: string, kind: 'words' | 'phones'): Promise<TranscriptFacts>
  /** Names in a table of electrodes, in order. */
  electrodes(path: string): Promise<readonly string[]>
  /** Rows of a table of channels. */
  channels(path: string): Promise<number>
  /** Channels of a subject's recordings that are analysed; rejects where none is. */
  keptChannels(subject: Study['subjects'][number]): Promise<number>
  responseShape(path: string): Promise<{ readonly volumes: number; readonly vertices: number }>
  /**
   * A run of volumes: how many, and the vertices without a voxel, with where they are in words.
   * @param mask the recording's own
   */
  volumeRun(
    path: string,
    mask: string | undefined,
  ): Promise<{ readonly volumes: number; readonly uncovered: number; readonly where: string }>
  /** Vertices of the mesh that recordings are said to be of, and of the one that they are resampled to. */
  resampled(): Promise<Sides & { readonly targets: Sides }>
  /** Vertices of each hemisphere, and the names of its parcellation's labels. */
  surfaceFacts(): Promise<HemisphereCounts & { readonly labels: readonly string[] }>
  /** Names of all layers of a model, in order. */
  describeModel(source: WeightSource): Promise<{ readonly layers: readonly string[]; readonly reads?: 'words' }>
  /**
   * Whether the study's windows fit a model that hears, and a pass over its longest recording the memory.
   * @param seconds of that recording
   */
  checkWindows(source: WeightSource, layers: Model['layers'], seconds: number): Promise<void>
  /** Reads the first line of a file of word vectors. */
  vectorUnits(path: string): Promise<number>
  /** Reads the tables of an ABX experiment, and looks for its recordings. */
  experiment(behaviour: Behaviour): Promise<void>
  /** Reads listeners' answers whole. */
  answers(path: string): Promise<void>
}

interface Sides {
  readonly left: number
  readonly right: number
}

/** Files looked into at the same time. */
const concurrency = 8

/**
 * @param baseDir the study file's folder
 * @param locate as given by the parser
 * @returns every problem, in the order of the file; empty when the study can run
 */
export async function checkFiles(
  study: Study,
  baseDir: string,
  probe: FileProbe,
  locate: Locate,
): Promise<readonly Problem[]> {
  const checker = new Checker(baseDir, probe)
  const findings = await checker.check(study)
  return findings
    .map((finding) => toProblem(finding, locate))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
}

class Checker {
  readonly #baseDir: string
  readonly #probe: FileProbe
  readonly #findings: Finding[] = []
  readonly #told = new Set<string>()

  constructor(baseDir: string, probe: FileProbe) {
    this.#baseDir = baseDir
    this.#probe = probe
  }

  async check(study: Study): Promise<readonly Finding[]> {
    const named = study.surface === undefined ? ['volumes'] : ['surface']
    const surface = await this.#attempt(named, () => this.#probe.surfaceFacts())
    if (surface) this.#findings.push(...checkRegions(study.regions, surface.labels))
    const recorded = study.resample && surface ? await this.#resampled(surface) : surface
    const seconds = new Map<string, number>()
    const articulatory = study.spaces.some(({ phonetic }) => phonetic === 'articulatory')
    await inTurns(study.stimuli.entries(), async ([index, stimulus]) => {
      const path: KeyPath = ['stimuli', index]
      const found = await this.#audioSeconds([...path, 'audio'], stimulus.audio)
      if (found !== undefined) seconds.set(stimulus.id, found)
      for (const kind of ['words', 'phones'] as const) {
        const file = stimulus[kind]
        if (file === undefined) continue
        const transcript = await this.#attempt([...path, kind], async () => {
          this.#assertFile(file)
          return this.#probe.transcript(this.#absolute(file), kind)
        })
        if (transcript) this.#findings.push(...checkTranscript([...path, kind], file, transcript, found, articulatory))
      }
    })
    const reads = new Map<number, boolean>()
    await inTurns(study.models.entries(), async ([index, model]) => {
      const longest = Math.max(0, ...seconds.values())
      const found = await this.#model(['models', index], model, longest, study.behaviour?.layer)
      if (found !== undefined) reads.set(index, found === 'words')
    })
    this.#findings.push(...checkTextModels(study, reads))
    await inTurns(study.spaces.entries(), ([index, { vectors }]) =>
      this.#vectors(['spaces', index, 'vectors'], vectors),
    )
    const recordings = study.subjects.flatMap((subject, index) =>
      subject.recordings.map((own, run) => {
        const path: KeyPath = ['subjects', index, 'recordings', run]
        const mask = own.mask ?? subject.mask
        const maskPath: KeyPath = [...(own.mask === undefined ? ['subjects', index] : path), 'mask']
        return { path, maskPath, recording: { ...own, ...(mask !== undefined && { mask }) } }
      }),
    )
    for (const [index, subject] of study.subjects.entries()) await this.#keptChannels(['subjects', index], subject)
    await inTurns(recordings.values(), ({ path, maskPath, recording }) =>
      study.volumes
        ? this.#volumeRun({ path, maskPath }, recording, seconds.get(recording.stimulus), isOfVoxels(study.volumes))
        : this.#recording(path, recording, recorded, seconds.get(recording.stimulus)),
    )
    if (study.behaviour) await this.#behaviour(study.behaviour)
    if (study.planted !== undefined) await this.#readable(['planted'], study.planted)
    return this.#findings
  }

  async #behaviour(behaviour: Behaviour): Promise<void> {
    await this.#attempt(['behaviour', 'triplets'], () => this.#probe.experiment(behaviour))
    const { answers } = behaviour
    if (answers !== undefined)
      await this.#attempt(['behaviour', 'answers'], () => this.#probe.answers(this.#absolute(answers)))
  }

  async #audioSeconds(path: KeyPath, file: string): Promise<number | undefined> {
    const info = await this.#attempt(path, async () => {
      this.#assertFile(file)
      return this.#probe.audioInfo(this.#absolute(file))
    })
    if (info === undefined) return undefined
    const where = `\`${pathText(path)}\`: ${file}`
    if (!(info.sampleRate > 0)) this.#error(path, `${where} has a sample rate of ${info.sampleRate}`, 'Make it again')
    else if (info.seconds > 0) return info.seconds
    else this.#error(path, `${where} has no samples`, 'Make it again')
    return undefined
  }

  async #vectors(path: KeyPath, file: string | undefined): Promise<void> {
    if (file !== undefined) await this.#attempt(path, () => this.#probe.vectorUnits(this.#absolute(file)))
  }

  /** @returns what it takes; undefined where it could not be described */
  async #model(
    path: KeyPath,
    model: Model,
    longest: number,
    asked: string | undefined,
  ): Promise<'words' | 'audio' | undefined> {
    const members = membersOf(model)
    // Seeds are draws of one architecture: what is wrong with one is wrong with all.
    const different = axisOf(model) === 'seed' ? members.slice(0, 1) : members
    let first: readonly string[] | undefined
    let takes: 'words' | 'audio' | undefined
    for (const member of different) {
      const at = [...path, ...member.path]
      const source = weightSource(member.model, (file) => this.#absolute(file))
      const known = await this.#attempt(at, () => this.#probe.describeModel(source))
      if (known === undefined) continue
      if (first === undefined) {
        this.#layers(path, model, known.layers)
        if (known.reads === undefined && asked !== undefined && !known.layers.includes(asked))
          this.#error(
            ['behaviour', 'layer'],
            `\`behaviour.layer\`: "${model.id}" has no layer "${asked}"`,
            `Name one that all models have; it has ${known.layers.join(', ')}`,
          )
        if (known.reads === undefined && longest > 0)
          await this.#attempt(at, () => this.#probe.checkWindows(source, model.layers, longest))
      }
      if (first !== undefined && !isSame(first, known.layers)) {
        const message = `\`${pathText(at)}\`: its layers are not those of the other checkpoints of "${model.id}"`
        this.#error(at, message, 'Make a series of checkpoints of one architecture')
      }
      first ??= known.layers
      takes ??= known.reads ?? 'audio'
    }
    return takes
  }

  #layers(path: KeyPath, model: Model, known: readonly string[]): void {
    if (!Array.isArray(model.layers)) return
    for (const [index, layer] of model.layers.entries()) {
      if (known.includes(layer)) continue
      const at = [...path, 'layers', index]
      const meant = similar(layer, known)
      const question = meant === undefined ? '' : `; did you mean "${meant}"?`
      const remedy = `It has ${known.join(', ')}`
      this.#error(at, `\`${pathText(at)}\`: "${model.id}" has no layer "${layer}"${question}`, remedy)
    }
  }

  async #recording(
    path: KeyPath,
    recording: Recording,
    surface: HemisphereCounts | undefined,
    seconds: number | undefined,
  ): Promise<void> {
    const { data, confounds, electrodes, channels } = recording
    if (confounds !== undefined) await this.#readable([...path, 'confounds'], confounds)
    const hemispheres = typeof data === 'string' ? (['both'] as const) : (['left', 'right'] as const)
    const volumes: number[] = []
    for (const hemisphere of hemispheres) {
      const file = typeof data === 'string' ? data : data[hemisphere === 'right' ? 'right' : 'left']
      const at = hemisphere === 'both' ? [...path, 'data'] : [...path, 'data', hemisphere]
      const shape = await this.#attempt(at, async () => {
        this.#assertFile(arrayPlace(file).file)
        return this.#probe.responseShape(this.#absolute(file))
      })
      if (shape === undefined) continue
      volumes.push(shape.volumes)
      if (channels !== undefined) await this.#channels(path, file, channels, shape)
      else if (electrodes !== undefined) await this.#electrodes(path, file, electrodes, shape)
      else if (surface) this.#findings.push(...checkVertices(at, file, shape, hemisphere, surface))
    }
    if (volumes.length === 2 && volumes[0] !== volumes[1]) {
      const message = `\`${pathText([...path, 'data'])}\`: ${volumes[0]} volumes on the left, ${volumes[1]} on the right`
      this.#error([...path, 'data'], message, 'Give two files of one recording')
    }
    if (volumes.length > 0 && seconds !== undefined) {
      this.#findings.push(...checkCoverage(path, recording, Math.min(...volumes), seconds))
    }
  }

  /** What recordings have vertices of, in place of the study's surface. */
  async #resampled(surface: HemisphereCounts): Promise<HemisphereCounts | undefined> {
    const path: KeyPath = ['resample', 'from']
    const counts = await this.#attempt(path, () => this.#probe.resampled())
    if (counts === undefined) return undefined
    const { left, right, targets } = counts
    if (targets.left !== surface.left || targets.right !== surface.right)
      this.#error(path, `The spheres of ${surface.name} have other vertices than it has`, 'Name its own spheres')
    return { name: 'the spheres of `resample.from`', left, right }
  }

  /** @param maskPath of the recording's own mask, or of its subject's, where what is wrong with it is told */
  async #volumeRun(
    { path, maskPath }: { readonly path: KeyPath; readonly maskPath: KeyPath },
    recording: Recording,
    seconds: number | undefined,
    voxels: boolean,
  ): Promise<void> {
    const { data, confounds, mask } = recording
    if (confounds !== undefined) await this.#readable([...path, 'confounds'], confounds)
    const at = [...path, 'data']
    // The file's own check has seen to it that it is one file.
    const file = data as string
    const own = mask === undefined ? undefined : this.#absolute(mask)
    const look = async () => {
      this.#assertFile(arrayPlace(file).file)
      if (mask !== undefined) this.#assertFile(mask)
      return this.#probe.volumeRun(this.#absolute(file), own)
    }
    const run = await this.#attempt(at, look, ({ parts }) =>
      own !== undefined && parts.where?.file === own ? maskPath : at,
    )
    if (run === undefined) return
    if (run.uncovered > 0)
      this.#findings.push({
        ...{ severity: 'warning', path: at, part: 'value', remedy: 'They have no score' },
        message: `\`${pathText(at)}\`: ${run.uncovered.toLocaleString('en')} ${voxels ? 'voxels of the study’s mask have no value' : 'vertices are outside the volume'}: ${run.where}`,
      })
    if (seconds !== undefined) this.#findings.push(...checkCoverage(path, recording, run.volumes, seconds))
  }

  /** What is left of a subject's channels, where its recordings name tables of them. */
  async #keptChannels(path: KeyPath, subject: Study['subjects'][number]): Promise<void> {
    const [{ channels }] = subject.recordings
    if (channels === undefined) return
    const at: KeyPath = [...path, 'recordings', 0, 'channels']
    const kept = await this.#attempt(at, () => this.#probe.keptChannels(subject))
    const all = await this.#probe.channels(this.#absolute(channels)).catch(() => 0)
    if (kept === undefined || kept >= all) return
    const message = `\`${pathText(path)}\`: ${kept} of ${all} channels are analysed; the others are bad in a run, or no electrodes`
    this.#findings.push({ severity: 'warning', path: at, part: 'value', message, remedy: null })
  }

  /** As many columns as the table of channels has rows. */
  async #channels(
    path: KeyPath,
    file: string,
    table: string,
    { volumes, vertices }: { readonly volumes: number; readonly vertices: number },
  ): Promise<void> {
    const rows = await this.#attempt([...path, 'channels'], () => this.#probe.channels(this.#absolute(table)))
    if (rows === undefined || rows === vertices) return
    const at = [...path, 'data']
    const message = `\`${pathText(at)}\`: ${file} has ${vertices} channels, and ${table} ${rows} rows`
    const remedy = 'Give a row of the table for each column of the data'
    this.#error(at, message, volumes === rows ? 'The array looks transposed: make it [samples, channels]' : remedy)
  }

  /** As many channels as there are electrodes. */
  async #electrodes(
    path: KeyPath,
    file: string,
    table: string,
    { volumes, vertices }: { readonly volumes: number; readonly vertices: number },
  ): Promise<void> {
    const names = await this.#attempt([...path, 'electrodes'], () => this.#probe.electrodes(this.#absolute(table)))
    if (names === undefined || names.length === vertices) return
    const at = [...path, 'data']
    const message = `\`${pathText(at)}\`: ${file} has ${vertices} channels, and ${table} names ${names.length} electrodes`
    const transposed = volumes === names.length
    const remedy = 'Give a row of the table for each channel, in the order of the array’s columns'
    this.#error(at, message, transposed ? 'The array looks transposed: make it [samples, channels]' : remedy)
  }

  async #readable(path: KeyPath, file: string): Promise<void> {
    await this.#attempt(path, async () => this.#assertFile(file))
  }

  /** Without a turn of the event loop for each: there are hundreds of them. */
  #assertFile(file: string): void {
    const absolute = this.#absolute(file)
    try {
      const found = statSync(absolute)
      if (!found.isFile()) {
        throw new HeschlError('FILE_UNREADABLE', 'This is a folder, not a file', { where: { file: absolute } })
      }
      accessSync(absolute, constants.R_OK)
    } catch (error) {
      throw HeschlError.from(error, { file: absolute })
    }
  }

  /** @param pathOf what names the file at fault. @returns undefined where `look` failed, which is then among the findings */
  async #attempt<T>(
    named: KeyPath,
    look: () => Promise<T>,
    pathOf: (error: HeschlError) => KeyPath = () => named,
  ): Promise<T | undefined> {
    try {
      return await look()
    } catch (thrown) {
      const failure = HeschlError.from(thrown)
      const { summary, parts } = failure
      const path = pathOf(failure)
      const details = [
        ...(parts.where?.file === undefined ? [] : [withLine(parts.where.file, parts.where.line)]),
        ...(parts.where?.tensor === undefined ? [] : [`tensor ${parts.where.tensor}`]),
        ...(parts.expected === undefined ? [] : [`expected ${parts.expected}`]),
        ...(parts.found === undefined ? [] : [`found ${parts.found}`]),
      ]
      const message = `\`${pathText(path)}\`: ${summary}${details.length > 0 ? ` (${details.join(', ')})` : ''}`
      this.#error(path, message, parts.remedy ?? null)
      return undefined
    }
  }

  #error(path: KeyPath, message: string, remedy: string | null): void {
    // A subject's mask is looked into with each of its recordings, and is at fault once.
    if (this.#told.has(message)) return
    this.#told.add(message)
    this.#findings.push({ severity: 'error', path, part: 'value', message, remedy })
  }

  #absolute(file: string): string {
    return resolve(this.#baseDir, file)
  }
}

const isSame = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((x, i) => x === b[i])

const withLine = (file: string, line: number | undefined) => (line === undefined ? file : `${file}, line ${line}`)

/** Takes the items in order, a few at a time. */
async function inTurns<T>(items: Iterator<T> & Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const worker = async () => {
    for (let next = items.next(); !next.done; next = items.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}
