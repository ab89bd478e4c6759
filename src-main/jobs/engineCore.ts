import { freemem, totalmem } from 'node:os'
import type { FindingFigure } from '../contract/findings.ts'
import type { Events } from '../contract/procedures.ts'
import type { Job, SurfaceData } from '../contract/study.ts'
import { HeschlError } from '../errors.ts'
import { selfCheck } from '../pipeline/selfCheck.ts'
import { runArrayJob } from './arrayJob.ts'
import { computeThreads, ComputeThread } from './compute.ts'
import { DraftDesk } from './draft/desk.ts'
import { electrodeMaps } from './electrodeMaps.ts'
import type { EngineProcedures } from './engineApi.ts'
import type {
  ArrayJob,
  ArrayReport,
  CeilingMap,
  ElectrodeMaps,
  ElectrodeMapsArgument,
  EngineFacts,
  ExportFitArgument,
  ExportPreferenceArgument,
  FindingArgument,
  PowerArgument,
  SimulateArgument,
  UseProviderArgument,
} from './engineHandle.ts'
import { runFitExport } from './exportFit.ts'
import { runPreferenceExport } from './exportPreference.ts'
import { KnownFindings } from './findings.ts'
import { gridMaps } from './gridMaps.ts'
import { Groups } from './groups.ts'
import { overviewOf } from './overview.ts'
import { runPower } from './power.ts'
import { versions } from './provenance.ts'
import { Providers } from './providers.ts'
import { InspectionDesk } from './inspect/desk.ts'
import { qualityReport, recordingQuality, runQuality } from './quality.ts'
import { JobQueue } from './queue.ts'
import type { JobWork } from './queue.ts'
import { Results } from './results.ts'
import { planOf, runPlan } from './runner.ts'
import type { RunOptions } from './runner.ts'
import { StudySession } from './session.ts'
import type { Snapshot } from './session.ts'
import { methodsOfStudy } from '../study/methods.ts'
import { deriveStudy } from './simulation/deriveStudy.ts'
import { simulateStudy } from './simulation/simulate.ts'

/** Milliseconds a cancelled computation has to stop by itself before its process is ended. */
const patience = 800

export interface EngineOutlets {
  event<Name extends keyof Events>(name: Name, payload: Parameters<Events[Name]>[0]): void
  /** Ends the process at once: the only way to stop ONNX Runtime in the middle of a product. */
  abort(): void
}

interface Open {
  readonly session: StudySession
  snapshot: Snapshot
  /** Kept while results come in: means of what has not changed are not read again. */
  readonly groups: Groups
  results: Results
}

/** The engine without its process: open studies, the queue, and the procedures that windows and commands call. */
export class EngineCore {
  readonly procedures: EngineProcedures
  readonly #studies = new Map<string, Open>()
  /** Being read just now: who asks meanwhile has the same. */
  readonly #opening = new Map<string, Promise<Open>>()
  readonly #sessions = new Map<string, StudySession>()
  /** By job; kept until the process ends, which for a command is soon. */
  readonly #arrayReports = new Map<string, readonly ArrayReport[]>()
  /** By job, as `#arrayReports`. */
  readonly #findings = new Map<string, FindingFigure>()
  readonly #known = new KnownFindings()
  readonly #compute = new ComputeThread()
  readonly #providers = new Providers()
  readonly #desk: DraftDesk
  readonly #inspection: InspectionDesk
  readonly #queue: JobQueue
  readonly #outlets: EngineOutlets

