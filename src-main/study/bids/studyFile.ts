/** A study file that a person can read and go on writing, from what a data set holds. */
import { stringify } from 'yaml'
import type { DraftModel } from '../../contract/newStudy.ts'
import type { Found, FoundRecording, FoundStimulus } from './layout.ts'

/** @param place a file of the data set as the study file is to name it */
export function studyFile(
  { name, layout, surface, volumes, mask, stimuli, recordings, notes, encoding }: Found,
  place: (path: string) => string,
  models: readonly DraftModel[] = [],
): string {
  const lines = [
    `# Made by heschl import bids (${layout}). What was not used, and why, is in the report beside this file.`,
    ...notes.map((note) => `# ${note}.`),
    'heschl: 1',
    `name: ${flow(name)}`,
    ...(mask !== undefined
      ? [`volumes: ${flow({ mask: place(mask) })} # scores are of its voxels`]
      : volumes === null
        ? [surfaceLine(surface, place) + (isPath(surface) ? '' : ' # an installed template: heschl template list')]
        : [
            `${surfaceLine(surface, place)} # in about the space of the volumes (${volumes})`,
            'volumes: { sample: depth } # along the cortical ribbon; for scores of voxels no surface, and { mask: MASK.nii.gz }',
          ]),
    'stimuli:',
    ...stimuli.map((stimulus) => `  - ${flow(written(stimulus, place))}`),
    'subjects:',
  ]
  for (const [subject, own] of Map.groupBy(recordings, (recording) => recording.subject)) {
    lines.push(`  - id: ${flow(subject)}`)
    if (own[0].language !== '') lines.push(`    language: ${flow(own[0].language)}`)
    lines.push('    recordings:', ...own.map((recording) => `      - ${flow(recordingOf(recording, place))}`))
  }
  if (models.length > 0) lines.push('models:', ...models.map((model) => `  - ${flow(modelOf(model, place))}`))
  else
    lines.push(
      '# Name the models to compare, for example:',
      '# models:',
      '#   - { id: native, regime: native, language: english, checkpoint: models/w2v-en }',
      '#   - { id: untrained, regime: untrained, architecture: wav2vec2-base, seed: 1 }',
    )
  lines.push('spaces:', '  - { id: mel, acoustic: mel }', `encoding: ${flow(encoding)}`)
  return `${lines.join('\n')}\n`
}

/** A template by its name, or a folder. */
function surfaceLine(surface: string, place: (path: string) => string): string {
  return `surface: ${flow(isPath(surface) ? place(surface) : surface)}`
}

const isPath = (surface: string) => /[/\\]/.test(surface)

function written({ id, audio, words, phones, language }: FoundStimulus, place: (path: string) => string) {
  return {
    ...{ id, audio: place(audio) },
    ...(words !== undefined && { words: place(words) }),
    ...(phones !== undefined && { phones: place(phones) }),
    ...(language !== '' && { language }),
  }
}

function recordingOf({ stimulus, data, tr, start, confounds }: FoundRecording, place: (path: string) => string) {
  return {
    stimulus,
    data: typeof data === 'string' ? place(data) : { left: place(data.left), right: place(data.right) },
    tr,
    ...(start !== 0 && { start }),
    ...(confounds !== undefined && { confounds: place(confounds) }),
  }
}

function modelOf({ id, regime, language, source }: DraftModel, place: (path: string) => string) {
  const said = { id, regime, ...(language !== '' && { language }) }
  if ('checkpoint' in source) return { ...said, checkpoint: place(source.checkpoint) }
  if ('architecture' in source) {
    const { architecture, seeds } = source
    return { ...said, architecture, ...(seeds === 1 ? { seed: 1 } : { seeds }) }
  }
  const { onnx, taps, normalize } = source
  return { ...said, onnx: place(onnx), ...(taps.length > 0 && { taps }), input: { normalize } }
}

/** On one line, as a person would write it. */
const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trimEnd()
