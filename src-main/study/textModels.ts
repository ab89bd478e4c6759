/** Models that read words: what they need of the stimuli, and what only they take. Pure. */
import { error } from './finding.ts'
import type { Finding } from './finding.ts'
import type { Study } from './schema.ts'
import { pathText } from './words.ts'
import type { KeyPath } from './words.ts'

/** Keys of a model that reads words. */
const ownKeys = ['context', 'tokens'] as const

/** Stimuli that somebody heard and that have no words. */
export function heardWithoutWords({ stimuli, subjects }: Study): readonly number[] {
  const heard = new Set(subjects.flatMap(({ recordings }) => recordings.map(({ stimulus }) => stimulus)))
  return [...stimuli.keys()].filter((i) => heard.has(stimuli[i].id) && stimuli[i].words === undefined)
}

/** @param reads whether each model reads words, by its index; of models that could not be described, undefined */
export function checkTextModels(study: Study, reads: ReadonlyMap<number, boolean>): readonly Finding[] {
  const findings: Finding[] = []
  const reader = study.models.findIndex((_, i) => reads.get(i) === true)
  if (reader !== -1) {
    for (const index of heardWithoutWords(study)) {
      const path: KeyPath = ['stimuli', index]
      const needs = `which \`${pathText(['models', reader])}\` reads`
      const remedy = 'Add `words:` with a table or a TextGrid of its words, or remove the model'
      findings.push(error(path, `\`${pathText(path)}\` has no \`words\`, ${needs}`, remedy))
    }
  }
  for (const [index, model] of study.models.entries()) {
    if (reads.get(index) !== false) continue
    for (const key of ownKeys) {
      if (model[key] === undefined) continue
      const path: KeyPath = ['models', index, key]
      const message = `\`${pathText(path)}\`: "${model.id}" hears audio; only a model that reads words has it`
      findings.push(error(path, message, `Remove \`${key}\``))
    }
  }
  return findings
}
