/** What the engine asks a compute thread to do: plain data, so that it crosses threads. Absolute paths throughout. */
import type { ModelSource } from '../activations/index.ts'
import type { Provider } from '../activations/providers.ts'
import type { SpaceSolver } from '../encoding/banded/fitSpaces.ts'
import type { FoldComponents } from '../encoding/foldComponents.ts'
import type { AcousticName } from '../features/acoustic.ts'
import type { TranscribedName } from '../features/transcribed.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import type { PreferenceOptions } from '../statistics/layerPreference.ts'
import type { ResolvedEncoding } from '../study/encoding.ts'
import type { CorticalSurface } from '../surfaces/index.ts'
import type { RunRef } from '../study/plan.ts'
import type { ArrayTask } from './arrayTasks.ts'
import type { AbxTask } from './behaviourTasks.ts'
import type { Cleaning } from './cleanRun.ts'
import type { FindingTask } from './findings/finding.ts'
import type { PowerTask } from './power.ts'
import type { ResponseFiles, VertexCounts } from './responses.ts'
import type { TargetRule } from './targetRule.ts'
import type { SourceInput } from './simulation/sources.ts'
import type { TruthRow } from './simulation/truthTable.ts'
import type { WordSpace } from './wordSpace.ts'

/** Design matrices of one run, one array [volumes, units] a layer. */
export interface DesignTask {
  readonly kind: 'design'
  readonly space:
    | {
        readonly kind: 'model'
        readonly source: ModelSource
        readonly layers: readonly string[]
        readonly provider: Provider
      }
    | { readonly kind: 'acoustic'; readonly acoustic: AcousticName; readonly layer: string }
    | {
        readonly kind: 'transcribed'
        readonly name: TranscribedName
        /** The file of words or phones. */
        readonly transcript: string
        /** The phones that have a unit, in order. */
        readonly inventory: readonly string[]
        readonly layer: string
      }
    | WordSpace
  readonly audio: string
  /** Whether audio whose peaks are cut off is used; refused where it is left out. */
  readonly clipping?: 'refuse' | 'accept'
  readonly run: RunRef
  readonly encoding: ResolvedEncoding
}

/** One run's recording of one subject. */
export interface RecordingFiles {
  readonly stimulus: string
  readonly files: ResponseFiles
  /** Seconds between volumes. */
  readonly tr: number
  /** A table of a row a volume. */
  readonly confounds?: string
  /** How its values become the targets; left out where they are of the targets. */
  readonly rule?: TargetRule
}

/** Cross-validated ridge of one layer on one subject: `r` and `alpha`; where it is asked for, `chance`. */
export interface FitTask {
  readonly kind: 'fit'
  /** Names the design: tasks with equal names share what depends on X alone. */
  readonly designKey: string
  /** One matrix [volumes, units] a run. */
  readonly designs: readonly Matrix32[]
  /** The layers that this one is fitted together with, in the order in which they are added; each with its own name. */
  readonly before?: readonly Pick<FitTask, 'designKey' | 'designs'>[]
  readonly subject: string
  readonly recordings: readonly RecordingFiles[]
  readonly vertices: VertexCounts
  readonly encoding: ResolvedEncoding
  /** Names the recordings by what is in them: random numbers of a subject are drawn from it. */
  readonly identity: string
  /** Of the responses, where components stand for them and are known. */
  readonly components?: FoldComponents
  /** Bytes that all of it may take; half of the machine's memory where it is left out. */
  readonly memory?: number
}

/** Principal components of a subject's responses in each fold's training samples: `vectors` and `sizes`. */
export interface ComponentsTask extends Pick<FitTask, 'subject' | 'recordings' | 'vertices' | 'encoding' | 'memory'> {
  readonly kind: 'components'
  /** Of each run, untrimmed. */
  readonly volumes: readonly number[]
}

/** A fit to the first runs alone, and its mean score over some targets: what a shorter recording would have given. */
export interface RegionScoreTask {
  readonly kind: 'regionScore'
  readonly fit: FitTask
  /** How many of its runs. */
  readonly runs: number
  /** Ascending. */
  readonly targets: Uint32Array
}

/** Held-out predictions of some of a fit's targets, at the alphas it has chosen, and what their score is made of. */
export interface InspectTask {
  readonly kind: 'inspect'
  readonly fit: FitTask
  /** Ascending. */
  readonly targets: Uint32Array
  /** [folds, all targets or components of Y]: indices of the fit's alphas, as it is stored. */
  readonly alpha: Uint8Array
  /** Seconds of a window that is left out. */
  readonly window: number
  /** Whether weights of the features are asked for. */
  readonly weights?: boolean
}

