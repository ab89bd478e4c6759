/** Which layers of a model a subject's scores are of. */
import { HeschlError } from '../../../errors.ts'
import { summarize } from '../../../scoring/index.ts'
import { throwIfCancelled } from '../../context.ts'
import type { StepContext } from '../../context.ts'
import type { FindingSpace, FindingSubject, Scores } from '../input.ts'

export interface LayerChoice {
  /** Those that have to be scored for a subject to count; none: the model has no such layer. */
  readonly needed: (space: FindingSpace) => readonly string[]
  /** Those whose mean is the subject's score. */
  readonly of: (space: FindingSpace, subject: FindingSubject) => readonly string[]
  /** "the mean over layers". */
  readonly words: string
  /** Of `best` alone: how many subjects each layer was taken for. */
  readonly taken: readonly { readonly model: string; readonly layer: string; readonly subjects: number }[]
}

/**
 * @param layer `mean`, `best` or a layer's name. `best`: of each model the layer with the highest score over the whole
 *   cortex, mean over all *other* subjects, so that no score takes part in choosing what it is compared by
 * @throws HeschlError OPTION_INVALID for `best` where a model has scores of one subject alone; CANCELLED
 */
export async function chooseLayers(scores: Scores, layer: string, context: StepContext): Promise<LayerChoice> {
  const all = (space: FindingSpace) => scores.scoredLayers(space)
  if (layer === 'mean') return { needed: all, of: all, words: 'the mean over layers', taken: [] }
  if (layer !== 'best') {
    const named = (space: FindingSpace) => all(space).filter((name) => name === layer)
    return { needed: named, of: named, words: `layer ${layer}`, taken: [] }
  }
  const chosen = new Map<string, Map<string, string>>()
  const models = scores.input.spaces.filter(({ kind }) => kind === 'model')
  for (const [done, space] of models.entries()) {
    chosen.set(space.id, await bestByOthers(scores, space, context))
    context.progress({ fraction: (done + 1) / models.length })
  }
  return {
    needed: all,
    of: (space, { id }) => [chosen.get(space.id)!.get(id)!],
    words: "each model's best layer, chosen for each subject by the mean score of all other subjects over the cortex",
    taken: models.flatMap(({ id, layers }) => {
      const counts = Map.groupBy(chosen.get(id)!.values(), (name) => name)
      return layers
        .filter((name) => counts.has(name))
        .map((name) => ({ model: id, layer: name, subjects: counts.get(name)!.length }))
    }),
  }
}

/** A subject's id -> the layer that is best in the others. */
async function bestByOthers(scores: Scores, space: FindingSpace, context: StepContext): Promise<Map<string, string>> {
  const layers = scores.scoredLayers(space)
  const subjects = layers.length === 0 ? [] : scores.subjectsWith([{ space, layers }])
  if (subjects.length === 1)
    throw new HeschlError('OPTION_INVALID', "One subject has no others to choose a model's best layer by", {
      expected: 'scores of at least 2 subjects',
      found: `of ${space.id}: ${subjects[0].id} alone`,
      remedy: 'Take the mean over layers, or name a layer',
    })
  const means: number[][] = []
  for (const { id } of subjects) {
    const own: number[] = []
    for (const layer of layers) {
      throwIfCancelled(context)
      own.push(summarize(await scores.map(space, layer, id)).mean)
    }
    means.push(own)
  }
  return new Map(subjects.map(({ id }, left) => [id, layers[bestWithout(means, left)]]))
}

/** Index of the layer with the highest mean over all subjects but one; the first of equals. @param means [subjects][layers] */
function bestWithout(means: readonly (readonly number[])[], left: number): number {
  const sums = means[left].map((_, l) =>
    means.reduce((sum, own, s) => (s === left || !Number.isFinite(own[l]) ? sum : sum + own[l]), 0),
  )
  return sums.indexOf(Math.max(...sums))
}