  constructor(outlets: EngineOutlets) {
    this.#outlets = outlets
    this.#desk = new DraftDesk(this.#providers, (state) => outlets.event('reading', state))
    this.#inspection = new InspectionDesk((progress) => outlets.event('inspecting', progress))
    this.#queue = new JobQueue({
      changed: (job) => outlets.event('job', job),
      said: (entry) => outlets.event('log', entry),
    })
    this.procedures = {
      openStudy: async ({ path }) => {
        const { session, snapshot } = await this.#refresh(path)
        return overviewOf(session, snapshot)
      },
      validateStudy: async ({ path }) => this.#validate(path),
      surface: ({ study }) => this.#surface(study),
      ruler: async (asked) => this.#inspection.ruler((await this.#surface(asked.study))[asked.hemisphere], asked),
      scoreMap: async (request) => (await this.#open(request.study)).results.map(request),
      maps: async ({ study, maps, correction }) => gridMaps((await this.#open(study)).results, maps, correction),
      scoreTable: async ({ study }) => (await this.#open(study)).results.table(),
      plan: async ({ study }) => {
        const { session, snapshot } = await this.#refresh(study)
        return planOf(session, snapshot)
      },
      run: async ({ study }) => this.#run(study),
      cancel: async ({ job }) => {
        this.#cancel(job)
        return null
      },
      moveJob: async ({ job, before }) => {
        this.#queue.move(job, before)
        return null
      },
      methods: async ({ study }) => {
        const { snapshot } = await this.#open(study)
        return methodsOfStudy(snapshot.study, versions().heschl ?? '')
      },
      jobs: async () => this.#queue.list(),
      pointScores: async (asked) => this.#inspection.scores(await this.#open(asked.study), asked),
      inspect: async (asked) => this.#inspection.inspect(await this.#open(asked.study), asked),
      stopInspecting: async (asked) => {
        this.#inspection.stop(asked)
        return null
      },
      stimulusView: async (asked) => this.#inspection.view(await this.#open(asked.study), asked),
      stimulusAudio: async (asked) => this.#inspection.audio(await this.#open(asked.study), asked),
      checkQuality: async ({ study }) => this.#checkQuality(study),
      qualityReport: async ({ study }) => {
        const { session, snapshot } = await this.#open(study)
        return qualityReport(session, snapshot)
      },
      recordingQuality: async (asked) => {
        const { session, snapshot } = await this.#open(asked.study)
        return recordingQuality(session, snapshot, asked)
      },
      readFolder: (argument) => this.#desk.read(argument),
      stopReading: async ({ request }) => {
        this.#desk.stop(request)
        return null
      },
      findModels: (argument) => this.#desk.models(argument),
      checkDraft: (argument) => this.#desk.check(argument),
      writeDraft: (argument) => this.#desk.write(argument),
    }
  }

  /** Writes simulated recordings for a study of simulated listeners; a job like any other. */
  simulate({ study, from, ...drawn }: SimulateArgument): Job {
    return this.#queue.add({
      study,
      label: 'Simulating listeners',
      run: async (watch) => {
        const volumes = from && (await deriveStudy(from, study))
        await simulateStudy(this.#session(study), drawn, { ...watch, ...this.#tools }, volumes)
      },
    })
  }

  /** Computes on files that belong to no study; a job like any other. */
  arrays(request: ArrayJob): Job {
    const job = this.#queue.add({
      study: request.out,
      label: request.label,
      run: async (watch) => {
        const reports = await runArrayJob(request, { ...watch, ...this.#tools })
        this.#arrayReports.set(job.id, reports)
      },
    })
    return job
  }

  /** Files of a study's fit; a job like any other. */
  exportFit(request: ExportFitArgument): Job {
    return this.#export(request.study, (session, options) => runFitExport(session, request, options))
  }

  /** A file of a model's preferred layers; a job like any other. */
  exportPreference(request: ExportPreferenceArgument): Job {
    return this.#export(request.study, (session, options) => runPreferenceExport(session, request, options))
  }

  async ceilings(study: string): Promise<readonly CeilingMap[]> {
    return (await this.#open(study)).results.ceilings()
  }

  /** @throws HeschlError OPTION_INVALID where there are no such electrodes; FILE_MISSING where nothing is stored */
  async electrodeMaps({ study, ...asked }: ElectrodeMapsArgument): Promise<ElectrodeMaps> {
    const { session, snapshot, results } = await this.#open(study)
    return electrodeMaps(session, snapshot, results, asked)
  }

  /** How many subjects a contrast needs; a job like any other. */
  power(request: PowerArgument): Job {
    return this.#export(request.study, (session, options) => runPower(session, request, options), 'Power')
  }

  /** What a study's scores say, for one figure; a job like any other. */
  finding(request: FindingArgument): Job {
    const session = this.#session(request.study)
    const chosen = Object.keys(request.options).length > 0 ? ` (${JSON.stringify(request.options)})` : ''
    const job = this.#queue.add({
      study: request.study,
      label: `Figure ${request.figure}${chosen}`,
      run: async (watch) => {
        const found = await this.#known.finding(session, request, { ...watch, ...this.#tools })
        this.#findings.set(job.id, found)
      },
    })
    return job
  }

  /** @throws HeschlError OPTION_INVALID for a job that is not done, or was no such job */
  findingFigure(job: string): FindingFigure {
    const found = this.#findings.get(job)
    if (found) return found
    throw noReport('figure', job)
  }

  #export(
    study: string,
    run: (session: StudySession, options: RunOptions) => Promise<ArrayReport>,
    label = 'Export',
  ): Job {
    const session = this.#session(study)
    const job = this.#queue.add({
      study,
      label,
      run: async (watch) => {
        const report = await run(session, { ...watch, ...this.#tools })
        this.#arrayReports.set(job.id, [report])
      },
    })
    return job
  }

  /** @throws HeschlError OPTION_INVALID for a job that is not done, or was no such job */
  arrayReports(job: string): readonly ArrayReport[] {
    const reports = this.#arrayReports.get(job)
    if (reports) return reports
    throw noReport('report', job)
  }

  /** Computes a study with another provider than its file says, until this process ends. */
  useProvider({ study, provider }: UseProviderArgument): void {
    this.#session(study).provider = provider
  }

  async facts(): Promise<EngineFacts> {
    const onnxruntime = await selfCheck()
    return {
      versions: { ...versions(), onnxruntime },
      providers: await this.#providers.all(),
      threads: computeThreads(),
      memoryBytes: { total: totalmem(), free: freemem() },
    }
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close()
    this.#sessions.clear()
    this.#studies.clear()
  }

  get #tools() {
    return { compute: this.#compute, providers: this.#providers }
  }

  /** Runs that an engine which was lost had not come to: in the order given, under their own ids. */
  requeue(jobs: readonly Job[]): void {
    for (const job of jobs) this.#queue.add(this.#runOf(job.study), job)
  }

  /** @throws HeschlError before anything is queued, where the study cannot be opened */
  #run(study: string): Job {
    this.#session(study)
    return this.#queue.add(this.#runOf(study))
  }

  #runOf(study: string): JobWork {
    return {
      study,
      label: 'Run',
      run: async (watch) => {
        const session = this.#session(study)
        const snapshot = await session.refresh()
        try {
          await runPlan(session, snapshot, { ...watch, ...this.#tools, stored: () => this.#stored(study) })
        } finally {
          this.#stored(study)
        }
      },
    }
  }

  #checkQuality(study: string): Job {
    const session = this.#session(study)
    return this.#queue.add({
      study,
      label: 'Quality',
      run: async (watch) => {
        try {
          await runQuality(session, { ...watch, ...this.#tools, stored: () => this.#stored(study) })
        } finally {
          this.#stored(study)
        }
      },
    })
  }

  #cancel(id: string): void {
    if (!this.#queue.cancel(id) || this.#queue.running?.id !== id) return
    this.#compute.stop()
    setTimeout(() => {
      if (this.#queue.running?.id !== id) return
      // Everything finished is in the store, in whole transactions; the process goes, the host starts another.
      this.close()
      this.#outlets.abort()
    }, patience)
  }

  /** New results: cached averages are stale. */
  #stored(study: string): void {
    const open = this.#studies.get(study)
    if (open) open.results = new Results(open.session, open.snapshot, open.groups)
    this.#outlets.event('studyChanged', { study })
  }

  #session(path: string): StudySession {
    const known = this.#sessions.get(path)
    if (known) return known
    const session = new StudySession(path, this.#providers)
    this.#sessions.set(path, session)
    return session
  }

  async #surface(study: string): Promise<SurfaceData> {
    // Of a study that is being opened: a window prepares its drawing while the plan is made.
    const early = this.#opening.has(study)
      ? await this.#session(study)
          .surface()
          .catch(() => null)
      : null
    if (early) return early
    const { snapshot } = await this.#open(study)
    if (snapshot.electrodes) return snapshot.electrodes.surface
    if (snapshot.surface) return snapshot.surface
    const problem = snapshot.problems.find(({ path }) => path.startsWith('surface'))
    throw new HeschlError('FILE_UNREADABLE', 'The surface of this study cannot be read', {
      found: problem?.message ?? 'no surface',
      remedy: problem?.remedy ?? 'Correct `surface` in the study file',
    })
  }

  async #open(path: string): Promise<Open> {
    return this.#studies.get(path) ?? this.#opening.get(path) ?? this.#refresh(path)
  }

  #refresh(path: string): Promise<Open> {
    const opening = this.#read(path).finally(() => {
      if (this.#opening.get(path) === opening) this.#opening.delete(path)
    })
    this.#opening.set(path, opening)
    return opening
  }

  async #read(path: string): Promise<Open> {
    const session = this.#session(path)
    const snapshot = await session.refresh()
    const groups = this.#studies.get(path)?.groups ?? new Groups(session.store)
    const open = { session, snapshot, groups, results: new Results(session, snapshot, groups) }
    this.#studies.set(path, open)
    return open
  }

  async #validate(path: string): Promise<Snapshot['problems']> {
    try {
      return (await this.#refresh(path)).snapshot.problems
    } catch (error) {
      if (!(error instanceof HeschlError) || error.code !== 'STUDY_INVALID') throw error
      return error.parts.details!.problems as Snapshot['problems']
    }
  }
}

const noReport = (what: string, job: string) =>
  new HeschlError('OPTION_INVALID', `There is no ${what} of this job`, { expected: 'a job that is done', found: job })
