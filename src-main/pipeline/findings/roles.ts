/** What a model is to a listener: another listener's native model may be this one's non-native one. */
import type { FindingSpace, FindingSubject, Scores } from './input.ts'

/** From chance up, each regime is to surpass the one before it (Millet et al. 2022, Fig. 4D). */
export const nestedRoles = ['untrained', 'non-speech', 'non-native', 'native'] as const
/** The papers' regimes from least to most alike to the listener's own experience; others come after them. */
const roleOrder: readonly string[] = [...nestedRoles, 'supervised']

/**
 * Models trained on speech are native to listeners of their language and non-native to all others, whatever the study
 * file calls them, as far as both languages are said; so every group has its own native model.
 */
export function roleOf(
  { regime, language }: Pick<FindingSpace, 'regime' | 'language'>,
  listener: Pick<FindingSubject, 'language'>,
): string {
  if (!onSpeech(regime) || language === '' || listener.language === '') return regime
  return sameLanguage(language, listener.language) ? 'native' : 'non-native'
}

const onSpeech = (regime: string) => regime === 'native' || regime === 'non-native'

export const sameLanguage = (a: string, b: string) => languageKey(a) === languageKey(b)

/** One key a language, however it is written. */
export const languageKey = (language: string) => language.trim().toLowerCase()

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

/**
 * What a subject's supervised models are compared with: self-supervised models of the same language, or the native ones
 * where a supervised model's language is not said.
 */
export function counterpartsOf(own: Roles, listener: FindingSubject): readonly FindingSpace[] {
  const supervised = own.get('supervised') ?? []
  const self = [...(own.get('native') ?? []), ...(own.get('non-native') ?? [])]
  return self.filter((space) =>
    supervised.some(({ language }) =>
      language === '' || space.language === ''
        ? roleOf(space, listener) === 'native'
        : languageKey(language) === languageKey(space.language),
    ),
  )
}

/** Roles that any subject has, in the papers' order, others after them. */
export function inOrder(roles: Iterable<string>): readonly string[] {
  const place = (role: string) => {
    const known = roleOrder.indexOf(role)
    return known < 0 ? roleOrder.length : known
  }
  return [...new Set(roles)].toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}
