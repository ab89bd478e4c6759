/** How well a model's deltas tell listeners' answers: probit regression, and samples of participants. */
import type { Random } from '../linalg/random.ts'
import type { Answers } from './answers.ts'
import type { Trials } from './contrasts.ts'
import { fitProbit, type ProbitFit, type SparseRow } from './probit.ts'

/** Trials of one group of listeners, or of all. */
export function trialsOf({ count, listener }: Answers, group?: string): Uint32Array {
  const all = Uint32Array.from({ length: count }, (_, i) => i)
  return group === undefined ? all : all.filter((i) => listener[i] === group)
}

/** Share of trials in which the target was chosen. */
export function listenerAccuracy({ right }: Answers, trials: Trials): number {
  let total = 0
  for (let k = 0; k < trials.length; k++) total += right[trials[k]]
  return total / trials.length
}

export interface AnswerModel extends Omit<ProbitFit, 'coefficients' | 'standardErrors'> {
  /** By the column's name; participants and data sets against the first in order. */
  readonly coefficients: ReadonlyMap<string, { readonly estimate: number; readonly standardError: number }>
  readonly trials: number
}

/**
 * answer ~ intercept + TGT_first + participant + dataset + nb_stimuli + delta, by probit regression: the model's measure
 * is its log-likelihood.
 * Source: JAMJU/Cogsci2020-Perceptimatic-English, iteration_probit_model.py (`standardize` false), and
 * JAMJU/Sel_supervised_models_perception_biases, probit_model_bootstrap.py (true: nb_stimuli and delta less their mean,
 * over their SD with n - 1).
 *
 * @param start coefficients to begin with, of a fit with the same participants and data sets
 * @throws HeschlError NUMERICAL, as `fitProbit`
 */
export function probitOfDelta(
  answers: Answers,
  delta: ArrayLike<number>,
  trials: Trials,
  standardize: boolean,
): AnswerModel {
  const indices = Array.from(trials)
  const participants = levels(indices, answers.participant)
  const datasets = levels(indices, answers.dataset)
  const names = [
    'intercept',
    'TGT_first',
    'nb_stimuli',
    'delta',
    ...participants.slice(1).map((name) => `participant ${name}`),
    ...datasets.slice(1).map((name) => `dataset ${name}`),
  ]
  const firstDataset = 3 + participants.length
  const columnOf = new Map(participants.map((name, k) => [name, k === 0 ? -1 : 3 + k]))
  const columnOfDataset = new Map(datasets.map((name, k) => [name, k === 0 ? -1 : firstDataset + k - 1]))
  const [heard, value] = [answers.heard, delta].map((column) => scaler(indices, column, standardize)) as [Scale, Scale]
  const rows = indices.map((i): SparseRow => {
    const columns = [0, 2, 3]
    const values = [1, heard(i), value(i)]
    if (answers.targetFirst[i] === 1) {
      columns.push(1)
      values.push(1)
    }
    for (const column of [columnOf.get(answers.participant[i])!, columnOfDataset.get(answers.dataset[i])!]) {
      if (column < 0) continue
      columns.push(column)
      values.push(1)
    }
    return { columns, values }
  })
  const { coefficients, standardErrors, ...fit } = fitProbit(
    rows,
    indices.map((i) => answers.right[i]),
    names.length,
  )
  return {
    ...fit,
    coefficients: new Map(
      names.map((name, j) => [name, { estimate: coefficients[j], standardError: standardErrors[j] }]),
    ),
    trials: indices.length,
  }
}

/** Names in order: numbers by size, as pandas orders them. */
function levels(indices: readonly number[], values: readonly string[]): readonly string[] {
  const names = [...new Set(indices.map((i) => values[i]))]
  const numeric = names.every((name) => name !== '' && Number.isFinite(Number(name)))
  return names.sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1))
}

type Scale = (i: number) => number

function scaler(indices: readonly number[], values: ArrayLike<number>, standardize: boolean): Scale {
  if (!standardize) return (i) => values[i]
  const mean = indices.reduce((sum, i) => sum + values[i], 0) / indices.length
  const square = indices.reduce((sum, i) => sum + (values[i] - mean) ** 2, 0)
  const deviation = Math.sqrt(square / (indices.length - 1))
  return (i) => (values[i] - mean) / deviation
}

/**
 * As many answers of every triplet, drawn with replacement from its answers: balances triplets that few have heard.
 * The published analyses take 5 (ACL 2022) or 3 (Cogsci 2020).
 */
export function sampleAnswers(answers: Answers, trials: Trials, perTriplet: number, random: Random): Uint32Array {
  const byTriplet = new Map<string, number[]>()
  for (let k = 0; k < trials.length; k++) {
    const own = byTriplet.get(answers.triplet[trials[k]])
    if (own) own.push(trials[k])
    else byTriplet.set(answers.triplet[trials[k]], [trials[k]])
  }
  const out = new Uint32Array(byTriplet.size * perTriplet)
  let at = 0
  for (const own of byTriplet.values())
    for (let k = 0; k < perTriplet; k++) out[at++] = own[Math.floor(random.uniform() * own.length)]!
  return out
}
