/** What a host holds of the engine process: procedures to call, events to hear, and its end. Types alone. */
import type { FigureName, FindingFigure } from '../contract/findings.ts'
import type { Argument, Events, ProcedureName, Results } from '../contract/procedures.ts'
import type { Job } from '../contract/study.ts'
import type { ArrayTask } from '../pipeline/arrayTasks.ts'
import type { ExportFitTask, PreferenceTask } from '../pipeline/tasks.ts'
import type { PowerRow, PowerTask } from '../pipeline/power.ts'
import type { Provider } from '../pipeline/providers.ts'
import type { ProviderChoice } from '../study/schema.ts'

/** The host answers these itself: they are about windows, dialogs and the user's own list, not about a study. */
export const hostProcedures = [
  'hello',
  'recentStudies',
  'forgetStudy',
  'pickStudy',
  'saveFigure',
  'jobLog',
  'clearJobs',
  'layouts',
  'keepLayout',
  'nameLayout',
  'remembered',
  'remember',
  'pickFolder',
  'newWindow',
  'finding',
  'pages',
  'savePage',
  'exportPage',
  'stopExport',
] as const

export type HostProcedureName = (typeof hostProcedures)[number]
export type EngineProcedureName = Exclude<ProcedureName, HostProcedureName>

/** The engine process as a host sees it. It outlives a crash of the process: `event engine` tells of the restart. */
export interface EngineHandle {
  /** @throws HeschlError as thrown in the engine; ENGINE_LOST when its process ended before it answered */
  call<Name extends EngineProcedureName>(name: Name, argument: Argument<Name>): Promise<Results[Name]>
  /** Starts the process before the first call needs it; does nothing where it runs, or has been closed. */
  start(): void
  /** @returns a function that stops listening */
  on<Event extends keyof Events>(event: Event, listener: Events[Event]): () => void
  /** For the command line alone: writes the recordings of a study of simulated listeners; a job like any other. */
  simulate(argument: SimulateArgument): Promise<Job>
  /** For the command line alone: how many subjects a contrast needs; a job like any other, which leaves a report. */
  power(argument: PowerArgument): Promise<Job>
  /** For the command line alone: computes on files that belong to no study; a job like any other. */
  arrays(request: ArrayJob): Promise<Job>
  /** What a job that `arrays` or an export started and that is done has to tell, a report a task. */
  arrayReports(job: string): Promise<readonly ArrayReport[]>
  /** For the command line alone: files of a study's fit; a job like any other, which leaves a report. */
  exportFit(argument: ExportFitArgument): Promise<Job>
  /** For the command line alone: a model's preferred layers; a job like any other, which leaves a report. */
  exportPreference(argument: ExportPreferenceArgument): Promise<Job>
  /** For the command line alone: the noise ceilings that are stored. */
  ceilings(study: string): Promise<readonly CeilingMap[]>
  /** For the command line alone: the scores of electrodes that are stored. */
  electrodeMaps(argument: ElectrodeMapsArgument): Promise<ElectrodeMaps>
  /** What a study's scores say, for one figure; a job like any other. */
  finding(argument: FindingArgument): Promise<Job>
  /** What a job that `finding` started and that is done has found. */
  findingFigure(job: string): Promise<FindingFigure>
  /** For the command line alone: computes a study with another provider than its file says, until the engine ends. */
  useProvider(argument: UseProviderArgument): Promise<void>
  /** For `heschl doctor`: facts from the process that would compute. */
  facts(): Promise<EngineFacts>
  /** Process id while it runs. */
  readonly pid: number | undefined
  close(): Promise<void>
}

/** A noise ceiling of subjects with the same runs. */
export interface CeilingMap {
  /** How it was estimated: the study's `encoding.ceiling`. */
  readonly kind: string
  readonly subjects: readonly string[]
  /** Left before right; NaN where responses are too noisy for it to mean anything. */
  readonly values: Float32Array
  /** The content key of what it was computed from. */
  readonly key: string
}

export interface ElectrodeMapsArgument {
  /** The study file. */
  readonly study: string
  readonly subjects: readonly string[]
  readonly layers: readonly { readonly model: string; readonly layer: string }[]
}

/** Rows are electrodes, subject by subject. */
export interface ElectrodeMaps {
  readonly subjects: readonly ElectrodesOfSubject[]
  /** Those of which anything is stored. */
  readonly maps: readonly ElectrodeMap[]
}

