import fc from 'fast-check'
import { expect, test } from 'vitest'
import { axisOf, membersOf } from '../../../src-main/study/members.ts'
import { parseStudy } from '../../../src-main/study/parse.ts'
import { example, validStudy } from './example.ts'

const untrained = '{id: untrained, regime: untrained, architecture: wav2vec2-base, seed: 1, layers: [conv4, transf0]}'
const series = `{id: w2v-en, regime: native, corpus: LibriSpeech, note: "own training", hours: 600, series: {axis: steps,
     checkpoints: [{at: 400000, checkpoint: models/400k}, {at: 0.5, checkpoint: models/early}]}}`

const modelOf = (text: string) =>
  validStudy(example.replace(untrained, text).replace(', untrained]', ', mel]')).models[1]
const told = (text: string) =>
  parseStudy(example.replace(untrained, text).replace(', untrained]', ', mel]')).problems.map(
    ({ message, remedy }) => `${message} -> ${remedy}`,
  )

test('a model of one set of weights is its own member', () => {
  for (const model of validStudy().models) {
    expect(axisOf(model)).toBeNull()
    expect(membersOf(model)).toMatchObject([{ id: model.id, at: null, model }])
  }
})

test('a series has a member a checkpoint, in the order of its axis', () => {
  const model = modelOf(series)
  expect(axisOf(model)).toBe('steps')
  const common = { regime: 'native', corpus: 'LibriSpeech', note: 'own training', hours: 600, layers: 'lpp' }
  expect(membersOf(model)).toEqual([
    {
      id: 'w2v-en@0.5',
      at: 0.5,
      model: { ...common, id: 'w2v-en@0.5', steps: 0.5, checkpoint: 'models/early' },
      path: ['series', 'checkpoints', 1, 'checkpoint'],
    },
    {
      id: 'w2v-en@400000',
      at: 400000,
      model: { ...common, id: 'w2v-en@400000', steps: 400000, checkpoint: 'models/400k' },
      path: ['series', 'checkpoints', 0, 'checkpoint'],
    },
  ])
})

test.each([
  ['[7, 1, 4294967295]', [7, 1, 4294967295]],
  ['3', [1, 2, 3]],
])('seeds: %s', (written, seeds) => {
  const model = modelOf(untrained.replace('seed: 1', `seeds: ${written}`))
  expect(axisOf(model)).toBe('seed')
  const single = { id: 'x', regime: 'untrained', architecture: 'wav2vec2-base', layers: ['conv4', 'transf0'] }
  expect(membersOf(model)).toEqual(
    seeds.map((seed) => ({
      id: `untrained@${seed}`,
      at: seed,
      model: { ...single, id: `untrained@${seed}`, seed },
      path: ['architecture'],
    })),
  )
})

test('members of different models never have the same id', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.+-]{0,6}$/), { minLength: 1, maxLength: 5 }),
      fc.uniqueArray(
        fc.double({ min: 0, max: 1e15, noNaN: true }).map((at) => at + 0),
        { minLength: 1, maxLength: 5 },
      ),
      (ids, places) => {
        const model = modelOf(series)
        const checkpoints = places.map((at) => ({ at, checkpoint: 'x' }))
        const all = ids.flatMap((id) => [
          ...membersOf({ ...model, id, series: { axis: 'hours', checkpoints } }),
          ...membersOf({ id, regime: 'r', layers: 'all', checkpoint: 'x' }),
        ])
        expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
      },
    ),
  )
})

test('what contradicts itself is told', () => {
  const two = 'checkpoints: [{at: 1, checkpoint: a}, {at: 1, checkpoint: b}]'
  const of = (rest: string) => told(`{id: m, regime: native, ${rest}}`)
  expect(of(`series: {axis: steps, ${two}}`)).toEqual([
    '`models[1].series.checkpoints`: checkpoints at 1 twice -> Keep one',
  ])
  expect(of('series: {axis: hours, checkpoints: [{at: 1, checkpoint: a}]}, hours: 3')).toEqual([
    '`models[1]` has `hours`, but they differ along its series -> Remove `hours`: `at` says them',
  ])
  expect(of('series: {axis: hours, checkpoints: [{at: 1, checkpoint: a}]}, seeds: 2')).toEqual([
    '`models[1]` has `seeds`, but its weights come from checkpoints -> Remove `seeds`',
  ])
  expect(of('checkpoint: a, tokenizer: b')).toEqual([
    '`models[1]` has a `tokenizer`, which only random weights take: its checkpoint has its own -> Remove `tokenizer`',
  ])
  expect(of('architecture: gpt2, tokenizer: b, seeds: 2')).toEqual([])
  expect(of('architecture: wav2vec2-base, seed: 1, seeds: 2')).toEqual([
    '`models[1]` has both `seed` and `seeds` -> Keep one of them',
  ])
  expect(of('architecture: wav2vec2-base, seeds: [3, 2, 3]')).toEqual([
    '`models[1].seeds`: the seed 3 twice -> Keep one',
  ])
  expect(of('checkpoint: a, series: {axis: steps, checkpoints: [{at: 1, checkpoint: a}]}')).toEqual([
    '`models[1]` has both `checkpoint` and `series` -> Keep one of them',
  ])
})

test('what is of the wrong kind is told', () => {
  const of = (rest: string) => told(`{id: m, regime: native, ${rest}}`)[0].replace(/, found.*/, '')
  expect(of('series: {axis: epochs, checkpoints: [{at: 1, checkpoint: a}]}')).toBe(
    '`models[1].series.axis` must be `steps` or `hours`',
  )
  expect(of('series: {axis: steps, checkpoints: []}')).toBe(
    '`models[1].series.checkpoints` must be a list of 1 to 1000 `{at, checkpoint}`',
  )
  expect(of('series: {axis: steps, checkpoints: [{at: -1, checkpoint: a}]}')).toBe(
    '`models[1].series.checkpoints[0].at` must be a number of steps or hours, 0 or more',
  )
  for (const seeds of ['0', '101', '[]', 'many', '2.5'])
    expect(of(`architecture: wav2vec2-base, seeds: ${seeds}`)).toBe(
      '`models[1].seeds` must be a list of 1 to 100 whole numbers, or how many of them there are',
    )
  expect(of('checkpoint: a, steps: -1')).toBe('`models[1].steps` must be a number of training steps, 0 or more')
})
