import { expect, test } from 'vitest'
import { demoRecording, demoStudyText, demoSubjects } from '../../../src-main/cli/demoStudy.ts'
import { parseStudy } from '../../../src-main/study/parse.ts'

const runs = ['run-1', 'run-2'].map((id) => ({
  id,
  audio: `stimuli/${id}.flac`,
  words: `stimuli/${id}.words.tsv`,
  phones: `stimuli/${id}.phones.tsv`,
}))

test('the demo’s study file is valid, and says what in it is not real', () => {
  const { study, problems } = parseStudy(demoStudyText(runs))
  expect(problems).toEqual([])
  expect(study?.subjects.map(({ id }) => id)).toEqual(demoSubjects)
  for (const { id, simulated, recordings } of study?.subjects ?? []) {
    expect(simulated).toBe(true)
    expect(recordings.map(({ data }) => data)).toEqual(runs.map((run) => demoRecording(id, run.id)))
  }
  for (const { synthetic } of study?.stimuli ?? []) expect(synthetic).toMatch(/eSpeak NG/)
  expect(study?.planted).toBe('simulated/planted.json')
  expect(study?.models[0]?.architecture).toBe('wav2vec2-demo')
})
