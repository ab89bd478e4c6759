/**
 * Discrimination of phones by listeners and by models (Millet et al. 2022, Fig. 4A and B; Millet and Dunbar 2022, ACL).
 */
import { parseAnswers, type Answers } from '../../behaviour/answers.ts'
import type { Triplet } from '../../behaviour/triplets.ts'
import { HeschlError } from '../../errors.ts'
import { parseDelimited } from '../../formats/delimited.ts'
import { readTable } from '../../formats/tableFile.ts'
import type { FigureOptions } from '../../study/figures.ts'
import type { StepContext } from '../context.ts'
import { readExperiment } from '../experiment.ts'
import { mostAnswerBytes } from '../listeners.ts'
import { compareWithListeners } from './behaviourComparison.ts'
import { discrimination } from './behaviourAccuracy.ts'
import { listenerGroups } from './behaviourListeners.ts'
import type { AskedModel } from './askedModel.ts'
import { contrastTable, comparisonTables, listenerTable, modelTable } from './behaviourTables.ts'
import { participantTable, regimeTable, testTable } from './behaviourTables.ts'
import { captionOf, methodsOf } from './behaviourWords.ts'
import type { BehaviourInput, Scores } from './input.ts'
import type { FindingResult } from './result.ts'

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
  if (!input) throw noExperiment()
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
    ...captionOf(input, triplets, regimes, groups, compared, options),
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
  const answers = parseAnswers(await readTable(file, parseDelimited, mostAnswerBytes), file)
  scores.noteAnswers(hash)
  return answers
}

const noExperiment = () =>
  new HeschlError('OPTION_INVALID', 'This study has no experiment on discrimination', {
    expected: 'a section `behaviour` with `triplets`, `items` and `audio`, and `answers` for listeners',
    found: 'none',
    remedy: 'Add it to the study file (docs/study.md, "Behaviour"), then heschl run',
  })
