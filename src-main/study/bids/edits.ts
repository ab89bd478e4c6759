/** What a person made of a data set, before its study file is written. Pure. */
import type { Draft } from '../../contract/newStudy.ts'
import type { Found } from './layout.ts'

/** A subject of whose recordings none is left is left out; so is a stimulus that nobody heard. */
export function editFound(found: Found, draft: Draft): Found {
  const languages = new Map(draft.subjects.map(({ id, language }) => [id, language]))
  const spoken = new Map(draft.stimuli.map(({ id, language }) => [id, language]))
  const without = { subjects: new Set(draft.withoutSubjects), stimuli: new Set(draft.withoutStimuli) }
  const recordings = found.recordings
    .filter(({ subject, stimulus }) => !without.subjects.has(subject) && !without.stimuli.has(stimulus))
    .map((recording) => ({
      ...recording,
      language: languages.get(recording.subject) ?? recording.language,
      tr: draft.tr ?? recording.tr,
    }))
  const heard = new Set(recordings.map(({ stimulus }) => stimulus))
  return {
    ...found,
    name: draft.name,
    surface: draft.surface ?? found.surface,
    stimuli: found.stimuli
      .filter(({ id }) => heard.has(id))
      .map((stimulus) => ({ ...stimulus, language: spoken.get(stimulus.id) ?? stimulus.language })),
    recordings,
    encoding: { ...found.encoding, preset: draft.preset },
  }
}
