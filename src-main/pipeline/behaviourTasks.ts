/** ABX discrimination by models and by listeners. */
import type { ModelSource, WindowProtocol } from '../activations/index.ts'
import type { Provider } from '../activations/providers.ts'
import type { DtwVariant } from '../behaviour/dtw.ts'
import type { FrameDistance } from '../behaviour/frameDistances.ts'
import type { AnswerSamples } from './answerSamples.ts'
import type { ExperimentFiles } from './experiment.ts'

/** Distances of a model's layers for the triplets of an experiment: a table, or a step of a study. */
export interface AbxTask extends ExperimentFiles {
  readonly kind: 'abx'
  readonly source: ModelSource
  readonly layers: 'all' | 'lpp' | readonly string[]
  readonly provider?: Provider
  readonly clipping?: 'refuse' | 'accept'
  /** Whether the model hears an item alone, as in the papers, or in its recording. */
  readonly hears: 'item' | 'recording'
  /** Of recordings. */
  readonly window: WindowProtocol
  readonly distance: FrameDistance
  readonly dtw: DtwVariant
  /** The file to write; distances are stored, an array [triplets, 2] a layer, where it is left out. */
  readonly out?: string
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
  readonly bootstrap: AnswerSamples
}

interface GroupModel {
  readonly listener: string
  readonly model: string
}
