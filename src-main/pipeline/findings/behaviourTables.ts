/** The data behind the figure of behaviour. */
import type { FindingColumn, FindingTable } from '../../contract/findings.ts'
import { contrastOf } from '../../behaviour/abx.ts'
import type { Answers } from '../../behaviour/answers.ts'
import type { Triplet } from '../../behaviour/triplets.ts'
import type { GroupAccuracy, RegimeAccuracy } from './behaviourAccuracy.ts'
import type { ListenerComparison } from './behaviourComparison.ts'
import type { AskedModel } from './askedModel.ts'

const words = (name: string, title: string, values: readonly string[]): FindingColumn => ({ name, title, values })
const numbers = (name: string, title: string, values: readonly number[]): FindingColumn => ({
  name,
  title,
  values: Float64Array.from(values),
})
const counts = (name: string, title: string, values: readonly number[]): FindingColumn => ({
  name,
  title,
  values: Int32Array.from(values),
})

export function listenerTable(groups: GroupAccuracy['groups']): FindingTable {
  return {
    name: 'listeners',
    title: 'Accuracy by group of listeners',
    columns: [
      words(
        'group',
        'listeners',
        groups.map(({ group }) => group),
      ),
      words(
        'speech',
        'native or other speech',
        groups.map(({ relation }) => relation),
      ),
      numbers(
        'accuracy',
        'accuracy, mean over participants',
        groups.map(({ mean }) => mean),
      ),
      numbers(
        'low',
        'lower end of the 95 % interval',
        groups.map(({ low }) => low),
      ),
      numbers(
        'high',
        'upper end of the 95 % interval',
        groups.map(({ high }) => high),
      ),
      counts(
        'participants',
        'participants',
        groups.map(({ participants }) => participants.length),
      ),
      counts(
        'trials',
        'trials',
        groups.map(({ trials }) => trials),
      ),
    ],
  }
}

export function participantTable(groups: GroupAccuracy['groups']): FindingTable {
  const rows = groups.flatMap(({ group, relation, participants }) =>
    participants.map(({ id, accuracy, trials }) => ({ group, relation, id, accuracy, trials })),
  )
  return {
    name: 'participants',
    title: 'Accuracy by participant',
    columns: [
      words(
        'group',
        'listeners',
        rows.map(({ group }) => group),
      ),
      words(
        'speech',
        'native or other speech',
        rows.map(({ relation }) => relation),
      ),
      words(
        'participant',
        'participant',
        rows.map(({ id }) => id),
      ),
      numbers(
        'accuracy',
        'accuracy',
        rows.map(({ accuracy }) => accuracy),
      ),
      counts(
        'trials',
        'trials',
        rows.map(({ trials }) => trials),
      ),
    ],
  }
}

export function testTable(name: string, { compared }: Pick<GroupAccuracy | RegimeAccuracy, 'compared'>): FindingTable {
  return {
    name,
    title: 'Wilcoxon signed-rank tests',
    columns: [
      words(
        'comparison',
        'comparison',
        compared.map((row) => row.name),
      ),
      numbers(
        'mean_difference',
        'mean difference',
        compared.map((row) => row.difference),
      ),
      counts(
        'n',
        'pairs',
        compared.map((row) => row.n),
      ),
      numbers(
        'w',
        'rank sum',
        compared.map((row) => row.statistic),
      ),
      numbers(
        'p',
        'p, uncorrected',
        compared.map((row) => row.p),
      ),
      numbers(
        'q',
        'p, Benjamini–Hochberg',
        compared.map((row) => row.q),
      ),
    ],
  }
}

export function regimeTable(roles: RegimeAccuracy['roles']): FindingTable {
  return {
    name: 'regimes',
    title: 'Accuracy by training regime',
    columns: [
      words(
        'regime',
        'training regime, to the speech',
        roles.map(({ role }) => role),
      ),
      numbers(
        'accuracy',
        'accuracy, mean over contrasts',
        roles.map(({ mean }) => mean),
      ),
      numbers(
        'low',
        'lower end of the 95 % interval',
        roles.map(({ low }) => low),
      ),
      numbers(
        'high',
        'upper end of the 95 % interval',
        roles.map(({ high }) => high),
      ),
      counts(
        'models',
        'models',
        roles.map(({ models }) => models.length),
      ),
      counts(
        'contrasts',
        'contrasts',
        roles.map(({ contrasts }) => contrasts),
      ),
    ],
  }
}

