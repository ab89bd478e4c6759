/** Listeners of each language, and all of them together. */
import type { FindingSubject } from '../input.ts'
import { languageKey } from '../roles.ts'

const everyone = 'all listeners'

export interface Group {
  readonly name: string
  /** Indices of its subjects. */
  readonly rows: readonly number[]
}

/** All together first; then, where there are two languages or more, those of each, in the order of the study. */
export function groupsOf(subjects: readonly FindingSubject[]): readonly Group[] {
  const rows = subjects.map((_, row) => row)
  const all: Group = { name: everyone, rows }
  const byLanguage = Map.groupBy(rows, (row) => languageKey(subjects[row].language))
  byLanguage.delete('')
  if (byLanguage.size < 2) return [all]
  return [all, ...[...byLanguage.values()].map((own) => ({ name: subjects[own[0]].language.trim(), rows: own }))]
}
