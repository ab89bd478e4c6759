/**
 * Discrimination of phones by listeners and by models (Millet et al. 2022, Fig. 4A and B; Millet and Dunbar 2022, ACL).
 */
import type { FindingColumn, FindingTable } from '../../contract/findings.ts'
import { contrastOf } from '../../behaviour/abx.ts'
import { parseAnswers, type Answers } from '../../behaviour/answers.ts'
import type { Triplet } from '../../behaviour/triplets.ts'
import { HeschlError } from '../../errors.ts'
import { readText } from '../../formats/text.ts'
import type { FigureOptions } from '../../study/figures.ts'
import type { StepContext } from '../context.ts'
import { readExperiment } from '../experiment.ts'
import { mostAnswerBytes } from '../listeners.ts'
import { compareWithListeners, type ListenerComparison } from './behaviourComparison.ts'
import { discrimination, type GroupAccuracy, type RegimeAccuracy } from './behaviourAccuracy.ts'
import { listenerGroups } from './behaviourListeners.ts'
import type { BehaviourInput, FindingSpace, Scores } from './input.ts'
import type { FindingResult } from './result.ts'

/** A model's distances: delta = d(other, X) - d(target, X). */
export interface AskedModel {
  readonly space: FindingSpace
  /** [member][triplets]: of all seeds, or of a series' last checkpoint. */
  readonly members: readonly Float64Array[]
}

/**
 * Accuracy of listeners (native and other speech) and of models by regime, with intervals and tests; how well models tell
 * listeners' answers; the native effect.
 * @throws HeschlError OPTION_INVALID where the study has no experiment; FILE_MISSING before it was run; as
 *   `readExperiment` and `parseAnswers`; CANCELLED
 */
export async function behaviour(
  scores: Scores,
  options: FigureOptions['behaviour'],
  context: StepContext,
): Promise<FindingResult> {
  const input = scores.input.behaviour
  if (input === null) throw noExperiment()
  const { triplets } = await readExperiment(input.files)
  const models = await modelsOf(scores, triplets)
  const answers = input.answers ? await answersOf(input.answers, scores) : undefined
  const languageOf = (code: string) => input.languages[code] ?? code
  const regimes = discrimination(triplets, models, languageOf, options)
  const groups = answers ? listenerGroups(answers, languageOf, options) : undefined
  const compared = answers
    ? await compareWithListeners(triplets, models, answers, languageOf, options, context)
    : undefined
  const tests = [...(groups?.tests ?? []), ...regimes.tests]
  return {
    title: 'Behaviour: discrimination of phones',
    caption: captionOf(input, triplets, regimes, groups, compared, options),
    methods: methodsOf(input, answers, options),
    notes: [
      ...(answers ? [] : ['The study names no listeners’ answers (`behaviour.answers`): only models are shown']),
      ...(groups?.notes ?? []),
      ...regimes.notes,
      ...(compared?.notes ?? []),
    ],
    tests,
    tables: [
      ...(groups
        ? [listenerTable(groups.groups), participantTable(groups.groups), testTable('listener_tests', groups)]
        : []),
      ...(regimes.roles.length > 0
        ? [regimeTable(regimes.roles), modelTable(regimes.roles), testTable('model_tests', regimes)]
        : []),
      contrastTable(triplets, models, answers),
      ...(compared ? comparisonTables(compared) : []),
    ],
    maps: [],
  }
}

async function modelsOf(scores: Scores, triplets: readonly Triplet[]): Promise<readonly AskedModel[]> {
  const models: AskedModel[] = []
  for (const space of scores.input.spaces) {
    if (space.kind !== 'model') continue
    const members: Float64Array[] = []
    const wanted = scores.membersOf(space)
    for (const member of wanted) {
      const distances = await scores.distances(space, member)
      if (distances === undefined) continue
      if (distances.length !== 2 * triplets.length)
        throw new HeschlError('SHAPE_MISMATCH', 'The triplets have changed since the models were asked', {
          where: { step: `abx:${member}` },
          remedy: 'Run the study again: heschl run',
        })
      members.push(Float64Array.from(triplets, (_, i) => distances[2 * i + 1] - distances[2 * i]))
    }
    if (members.length === wanted.length) models.push({ space, members })
  }
  if (models.length > 0) return models
  throw new HeschlError('FILE_MISSING', 'No model has been asked the triplets yet', {
    expected: 'distances of at least one model that hears',
    found: 'none',
    remedy: 'Run the study first: heschl run',
  })
}

async function answersOf({ file, hash }: NonNullable<BehaviourInput['answers']>, scores: Scores): Promise<Answers> {
  const answers = parseAnswers(await readText(file, mostAnswerBytes), file)
  scores.noteAnswers(hash)
  return answers
}

