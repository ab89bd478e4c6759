import { expect, test } from 'vitest'
import type { MapSpec } from '../../../src-main/contract/maps.ts'
import { neighbours } from '../../../src-renderer/plots/neighbours.ts'

const shown = {
  ...{ layer: 'b', layers: ['a', 'b', 'c'], subject: 'mean', subjects: ['mean', 's1', 's2'] },
}
const score = (model: string, layer = 'b', subject = 'mean'): MapSpec => ({
  kind: 'score',
  of: { models: [model], layer, subject },
})

test('the layers after and before, then the subjects', () => {
  expect(neighbours({ ...shown, specs: [score('m'), score('mel', 'mel')] })).toEqual([
    [score('m', 'c'), score('mel', 'mel')],
    [score('m', 'a'), score('mel', 'mel')],
    [score('m', 'b', 's1'), score('mel', 'mel', 's1')],
  ])
  expect(neighbours({ ...shown, layer: 'c', subject: 's2', specs: [score('m', 'c', 's2')] })).toEqual([
    [score('m', 'b', 's2')],
    [score('m', 'c', 's1')],
  ])
})

test('a difference moves on both sides', () => {
  const difference = (layer: string): MapSpec => ({
    kind: 'difference',
    of: { models: ['m'], layer, subject: 'mean' },
    less: { models: ['n'], layer, subject: 'mean' },
  })
  expect(neighbours({ ...shown, subjects: ['mean'], specs: [difference('b')] })).toEqual([
    [difference('c')],
    [difference('a')],
  ])
})

test('nothing is read ahead beside rows of all layers, of tests, and where there is nothing else', () => {
  const many = Array.from({ length: 33 }, (_, i) => score(`m${i}`))
  const tested: MapSpec = { kind: 'p', of: { models: ['m'], layer: 'b', subject: 'mean' }, less: null }
  expect(neighbours({ ...shown, specs: many })).toEqual([])
  expect(neighbours({ ...shown, specs: [score('m'), tested] })).toEqual([])
  expect(neighbours({ ...shown, specs: [score('m')], layers: ['b'], subjects: ['mean'] })).toEqual([])
  // Every row's own layer: none of them is the one that would change.
  expect(neighbours({ ...shown, subjects: ['mean'], specs: [score('mel', 'mel')] })).toEqual([])
})
