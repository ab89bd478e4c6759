/** Computations on files that belong to no study; they write files, and their provenance is their report. */
import type { ModelSource, Norm, WindowProtocol, WordContext, WordTokens } from '../activations/index.ts'
import type { Provider } from '../activations/providers.ts'
import type { SpaceSolver } from '../encoding/banded/fitSpaces.ts'
import type { Hrf } from '../features/hrf.ts'
import type { FeatureScale } from '../features/regressors.ts'
import type { ArrayEncoding, Measure } from '../study/arrayEncoding.ts'
import type { AbxTask, ListenersTask } from './behaviourTasks.ts'

/** Activations of one recording, written as a safetensors file: no study needed. */
export interface ExtractTask {
  readonly kind: 'extract'
  readonly source: ModelSource
  readonly layers: 'all' | 'lpp' | readonly string[]
  /** What computes; the CPU where it is left out. */
  readonly provider?: Provider
  readonly audio: string
  /** Whether audio whose peaks are cut off is used; refused where it is left out. */
  readonly clipping?: 'refuse' | 'accept'
  readonly window: WindowProtocol
  readonly norm: Norm
  /** The file to write. */
  readonly out: string
}

/** Activations of a story's words, written as a safetensors file. */
export interface ExtractWordsTask {
  readonly kind: 'extractWords'
  readonly source: ModelSource
  readonly layers: 'all' | 'lpp' | readonly string[]
  /** A table or a TextGrid of words and their times. */
  readonly words: string
  readonly context: WordContext
  readonly tokens: WordTokens
  /** The file to write. */
  readonly out: string
}

/** What can be tapped in an ONNX model: the list is the report. */
interface TapsTask {
  readonly kind: 'taps'
  readonly onnx: string
}

/** Regressors of activations in an NPY file, written as another. */
export interface DesignArrayTask {
  readonly kind: 'designArray'
  /** [frames, units]; a vector is one unit. */
  readonly activations: string
  readonly hrf: Hrf
  /** Seconds between frames. */
  readonly hop: number
  readonly tr: number
  readonly volumes: number
  /** Seconds from the first volume to the first frame. */
  readonly start: number
  readonly oversampling: number
  readonly scale: FeatureScale
  /** The file to write. */
  readonly out: string
}

/** Cross-validated ridge on arrays in NPY files. */
export interface EncodeArraysTask {
  readonly kind: 'encodeArrays'
  /** [samples, features] each; their features are put side by side. A vector is one feature. */
  readonly x: readonly string[]
  /** [samples, targets]; a vector is one target. */
  readonly y: string
  readonly options: ArrayEncoding
  /**
   * The files to write: float32 [folds, targets], or [1, targets] over concatenated predictions; float64 [folds, targets],
   * or [folds, components] where components of Y are fitted.
   */
  readonly r: string
  readonly alpha: string
  /** Coefficients of determination, and squares of r: float32, as r. */
  readonly r2?: string
  readonly rSquared?: string
  /** Of each held-out sample: float32 [samples, targets], in Fortran order. */
  readonly predictions?: string
  /** A folder for what an interrupted computation has finished; made when there is something to keep. */
  readonly partial?: string
  /** Bytes that all of it may take; half of the machine's memory where it is left out. */
  readonly memory?: number
  /** Means over folds: float32 [features, targets]. */
  readonly weights?: string
}

/** Regression on feature spaces in NPY files that are told apart: by weights of their own, or by what each explains. */
export interface EncodeSpacesTask {
  readonly kind: 'encodeSpaces'
  /** [samples, features], a feature space each. */
  readonly x: readonly string[]
  /** [samples, targets] */
  readonly y: string
  readonly options: ArrayEncoding
  readonly how: SpaceSolver
  /** The score that is divided, and the files to write: float32 [sets of spaces, targets] (scoring/partition.ts). */
  readonly partition?: { readonly measure: 'r2' | 'r-squared'; readonly parts: string; readonly unions: string }
  /** Bytes that all of it may take; half of the machine's memory where it is left out. */
  readonly memory?: number
  /** The files to write: float32, float64, float32 and float32 [folds, targets]. */
  readonly r: string
  readonly alpha: string
  readonly r2?: string
  readonly rSquared?: string
  /** log(weight / alpha): float64 [folds, spaces, targets]. */
  readonly deltas?: string
  /** Each space's share of the scores: float32 [folds, spaces, targets]. */
  readonly split?: { readonly r: string; readonly r2: string }
}

/** Whether held-out samples are predicted better than by chance, from the arrays of an `EncodeArraysTask`. */
export interface PermutationTestTask {
  readonly kind: 'permutationTest'
  /** [samples, targets] */
  readonly y: string
  /** As `y`; where it is left out, the permutations are checked and nothing is tested. */
  readonly predictions?: string
  readonly options: ArrayEncoding
  /** The score that is computed again for every permutation. */
  readonly measure: Measure
  /** Samples that change places together. */
  readonly block: number
  readonly permutations: number
  readonly seed: number
  /** The files to write: float32 [targets] each, of a target alone and of the highest of all. */
  readonly p: string
  readonly pMax: string
}

/** What each feature space weighs in an `EncodeArraysTask`. */
export interface ImportanceTask {
  readonly kind: 'importance'
  /** [samples, features] each, as they were put side by side. */
  readonly x: readonly string[]
  /** [features, targets] */
  readonly weights: string
  /** The file to write: float32 [feature spaces, targets]. */
  readonly out: string
}

export type ArrayTask =
  | ExtractTask
  | ExtractWordsTask
  | TapsTask
  | DesignArrayTask
  | EncodeArraysTask
  | EncodeSpacesTask
  | PermutationTestTask
  | ImportanceTask
  | AbxTask
  | ListenersTask
