import { existsSync, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import type { Problem } from '../contract/study.ts'
import { HeschlError } from '../errors.ts'
import { chooseChannels } from '../pipeline/channels.ts'
import { Facts, placeElectrodes } from '../pipeline/facts.ts'
import type { CorticalSurface, ElectrodesOnSurface, ModelDescription, SubjectElectrodes } from '../pipeline/facts.ts'
import { fileProbe } from '../pipeline/probe.ts'
import { describeSpace, readTranscripts } from '../pipeline/spaces.ts'
import type { SpaceDescription } from '../pipeline/spaces.ts'
import { Store } from '../store/store.ts'
import { checkFiles } from '../study/check.ts'
import { membersOf } from '../study/members.ts'
import { readStudy, studyInvalid } from '../study/parse.ts'
import type { ParsedStudy } from '../study/parse.ts'
import { heardWithoutWords } from '../study/textModels.ts'
import type { ProviderChoice, Study } from '../study/schema.ts'
import { keyPlan } from './keyedPlan.ts'
import type { KeyedStep, PlanBasis } from './keyedPlan.ts'
import type { Providers } from './providers.ts'
import { storedCortex } from './storedCortex.ts'

/** What a study's files say: what can be planned, and what stands in the way of the rest. */
export interface Survey {
  readonly study: Study
  readonly problems: readonly Problem[]
  /** null where the surface cannot be read; then nothing can be planned. */
  readonly surface: CorticalSurface | null
  readonly basis: PlanBasis | null
  /** Audio lengths in seconds, of the stimuli that can be read. */
  readonly seconds: ReadonlyMap<string, number>
}

/** The study as it is on the disk now. */
export interface Snapshot extends Survey {
  readonly steps: readonly KeyedStep[]
  /** Where recordings are of electrodes, and the surface can be read. */
  readonly electrodes: ElectrodesOnSurface | null
}

/** Where a study file lies, or will lie, and what was learnt of the files that it names. */
export class StudyFiles {
  readonly path: string
  readonly facts: Facts
  /** Takes the place of the study file's choice, until the engine ends. */
  provider: ProviderChoice | undefined
  readonly #providers: Providers

  /** @param path absolute path of the study file */
  constructor(path: string, providers: Providers) {
    this.path = path
    this.#providers = providers
    this.facts = new Facts(dirname(path))
  }

  /**
   * @param go asked before each file; throws to end the survey
   * @throws HeschlError STUDY_INVALID where the file itself (not what it names) has errors; what `go` throws
   */
  async survey({ study, problems, locate }: ParsedStudy, go: () => void = () => undefined): Promise<Survey> {
    if (!study) throw studyInvalid(this.path, problems)
    const found = await checkFiles(study, dirname(this.path), fileProbe(study, this.facts), locate)
    const surface = await this.facts.surface(study).catch(() => null)
    const seconds = new Map<string, number>()
    for (const { id, audio } of study.stimuli) {
      go()
      const info = await this.facts.audio(audio).catch(() => null)
      if (info) seconds.set(id, info.seconds)
    }
    const basis = surface ? await this.#basis(study, surface, seconds, go) : null
    return { study, problems: [...problems, ...found], surface, basis, seconds }
  }

  /** The parts of the study whose files can be read, so that one missing file does not hide all results. */
  async #basis(
    study: Study,
    surface: CorticalSurface,
    seconds: ReadonlyMap<string, number>,
    go: () => void,
  ): Promise<PlanBasis> {
    const vertices = { left: surface.left.sulc.length, right: surface.right.sulc.length }
    const volumes = new Map<string, readonly number[]>()
    const electrodes = new Map<string, readonly string[]>()
    // Without the files that a rule needs no recording can be read; the study's check tells which.
    const rule = await this.facts.rule(study).catch(() => null)
    const columns = new Map<string, readonly (readonly number[])[]>()
    for (const subject of study.subjects) {
      go()
      if (rule === null || !subject.recordings.every(({ stimulus }) => seconds.has(stimulus))) continue
      const lengths = subject.recordings.map((each) => this.facts.volumes(each, rule))
      const counts = await Promise.all(lengths).catch(() => null)
      // The study's check has seen to it that all recordings of a subject name one table.
      const table = subject.recordings[0].electrodes
      const chosen = await chooseChannels(subject.recordings, this.facts).catch(() => null)
      const names =
        table === undefined
          ? []
          : chosen === undefined
            ? await this.facts.electrodes(table).catch(() => null)
            : chosen?.names
      const beside = subject.recordings.flatMap((each) => [
        this.facts.ownMask(subject, each),
        each.confounds === undefined ? undefined : this.facts.path(each.confounds),
      ])
      const lost = beside.some((file) => file !== undefined && !existsSync(file))
      if (!counts || !names || lost) continue
      volumes.set(subject.id, counts)
      if (names.length > 0) electrodes.set(subject.id, names)
      if (chosen) columns.set(subject.id, chosen.columns)
    }
    const descriptions = new Map<string, ModelDescription>()
    const layers = new Map<string, readonly string[]>()
    const words = await readTranscripts('words', study, this.facts).catch(() => null)
    const wordless = words === null || heardWithoutWords(study).length > 0
    const models = study.models.flatMap((model) => membersOf(model).map((member) => member.model))
    for (const model of models) {
      go()
      const description = await this.facts.model(model).catch(() => null)
      const names = await this.facts.layers(model).catch(() => null)
      if (!description || !names || ('reads' in description && wordless)) continue
      descriptions.set(model.id, description)
      layers.set(model.id, names)
    }
    const spaces = new Map<string, SpaceDescription>()
    for (const space of study.spaces) {
      const description = await describeSpace(space, study, this.facts).catch(() => null)
      if (!description) continue
      spaces.set(space.id, description)
      layers.set(space.id, [space.id])
    }
    const readable: Study = {
      ...study,
      subjects: study.subjects.filter(({ id }) => volumes.has(id)),
      models: models.filter(({ id }) => layers.has(id)),
      spaces: study.spaces.filter(({ id }) => layers.has(id)),
    }
    const experiment = study.behaviour ? await this.facts.experiment(study.behaviour).catch(() => null) : null
    const provider = await this.#providers.resolve(this.provider ?? study.compute.provider)
    const known = {
      study: readable,
      provider,
      vertices,
      electrodes,
      columns,
      descriptions,
      spaces,
      layers,
      experiment,
      volumes,
    }
    return rule ? { ...known, rule } : known
  }
}

