import type { Store } from '../store/store.ts'
import { shown } from '../study/words.ts'
import type { Snapshot } from './session.ts'

/** Missing words that are told by name. */
const mostNamed = 5

/** For each space of word vectors: how many spoken words have none, as counted in the designs that are stored. */
export function wordNotes({ study, steps }: Pick<Snapshot, 'study' | 'steps'>, store: Store): readonly string[] {
  return study.spaces
    .filter(({ vectors }) => vectors !== undefined)
    .flatMap(({ id }) => {
      const designs = steps.flatMap(({ key, spec }) =>
        spec.kind === 'design' && spec.space === id ? (store.step(key)?.provenance ?? []) : [],
      ) as readonly { readonly words: number; readonly missingWords: number; readonly missing: readonly string[] }[]
      const missing = designs.reduce((sum, { missingWords }) => sum + missingWords, 0)
      if (missing === 0) return []
      const words = designs.reduce((sum, design) => sum + design.words, 0)
      const named = [...new Set(designs.flatMap((design) => design.missing))].slice(0, mostNamed).map(shown)
      return [
        `${id}: ${missing} of ${words} spoken words have no vector and are zeros, among them ${named.join(', ')}.`,
      ]
    })
}
