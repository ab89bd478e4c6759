/** What could not be said, and why, with counts. */
import type { MapTest } from '../../../statistics/result.ts'
import { untestableReasons } from '../../../statistics/result.ts'
import { nestedRoles } from '../roles.ts'
import { countText, listText } from '../words.ts'
import type { Analysed } from './analysed.ts'
import { rolesIn } from './analysis.ts'
import type { GroupTests } from './groupTests.ts'

export function notesOf(found: Analysed): readonly string[] {
  const { tests, analysis } = found
  const chained = tests.some(({ contrasts }) => contrasts.some(({ contrast }) => contrast.lower === null))
  return [
    ...(chained ? [analysis.chanceWords.note] : []),
    ...roleNotes(found),
    ...found.tests.flatMap((tests) => testNotes(found, tests)),
    ...modelNotes(found),
  ]
}

function roleNotes({ analysis: { roles, held, regions } }: Analysed): readonly string[] {
  const chain = nestedRoles.filter((role) => roles.includes(role))
  const missing = nestedRoles.filter((role) => !roles.includes(role))
  const others = roles.filter((role) => role !== 'supervised' && !(nestedRoles as readonly string[]).includes(role))
  const silent = held.subjects.filter(({ language }) => language.trim() === '').length
  return [
    missing.length > 0 && chain.length > 0
      ? `No ${listText(missing)} models have scores: their neighbours in the chain are compared with each other.`
      : '',
    chain.length === 0 ? 'No model has a regime of the chain (untrained, non-speech, non-native, native).' : '',
    others.length > 0 ? `Regimes outside the chain are described and not compared: ${listText(others)}.` : '',
    silent > 0
      ? `${countText(silent, 'listener')} without a language: models are to them what the study file calls them.`
      : '',
    regions.names.length === 1 ? 'The surface has no parcellation: the whole cortex is the only region.' : '',
    ...held.incomplete.map(
      ({ model, subjects }) =>
        `${model}: ${countText(subjects, 'listener')} left out, of whom not all of its layers are scored.`,
    ),
  ].filter((note) => note !== '')
}

function testNotes({ analysis, nested }: Analysed, { group, contrasts }: GroupTests): readonly string[] {
  const { level } = analysis.options
  const map = nested.find((one) => one.group === group.name)?.map
  const roles = rolesIn(analysis, group)
  return [
    roles.includes('supervised') && !contrasts.some(({ contrast }) => contrast.alternative === 'two-sided')
      ? `${group.name}: supervised models have no self-supervised counterpart of their language.`
      : '',
    ...contrasts.flatMap(({ contrast, n, byRegion, byVertex }) => {
      const { smallestP = 0 } = byRegion.tested.test
      const where = `${group.name}, ${contrast.name}`
      return [
        n < 2 ? `${where}: ${countText(n, 'listener')}; nothing says how listeners differ, so there is no test.` : '',
        n >= 2 && smallestP > level
          ? `${where}: with ${countText(n, 'listener')} no p below ${smallestP} is possible, so nothing can be significant at ${level}.`
          : '',
        n < 2 ? '' : untestedNote(where, 'region', byRegion.tested),
        n < 2 ? '' : untestedNote(where, 'vertex', byVertex.tested),
      ]
    }),
    map && map.outOfOrder > 0
      ? `${group.name}: at ${countText(map.outOfOrder, 'vertex', 'vertices')} a contrast holds although one below it does not; the nested map does not count it.`
      : '',
  ].filter((note) => note !== '')
}

/** "english, native > non-native: 12 vertices without a test (10 no value, 2 all equal)". */
function untestedNote(where: string, noun: string, { untested }: MapTest): string {
  const counts = untestableReasons
    .map((reason) => ({ reason, count: untested[reason] ?? 0 }))
    .filter(({ count }) => count > 0)
  if (counts.length === 0) return ''
  const all = counts.reduce((sum, { count }) => sum + count, 0)
  const plural = noun === 'vertex' ? 'vertices' : `${noun}s`
  return `${where}: ${countText(all, noun, plural)} without a test (${counts.map(({ reason, count }) => `${count} ${reason}`).join(', ')}).`
}

function modelNotes({ models, curves, specialisation }: Analysed): readonly string[] {
  const unfitted = reasons(models.map(({ fitted }) => (fitted.testable ? null : fitted.reason)))
  const without = reasons(specialisation.map(({ found }) => (found.testable ? null : found.reason)))
  const rising = reasons(curves.map(({ plateau }) => (plateau.testable ? null : plateau.reason)))
  const left = Math.max(0, ...curves.map(({ leftOut }) => leftOut))
  return [
    unfitted === '' ? '' : `Mixed models that cannot be fitted: ${unfitted}.`,
    without === '' ? '' : `Specialisation indices without an interval, and so left out: ${without}.`,
    rising === '' ? '' : `Training curves without a plateau: ${rising}.`,
    left > 0
      ? `The checkpoint at 0 has no place on a logarithmic axis and takes no part in the search for a plateau.`
      : '',
  ].filter((note) => note !== '')
}

function reasons(given: readonly (string | null)[]): string {
  const counts = Map.groupBy(
    given.filter((reason) => reason !== null),
    (reason) => reason,
  )
  return [...counts].map(([reason, all]) => `${all.length} ${reason}`).join(', ')
}