/** An open study: its files and its store. */
export class StudySession extends StudyFiles {
  readonly store: Store
  #latest: Promise<Snapshot> | undefined
  #parsed: Promise<ParsedStudy> | undefined
  #placed: { readonly from: readonly unknown[]; readonly placed: ElectrodesOnSurface } | undefined

  /**
   * @param path absolute path of the study file
   * @param providers for what `auto` is on this machine
   * @throws HeschlError FILE_MISSING, STUDY_LOCKED, STORE_CORRUPT, STORE_NEWER
   */
  constructor(path: string, providers: Providers) {
    super(path, providers)
    // A missing study is told as such before a store is made beside it.
    try {
      statSync(path)
    } catch (error) {
      throw HeschlError.from(error, { file: path })
    }
    this.store = new Store(storePath(path))
    this.facts.drawCortex = () => storedCortex(this.store)
    this.facts.memory = this.store
  }

  /**
   * Reads the study anew: its file, the headers of what it names, which steps are stored.
   * @throws HeschlError STUDY_INVALID where the file itself (not what it names) has errors
   */
  refresh(): Promise<Snapshot> {
    this.#latest = this.#look()
    return this.#latest
  }

  /** The study as of the last `refresh`: what a window asks for while a person moves through results. */
  latest(): Promise<Snapshot> {
    return this.#latest ?? this.refresh()
  }

  /** The cortex of the study as of the last `refresh`, which is there before the plan is; not with electrodes on it. */
  async surface(): Promise<CorticalSurface | null> {
    const parsed = await this.#parsed
    const study = parsed?.study
    const ofElectrodes = study?.subjects.some(({ recordings }) =>
      recordings.some((one) => one.electrodes !== undefined),
    )
    return study && !ofElectrodes ? this.facts.surface(study) : null
  }

  async #look(): Promise<Snapshot> {
    this.#parsed = readStudy(this.path, this.store)
    const survey = await this.survey(await this.#parsed)
    const steps = survey.basis ? await keyPlan(survey.basis, this.facts, this.store) : []
    this.store.writeKnown()
    return { ...survey, steps, electrodes: await this.#place(survey) }
  }

  /** Electrodes are placed anew when a table or the surface has changed. */
  async #place({ study, surface, basis }: Survey): Promise<ElectrodesOnSurface | null> {
    if (!surface || !basis || basis.electrodes.size === 0) return null
    const subjects: SubjectElectrodes[] = []
    for (const [subject, names] of basis.electrodes) {
      const own = study.subjects.find(({ id }) => id === subject)!
      subjects.push({ subject, names, table: await this.facts.electrodeTable(own.recordings[0].electrodes!) })
    }
    const from = [surface, ...subjects.flatMap(({ names, table }) => [table, names.join('\t')])]
    const known = this.#placed
    if (known?.from.length === from.length && known.from.every((one, i) => one === from[i])) return known.placed
    const placed = await placeElectrodes(surface, study.surface, subjects)
    this.#placed = { from, placed }
    return placed
  }

  close(): void {
    this.store.close()
  }
}

/** Results lie beside the study file: `.heschl/study.db` for `study.yaml`. */
function storePath(study: string): string {
  return join(dirname(study), '.heschl', `${basename(study, extname(study))}.db`)
}
