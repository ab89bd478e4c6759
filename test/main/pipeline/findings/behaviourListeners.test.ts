import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseDelimited } from '../../../../src-main/formats/delimited.ts'
import { parseAnswers } from '../../../../src-main/behaviour/answers.ts'
import { listenerGroups } from '../../../../src-main/pipeline/findings/behaviourListeners.ts'

const read = (name: string) => readFileSync(new URL(`../../../reference/behaviour/${name}`, import.meta.url), 'utf8')
const options = { level: 0.05, samples: 0, perTriplet: 5, seed: 1, standardize: true }

test('listeners on native and other speech, against pandas and scipy', () => {
  const answers = parseAnswers(parseDelimited(read('listeners.csv'), 'listeners.csv'), 'listeners.csv')
  const { discrimination } = JSON.parse(read('listeners.json')) as {
    discrimination: Record<string, { means: Record<string, number>; n: number; statistic: number; p: number }>
  }
  const found = listenerGroups(answers, (code) => ({ EN: 'English', FR: 'French' })[code] ?? code, options)
  expect(found.groups).toHaveLength(4)
  for (const { group, relation, mean, low, high, participants } of found.groups) {
    expect(mean).toBeCloseTo(discrimination[group].means[relation], 12)
    expect(participants).toHaveLength(discrimination[group].n)
    expect(low).toBeLessThan(mean)
    expect(high).toBeGreaterThan(mean)
  }
  // The two p values, adjusted by hand.
  const expected = ['EN', 'FR'].map((group) => discrimination[group])
  const [small, large] = expected.map(({ p }) => p).toSorted((a, b) => a - b)
  for (const [i, { statistic, p }] of expected.entries()) {
    expect(found.compared[i].statistic).toBe(statistic)
    // Ties are exact here; scipy enumerates signs up to n = 13 and is exact, too.
    expect(found.compared[i].p).toBeCloseTo(p, 12)
    expect(found.compared[i].q).toBeCloseTo(p === small ? Math.min(2 * small, large) : large, 12)
  }
})

test('a group that heard one kind of speech has no pairs, and says so', () => {
  const answers = parseAnswers(parseDelimited(read('listeners.csv'), 'listeners.csv'), 'listeners.csv')
  const found = listenerGroups(answers, (code) => `${code} speech`.replace('FR', 'xx'), options)
  expect(found.groups.filter(({ group }) => group === 'FR').map(({ relation }) => relation)).toEqual([
    'native',
    'non-native',
  ])
  const elsewhere = listenerGroups({ ...answers, listener: answers.listener.map(() => 'DE') }, (code) => code, options)
  expect(elsewhere.groups.map(({ relation }) => relation)).toEqual(['non-native'])
  expect(elsewhere.notes).toEqual(['No listener of DE heard both native and other speech: nothing is paired'])
  expect(elsewhere.compared).toEqual([])
})
