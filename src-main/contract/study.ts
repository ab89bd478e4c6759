/** What a window knows about a study. Shapes only: large arrays are typed arrays, never JSON. */
import type { SerializedError } from '../errors.ts'

export type Hemisphere = 'left' | 'right'

/** `missing`: not computed yet; `partial`: some of it is stored; `failed`: the last run stopped with an error here. */
export type StepState = 'missing' | 'partial' | 'stored' | 'running' | 'failed'

export interface StudyEntry {
  readonly path: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly opened: number
  readonly exists: boolean
}

/** What the study file says of a model: how it was trained, and where its weights come from. */
export interface ModelFacts {
  readonly id: string
  /** untrained | non-speech | non-native | native | supervised, or free text; empty for acoustic spaces. */
  readonly regime: string
  readonly language: string
  /** Of training audio; null where it is not said, or differs along the axis. */
  readonly hours: number | null
  /** Updates of the weights in training; null as `hours`. */
  readonly steps: number | null
  readonly corpus: string
  readonly note: string
  /** Where the weights come from, in words: a folder, or "wav2vec2-base, random weights, seed 1". */
  readonly source: string
  /** What tells its members apart: seeds of random weights, or the checkpoints of one training; null where it has none. */
  readonly axis: 'seed' | 'steps' | 'hours' | null
}

export interface ModelOverview extends ModelFacts {
  /** `model`: one space per layer; `acoustic`: a single space of sound, words or phones, its layer named as the space. */
  readonly kind: 'model' | 'acoustic'
  /** With the state of all its members together. */
  readonly layers: readonly LayerOverview[]
  /** The sets of weights that it stands for, in the order of the axis; empty where there is one alone. */
  readonly members: readonly MemberOverview[]
}

export interface MemberOverview {
  /** `model@at`: what a map of it is asked for by. */
  readonly id: string
  readonly at: number
  readonly source: string
  readonly layers: readonly LayerOverview[]
}

export interface LayerOverview {
  readonly name: string
  readonly units: number
  readonly state: StepState
}

export interface RecordingOverview {
  readonly stimulus: string
  /** Seconds from one sample to the next. */
  readonly tr: number
  /** Samples a second, of recordings that are said to be at a rate; null for volumes. */
  readonly rate: number | null
  /** Or samples; null until the file has been read. */
  readonly volumes: number | null
  readonly state: StepState
}

export interface SubjectOverview {
  readonly id: string
  readonly language: string
  readonly simulated: boolean
  readonly recordings: readonly RecordingOverview[]
  readonly state: StepState
}

export interface StimulusOverview {
  readonly id: string
  readonly audio: string
  readonly seconds: number | null
  readonly language: string
  readonly synthetic: boolean
}

export interface StudyOverview {
  readonly path: string
  readonly name: string
  /** One sentence for a banner when listeners or audio are synthetic; null for real data. */
  readonly notice: string | null
  readonly stimuli: readonly StimulusOverview[]
  readonly subjects: readonly SubjectOverview[]
  readonly models: readonly ModelOverview[]
  readonly surface: {
    readonly name: string
    /** Of scores by voxel those of the mask, on the left. */
    readonly vertices: { readonly left: number; readonly right: number }
    readonly voxels?: boolean
    /** Where recordings are of electrodes: another text once other ones are on the surface, or elsewhere. */
    readonly electrodes?: string
  }
  readonly encoding: readonly { readonly option: string; readonly value: string }[]
  /** What a reader of the maps should know of the surface: a missing inflated form, hemispheres moved apart. */
  readonly notes: readonly string[]
  /** Steps of the plan that are not stored yet; null where there is no plan because of problems. */
  readonly missingSteps: number | null
  readonly problems: readonly Problem[]
}

/** One problem of a study file; `heschl validate` prints all of them. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly line: number | null
  readonly column: number | null
  /** The key path: `subjects[0].recordings[1].tr`. */
  readonly path: string
  readonly remedy: string | null
}

