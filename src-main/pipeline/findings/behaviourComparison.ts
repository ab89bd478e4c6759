/** How well models tell what listeners answered. */
import type { Answers } from '../../behaviour/answers.ts'
import { contrastCorrelation, nativeEffect, type NativeEffect, type Trials } from '../../behaviour/contrasts.ts'
import { probitOfDelta, sampleAnswers, trialsOf } from '../../behaviour/listeners.ts'
import type { Triplet } from '../../behaviour/triplets.ts'
import { HeschlError } from '../../errors.ts'
import type { FigureOptions } from '../../study/figures.ts'
import { sampled, solved, type SampledInterval } from '../answerSamples.ts'
import type { StepContext } from '../context.ts'
import type { AskedModel } from './askedModel.ts'
import { roleOf, sameLanguage } from './roles.ts'

interface GroupModel {
  readonly listener: string
  readonly model: string
}

export interface ListenerComparison {
  readonly rows: readonly {
    readonly group: string
    readonly model: string
    readonly role: string
    readonly rho: number
    readonly rhoInterval: SampledInterval | undefined
    readonly contrasts: number
    readonly logLikelihood: number
    readonly logLikelihoodInterval: SampledInterval | undefined
    readonly trials: number
  }[]
  readonly native:
    | (Omit<NativeEffect, 'leftOut'> & {
        readonly first: GroupModel
        readonly second: GroupModel
        readonly interval: SampledInterval | undefined
      })
    | undefined
  readonly notes: readonly string[]
}

/**
 * Rank correlation and log-likelihood of every model in every group, and the native effect of two groups.
 * @throws HeschlError SHAPE_MISMATCH where no trial is of a triplet that models were asked; CANCELLED
 */
export async function compareWithListeners(
  triplets: readonly Triplet[],
  models: readonly AskedModel[],
  answers: Answers,
  languageOf: (code: string) => string,
  options: FigureOptions['behaviour'],
  context: StepContext,
): Promise<ListenerComparison> {
  const places = new Map(triplets.map(({ id }, i) => [id, i]))
  const deltas = new Map(models.map(({ space, members }) => [space.id, deltasOf(members, places, answers)]))
  const asked = (trials: Trials) =>
    Uint32Array.from(trials).filter((i) => [...deltas.values()].every((delta) => Number.isFinite(delta[i])))
  const groups = [...new Set(answers.listener)]
    .sort()
    .map((listener) => ({ listener, trials: asked(trialsOf(answers, listener)) }))
    .filter(({ trials }) => trials.length > 0)
  if (groups.length === 0) throw nothingAsked(triplets, answers)
  const left = answers.count - groups.reduce((sum, { trials }) => sum + trials.length, 0)
  const notes =
    left === 0
      ? []
      : [`${left.toLocaleString('en')} trials are of triplets without a finite δ and left out of comparisons`]
  const rows: ListenerComparison['rows'][number][] = []
  const parts = groups.length * models.length
  for (const { listener, trials } of groups) {
    for (const { space } of models) {
      const delta = deltas.get(space.id)!
      const measures = (sample: Trials) => ({
        rho: contrastCorrelation(answers, delta, sample).rho,
        logLikelihood: solved(() => probitOfDelta(answers, delta, sample, options.standardize).logLikelihood),
      })
      const intervals = await sampled(options, context, rows.length / parts, 1 / parts, (random) =>
        measures(sampleAnswers(answers, trials, options.perTriplet, random)),
      )
      const { logLikelihood } = measures(trials)
      if (Number.isNaN(logLikelihood))
        notes.push(`The probit regression of ${space.id} and listeners ${listener} has no solution`)
      rows.push({
        ...{ group: listener, model: space.id, role: roleOf(space, { language: languageOf(listener) }) },
        ...contrastCorrelation(answers, delta, trials),
        ...{ rhoInterval: intervals?.rho, logLikelihood, logLikelihoodInterval: intervals?.logLikelihood },
        trials: trials.length,
      })
    }
  }
  const pair = nativePair(
    models,
    groups.map(({ listener }) => listener),
    languageOf,
  )
  if ('why' in pair) return { rows, native: undefined, notes: [...notes, pair.why] }
  const side = ({ listener, model }: GroupModel) => ({
    trials: groups.find((group) => group.listener === listener)!.trials,
    delta: deltas.get(model)!,
  })
  const [first, second] = [side(pair.first), side(pair.second)]
  const interval = await sampled(options, context, 1, 0, (random) => {
    const [a, b] = [first, second].map(({ trials, delta }) => ({
      trials: sampleAnswers(answers, trials, options.perTriplet, random),
      delta,
    }))
    return { r: nativeEffect(answers, a, b).r }
  })
  const { leftOut, ...effect } = nativeEffect(answers, first, second)
  if (leftOut > 0) notes.push(`${leftOut} contrasts that one group alone heard are left out of the native effect`)
  return { rows, native: { ...effect, ...pair, interval: interval?.r }, notes }
}

/** [trials]: a model's delta of each trial's triplet, the mean over its members; NaN where it was not asked. */
function deltasOf(
  members: readonly Float64Array[],
  places: ReadonlyMap<string, number>,
  { triplet }: Answers,
): Float64Array {
  return Float64Array.from(triplet, (id) => {
    const at = places.get(id)
    if (at === undefined) return NaN
    return members.reduce((sum, delta) => sum + delta[at], 0) / members.length
  })
}

/** Two groups of listeners, each with the one model of its language. */
function nativePair(
  models: readonly AskedModel[],
  groups: readonly string[],
  languageOf: (code: string) => string,
): { readonly first: GroupModel; readonly second: GroupModel } | { readonly why: string } {
  if (groups.length !== 2)
    return {
      why: `The native effect is of two groups of listeners; there ${groups.length === 1 ? 'is 1' : `are ${groups.length}`}`,
    }
  const own = groups.map((listener) =>
    models.filter(
      ({ space }) =>
        ['native', 'non-native'].includes(space.regime) && sameLanguage(space.language, languageOf(listener)),
    ),
  )
  const [first, second] = own
  if (first.length !== 1 || second.length !== 1)
    return {
      why: `The native effect needs one model of each group’s language: ${groups.map((listener, i) => `${listener} has ${own[i].length}`).join(', ')}`,
    }
  // French - English, as published; in general the group that comes last in the alphabet less the other.
  return {
    first: { listener: groups[1], model: second[0].space.id },
    second: { listener: groups[0], model: first[0].space.id },
  }
}

const nothingAsked = (triplets: readonly Triplet[], { triplet }: Answers) =>
  new HeschlError('SHAPE_MISMATCH', 'No trial is of a triplet that the models were asked', {
    expected: `triplets such as ${triplets[0].id}`,
    found: triplet.slice(0, 3).join(', '),
    remedy: 'Give the table of triplets that the listeners heard: `behaviour.triplets`',
  })
