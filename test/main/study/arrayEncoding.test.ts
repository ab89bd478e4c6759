/** Options of `heschl encode`: what is given, what a preset fills, what is refused. */
import { describe, expect, test } from 'vitest'
import { HeschlError } from '../../../src-main/errors.ts'
import { arrayEncoding } from '../../../src-main/study/arrayEncoding.ts'
import type { GivenArrayEncoding } from '../../../src-main/study/arrayEncoding.ts'
import { presetNames } from '../../../src-main/study/encodingSchema.ts'
import { presetEncoding } from '../../../src-main/study/presets.ts'

const alphas = { from: 1, to: 8, count: 20 }
const needed = { folds: 10, alphas, selection: 'leave-one-out' } as const
const preset = (name: (typeof presetNames)[number]) => ({ name, variant: 'as-published' }) as const

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(HeschlError)
    expect((error as HeschlError).code).toBe('OPTION_INVALID')
    return (error as HeschlError).message
  }
  throw new Error('not refused')
}

test('without a preset nothing is scaled, and folds, alphas and their selection have to be given', () => {
  expect(arrayEncoding(needed)).toEqual({
    encoding: {
      ...needed,
      ...{ runs: null, standardizeX: 'none', standardizeY: 'none', pcaX: 'none', pcaY: 'none' },
      ...{ gap: 0, intercept: true, alpha: 'per-target', over: 'folds' },
    },
    scores: ['r'],
    assumed: null,
  })
  expect(refusal(() => arrayEncoding({ ...needed, folds: undefined } as never))).toContain("'--folds' not specified")
  expect(refusal(() => arrayEncoding({ folds: 10, selection: 'leave-one-out' }))).toContain("'--alphas' not specified")
  expect(refusal(() => arrayEncoding({ folds: 10, alphas }))).toContain("'--select' not specified")
})

describe.each(presetNames)('preset %s', (name) => {
  const model = presetEncoding(name, 'as-published')
  const runs = [100, 90, 80]

  test('fills every option with its own value', () => {
    const { encoding, scores, assumed } = arrayEncoding({ runs }, preset(name))
    const { standardizeX, standardizeY, pcaX, pcaY, folds, gap, selection, intercept, alpha, score } = model
    expect(encoding).toEqual({
      ...{ runs, standardizeX, standardizeY, pcaX, pcaY, folds, gap, alphas: model.alphas, selection, intercept },
      ...{ alpha, over: score.over },
    })
    expect(scores).toEqual([score.measure])
    // Every option of the model is done here, or was done before.
    const here = [...Object.keys(encoding), 'score', 'chance', 'solver', 'levels', 'ceiling']
    const options = [...here, ...Object.keys(assumed!)].filter((option) => option !== 'runs' && option !== 'over')
    expect(options.toSorted()).toEqual(Object.keys(model).toSorted())
  })

  test('gives way to what is given', () => {
    const given: GivenArrayEncoding = {
      runs,
      standardizeX: 'training-fold',
      standardizeY: 'none',
      pcaX: 3,
      pcaY: 4,
      folds: 7,
      gap: 2,
      alphas: [1, 10],
      selection: { kfold: 3 },
      intercept: !model.intercept,
      alpha: 'shared',
      over: 'concatenated',
    }
    const { encoding, scores } = arrayEncoding({ ...given, scores: ['r', 'r2'] }, preset(name))
    expect(encoding).toEqual(given)
    expect(scores).toEqual(['r', 'r2'])
  })

  test('needs the lengths of runs', () => {
    expect(refusal(() => arrayEncoding({}, preset(name)))).toMatch(/is done by runs.*--runs/s)
  })
})

test.each([
  [{ standardizeX: 'per-run' }, '--standardize-x per-run'],
  [{ standardizeY: 'per-run' }, '--standardize-y per-run'],
  [{ standardizeY: { robust: [1, 99] } }, '--standardize-y robust'],
  [{ folds: 'runs' }, '--folds runs'],
  [{ selection: 'runs' }, '--select runs'],
] as const)('%j is done by runs, whose lengths are needed', (given, words) => {
  expect(refusal(() => arrayEncoding({ ...needed, ...given }))).toContain(words)
  expect(arrayEncoding({ ...needed, ...given, runs: [10, 20] }).encoding).toMatchObject(given)
})
