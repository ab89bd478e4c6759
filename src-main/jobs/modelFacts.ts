import type { ModelFacts } from '../contract/study.ts'
import { axisOf, membersOf } from '../study/members.ts'
import type { Model } from '../study/schema.ts'
import { listed } from '../study/words.ts'

/** Seeds that are named one by one. */
const seedsNamed = 6

/** What the study file says of a model, for windows, tables and programs. */
export function modelFacts(model: Model): ModelFacts {
  const { id, regime, language = '', hours = null, steps = null, corpus = '', note = '' } = model
  return { id, regime, language, hours, steps, corpus, note, source: weightsText(model), axis: axisOf(model) }
}

/** Where a model's weights come from, in words. */
export function weightsText(model: Model): string {
  const places = membersOf(model).flatMap(({ at }) => at ?? [])
  if (model.series)
    return `${places.length} checkpoints, ${written(places[0])} to ${written(places.at(-1)!)} ${model.series.axis} of training`
  if (model.architecture === undefined) return (model.checkpoint ?? model.onnx)!
  const random = `${model.architecture}, random weights`
  if (model.seeds === undefined) return `${random}, seed ${model.seed}`
  if (places.length > seedsNamed) return `${random}, ${places.length} seeds`
  return `${random}, ${places.length === 1 ? 'seed' : 'seeds'} ${listed(places.map(String))}`
}

const written = (at: number) => at.toLocaleString('en', { maximumSignificantDigits: 15 })
