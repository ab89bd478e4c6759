import fc from 'fast-check'
import { expect, test } from 'vitest'
import { search } from '../../../src-renderer/stores/fuzzy.ts'

const items = [
  'Run what is missing',
  'Show the jobs',
  'w2v-en, transf1',
  'w2v-en, transf10',
  'w2v-en, transf11',
  'w2v-untrained, transf1',
  'sub-01',
  'sub-101',
  'Colours: viridis',
  'Layout: two screens',
]
const best = (query: string) => search(query, items, (item) => item).map(({ item }) => item)

test.each([
  ['run', 'Run what is missing'],
  ['jobs', 'Show the jobs'],
  ['sj', 'Show the jobs'],
  ['transf10 en', 'w2v-en, transf10'],
  ['en t11', 'w2v-en, transf11'],
  ['en transf1', 'w2v-en, transf1'],
  ['un tr1', 'w2v-untrained, transf1'],
  ['01', 'sub-01'],
  ['SUB101', 'sub-101'],
  ['viri', 'Colours: viridis'],
  ['lts', 'Layout: two screens'],
])('%s finds %s first', (query, wanted) => {
  expect(best(query)[0]).toBe(wanted)
})

test('an empty query keeps the order; a letter that is not there finds nothing', () => {
  expect(best('  ')).toEqual(items)
  expect(best('zzz')).toEqual([])
})

test('the letters shown are those of the query, and every item with the query in it is found', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.string({ minLength: 1 }), (texts, query) => {
      const word = query.toLowerCase().replace(/\s+/g, '')
      const found = search(word, texts, (text) => text)
      for (const { item, places } of found) {
        expect(places.every((at) => at >= 0 && at < item.length)).toBe(true)
        expect(places).toHaveLength(word === '' ? 0 : word.length)
      }
      const has = texts.filter((text) => text.toLowerCase().length === text.length && text.toLowerCase().includes(word))
      for (const text of has) expect(found.some(({ item }) => item === text)).toBe(true)
    }),
  )
})