/** Electrodes that are analysed, in the order of their scores. */
export interface ElectrodesOfSubject {
  readonly subject: string
  readonly names: readonly string[]
  /** The table that they are of, as the study names it. */
  readonly table: string
  /** float64 [electrodes, 3]: coordinates as the table has them; NaN where it has none. */
  readonly places: Float64Array
  /** As its coordsystem.json has them; null where it does not say. */
  readonly space: string | null
  readonly units: string | null
}

export interface ElectrodeMap {
  readonly model: string
  readonly layer: string
  /** float32 [electrodes of all subjects]; NaN where there is no score. */
  readonly values: Float32Array
  readonly label: string
  /** By subject, of what was computed. */
  readonly keys: Readonly<Record<string, string>>
}

/** What simulated listeners are drawn from. Paths are absolute. */
export interface SimulateArgument {
  /** The study file; its subjects' recordings are what is written. */
  readonly study: string
  /** The study whose subjects they take the place of, from which the study file is written first. */
  readonly from?: {
    readonly study: string
    /** Of each language; as many as it has where it is left out. */
    readonly subjects?: number
  }
  readonly seed: number
  /** The table of what is planted (docs/simulate.md). */
  readonly truth?: string
  /** Recorded noise: a file, or one a hemisphere. */
  readonly noise?: readonly string[]
  /** A map of the share of signal, likewise. */
  readonly signal?: readonly string[]
}

export type { PowerRow }

export interface PowerArgument {
  /** The study file. */
  readonly study: string
  /** Models, spaces or regimes; the second may be `chance`. */
  readonly contrast: readonly [string, string]
  /** All vertices where it is left out. */
  readonly region?: string
  /** The mean over layers where it is left out. */
  readonly layer?: string
  /** In place of a pilot: mean of the differences over their SD. */
  readonly effect?: number
  readonly power: number
  readonly alpha: number
  readonly alternative: PowerTask['options']['alternative']
  readonly studies: number
  readonly seed: number
}

export interface ExportFitArgument {
  /** The study file. */
  readonly study: string
  /** A model (a member of one with several) or a space. */
  readonly model: string
  readonly layer: string
  readonly subject: string
  /** The files to write. */
  readonly files: ExportFitTask['files']
}

export interface ExportPreferenceArgument {
  /** The study file. */
  readonly study: string
  /** A model (a member of one with several). */
  readonly model: string
  readonly options: PreferenceTask['options']
  /** The file to write. */
  readonly out: string
}

export interface FindingArgument {
  /** The study file. */
  readonly study: string
  readonly figure: FigureName
  /** Take the place of what the study file says under `figures`, by name (study/figures.ts). */
  readonly options: Readonly<Record<string, unknown>>
}

export interface UseProviderArgument {
  /** The study file. */
  readonly study: string
  readonly provider: ProviderChoice
}

/** Tasks on files, one after the other. */
export interface ArrayJob {
  readonly label: string
  /** The file or folder that the user asked for: names the job. */
  readonly out: string
  /** What computes activations; the CPU where it is left out. */
  readonly provider?: ProviderChoice
  readonly steps: readonly {
    readonly label: string
    readonly task: ArrayTask
  }[]
}

/** Versions, provider, seconds and whatever else a task tells of itself. */
export type ArrayReport = Readonly<Record<string, unknown>>

export interface EngineFacts {
  readonly versions: Readonly<Record<string, string>>
  /** In the order of `auto`. */
  readonly providers: readonly ProviderFacts[]
  readonly threads: number
  readonly memoryBytes: { readonly total: number; readonly free: number }
}

/** What the check of a provider found. */
export interface ProviderFacts {
  readonly name: Provider
  /** In words. */
  readonly title: string
  readonly available: boolean
  /** Why it is not; null where it is. */
  readonly reason: string | null
  /** Largest difference from the CPU's numbers, in SDs of a layer; null where nothing was computed. */
  readonly difference: number | null
  /** What the check's models took to compute, without the time to start; null likewise. */
  readonly seconds: number | null
}

/** The calls used of Electron's `UtilityProcess` (an engine under Electron). */
interface UtilityChild {
  readonly pid: number | undefined
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  kill(): boolean
}

/** Electron's `utilityProcess.fork`, given by the desktop host so that jobs/ need not import electron. */
export type UtilityFork = (
  module: string,
  args: string[],
  options: { readonly serviceName: string; readonly env?: Readonly<Record<string, string>> },
) => UtilityChild

/** How a host starts its engine. */
export interface EngineOptions {
  readonly spawn: 'child_process' | UtilityFork
}