/** How good a recording is (quality/recording.ts). */
export interface QualityTask extends RecordingFiles {
  readonly kind: 'quality'
  readonly subject: string
  readonly volumes: number
  readonly vertices: VertexCounts
}

/** A recording to look at and listen to (inspect/picture.ts, inspect/listen.ts). */
export interface PictureTask {
  readonly kind: 'picture'
  readonly audio: string
}

export interface ListenTask {
  readonly kind: 'listen'
  readonly audio: string
  /** From 0. */
  readonly part: number
}

/** A path along a hemisphere, for who looks (ruler.ts); nothing of it is stored. */
export interface RulerTask {
  readonly kind: 'ruler'
  /** Names the hemisphere: what was made of it is kept. */
  readonly mesh: number
  readonly folded: Float32Array
  readonly triangles: Uint32Array
  readonly from: number
  readonly to: number
}

/** What a fit is made of and what it predicts, written as NPY files (exportFit.ts). */
export interface ExportFitTask {
  readonly kind: 'exportFit'
  readonly fit: FitTask
  /** The files to write. */
  readonly files: { readonly [What in 'x' | 'y' | 'predictions' | 'weights']?: string }
}

/** Which layer predicts each vertex best, over subjects, written as an NPY file (preference.ts). */
export interface PreferenceTask {
  readonly kind: 'preference'
  /** [subject][layer] a map [vertices] of scores. */
  readonly maps: readonly (readonly Float32Array[])[]
  readonly options: PreferenceOptions
  /** The file to write. */
  readonly out: string
}

/** Several feature spaces on one subject (sets.ts). */
export interface SetTask {
  readonly kind: 'set'
  /** [space][run] matrices [volumes, units]. */
  readonly spaces: readonly (readonly Matrix32[])[]
  readonly subject: string
  readonly recordings: readonly RecordingFiles[]
  readonly vertices: VertexCounts
  readonly encoding: ResolvedEncoding
  readonly how: SpaceSolver
  /** Whether the variance explained is divided among the spaces. */
  readonly partition: boolean
  /** Bytes that all of it may take; half of the machine's memory where it is left out. */
  readonly memory?: number
}

/** The noise ceiling of subjects who heard the same runs. */
export interface CeilingTask {
  readonly kind: 'ceiling'
  readonly subjects: readonly { readonly subject: string; readonly recordings: readonly RecordingFiles[] }[]
  readonly vertices: VertexCounts
  readonly cleaning: Cleaning
  readonly ceiling: Exclude<ResolvedEncoding['ceiling'], 'none'>
}

/** Writes the recordings of simulated listeners who heard the same runs. */
export interface SimulateTask {
  readonly kind: 'simulate'
  readonly seed: number
  readonly surface: CorticalSurface
  readonly vertices: VertexCounts
  /** What is planted in them; layers may be places. */
  readonly rows: readonly TruthRow[]
  /** All that the rows name. */
  readonly sources: readonly SourceInput[]
  /** Of each run. */
  readonly volumes: readonly number[]
  /** Whose NPY files, one a run, are to be written. */
  readonly listeners: readonly { readonly id: string; readonly files: readonly string[] }[]
  /** Noise to take in place of the table's. */
  readonly noise?: ResponseFiles
  /** The share of signal, in place of the table's. */
  readonly signal?: ResponseFiles
}

/** Steps of a study; their results are stored under a content key. */
type StudyTask =
  DesignTask | ComponentsTask | FitTask | SetTask | CeilingTask | SimulateTask | AbxTask | PictureTask | QualityTask

export type Task =
  | InspectTask
  | ListenTask
  | RulerTask
  | RegionScoreTask
  | PowerTask
  | StudyTask
  | ExportFitTask
  | PreferenceTask
  | FindingTask
  | ArrayTask

/**
 * Raised whenever the code of a kind of step would give other numbers from the same inputs: part of the content key,
 * so that older results are computed again instead of being mixed in.
 */
export const codeVersions: Readonly<Record<StudyTask['kind'], number>> = {
  design: 2,
  components: 1,
  fit: 4,
  set: 1,
  ceiling: 3,
  simulate: 2,
  abx: 1,
  picture: 1,
  quality: 1,
}
