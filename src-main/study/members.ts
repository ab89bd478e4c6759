/**
 * The members of a model: the sets of weights that one entry of the study file stands for. A series has one a
 * checkpoint, random weights one a seed, any other model one alone. Steps are planned and stored a member; a model's
 * own scores are made of its members' (jobs/results.ts).
 */
import type { Model } from './schema.ts'
import type { KeyPath } from './words.ts'

/** What tells the members of a model apart; null where there is one alone. */
export type Axis = 'seed' | 'steps' | 'hours'

export interface Member {
  /** The id of its steps: the model's own where it is the only one, else `model@place`. No id of a model has an "@". */
  readonly id: string
  /** Its place on the model's axis. */
  readonly at: number | null
  /** The model with this member's weights alone, under this member's id. */
  readonly model: Model
  /** Where the study file names the weights, from the model on. */
  readonly path: KeyPath
}

export function axisOf({ series, seeds }: Model): Axis | null {
  if (series !== undefined) return series.axis
  return seeds === undefined ? null : 'seed'
}

/** In the order of the axis for a series, of the study file for seeds. */
export function membersOf(model: Model): readonly Member[] {
  const { series, seeds, ...own } = model
  const memberId = (at: number) => `${model.id}@${at}`
  if (series !== undefined)
    return series.checkpoints
      .map(({ at, checkpoint }, index) => ({
        id: memberId(at),
        at,
        model: { ...own, id: memberId(at), [series.axis]: at, checkpoint },
        path: ['series', 'checkpoints', index, 'checkpoint'],
      }))
      .toSorted((a, b) => a.at - b.at)
  if (seeds === undefined) return [{ id: model.id, at: null, model, path: [sourceOf(model)] }]
  const list = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds
  return list.map((seed) => ({
    id: memberId(seed),
    at: seed,
    model: { ...own, id: memberId(seed), seed },
    path: ['architecture'],
  }))
}

function sourceOf({ checkpoint, onnx }: Model): string {
  if (checkpoint !== undefined) return 'checkpoint'
  return onnx === undefined ? 'architecture' : 'onnx'
}
