/** Options of the encoding model that contradict each other, or the recordings: told with the line that says so. */
import { describe, expect, test } from 'vitest'
import { parseStudy } from '../../../src-main/study/parse.ts'
import { example } from './example.ts'

/** The encoding line of the example is its 24th. */
const withEncoding = (encoding: string) => example.replace('{preset: standard, folds: 5}', encoding)
/** Each of three subjects has three runs. */
const threeRuns = (encoding: string) => `heschl: 1
name: Three
surface: schematic
stimuli: [{id: s1, audio: 1.wav}, {id: s2, audio: 2.wav}, {id: s3, audio: 3.wav}]
subjects:
  - id: sub-01
    recordings:
      - {stimulus: s1, data: 1.npy, tr: 2.0}
      - {stimulus: s2, data: 2.npy, tr: 2.0}
      - {stimulus: s3, data: 3.npy, tr: 2.0}
spaces: [{id: mel, acoustic: mel}]
encoding: ${encoding}
`

const told = (text: string) =>
  parseStudy(text).problems.map(
    ({ line, message, remedy }) => `${line}: ${message}${remedy === null ? '' : ` -> ${remedy}`}`,
  )

describe('contradictions', () => {
  test.each([
    ['{hrf: {lags: {from: 0.4, to: 0}}}', '24: `encoding.hrf.lags`: 0.4 is above 0 -> Give `from` below `to`'],
  ])('%s', (encoding, expected) => {
    expect(told(withEncoding(encoding))).toEqual([expected])
  })

  test('none in what is whole', () => {
    expect(told(threeRuns('{preset: voxelwise}'))).toEqual([])
    expect(told(withEncoding('{preset: narratives}'))).toEqual([])
    expect(told(withEncoding('{preset: lpp, variant: intended}'))).toEqual([])
    expect(told(withEncoding('{standardizeX: centre, intercept: false}'))).toEqual([])
    expect(told(withEncoding('{intercept: false}'))).toEqual([])
    expect(told(threeRuns('{selection: runs}'))).toEqual([])
  })
})

describe('runs', () => {
  test('two levels of runs held out need three of them', () => {
    expect(told(withEncoding('{preset: voxelwise}'))).toEqual([
      '8: `subjects[0]` has 2 recordings, and `folds: runs` and `selection: runs` of `encoding` hold out two of them at a time -> Choose alphas by `leave-one-out` or `{kfold: 5}`, or bring more runs',
      '12: `subjects[1]` has one recording, and `folds: runs` and `selection: runs` of `encoding` hold out two of them at a time -> Choose alphas by `leave-one-out` or `{kfold: 5}`, or bring more runs',
      '15: `subjects[2]` has 2 recordings, and `folds: runs` and `selection: runs` of `encoding` hold out two of them at a time -> Choose alphas by `leave-one-out` or `{kfold: 5}`, or bring more runs',
    ])
  })

  test('a ceiling of repetitions needs a stimulus that was heard twice', () => {
    const [finding, ...others] = told(withEncoding('{ceiling: repeats}'))
    expect(finding).toContain('`encoding.ceiling: repeats` needs a stimulus that a subject heard twice')
    expect(others).toEqual([])
    for (const ceiling of ['as-published', 'fold-wise', 'none'])
      expect(told(withEncoding(`{ceiling: ${ceiling}}`))).toEqual([])
  })

  test('runs held out inside a training fold need two of them', () => {
    expect(told(withEncoding('{selection: runs}'))).toEqual([
      '12: `subjects[1]` has one recording, and `encoding.selection: runs` holds out a whole run -> Choose alphas by `{kfold: 5}`',
    ])
  })

  test.each([
    ['{folds: {splits: [[s1], [s2, s3]]}}', []],
    ['{folds: {splits: [[s1]]}}', []],
    ['{folds: {splits: [[s1], [s2]]}, selection: runs}', []],
    [
      '{folds: {splits: [[s1], [s9]]}}',
      [
        '12: `encoding.folds.splits[1]`: nobody heard "s9"',
        '12: `encoding.folds.splits[1]` holds out no recording of `subjects[0]` -> Change the split',
      ],
    ],
    ['{folds: {splits: [[s1], [s2, s1]]}}', ['12: "s1" is held out twice: by splits 0 and 1 -> Name it in one split']],
    [
      '{folds: {splits: [[s1, s2, s3]]}}',
      ['12: `encoding.folds.splits[0]` leaves no recording of `subjects[0]` -> Change the split'],
    ],
    [
      '{folds: {splits: [[s1, s2]]}, selection: runs}',
      [
        '12: `encoding.folds.splits[0]` leaves one recording of `subjects[0]` to choose alphas by runs -> Change the split',
      ],
    ],
  ])('splits: %s', (encoding, expected) => {
    expect(told(threeRuns(encoding))).toEqual(expected)
  })
})

describe('wrong values are told in words', () => {
  test.each([
    ['{standardizeY: {robust: [1]}}', '`encoding.standardizeY.robust` must be two percentiles, above 0 and below 100'],
    ['{pcaX: 0}', '`encoding.pcaX` must be `none`, or a number of components from 1 to 100000, found 0'],
    ['{selection: runs-out}', '`encoding.selection` must be `leave-one-out`, `runs`, or `{kfold: 5}`'],
    ['{score: r2}', '`encoding.score` must be `measure:`, which is `r`, `r-squared` or `r2`'],
    ['{folds: {splits: []}}', '`encoding.folds.splits` must be a list of lists of stimulus ids'],
    ['{variant: intent}', '`encoding.variant` must be `as-published` or `intended`, found "intent"'],
    ['{intercept: 1}', '`encoding.intercept` must be `true` or `false`, found 1'],
    [
      '{solver: banded-random}',
      '`encoding.solver` must be `ridge`: spaces that are weighed apart are named in `sets:`, found "banded-random"',
    ],
    ['{lag: 3}', '`lag` is not a key of `encoding`'],
  ])('%s', (encoding, words) => {
    const { study, problems } = parseStudy(withEncoding(encoding))
    expect(study).toBeNull()
    expect(problems.map(({ line }) => line)).toEqual([24])
    expect(problems[0].message).toContain(words)
  })
})

test.each(['standard', 'lpp', 'narratives', 'voxelwise'])('the preset %s is whole', (preset) => {
  expect(parseStudy(threeRuns(`{preset: ${preset}}`)).problems).toEqual([])
})