/** A hemisphere cut open and laid in a plane; vertices of none of its triangles are not in it. */
export interface FlatPatch {
  /** float32 [vertices, 2], millimetres: anterior to the left on a left hemisphere, superior up. */
  readonly points: Float32Array
  /** uint32 [triangles, 3]: those of the surface that were not cut away. */
  readonly triangles: Uint32Array
}

export interface HemisphereSurface {
  /** float32 [vertices, 3], millimetres, RAS. */
  readonly folded: Float32Array
  readonly inflated: Float32Array
  /** The sphere that it is registered on, about the origin; left out where there is none. */
  readonly sphere?: Float32Array
  /** Cut and flattened: left out where there is no such form. */
  readonly flat?: FlatPatch
  /** uint32 [triangles, 3]. */
  readonly triangles: Uint32Array
  /** float32 [vertices]: sulcal depth, positive in sulci, as FreeSurfer's `sulc`. */
  readonly sulc: Float32Array
  /** uint16 [vertices, then electrodes]: index into `regions`; 0 is outside every region. */
  readonly labels: Uint16Array
  /** Of recordings of electrodes: those on this hemisphere. Maps have their values after those of the vertices. */
  readonly electrodes?: PlacedElectrodes
}

/** Electrodes on a hemisphere, subject by subject. */
export interface PlacedElectrodes {
  /** As in the tables: unique within a subject. */
  readonly names: readonly string[]
  /** [electrodes] whose they are. */
  readonly subjects: readonly string[]
  /** float32 [electrodes, 3]: their coordinates, millimetres. */
  readonly places: Float32Array
  /** uint32 [electrodes, 3], float32 [electrodes, 3]: the triangle of the folded form that is nearest, and where in it. */
  readonly corners: Uint32Array
  readonly weights: Float32Array
  /** float32 [electrodes]: millimetres from the surface. */
  readonly distances: Float32Array
}

/** An electrode that is not drawn: tables have its scores. */
export interface UnplacedElectrode {
  readonly subject: string
  readonly name: string
  readonly code: UnplacedCode
}

/**
 * NO_COORDINATES: none, or what is no number; UNKNOWN_UNITS, OTHER_SPACE: coordinates of another unit or space than the
 * surface's; FAR: too far from the surface; OTHER_HEMISPHERE: nearest to the hemisphere that its table does not say.
 */
export type UnplacedCode = 'NO_COORDINATES' | 'UNKNOWN_UNITS' | 'OTHER_SPACE' | 'FAR' | 'OTHER_HEMISPHERE'

export interface Region {
  readonly name: string
  /** sRGB, 0–255. */
  readonly colour: readonly [number, number, number]
}

export interface SurfaceData {
  readonly name: string
  readonly schematic: boolean
  readonly left: HemisphereSurface
  readonly right: HemisphereSurface
  readonly regions: readonly Region[]
  /** Where recordings are of electrodes: those that are on neither hemisphere. */
  readonly unplaced?: readonly UnplacedElectrode[]
  /**
   * Where scores are of voxels, which have no cortex: `left` then holds the voxels at their places, without triangles, and
   * `right` nothing.
   */
  readonly voxels?: VoxelSet
}

/** Voxels of a mask, in the order of scores. */
export interface VoxelSet {
  /** Of the mask's volume, x fastest. */
  readonly shape: readonly [number, number, number]
  /** float64 4 x 4, row-major: voxel to millimetres. */
  readonly affine: Float64Array
  /** int32 [voxels]: places in the volume. */
  readonly indices: Int32Array
}

export interface MapRequest {
  readonly study: string
  /** A subject's id, or `mean` over the subjects that have this layer. */
  readonly subject: string
  /** A model's id: the mean over its seeds, or the last checkpoint of its series; or the id of one of its members. */
  readonly model: string
  readonly layer: string
}

