/** What a model is to a listener: another listener's native model may be this one's non-native one. */
import type { FindingSpace, FindingSubject, Scores } from './input.ts'

/** The papers' regimes from least to most alike to the listener's own experience; others come after them. */
const roleOrder = ['untrained', 'non-speech', 'non-native', 'native', 'supervised'] as const

/**
 * Models trained on speech are native to listeners of their language and non-native to all others, whatever the study
 * file calls them, as far as both languages are said; so every group has its own native model.
 */
export function roleOf(
  { regime, language }: Pick<FindingSpace, 'regime' | 'language'>,
  listener: Pick<FindingSubject, 'language'>,
): string {
  const crossed = regime === 'native' || regime === 'non-native'
  if (!crossed || language === '' || listener.language === '') return regime
  return sameLanguage(language, listener.language) ? 'native' : 'non-native'
}

export const sameLanguage = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase()

/** One role of a subject: the models that have it. */
export type Roles = ReadonlyMap<string, readonly FindingSpace[]>

/** A subject's roles, those with scores of every layer alone. */
export function rolesOf(
  scores: Scores,
  layersOf: (space: FindingSpace) => readonly string[],
  subject: FindingSubject,
): Roles {
  const roles = new Map<string, FindingSpace[]>()
  for (const space of scores.input.spaces) {
    if (space.kind !== 'model') continue
    const layers = layersOf(space)
    if (layers.length === 0 || !scores.has(space, layers, subject.id)) continue
    const role = roleOf(space, subject)
    roles.set(role, [...(roles.get(role) ?? []), space])
  }
  return roles
}

/** Roles that any subject has, in the papers' order, others after them. */
export function inOrder(roles: Iterable<string>): readonly string[] {
  const place = (role: string) => {
    const known = (roleOrder as readonly string[]).indexOf(role)
    return known < 0 ? roleOrder.length : known
  }
  return [...new Set(roles)].toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}
