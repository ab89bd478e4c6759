import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance, similar } from '../../../src-main/study/similar.ts'

/** The definition, read literally: restricted Damerau–Levenshtein distance by recursion. */
function byDefinition(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const [i, j] = [a.length - 1, b.length - 1]
  const choices = [
    byDefinition(a.slice(0, i), b) + 1,
    byDefinition(a, b.slice(0, j)) + 1,
    byDefinition(a.slice(0, i), b.slice(0, j)) + (a[i] === b[j] ? 0 : 1),
  ]
  if (i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j])
    choices.push(byDefinition(a.slice(0, i - 1), b.slice(0, j - 1)) + 1)
  return Math.min(...choices)
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 })

test('the distance is the definition’s', () => {
  fc.assert(fc.property(word, word, (a, b) => editDistance(a, b) === byDefinition(a, b)))
})

test.each([
  ['recording', 'recordings'],
  ['recrodings', 'recordings'],
  ['Recordings', 'recordings'],
  ['langauge', 'language'],
  ['tr_', 'tr'],
  ['RT', 'tr'],
])('%s is near %s', (typed, meant) => {
  expect(similar(typed, ['recordings', 'language', 'tr', 'id'])).toBe(meant)
})

test.each(['words', 'x', '', 'recordingsandmore', 'a'.repeat(1000)])('%s is near nothing', (typed) => {
  expect(similar(typed, ['recordings', 'language', 'start'])).toBeUndefined()
})

test('the nearest wins, the first among equals', () => {
  expect(similar('fold', ['folded', 'folds', 'holds'])).toBe('folds')
  expect(similar('s9', ['s1', 's2'])).toBe('s1')
})