/** One value a vertex; NaN where there is none (constant responses, medial wall). */
export interface ScoreMap {
  readonly left: Float32Array
  readonly right: Float32Array
  /** "Pearson r, mean of 10 folds" */
  readonly label: string
  /** What of a model with several sets of weights it shows: "mean of 5 seeds", "after 10,000 steps"; empty for one. */
  readonly part: string
  /** Number of subjects averaged. */
  readonly subjects: number
  /** 2nd, 50th and 98th percentile of the finite values, for default colour limits. */
  readonly percentiles: readonly [number, number, number]
  /** The content key of what it was computed from. */
  readonly key: string
}

/** Scores of a layer, over all vertices and subjects that have it. */
export interface LayerScores {
  /** Mean over vertices of the subjects' mean r. */
  readonly meanR: number
  /** Standard error over subjects; NaN for one. */
  readonly semR: number
  readonly subjects: number
  /** Mean r over reliable vertices divided by their mean noise ceiling; NaN where there is no ceiling. */
  readonly ceilingShare: number
  /** Mean r per region of the parcellation, in `regions` order. */
  readonly byRegion: readonly number[]
}

/** One of a model's members: a seed, or a checkpoint of its series. */
export interface MemberScores extends LayerScores {
  readonly id: string
  readonly at: number
}

/**
 * One row of the results table: a model's layer. Of a model with several seeds the mean over them; of a series its last
 * checkpoint that has scores.
 */
export interface ScoreRow extends LayerScores {
  readonly model: string
  readonly regime: string
  readonly layer: string
  /** Over the seeds' mean r; null where there are not two. */
  readonly spread: { readonly sd: number; readonly low: number; readonly high: number } | null
  /** Those that have scores, in the order of the axis; empty for a model of one set of weights. */
  readonly members: readonly MemberScores[]
}

/** What a score is: "Pearson r" and "r", "r²" and "R²" alike. */
export interface Measure {
  readonly name: string
  readonly symbol: string
}

export interface ScoreTable {
  /** What computed the models' activations; null where nothing can be planned. */
  readonly provider: string | null
  readonly models: readonly ModelFacts[]
  readonly rows: readonly ScoreRow[]
  readonly regions: readonly string[]
  /** What the scores are: "Pearson r", in short "r". */
  readonly measure: Measure
  /** `kind` names how it was estimated: `encoding.ceiling`. */
  readonly ceiling: { readonly meanR: number; readonly vertices: number; readonly kind: string } | null
  /** Of simulated listeners, a group of one language each; empty for people, and before all of it is run. */
  readonly planted: readonly PlantedRecovery[]
  /** Where the study has sets of spaces. */
  readonly sets?: readonly SetRow[]
}

/** A mean over vertices and subjects. */
export interface NamedScore {
  readonly name: string
  readonly mean: number
  /** NaN where a region has no scored vertex. */
  readonly byRegion: readonly number[]
}

/** Feature spaces that were fitted together. */
export interface SetRow {
  readonly id: string
  /** As the study file names them. */
  readonly of: readonly string[]
  readonly solver: string
  readonly subjects: number
  /** Of all spaces together, by the encoding model's measure. */
  readonly score: NamedScore
  /** What each space explains alone, and what several share; null where it was not asked for. */
  readonly partition: {
    readonly measure: 'r2' | 'r-squared'
    readonly unions: readonly NamedScore[]
    readonly parts: readonly NamedScore[]
  } | null
}

