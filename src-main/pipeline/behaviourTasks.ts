/** ABX discrimination by models and by listeners; belongs to no study. */
import type { ModelSource, WindowProtocol } from '../activations/index.ts'
import type { Provider } from '../activations/providers.ts'
import type { DtwVariant } from '../behaviour/dtw.ts'
import type { FrameDistance } from '../behaviour/frameDistances.ts'

/** Distances of a model's layers for the triplets of an experiment, written as a table. */
export interface AbxTask {
  readonly kind: 'abx'
  readonly source: ModelSource
  readonly layers: 'all' | 'lpp' | readonly string[]
  readonly provider?: Provider
  readonly triplets: string
  /** Tables of stimuli; with languages where each has its own. */
  readonly items: readonly { readonly language: string; readonly file: string }[]
  /** The folder of the recordings; one a language may be in it. */
  readonly audio: string
  readonly clipping?: 'refuse' | 'accept'
  /** Whether the model hears an item alone, as in the papers, or in its recording. */
  readonly hears: 'item' | 'recording'
  /** Of recordings. */
  readonly window: WindowProtocol
  readonly distance: FrameDistance
  readonly dtw: DtwVariant
  /** The file to write. */
  readonly out: string
}

/** How well deltas tell what listeners answered. */
export interface ListenersTask {
  readonly kind: 'listeners'
  readonly answers: string
  /** Tables written by `abx`, whose deltas are added by triplet. */
  readonly deltas: readonly string[]
  /** Columns of deltas; all where it is left out. */
  readonly models?: readonly string[]
  /** One group of listeners; all where it is left out. */
  readonly listener?: string
  /** Two groups, each with the deltas of the model of its language. */
  readonly native?: readonly [GroupModel, GroupModel]
  readonly standardize: boolean
  /** Samples of answers, so many of each triplet. */
  readonly bootstrap: { readonly samples: number; readonly perTriplet: number; readonly seed: number }
}

interface GroupModel {
  readonly listener: string
  readonly model: string
}
