/** Recordings of electrodes in a study file: what may stand beside what, told with its line. */
import { expect, test } from 'vitest'
import { parseStudy } from '../../../src-main/study/parse.ts'

const withRecordings = (recordings: readonly string[], encoding = '{preset: trf}') => `heschl: 1
name: electrodes
surface: schematic
stimuli:
  - {id: s1, audio: s1.wav}
  - {id: s2, audio: s2.wav}
subjects:
  - id: a
    recordings:
${recordings.map((recording) => `      - {${recording}}`).join('\n')}
spaces: [{id: mel, acoustic: mel}]
encoding: ${encoding}
`

const one = 'stimulus: s1, data: 1.npy, rate: 100, electrodes: e.tsv'
const two = 'stimulus: s2, data: 2.npy, rate: 100, electrodes: e.tsv'

const told = (text: string) => parseStudy(text).problems.map(({ line, message }) => `${line}: ${message}`)

test.each([['{preset: trf}'], ['{hrf: none}'], ['{hrf: {lags: {from: -0.1, to: 0.4}}, folds: runs}']])(
  'recordings at a rate with %s are valid',
  (encoding) => {
    const { study, problems } = parseStudy(withRecordings([one, two], encoding))
    expect(problems).toEqual([])
    expect(study!.subjects[0].recordings[0]).toMatchObject({ rate: 100, electrodes: 'e.tsv' })
  },
)

test.each([
  [
    'neither',
    [one.replace(', rate: 100, electrodes: e.tsv', ''), two],
    '10: `subjects[0].recordings[0]`: `tr` is missing',
  ],
  ['both', [`${one}, tr: 2`, two], '10: `subjects[0].recordings[0]` has both `tr` and `rate`'],
  [
    'no table',
    [one, two.replace(', electrodes: e.tsv', '')],
    '11: `subjects[0].recordings[1]` has `rate` and no `electrodes`',
  ],
  [
    'a table without a rate',
    [one, two.replace('rate: 100', 'tr: 2')],
    '11: `subjects[0].recordings[1]` has `electrodes` and no `rate`',
  ],
  [
    'hemispheres',
    [one.replace('1.npy', '{left: l.gii, right: r.gii}'), two],
    '10: `subjects[0].recordings[0].data` is not one array',
  ],
  [
    'channels of one run alone',
    [`${one}, channels: c.tsv`, two],
    '11: `subjects[0].recordings[1]` has no `channels`, which other recordings of the subject have',
  ],
  [
    'channels without electrodes',
    [one.replace('electrodes: e.tsv', 'channels: c.tsv'), two],
    '10: `subjects[0].recordings[0]` has `channels` and no `electrodes`',
  ],
  [
    'other electrodes',
    [one, two.replace('e.tsv', 'f.tsv')],
    '11: `subjects[0].recordings[1]` names other electrodes than the subject’s first recording',
  ],
  [
    'fMRI beside electrodes',
    [one, 'stimulus: s2, data: 2.npy, tr: 2'],
    '11: `subjects[0].recordings[1]` is of a cortex at a TR, and `subjects[0].recordings[0]` of electrodes at a rate',
  ],
])('%s', (_what, recordings, expected) => {
  expect(told(withRecordings(recordings))).toContain(expected)
})

test('a haemodynamic response is refused, where it is said or else at the recording', () => {
  const message = '`encoding.hrf` is a response of blood, and `subjects[0].recordings[0]` is of electrodes'
  expect(told(withRecordings([one, two], '{hrf: spm}'))).toContain(`13: ${message}`)
  expect(told(withRecordings([one, two], '{folds: 4}'))).toContain(`10: ${message}`)
})