/** For simulated listeners: what was planted, and what the analysis found. */
export interface PlantedRecovery {
  /** Of the listeners; '' where the study says none. */
  readonly language: string
  readonly subjects: number
  /** The model whose layers were planted in most regions. */
  readonly model: string
  readonly regions: readonly {
    readonly name: string
    readonly plantedLayer: string
    readonly recoveredLayer: string
    /** Centre of mass of the layer preference, in layer indices. */
    readonly recoveredCentre: number
    readonly plantedIndex: number
  }[]
  /** Spearman's rho between planted and recovered layer over responsive vertices. */
  readonly spearman: number
  /** Spearman's rho between the planted share of signal and the mean score: over all vertices, and the planted ones. */
  readonly signal: Readonly<Record<'all' | 'planted', { readonly rho: number; readonly vertices: number }>>
  /**
   * Vertices whose score is above chance over listeners (Wilcoxon, Benjamini–Hochberg), of those with a planted signal and of
   * the others; null where there are too few listeners to test.
   */
  readonly found:
    | (Readonly<Record<'planted' | 'others', { readonly found: number; readonly vertices: number }>> & {
        readonly level: number
      })
    | null
  /** Regions in which several models were planted: models by falling weight, and by falling score. */
  readonly order: readonly {
    readonly region: string
    readonly planted: readonly string[]
    readonly recovered: readonly string[]
    /** Of the pairs of models with different weights: those whose scores differ the same way. */
    readonly right: number
    readonly pairs: number
  }[]
  /** Responses that recordings were made with, beside what the analysis assumes. */
  readonly responses: readonly {
    readonly hrf: string
    /** Seconds. */
    readonly delay: number
    readonly regions: number
    readonly assumed: string
    /** Over these regions' vertices with a signal: the mean score at the best layer, and √ of the share of signal. */
    readonly score: number
    readonly possible: number
  }[]
}

/** Seconds, the most memory at a time, and bytes in the store. */
export interface StepCosts {
  readonly seconds: number
  readonly memoryBytes: number
  readonly diskBytes: number
}

/** How a stored step was computed. */
export interface StepComputed {
  /** What it was expected to take, and what it took. */
  readonly estimate: StepCosts
  readonly actual: StepCosts
  /** What computed it; null for what needs no provider. */
  readonly provider: string | null
  /** Of a model off the CPU: the largest difference of its first window from the CPU's, in SDs of a layer; or null. */
  readonly differenceFromCpu: number | null
}

export interface PlanStep {
  readonly id: string
  readonly label: string
  readonly kind: string
  readonly cached: boolean
  /** Estimates for what is not cached. */
  readonly seconds: number
  readonly memoryBytes: number
  readonly diskBytes: number
  /** Of a design of a model that hears: windows, and seconds that are computed for a second of audio. */
  readonly windows: { readonly count: number; readonly repetition: number } | null
  /** Of what is cached; null where it was not recorded. */
  readonly computed: StepComputed | null
}

export interface Plan {
  /** What computes the models' activations; null where nothing can be planned. */
  readonly provider: string | null
  readonly models: readonly ModelFacts[]
  readonly steps: readonly PlanStep[]
  readonly totals: { readonly seconds: number; readonly memoryBytes: number; readonly diskBytes: number }
}

export type JobState = 'queued' | 'running' | 'cancelling' | 'cancelled' | 'done' | 'failed'

export interface Job {
  readonly id: string
  readonly study: string
  readonly label: string
  readonly state: JobState
  /** Milliseconds since the epoch: when it was asked for, began and ended; null until then. */
  readonly asked: number
  readonly began: number | null
  readonly ended: number | null
  /** Among the jobs that wait, from 1; null for one that does not wait. */
  readonly place: number | null
  /** What is being computed now, in words. */
  readonly step: string
  readonly stepsDone: number
  readonly stepsTotal: number
  /** Steps that were in the store already. */
  readonly stepsCached: number
  /** 0–1 over the whole job. */
  readonly fraction: number
  /** null until it can be told. */
  readonly secondsLeft: number | null
  readonly secondsElapsed: number
  /** Work per second of the present step, in words: "9.8 s of audio/s". */
  readonly rate: string
  /** Resident memory of the engine. */
  readonly memoryBytes: number
  readonly error: SerializedError | null
}
