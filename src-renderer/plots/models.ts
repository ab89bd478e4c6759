/** What is known of a model, in words. */
import type { ModelFacts, ModelOverview } from '../../src-main/contract/study.ts'
import { formatCount } from './format.ts'

/** "native, english, 600 hours, 400,000 steps, LibriSpeech": what the study file says of the training. */
export function trainingText({ regime, language, hours, steps, corpus }: Omit<ModelFacts, 'id'>): string {
  return [
    regime,
    language,
    hours === null ? '' : placeText('hours', hours),
    steps === null ? '' : placeText('steps', steps),
    corpus,
  ]
    .filter(Boolean)
    .join(', ')
}

/** A place on a model's axis: "seed 2", "10,000 steps". */
export function placeText(axis: NonNullable<ModelFacts['axis']>, at: number): string {
  if (axis === 'seed') return `seed ${at}`
  return `${formatCount(at)} ${at === 1 ? axis.slice(0, -1) : axis}`
}

export const isSeries = ({ axis }: Pick<ModelFacts, 'axis'>) => axis === 'steps' || axis === 'hours'

/** The model that an id names, which may be that of one of its members. */
export function modelNamed(models: readonly ModelOverview[], id: string): ModelOverview | undefined {
  return models.find((model) => model.id === id || model.members.some((member) => member.id === id))
}

/** A model, or one of its members: "w2v-untrained, seed 2". */
export function nameText(models: readonly ModelOverview[], id: string): string {
  const model = modelNamed(models, id)
  const member = model?.members.find((one) => one.id === id)
  return model?.axis && member ? `${model.id}, ${placeText(model.axis, member.at)}` : id
}
