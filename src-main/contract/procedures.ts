/**
 * What a host offers a window: the same typed procedures and events over Electron IPC, a WebSocket, or in-process for
 * the command line. A leaf: schemas and types, no behaviour. A host checks every argument against `argumentSchemas`
 * before anything else sees it.
 */
import { z } from 'zod'
import type { DraftCheck, FoundFolder, FoundModel, Reading } from './newStudy.ts'
import { newStudySchemas } from './newStudy.ts'
import type { Cleared, JobLine, Layouts, LogEntry } from './work.ts'
import { workSchemas } from './work.ts'
import type { SavedPage } from './figurePage.ts'
import { figureSchemas } from './figures.ts'
import type { ExportProgress } from './figures.ts'
import type { FindingFigure } from './findings.ts'
import { mapsArgument, type MapAnswer } from './maps.ts'
import { rulerArgument, type RulerPath } from './ruler.ts'
import { qualitySchemas } from './quality.ts'
import type { QualityReport, RecordingQuality } from './quality.ts'
import { inspectSchemas } from './inspect.ts'
import type { Inspection, InspectionProgress, PointScores, StimulusAudio, StimulusView } from './inspect.ts'
import type { Job, Plan, Problem, ScoreMap, ScoreTable, StudyEntry, StudyOverview, SurfaceData } from './study.ts'

const text = z.string().max(4096)
const study = z.strictObject({ study: text })

/** One schema per procedure, for its single argument. */
export const argumentSchemas = {
  hello: z.strictObject({}),
  recentStudies: z.strictObject({}),
  forgetStudy: z.strictObject({ path: text }),
  /** Shows the host's own file dialog; null when cancelled or when the host has none. */
  pickStudy: z.strictObject({}),
  openStudy: z.strictObject({ path: text }),
  validateStudy: z.strictObject({ path: text }),
  surface: study,
  scoreMap: z.strictObject({ study: text, subject: text, model: text, layer: text }),
  /** Maps of a grid, in the order in which they are asked for. */
  maps: mapsArgument,
  /** The shortest path between two vertices, along the folded surface. */
  ruler: rulerArgument,
  scoreTable: study,
  ...inspectSchemas,
  ...qualitySchemas,
  plan: study,
  run: study,
  cancel: z.strictObject({ job: text }),
  jobs: z.strictObject({}),
  ...workSchemas,
  ...newStudySchemas,
  ...figureSchemas,
  /** Rasterises or stores a figure the window drew. `save` asks for a place (Electron) or offers a download. */
  saveFigure: z.strictObject({
    svg: z.string().max(64 * 1024 * 1024),
    format: z.enum(['svg', 'png']),
    /** Pixels per CSS pixel for PNG. */
    scale: z.number().min(0.5).max(8),
    name: z.string().max(200),
  }),
} as const

export type ProcedureName = keyof typeof argumentSchemas
export type Argument<Name extends ProcedureName> = z.infer<(typeof argumentSchemas)[Name]>

export interface HostInfo {
  readonly host: 'electron' | 'browser'
  readonly version: string
  /** Opened at start, when the user named a study on the command line. */
  readonly study: string | null
  readonly canPick: boolean
}

export interface Results {
  hello: HostInfo
  recentStudies: readonly StudyEntry[]
  forgetStudy: null
  pickStudy: string | null
  openStudy: StudyOverview
  validateStudy: readonly Problem[]
  surface: SurfaceData
  scoreMap: ScoreMap
  maps: readonly MapAnswer[]
  ruler: RulerPath
  scoreTable: ScoreTable
  pointScores: PointScores
  inspect: readonly Inspection[]
  stopInspecting: null
  stimulusView: StimulusView
  stimulusAudio: StimulusAudio
  checkQuality: Job
  qualityReport: QualityReport
  recordingQuality: RecordingQuality
  plan: Plan
  run: Job
  cancel: null
  jobs: readonly Job[]
  moveJob: null
  jobLog: readonly JobLine[]
  clearJobs: null
  layouts: Layouts
  keepLayout: null
  nameLayout: Layouts
  remembered: Readonly<Record<string, string>>
  remember: null
  pickFolder: string | null
  newWindow: null
  readFolder: FoundFolder
  stopReading: null
  findModels: readonly FoundModel[]
  checkDraft: DraftCheck
  /** The study file's path, absolute. */
  writeDraft: string
  finding: FindingFigure
  methods: { readonly paragraph: string; readonly references: readonly string[] }
  pages: readonly SavedPage[]
  /** Its file. */
  savePage: { readonly path: string }
  exportPage: { readonly path: string | null; readonly bytes: Uint8Array | null }
  stopExport: null
  /** Electron: the path it was saved under, null when cancelled. Browser: the file's bytes, for a download. */
  saveFigure: { readonly path: string | null; readonly bytes: Uint8Array | null }
}

/** Every procedure takes one argument and gives a promise; failures reject with a serialized HeschlError. */
export type Procedures = { [Name in ProcedureName]: (argument: Argument<Name>) => Promise<Results[Name]> }

/** What a host tells a window without being asked. */
export interface Events {
  job: (job: Job) => void
  /** New results are stored, or the study file changed on disk. */
  studyChanged: (change: { readonly study: string }) => void
  /** A line of a job's log. */
  log: (entry: LogEntry) => void
  /** How far a folder has been read. */
  reading: (state: Reading) => void
  /** Jobs that are over and were taken off the list. */
  cleared: (gone: Cleared) => void
  /** A layout was saved under a name, or its name forgotten. */
  layouts: (layouts: Layouts) => void
  /** How far an inspection is that takes over a second. */
  inspecting: (progress: InspectionProgress) => void
  /** How far the export of a page is. */
  exporting: (progress: ExportProgress) => void
  engine: (state: { readonly running: boolean }) => void
}
