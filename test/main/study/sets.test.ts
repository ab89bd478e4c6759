import { describe, expect, test } from 'vitest'
import { parseStudy } from '../../../src-main/study/parse.ts'
import { planSteps } from '../../../src-main/study/plan.ts'
import { partOf, solverOf } from '../../../src-main/study/sets.ts'
import { example, validStudy } from './example.ts'

/** The example with sets, and an encoding model of its own where one is given. */
const withSets = (sets: string, encoding = '{preset: standard, folds: 5}') =>
  example.replace('encoding: {preset: standard, folds: 5}', `sets: [${sets}]\nencoding: ${encoding}`)

const problemsOf = (sets: string, encoding?: string) =>
  parseStudy(withSets(sets, encoding)).problems.filter(({ severity }) => severity === 'error')

test('a set is read with its defaults, and planned a subject after the fits', () => {
  const study = validStudy(withSets('{id: joint, of: [mel, native/transf1], partition: true}'))
  expect(study.sets).toEqual([{ id: 'joint', of: ['mel', 'native/transf1'], solver: 'ridge', partition: true }])
  const layers: Record<string, string[]> = { native: ['transf0', 'transf1'], untrained: ['conv4'], mel: ['mel'] }
  const facts = { layersOf: (space: string) => layers[space], volumesOf: () => 100, askedLayer: () => undefined }
  const steps = planSteps(study, facts)
  const sets = steps.filter((step) => step.kind === 'set')
  expect(sets.map(({ id, label, subject }) => ({ id, label, subject }))).toEqual(
    ['sub-01', 'sub-03', 'sub-02'].map((subject) => ({
      id: `set:joint:${subject}`,
      label: `Fit of joint, ${subject}`,
      subject,
    })),
  )
  expect(sets[0].parts.map(({ name, space, layer, designs }) => [name, space, layer, designs.length])).toEqual([
    ['mel', 'mel', 'mel', 2],
    ['native/transf1', 'native', 'transf1', 2],
  ])
  const before = steps.slice(0, steps.indexOf(sets[0])).map(({ id }) => id)
  for (const { designs } of sets.flatMap(({ parts }) => parts)) for (const id of designs) expect(before).toContain(id)

  // A space whose files cannot be read hides the sets that it is in, and no other.
  const without = planSteps({ ...study, spaces: [] }, facts)
  expect(without.some((step) => step.kind === 'set')).toBe(false)
  layers['native'] = ['transf0']
  expect(() => planSteps(study, facts)).toThrow(expect.objectContaining({ code: 'STUDY_INVALID' }))
})

test('references and solvers', () => {
  expect([partOf('mel'), partOf('a/transf0')]).toEqual([
    { space: 'mel', layer: 'mel' },
    { space: 'a', layer: 'transf0' },
  ])
  const solvers = [
    'solver: banded-random, iterations: 9, seed: 2',
    'solver: banded-gradient, iterations: 4',
    'solver: ridge',
  ]
  expect(
    solvers.map((solver) =>
      solverOf(validStudy(withSets(`{id: a, of: [mel, native/transf0], ${solver}}`, kfold)).sets[0]),
    ),
  ).toEqual([
    { solver: 'banded-random', iterations: 9, seed: 2 },
    { solver: 'banded-gradient', iterations: 4 },
    { solver: 'ridge' },
  ])
})

const kfold = '{preset: standard, folds: 5, selection: {kfold: 5}}'
const of = 'of: [mel, native/transf0]'

describe('what cannot be fitted is told with its place', () => {
  test.each([
    ['{id: a, of: [mel, natve/transf0]}', 'did you mean "native"'],
    ['{id: a, of: [mel, native]}', 'is a model'],
    ['{id: a, of: [mel/x, native/transf0]}', 'has no layers'],
    ['{id: a, of: [mel, mel]}', 'already'],
    ['{id: a, of: [mel]}', 'sets[0].of'],
    [`{id: mel, ${of}}`, 'has this id'],
    [`{id: a, ${of}}, {id: a, ${of}}`, 'taken'],
    [`{id: a, ${of}, solver: banded-random, seed: 1}`, '`iterations`'],
    [`{id: a, ${of}, solver: banded-random, iterations: 5}`, '`seed`'],
    [`{id: a, ${of}, iterations: 5}`, 'banded'],
    [`{id: a, ${of}, seed: 5}`, 'banded-random'],
    [`{id: a, ${of}, solver: banded-gradient, iterations: 5}`, 'leave-one-out'],
    [`{id: a, of: [mel, native/a, native/b, native/c, native/d], partition: true}`, '2 to 4'],
    [`{id: a, ${of}, weights: 3}`, 'not a key'],
  ])('%s', (sets, says) => {
    expect(
      problemsOf(sets)
        .map(({ message }) => message)
        .join('\n'),
    ).toContain(says)
  })

  test.each([
    ['standardizeX: training-fold'],
    ['pcaX: 3'],
    ['pcaY: 3'],
    ['alpha: shared'],
    ['score: {over: concatenated}'],
    ['standardizeY: training-fold'],
  ])('with encoding %s', (option) => {
    const problems = problemsOf(`{id: a, ${of}}`, `{preset: standard, folds: 5, ${option}}`)
    expect(problems.map(({ message }) => message).join('\n')).toContain('`sets[0]` is not fitted with `encoding.')
    expect(problems[0].line).not.toBeNull()
  })
})