const noExperiment = () =>
  new HeschlError('OPTION_INVALID', 'This study has no experiment on discrimination', {
    expected: 'a section `behaviour` with `triplets`, `items` and `audio`, and `answers` for listeners',
    found: 'none',
    remedy: 'Add it to the study file (docs/study.md, "Behaviour"), then heschl run',
  })

export const percent = (value: number) => `${(100 * value).toFixed(1)} %`

function captionOf(
  { layer, distance, dtw }: BehaviourInput,
  triplets: readonly Triplet[],
  regimes: RegimeAccuracy,
  groups: GroupAccuracy | undefined,
  compared: ListenerComparison | undefined,
  { level, samples, perTriplet }: FigureOptions['behaviour'],
): string {
  const contrasts = new Set(triplets.map(contrastOf)).size
  const heard = groups?.groups.map(
    ({ group, relation, mean, participants, trials }) =>
      `${group} on ${relation} speech ${percent(mean)} (n = ${participants.length} participants, ${trials.toLocaleString('en')} trials)`,
  )
  const roles = regimes.roles.map(
    ({ role, mean, models, contrasts: n }) =>
      `${role} ${percent(mean)} (${models.length} ${models.length === 1 ? 'model' : 'models'}, ${n} contrasts)`,
  )
  const own = compared?.native
  return [
    ...(heard
      ? [
          `Listeners’ accuracy, mean over participants (points) with 95 % intervals over participants: ${heard.join('; ')}.`,
        ]
      : []),
    `Models’ accuracy in ${triplets.length.toLocaleString('en')} triplets of ${contrasts} contrasts (layer ${layer}, ${distance} distance, ${dtw} warping), mean over contrasts with 95 % intervals over contrasts, models as points: ${roles.join('; ')}.`,
    ...[...(groups?.tests ?? []), ...regimes.tests].map((test) => `${test}.`),
    `p below ${level} is marked.`,
    ...(own
      ? [
          `Native effect of ${own.first.model} and ${own.second.model}: Pearson r = ${own.r.toFixed(3)} over ${own.contrasts} contrasts${own.interval ? ` (95 % of ${samples} samples of ${perTriplet} answers a triplet: ${own.interval.low.toFixed(3)} to ${own.interval.high.toFixed(3)})` : ''}.`,
        ]
      : []),
  ].join(' ')
}

function methodsOf(
  { layer, distance, dtw, hears }: BehaviourInput,
  answers: Answers | undefined,
  { samples, perTriplet, seed, standardize }: FigureOptions['behaviour'],
): string {
  const measures = {
    cosine: 'the cosine distance',
    angular: 'the angle over π',
    euclidean: 'the Euclidean distance',
    kl: 'the symmetrised divergence of Kullback and Leibler',
  } as const
  const warped =
    dtw === 'standard'
      ? 'standard steps'
      : 'the published code’s steps, which forbid moving along the last frame of either'
  return [
    `In every triplet a model was asked whether X is nearer to the target, of the same phone, than to the other. Each stimulus was ${hears === 'item' ? 'heard alone' : 'heard in its recording'}; frames of layer ${layer} were compared by ${measures[distance]} and aligned by dynamic time warping with ${warped}; the cost was divided by the frames of the longer stimulus. δ = d(other, X) − d(target, X), and the model is right where δ > 0.`,
    'A model trained on speech is native to triplets of its language and non-native to all others. A regime’s accuracy is the mean over contrasts of two phones, of the mean over its models; intervals are BCa bootstrap intervals over contrasts (1,000 resamples), and regimes are compared over contrasts.',
    ...(answers
      ? [
          'Listeners’ accuracy is the mean over participants, with BCa bootstrap intervals over participants (1,000 resamples); a triplet is native where both of its phones are of the listener’s language.',
          `Models were compared with listeners by Spearman’s ρ of mean answer and mean δ over contrasts (after means over triplets, contexts and both orders), and by the log-likelihood of a probit regression answer ~ order + participant + data set + number of trials + δ${standardize ? ', δ and number of trials standardised' : ''}${samples > 0 ? `; intervals hold 95 % of ${samples} samples of ${perTriplet} answers a triplet with replacement (seed ${seed})` : ''}.`,
        ]
      : []),
  ].join(' ')
}

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

function listenerTable(groups: GroupAccuracy['groups']): FindingTable {
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

function participantTable(groups: GroupAccuracy['groups']): FindingTable {
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

function testTable(name: string, { compared }: Pick<GroupAccuracy | RegimeAccuracy, 'compared'>): FindingTable {
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

function regimeTable(roles: RegimeAccuracy['roles']): FindingTable {
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

function modelTable(roles: RegimeAccuracy['roles']): FindingTable {
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
function contrastTable(
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

function comparisonTables({ rows, native }: ListenerComparison): readonly FindingTable[] {
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
