/** Volumes and other meshes in a study file: what may stand beside what, told with its line. */
import { expect, test } from 'vitest'
import { parseStudy } from '../../../src-main/study/parse.ts'

const withLines = (lines: readonly string[], recording = 'stimulus: s1, data: 1.nii.gz, tr: 2') => `heschl: 1
name: volumes
${lines.join('\n')}
stimuli:
  - {id: s1, audio: s1.wav}
subjects:
  - id: a
    recordings:
      - {${recording}}
spaces: [{id: mel, acoustic: mel}]
`
const told = (text: string) => parseStudy(text).problems.map(({ line, message }) => `${line}: ${message}`)

test.each([
  [['surface: fsaverage5', 'volumes: {sample: depth}']],
  [['surface: fsaverage5', 'volumes: {sample: depth, depths: [0.25, 0.75], mask: m.nii.gz, interpolation: nearest}']],
  [['surface: fsaverage5', 'volumes: {sample: line, radius: 2, points: 5}']],
  [['surface: {left: {folded: a, white: b}, right: {folded: c, white: d}}', 'volumes: {sample: ball, radius: 2}']],
  [['volumes: {mask: m.nii.gz}']],
  [['volumes: {mask: m.nii.gz}', 'parcellation: {volume: a.nii.gz, names: a.tsv}', 'regions: {all: [x]}']],
  [['surface: fsaverage5', 'resample: {from: fsaverage6}']],
  [['surface: fsaverage5', 'resample: {from: {left: l.gii, right: r.gii}, method: nearest}']],
])('%s is valid', (lines) => {
  expect(told(withLines(lines))).toEqual([])
})

test.each([
  [['volumes: {sample: depth}'], '1: `surface` is missing'],
  [['surface: fsaverage5', 'volumes: {}'], '4: `volumes` has neither `mask` nor `sample`'],
  [['volumes: {mask: m.nii.gz, radius: 2}'], '3: `volumes.radius` needs `sample`'],
  [['surface: fsaverage5', 'volumes: {mask: m.nii.gz}'], '3: Scores are of voxels, which have no `surface`'],
  [['volumes: {mask: m.nii.gz}', 'parcellation: a.annot'], '4: Scores are of voxels, and this parcellation is of'],
  [['surface: fsaverage5', 'parcellation: {volume: a.nii, names: a.tsv}'], '4: A parcellation in space is of voxels'],
  [['surface: schematic', 'volumes: {sample: depth}'], '3: The schematic cortex is nowhere in the brain'],
  [['surface: fsaverage5', 'volumes: {sample: point, radius: 2}'], '4: `volumes.radius` is an option of'],
  [['surface: fsaverage5', 'volumes: {sample: line, points: 3, depths: [1]}'], '4: `points` and `depths` exclude'],
  [['surface: fsaverage5', 'volumes: {sample: ribbon}'], '4: `volumes.sample` must be `depth`, `line`, `ball` or'],
  [['surface: fsaverage5', 'volumes: {sample: depth, radius: -1}'], '4: `volumes.radius` must be a number of'],
  [['surface: fsaverage5', 'volumes: {sample: depth}', 'resample: {from: fsaverage6}'], '5: `volumes` and `resample`'],
])('%s is refused', (lines, message) => {
  expect(told(withLines(lines)).some((line) => line.startsWith(message))).toBe(true)
})

test('masks of recordings and subjects are of volumes', () => {
  const masked = 'stimulus: s1, data: 1.nii.gz, tr: 2, mask: m.nii.gz'
  const ofSubject = (text: string) => text.replace('- id: a', '- id: a\n    mask: m.nii.gz')
  const volumes = ['surface: fsaverage5', 'volumes: {sample: depth}']
  expect(told(ofSubject(withLines(volumes, masked)))).toEqual([])
  const refused = [expect.stringMatching(/mask` is of volumes, and the study does not say that recordings are/)]
  expect(told(withLines(['surface: fsaverage5'], masked))).toEqual(refused)
  expect(told(ofSubject(withLines(['surface: fsaverage5'])))).toEqual(refused)
})

test('recordings of a hemisphere each, or of electrodes, are no volumes', () => {
  const lines = ['surface: fsaverage5', 'volumes: {sample: depth}']
  const sides = 'stimulus: s1, data: {left: a.gii, right: b.gii}, tr: 2'
  expect(told(withLines(lines, sides))).toEqual([
    expect.stringContaining('has a file a hemisphere, and a volume is one'),
  ])
  const electric = 'stimulus: s1, data: a.npy, rate: 100, electrodes: e.tsv'
  expect(told(withLines(lines, electric)).some((line) => line.includes('says that recordings are volumes'))).toBe(true)
  const resampled = withLines(['surface: fsaverage5', 'resample: {from: fsaverage6}'], electric)
  expect(told(resampled).some((line) => line.includes('recordings are of electrodes'))).toBe(true)
})
