import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  arrangeAll,
  arrangeOne,
  arrangeSelection,
  heldOutSets,
  type HeldOut,
} from '../../../../src-main/encoding/protocol/heldOut.ts'
import { innerFoldsOf } from '../../../../src-main/encoding/innerFolds.ts'
import { restoreRows, takeRows } from '../../../../src-main/encoding/protocol/rows.ts'

const nSamples = 30

/** Which of 4 folds holds a sample out; 0: none. */
const owners = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: nSamples, maxLength: nSamples })
const setsOf = (owner: readonly number[]): readonly (readonly number[])[] =>
  [1, 2, 3, 4]
    .map((fold) => owner.flatMap((value, sample) => (value === fold ? [sample] : [])))
    .filter((set) => set.length > 0 && set.length < nSamples - 3)

describe('arrangements', () => {
  test('of all folds: each is one stretch of the samples that it holds out', () => {
    fc.assert(
      fc.property(owners, (owner) => {
        const sets = setsOf(owner)
        fc.pre(sets.length > 0)
        const { order, folds } = arrangeAll(heldOutSets(sets, nSamples), nSamples, 'leave-one-out')!
        const samples = order ? [...order] : Array.from({ length: nSamples }, (_, i) => i)
        expect(samples.toSorted((a, b) => a - b)).toEqual(Array.from({ length: nSamples }, (_, i) => i))
        expect(folds.map(({ start, end }) => samples.slice(start, end))).toEqual(sets)
      }),
    )
  })

  test('of one: training samples keep their order, and inner folds are of that order', () => {
    const runs = [7, 11, 3, 9]
    fc.assert(
      fc.property(owners, (owner) => {
        const [set] = setsOf(owner)
        fc.pre(set !== undefined && nSamples - set.length > 12)
        const [held] = heldOutSets([set], nSamples)
        const arrangement = arrangeOne(held, nSamples)
        const samples = arrangement.order ? [...arrangement.order] : Array.from({ length: nSamples }, (_, i) => i)
        const training = Array.from({ length: nSamples }, (_, i) => i).filter((i) => !set.includes(i))
        const { start, end } = arrangement.folds[0]
        expect([...samples.slice(0, start), ...samples.slice(end)]).toEqual(training)
        const selection = arrangeSelection({ runs }, held, arrangement)
        const [inner] = innerFoldsOf(selection, arrangement.folds, nSamples)!
        const seen = inner.map((pieces) => pieces.flatMap((piece) => samples.slice(piece.start, piece.end)))
        let first = 0
        const left = runs.map((length) => {
          first += length
          return training.filter((i) => i >= first - length && i < first)
        })
        expect(seen).toEqual(left.filter((run) => run.length > 0))
      }),
    )
  })

  test('several stretches with inner folds are not arranged together', () => {
    const sets = heldOutSets([[0, 5], { start: 8, end: 12 }], nSamples)
    expect(arrangeAll(sets, nSamples, { kfold: 3 })).toBeUndefined()
    expect(arrangeAll(sets.slice(1), nSamples, { kfold: 3 })).toEqual({
      order: undefined,
      folds: [{ start: 8, end: 12 }],
    })
  })

  test('rows go and come back', () => {
    fc.assert(
      fc.property(owners, (owner) => {
        const { order } = arrangeAll(heldOutSets([[2, 9], ...[[20]]], nSamples), nSamples, 'leave-one-out')!
        const data = Float32Array.from({ length: 2 * nSamples }, (_, i) => i + owner[i >> 1])
        const taken = takeRows({ data, rows: nSamples, cols: 2 }, order)
        expect(taken.data).not.toEqual(data)
        expect(restoreRows(taken.data, 2, order)).toEqual(data)
      }),
    )
  })
})

test.each<readonly [string, readonly HeldOut[], string]>([
  ['no fold', [], 'no fold'],
  ['an empty fold', [[]], '0 samples'],
  ['a stretch that is upside down', [{ start: 9, end: 3 }], 'samples 9 to 3'],
  ['all samples', [{ start: 0, end: nSamples }], 'samples 0 to 30'],
  ['too few to train on', [{ start: 2, end: nSamples }], 'samples 2 to 30'],
  ['a sample beyond the last', [[3, 30]], '30'],
  ['a fraction', [[2.5]], '2.5'],
  ['what is no number', [{ start: NaN, end: 4 }], 'NaN'],
  ['an enormous stretch', [{ start: 0, end: 1e15 }], '1000000000000000'],
  ['a sample twice', [[4, 4]], 'sample 4 twice'],
  ['folds that overlap', [{ start: 0, end: 5 }, [9, 4]], 'sample 4 in fold 1, too'],
])('%s is refused', (_name, folds, found) => {
  expect(() => heldOutSets(folds, nSamples)).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(found) as string }),
  )
})
