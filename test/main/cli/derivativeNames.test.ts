import { expect, test } from 'vitest'
import { labelOf, labelsOf, mapName } from '../../../src-main/cli/derivative/names.ts'

test.each([
  ['w2v-en', 'w2vEn'],
  ['fsaverage5', 'fsaverage5'],
  ['all listeners: native > untrained', 'allListenersNativeUntrained'],
  ['été_1', 'eTe1'],
  ['—', 'x'],
])('%s is %s', (name, label) => expect(labelOf(name)).toBe(label))

test('labels differ, also where letters’ case is not told apart', () => {
  expect([...labelsOf(['sub-a.b', 'sub-aB', 'ab', 'sub-01'], 'sub')]).toEqual([
    ['sub-a.b', 'aB'],
    ['sub-aB', 'aB2'],
    ['ab', 'ab3'],
    ['sub-01', '01'],
  ])
})

test('names are in BIDS’s order', () => {
  const entities = { space: 'fsaverage5', stat: 'score', desc: 'mel' }
  expect(mapName({ ...entities, subject: '01' }, 'L')).toBe(
    'sub-01/func/sub-01_hemi-L_space-fsaverage5_stat-score_desc-mel_statmap',
  )
  expect(mapName(entities)).toBe('group/space-fsaverage5_stat-score_desc-mel_statmap')
})
