import { parseStudy } from '../../../src-main/study/parse.ts'
import type { Study } from '../../../src-main/study/schema.ts'

/** A valid study with two runs and two subjects who heard both, one who heard the second alone. */
export const example = `heschl: 1
name: Example
surface: schematic
stimuli:
  - {id: s1, audio: stimuli/s1.wav, words: words/s1.tsv, language: english}
  - {id: s2, audio: stimuli/s2.wav, language: english}
subjects:
  - id: sub-01
    recordings:
      - {stimulus: s1, data: {left: func/1-L.gii, right: func/1-R.gii}, tr: 2.0}
      - {stimulus: s2, data: {left: func/2-L.gii, right: func/2-R.gii}, tr: 2.0, start: 4}
  - id: sub-02
    recordings:
      - {stimulus: s2, data: func/3.npy, tr: 2.0, start: 4}
  - id: sub-03
    recordings:
      - {stimulus: s1, data: func/4.npy, tr: 2.0}
      - {stimulus: s2, data: func/5.npy, tr: 2.0, start: 4}
models:
  - {id: native, regime: native, language: english, hours: 600, checkpoint: models/w2v}
  - {id: untrained, regime: untrained, architecture: wav2vec2-base, seed: 1, layers: [conv4, transf0]}
spaces:
  - {id: mel, acoustic: mel}
encoding: {preset: standard, folds: 5}
compare:
  - {contrast: [native, untrained]}
`

/** @throws Error when the text has problems: a test's own mistake */
export function validStudy(text: string = example): Study {
  const { study, problems } = parseStudy(text)
  if (study === null) throw new Error(problems.map(({ message }) => message).join('\n'))
  return study
}
