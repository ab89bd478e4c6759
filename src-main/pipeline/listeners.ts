import { parseAnswers, type Answers } from '../behaviour/answers.ts'
import { contrastCorrelation, nativeEffect, type Trials } from '../behaviour/contrasts.ts'
import { listenerAccuracy, probitOfDelta, sampleAnswers, trialsOf } from '../behaviour/listeners.ts'
import { HeschlError } from '../errors.ts'
import { parseDelimited } from '../formats/delimited.ts'
import { readTable } from '../formats/tableFile.ts'
import { sampled, solved } from './answerSamples.ts'
import type { ListenersTask } from './behaviourTasks.ts'
import type { StepContext, StepResult } from './context.ts'

/** Hundreds of thousands of trials with dozens of models. */
export const mostAnswerBytes = 512 * 1024 * 1024

/**
 * How well models' deltas tell listeners' answers: rank correlation over contrasts, probit regression, and the native
 * effect where two groups are named; with intervals from samples of answers.
 * @throws HeschlError as `parseAnswers` and `probitOfDelta`; OPTION_INVALID for a model or a group that is not there
 */
export async function compareListeners(task: ListenersTask, context: StepContext): Promise<StepResult> {
  const answers = parseAnswers(await readTable(task.answers, parseDelimited, mostAnswerBytes), task.answers)
  const models = new Map([...answers.models, ...(await addedModels(task, answers))])
  const column = (name: string) => {
    const found = models.get(name)
    if (found) return found
    throw missing('no column of deltas has this name', [...models.keys()], name)
  }
  const group = (name: string | undefined): Trials => {
    const trials = trialsOf(answers, name)
    if (trials.length > 0) return trials
    throw missing('no listener is of this group', [...new Set(answers.listener)], name ?? '')
  }
  const names = task.models ?? [...models.keys()]
  const trials = group(task.listener)
  const report = []
  for (const [i, name] of names.entries()) {
    const delta = column(name)
    const measures = (sample: Trials) => ({
      rho: contrastCorrelation(answers, delta, sample).rho,
      logLikelihood: solved(() => probitOfDelta(answers, delta, sample, task.standardize).logLikelihood),
    })
    const { coefficients, ...fit } = probitOfDelta(answers, delta, trials, task.standardize)
    const intervals = await sampled(task.bootstrap, context, i / names.length, 1 / names.length, (random) =>
      measures(sampleAnswers(answers, trials, task.bootstrap.perTriplet, random)),
    )
    report.push({
      model: name,
      ...contrastCorrelation(answers, delta, trials),
      probit: { ...fit, delta: coefficients.get('delta'), TGT_first: coefficients.get('TGT_first') },
      ...(intervals && { bootstrap: intervals }),
    })
  }
  return {
    arrays: [],
    provenance: {
      trials: trials.length,
      participants: new Set(Array.from(trials, (i) => answers.participant[i])).size,
      triplets: new Set(Array.from(trials, (i) => answers.triplet[i])).size,
      accuracy: listenerAccuracy(answers, trials),
      standardized: task.standardize,
      samples: task.bootstrap,
      models: report,
      ...(task.native && { native: await native(task, task.native, answers, column, group, context) }),
    },
  }
}

async function native(
  task: ListenersTask,
  groups: NonNullable<ListenersTask['native']>,
  answers: Answers,
  column: (name: string) => Float64Array,
  group: (name: string) => Trials,
  context: StepContext,
) {
  const [first, second] = groups.map(({ listener, model }) => ({ trials: group(listener), delta: column(model) }))
  const intervals = await sampled(task.bootstrap, context, 1, 0, (random) => {
    const drawn = [first, second].map(({ trials, delta }) => ({
      trials: sampleAnswers(answers, trials, task.bootstrap.perTriplet, random),
      delta,
    }))
    return { r: nativeEffect(answers, drawn[0], drawn[1]).r }
  })
  const { points, ...effect } = nativeEffect(answers, first, second)
  return { groups, ...effect, ...(intervals && { bootstrap: intervals }) }
}

/** Deltas of the tables that `heschl abx` wrote, by triplet. */
async function addedModels({ deltas }: ListenersTask, answers: Answers): Promise<ReadonlyMap<string, Float64Array>> {
  const out = new Map<string, Float64Array>()
  for (const file of deltas) {
    const { columns, rows } = await readTable(file, parseDelimited, mostAnswerBytes)
    const id = columns.indexOf('triplet_id')
    if (id < 0) throw missing(`${file} has no column triplet_id`, columns, 'triplet_id')
    const byTriplet = new Map(rows.map((row) => [row.values[id], row]))
    for (const [at, name] of columns.entries()) {
      if (!name.startsWith('delta_')) continue
      const values = Float64Array.from(answers.triplet, (triplet, i) => {
        const row = byTriplet.get(triplet)
        if (row) return Number(row.values[at])
        throw new HeschlError('SHAPE_MISMATCH', 'A trial has no delta', {
          where: { file },
          expected: `a row of the triplet "${triplet}" (trial ${i + 1})`,
          found: `${rows.length.toLocaleString('en')} other triplets`,
          remedy: 'Run heschl abx on the triplets that the listeners heard',
        })
      })
      out.set(name.slice('delta_'.length), values)
    }
  }
  return out
}

function missing(what: string, known: readonly string[], found: string): HeschlError {
  return new HeschlError('OPTION_INVALID', `What is asked for is not there: ${what}`, {
    expected: `one of ${known.join(', ')}`,
    found,
  })
}
