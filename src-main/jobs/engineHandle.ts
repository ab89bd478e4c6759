/** What a host holds of the engine process: procedures to call, events to hear, and its end. Types alone. */
import type { Argument, Events, ProcedureName, Results } from '../contract/procedures.ts'
import type { Job } from '../contract/study.ts'
import type { ArrayTask } from '../pipeline/arrayTasks.ts'

/** The host answers these itself: they are about windows, dialogs and the user's own list, not about a study. */
export const hostProcedures = ['hello', 'recentStudies', 'forgetStudy', 'pickStudy', 'saveFigure'] as const

export type HostProcedureName = (typeof hostProcedures)[number]
export type EngineProcedureName = Exclude<ProcedureName, HostProcedureName>

/** The engine process as a host sees it. It outlives a crash of the process: `event engine` tells of the restart. */
export interface EngineHandle {
  /** @throws HeschlError as thrown in the engine; ENGINE_LOST when its process ended before it answered */
  call<Name extends EngineProcedureName>(name: Name, argument: Argument<Name>): Promise<Results[Name]>
  /** @returns a function that stops listening */
  on<Event extends keyof Events>(event: Event, listener: Events[Event]): () => void
  /** For the command line alone: writes the recordings of a study of simulated listeners; a job like any other. */
  simulate(argument: SimulateArgument): Promise<Job>
  /** For the command line alone: computes on files that belong to no study; a job like any other. */
  arrays(request: ArrayJob): Promise<Job>
  /** What a job that `arrays` started and that is done has to tell, a report a task. */
  arrayReports(job: string): Promise<readonly ArrayReport[]>
  /** For `heschl doctor`: facts from the process that would compute. */
  facts(): Promise<EngineFacts>
  /** Process id while it runs. */
  readonly pid: number | undefined
  close(): Promise<void>
}

/** What simulated listeners are drawn from. */
export interface SimulateArgument {
  /** The study file; its subjects' recordings are what is written. */
  readonly study: string
  readonly seed: number
}

/** Tasks on files, one after the other. */
export interface ArrayJob {
  readonly label: string
  /** The file or folder that the user asked for: names the job. */
  readonly out: string
  readonly steps: readonly {
    readonly label: string
    readonly task: ArrayTask
  }[]
}

/** Versions, provider, seconds and whatever else a task tells of itself. */
export type ArrayReport = Readonly<Record<string, unknown>>

export interface EngineFacts {
  readonly versions: Readonly<Record<string, string>>
  readonly providers: readonly string[]
  readonly threads: number
  readonly memoryBytes: { readonly total: number; readonly free: number }
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
