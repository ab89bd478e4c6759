/** What a host may ask of the engine process beyond what a window may: in the same shape as the window's procedures. */
import type { FindingFigure } from '../contract/findings.ts'
import type { Argument, Events, Results } from '../contract/procedures.ts'
import type { Job } from '../contract/study.ts'
import type { SerializedError } from '../errors.ts'
import type {
  ArrayJob,
  ArrayReport,
  CeilingMap,
  ElectrodeMaps,
  ElectrodeMapsArgument,
  EngineFacts,
  EngineProcedureName,
  ExportFitArgument,
  ExportPreferenceArgument,
  FindingArgument,
  PowerArgument,
  SimulateArgument,
  UseProviderArgument,
} from './engineHandle.ts'

/** Functions of the engine process, called over birpc. Failures are values: an Error does not survive every channel. */
export interface EngineFunctions {
  call(name: EngineProcedureName, argument: unknown): Promise<Answer<unknown>>
  simulate(argument: SimulateArgument): Promise<Answer<Job>>
  power(argument: PowerArgument): Promise<Answer<Job>>
  arrays(request: ArrayJob): Promise<Answer<Job>>
  arrayReports(job: string): Promise<Answer<readonly ArrayReport[]>>
  exportFit(argument: ExportFitArgument): Promise<Answer<Job>>
  exportPreference(argument: ExportPreferenceArgument): Promise<Answer<Job>>
  ceilings(study: string): Promise<Answer<readonly CeilingMap[]>>
  electrodeMaps(argument: ElectrodeMapsArgument): Promise<Answer<ElectrodeMaps>>
  finding(argument: FindingArgument): Promise<Answer<Job>>
  findingFigure(job: string): Promise<Answer<FindingFigure>>
  useProvider(argument: UseProviderArgument): Promise<Answer<void>>
  /** Runs that the engine before this one had not come to. */
  requeue(jobs: readonly Job[]): Promise<Answer<void>>
  facts(): Promise<Answer<EngineFacts>>
  close(): Promise<void>
}

export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: SerializedError }

/** Functions of the host, called by the engine. */
export interface EngineListener {
  event(name: keyof Events, payload: unknown): void
}

/** The engine's part of the window's procedures. */
export type EngineProcedures = {
  [Name in EngineProcedureName]: (argument: Argument<Name>) => Promise<Results[Name]>
}
