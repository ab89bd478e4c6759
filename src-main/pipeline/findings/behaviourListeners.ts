import type { Answers } from '../../behaviour/answers.ts'
import type { FigureOptions } from '../../study/figures.ts'
import { compare, meanInterval, type GroupAccuracy } from './behaviourAccuracy.ts'
import { sameLanguage } from './roles.ts'

/** Accuracy of groups of listeners on speech of their language and on other speech, over participants. */
export function listenerGroups(
  answers: Answers,
  languageOf: (code: string) => string,
  { seed }: FigureOptions['behaviour'],
): GroupAccuracy {
  const trials = Array.from({ length: answers.count }, (_, i) => i)
  const relationOf = (i: number): 'native' | 'non-native' => {
    const own = languageOf(answers.listener[i])
    const phones = [answers.targetLanguage[i], answers.otherLanguage[i]]
    return phones.every((code) => sameLanguage(languageOf(code), own)) ? 'native' : 'non-native'
  }
  const listeners = [...new Set(answers.listener)].sort()
  const groups = listeners.flatMap((group) =>
    (['native', 'non-native'] as const).flatMap((relation) => {
      const own = trials.filter((i) => answers.listener[i] === group && relationOf(i) === relation)
      if (own.length === 0) return []
      const participants = [...Map.groupBy(own, (i) => answers.participant[i])].map(([id, heard]) => ({
        id,
        accuracy: heard.filter((i) => answers.right[i] === 1).length / heard.length,
        trials: heard.length,
      }))
      const values = participants.map(({ accuracy }) => accuracy)
      return [{ group, relation, ...meanInterval(values, seed), participants, trials: own.length }]
    }),
  )
  const pairs = listeners.flatMap((group) => {
    const [native, other] = (['native', 'non-native'] as const).map((relation) =>
      groups.find((each) => each.group === group && each.relation === relation),
    )
    const differences = (native?.participants ?? []).flatMap(({ id, accuracy }) => {
      const same = other?.participants.find((participant) => participant.id === id)
      return same ? [accuracy - same.accuracy] : []
    })
    return differences.length === 0 ? [] : [{ name: `${group}, native > non-native`, differences }]
  })
  const oneSided = listeners.filter((group) => !pairs.some(({ name }) => name.startsWith(`${group},`)))
  const tested = compare(pairs)
  return {
    groups,
    ...tested,
    notes: [
      ...tested.notes,
      ...oneSided.map((group) => `No listener of ${group} heard both native and other speech: nothing is paired`),
    ],
  }
}
