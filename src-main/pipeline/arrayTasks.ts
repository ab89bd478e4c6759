/** Computations on files that belong to no study; they write files, and their provenance is their report. */
import type { ModelSource } from '../activations/index.ts'

/** Activations of one recording, written as a safetensors file: no study needed. */
export interface ExtractTask {
  readonly kind: 'extract'
  readonly source: ModelSource
  readonly layers: 'all' | 'lpp' | readonly string[]
  readonly audio: string
  /** Seconds; `none`: the whole recording at once. */
  readonly window: { readonly windowSeconds: number; readonly strideSeconds: number } | 'none'
  /** The file to write. */
  readonly out: string
}

/** Regressors of activations in an NPY file, written as another. */
export interface DesignArrayTask {
  readonly kind: 'designArray'
  /** [frames, units]; a vector is one unit. */
  readonly activations: string
  readonly hrf: 'glover'
  /** Seconds between frames. */
  readonly hop: number
  readonly tr: number
  readonly volumes: number
  /** Seconds from the first volume to the first frame. */
  readonly start: number
  readonly oversampling: number
  readonly scale: 'minmax' | 'none'
  /** The file to write. */
  readonly out: string
}

export type ArrayTask = ExtractTask | DesignArrayTask
