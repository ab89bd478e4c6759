/** Caption and methods of the figure of behaviour. */
import type { Finding } from '../../contract/findings.ts'
import { contrastOf } from '../../behaviour/abx.ts'
import type { Answers } from '../../behaviour/answers.ts'
import type { Triplet } from '../../behaviour/triplets.ts'
import type { FigureOptions } from '../../study/figures.ts'
import type { GroupAccuracy, RegimeAccuracy } from './behaviourAccuracy.ts'
import type { ListenerComparison } from './behaviourComparison.ts'
import type { BehaviourInput } from './input.ts'
import { captioned } from './words.ts'

const signed = (value: number) => value.toFixed(3).replace('-', '−')
const percent = (value: number) => `${(100 * value).toFixed(1)} %`

export function captionOf(
  { layer, distance, dtw }: BehaviourInput,
  triplets: readonly Triplet[],
  regimes: RegimeAccuracy,
  groups: GroupAccuracy | undefined,
  compared: ListenerComparison | undefined,
  { level, samples, perTriplet }: FigureOptions['behaviour'],
): Pick<Finding, 'caption' | 'captionParts'> {
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
  const listeners = heard
    ? `listeners’ accuracy, mean over participants (points) with 95 % intervals over participants: ${heard.join('; ')}.`
    : ''
  const native = own
    ? `native effect of ${own.first.model} and ${own.second.model}: Pearson r = ${signed(own.r)} over ${own.contrasts} contrasts${own.interval ? ` (95 % of ${samples} samples of ${perTriplet} answers a triplet: ${signed(own.interval.low)} to ${signed(own.interval.high)})` : ''}.`
    : compared
      ? 'Spearman’s ρ of models’ and listeners’ answers over contrasts.'
      : ''
  return captioned({
    opening: '',
    panels: [
      { panel: 'listeners', words: listeners },
      {
        panel: 'models',
        words: `models’ accuracy in ${triplets.length.toLocaleString('en')} triplets of ${contrasts} contrasts (layer ${layer}, ${distance} distance, ${dtw} warping), mean over contrasts with 95 % intervals over contrasts, models as points: ${roles.join('; ')}.`,
      },
      { panel: 'comparison', words: native },
    ],
    closing: [
      ...[...(groups?.tests ?? []), ...regimes.tests].map((test) => `${test}.`),
      `*: differs from what it is compared with, corrected p below ${level}.`,
    ].join(' '),
  })
}

export function methodsOf(
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