export function modelTable(roles: RegimeAccuracy['roles']): FindingTable {
  const rows = roles.flatMap(({ role, models }) => models.map((model) => ({ role, ...model })))
  return {
    name: 'models',
    title: 'Accuracy by model',
    columns: [
      words(
        'model',
        'model',
        rows.map(({ id }) => id),
      ),
      words(
        'regime',
        'training regime, to the speech',
        rows.map(({ role }) => role),
      ),
      numbers(
        'accuracy',
        'accuracy, mean over contrasts',
        rows.map(({ accuracy }) => accuracy),
      ),
      counts(
        'contrasts',
        'contrasts',
        rows.map(({ contrasts }) => contrasts),
      ),
      counts(
        'triplets',
        'triplets',
        rows.map(({ triplets }) => triplets),
      ),
    ],
  }
}

/** A row a contrast: what each model and each group of listeners did. */
export function contrastTable(
  triplets: readonly Triplet[],
  models: readonly AskedModel[],
  answers: Answers | undefined,
): FindingTable {
  const byContrast = Map.groupBy(triplets.keys(), (i) => contrastOf(triplets[i]))
  const names = [...byContrast.keys()]
  const places = names.map((name) => byContrast.get(name)!)
  const shareOf = (own: readonly number[], members: readonly Float64Array[]) =>
    members.reduce((sum, delta) => sum + own.filter((i) => delta[i] > 0).length / own.length, 0) / members.length
  const listeners = [...new Set(answers?.listener)]
  const contrastOfTriplet = new Map(triplets.map((triplet) => [triplet.id, contrastOf(triplet)]))
  const heard = Map.groupBy(
    answers ? Array.from({ length: answers.count }, (_, i) => i) : [],
    (i) => `${answers!.listener[i]}\n${contrastOfTriplet.get(answers!.triplet[i]) ?? ''}`,
  )
  return {
    name: 'contrasts',
    title: 'Accuracy by contrast of two phones',
    columns: [
      words('contrast', 'phones', names),
      words(
        'language',
        'language',
        places.map(([first]) => triplets[first].language),
      ),
      counts(
        'triplets',
        'triplets',
        places.map((own) => own.length),
      ),
      ...models.map(({ space, members }) =>
        numbers(
          `model_${space.id}`,
          `accuracy of ${space.id}`,
          places.map((own) => shareOf(own, members)),
        ),
      ),
      ...listeners.map((group) =>
        numbers(
          `listeners_${group}`,
          `accuracy of listeners, ${group}`,
          names.map((name) => {
            const own = heard.get(`${group}\n${name}`) ?? []
            return own.filter((i) => answers!.right[i] === 1).length / own.length
          }),
        ),
      ),
    ],
  }
}

export function comparisonTables({ rows, native }: ListenerComparison): readonly FindingTable[] {
  const comparison: FindingTable = {
    name: 'comparison',
    title: 'Models against listeners',
    columns: [
      words(
        'listeners',
        'listeners',
        rows.map(({ group }) => group),
      ),
      words(
        'model',
        'model',
        rows.map(({ model }) => model),
      ),
      words(
        'regime',
        'training regime, to the listener',
        rows.map(({ role }) => role),
      ),
      numbers(
        'rho',
        'Spearman’s ρ over contrasts',
        rows.map(({ rho }) => rho),
      ),
      numbers(
        'rho_low',
        'lower end of the 95 % interval',
        rows.map(({ rhoInterval }) => rhoInterval?.low ?? NaN),
      ),
      numbers(
        'rho_high',
        'upper end of the 95 % interval',
        rows.map(({ rhoInterval }) => rhoInterval?.high ?? NaN),
      ),
      counts(
        'contrasts',
        'contrasts',
        rows.map(({ contrasts }) => contrasts),
      ),
      numbers(
        'log_likelihood',
        'log-likelihood of the probit regression',
        rows.map((row) => row.logLikelihood),
      ),
      numbers(
        'log_likelihood_low',
        'lower end, of samples',
        rows.map((row) => row.logLikelihoodInterval?.low ?? NaN),
      ),
      numbers(
        'log_likelihood_high',
        'upper end, of samples',
        rows.map((row) => row.logLikelihoodInterval?.high ?? NaN),
      ),
      counts(
        'trials',
        'trials',
        rows.map(({ trials }) => trials),
      ),
    ],
  }
  if (!native) return [comparison]
  const { points, first, second } = native
  return [
    comparison,
    {
      name: 'native_effect',
      title: 'Native effect by contrast',
      columns: [
        words(
          'contrast',
          'phones',
          points.map(({ contrast }) => contrast),
        ),
        numbers(
          'listeners',
          `mean answer, ${first.listener} − ${second.listener}`,
          points.map(({ human }) => human),
        ),
        numbers(
          'models',
          `mean δ in SDs, ${first.model} − ${second.model}`,
          points.map(({ model }) => model),
        ),
      ],
    },
  ]
}
