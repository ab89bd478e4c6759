/** Trees with the names that the data sets have on OpenNeuro; their contents are small and synthetic. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HeschlError } from '../../../../src-main/errors.ts'
import { importBids } from '../../../../src-main/study/bids/index.ts'
import { parseStudy } from '../../../../src-main/study/parse.ts'

let root: string
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'heschl-bids-'))))
afterEach(() => rmSync(root, { recursive: true }))

function put(path: string, content = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

/** As DataLad leaves a file that was never fetched: a link to nothing. */
function unfetched(path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  symlinkSync('../.git/annex/objects/not/there', join(root, path))
}

const file = () => join(root, 'study', 'study.yaml')
async function imported(options: { tasks?: readonly string[]; space?: string } = {}) {
  const result = await importBids(root, file(), { tasks: [], ...options })
  const { study, problems } = parseStudy(result.study)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return { ...result, study: study!, text: result.study }
}

const surfaces = (folder: string, name: string, end: string) => {
  for (const side of ['L', 'R']) put(`${folder}/${name}_hemi-${side}${end}`)
}

function narratives(): void {
  put('dataset_description.json', JSON.stringify({ Name: 'Narratives', BIDSVersion: '1.3.0' }))
  put('task-pieman_bold.json', JSON.stringify({ RepetitionTime: 1.5 }))
  put('task-slumlordreach_bold.json', JSON.stringify({ RepetitionTime: 1.5 }))
  put(
    'code/event_meta.json',
    JSON.stringify({
      pieman: { pieman: { duration: 281, onset: 10 } },
      slumlordreach: { reach: { duration: 550, onset: 646 }, slumlord: { duration: 602, onset: 20 } },
    }),
  )
  put('code/scan_exclude.json', JSON.stringify({ pieman: { 'sub-021': ['sub-021_task-pieman'] } }))
  put('stimuli/pieman_audio.wav')
  put('stimuli/slumlordreach_audio.wav')
  put('stimuli/gentle/pieman/align.csv')
  for (const [subject, run] of [
    ['sub-001', '_run-1'],
    ['sub-002', ''],
    ['sub-021', ''],
  ]) {
    const folder = `derivatives/afni-nosmooth/${subject}/func`
    surfaces(folder, `${subject}_task-pieman${run}_space-fsaverage6`, '_desc-clean.func.gii')
    surfaces(
      `derivatives/afni-smooth/${subject}/func`,
      `${subject}_task-pieman${run}_space-fsaverage6`,
      '_desc-clean.func.gii',
    )
    surfaces(`derivatives/fmriprep/${subject}/func`, `${subject}_task-pieman${run}_space-fsaverage6`, '.func.gii')
  }
  surfaces(
    'derivatives/afni-nosmooth/sub-139/func',
    'sub-139_task-slumlordreach_space-fsaverage6',
    '_desc-clean.func.gii',
  )
}

test('Narratives: cleaned surfaces, onsets in volumes, its own exclusions', async () => {
  narratives()
  const { study, layout, unused, text } = await imported()
  expect(layout).toContain('Narratives')
  expect(study.surface).toBe('fsaverage6')
  expect(study.subjects.map(({ id }) => id)).toEqual(['sub-001', 'sub-002'])
  expect(study.stimuli).toMatchObject([
    { id: 'pieman_audio', audio: '../stimuli/pieman_audio.wav', words: '../stimuli/gentle/pieman/align.csv' },
  ])
  expect(study.subjects[0].recordings).toMatchObject([
    {
      stimulus: 'pieman_audio',
      tr: 1.5,
      start: 15,
      data: {
        left: '../derivatives/afni-nosmooth/sub-001/func/sub-001_task-pieman_run-1_space-fsaverage6_hemi-L_desc-clean.func.gii',
      },
    },
  ])
  expect(study.encoding.preset).toBe('narratives')
  expect(text).toContain('# models:')
  const reason = (part: string) => unused.find(({ path }) => path.includes(part))?.reason
  expect(reason('afni-nosmooth/sub-021')).toContain('leave it out')
  expect(reason('slumlordreach')).toContain('2 stories in one scan')
  expect(reason('afni-smooth')).toContain('another pipeline')
})

test('fMRIPrep: TR, confounds and the onset of what events.tsv says was played', async () => {
  const end = '_bold.func.gii'
  put('dataset_description.json', '{"Name": "Lab study"}')
  for (const run of ['1', '2', '10']) {
    const name = `sub-01_ses-a_task-story_run-${run}`
    const folder = 'derivatives/fmriprep/sub-01/ses-a/func'
    surfaces(folder, `${name}_space-fsaverage5`, end)
    surfaces(folder, `${name}_space-fsaverage`, end)
    // Of one run nobody has said it again beside what was made from it.
    if (run === '10') put(`sub-01/ses-a/func/${name}_bold.json`, '{"RepetitionTime": 0.8}')
    else
      for (const side of ['L', 'R'])
        put(`${folder}/${name}_space-fsaverage5_hemi-${side}_bold.json`, '{"RepetitionTime": 0.8}')
    put(`${folder}/${name}_desc-confounds_timeseries.tsv`)
    put(`sub-01/ses-a/func/${name}_events.tsv`, `onset\tduration\tstim_file\n4.5\t300\tstories/run-${run}.flac\n`)
    put(`sub-01/ses-a/func/${name}_bold.nii.gz`)
    put(`stimuli/stories/run-${run}.flac`)
  }
  const { study, unused } = await imported()
  expect(study.surface).toBe('fsaverage5')
  expect(study.subjects[0].recordings.map(({ stimulus }) => stimulus)).toEqual(['run-1', 'run-2', 'run-10'])
  for (const recording of study.subjects[0].recordings) {
    expect(recording).toMatchObject({ tr: 0.8, start: 4.5 })
    expect(recording.confounds).toMatch(/desc-confounds_timeseries\.tsv$/)
  }
  expect(unused.filter(({ reason }) => reason.includes('another space'))).toHaveLength(6)
  expect(unused.filter(({ reason }) => reason.includes('not preprocessed'))).toHaveLength(3)
  const finer = await imported({ space: 'fsaverage' })
  expect(finer.study.subjects[0].recordings).toMatchObject([{ stimulus: 'run-10', tr: 0.8 }])
  expect(finer.unused.filter(({ reason }) => reason.includes('no RepetitionTime'))).toHaveLength(2)
}, 20_000)

test('what cannot be used is told: missing hemisphere, no TR, no audio, content that was not fetched', async () => {
  put('stimuli/story.wav')
  const folder = 'derivatives/fmriprep'
  put(`${folder}/task-story_bold.json`, '{"RepetitionTime": 2}')
  surfaces(`${folder}/sub-01/func`, 'sub-01_task-story_space-fsaverage5', '_bold.func.gii')
  put(`${folder}/sub-02/func/sub-02_task-story_space-fsaverage5_hemi-L_bold.func.gii`)
  surfaces(`${folder}/sub-03/func`, 'sub-03_task-rest_space-fsaverage5', '_bold.func.gii')
  for (const side of ['L', 'R'])
    unfetched(`${folder}/sub-04/func/sub-04_task-story_space-fsaverage5_hemi-${side}_bold.func.gii`)
  const { study, unused } = await imported()
  expect(study.subjects.map(({ id }) => id)).toEqual(['sub-01'])
  const reason = (part: string) => unused.find(({ path }) => path.includes(part))?.reason
  expect(reason('sub-02')).toContain('right hemisphere is missing')
  expect(reason('sub-03')).toContain('RepetitionTime')
  expect(reason('sub-04')).toContain('datalad get')
})

test('Le Petit Prince: runs in order are sections 1 to 9, whatever their numbers', async () => {
  const numbers = [15, 16, 17, 18, 19, 20, 21, 22, 23]
  for (const n of numbers)
    put(`derivatives/sub-EN057/func/sub-EN057_task-lppEN_run-${n}_space-MNIColin27_desc-preproc_bold.nii.gz`)
  for (const n of [4, 5])
    put(`derivatives/sub-CN001/func/sub-CN001_task-lppCN_run-0${n}_space-MNIColin27_desc-preproc_bold.nii.gz`)
  for (let section = 1; section <= 9; section++) {
    put(`stimuli/task-lppEN_section-${section}.wav`)
    put(`stimuli/task-lppCN_section_${section}.wav`)
    put(`annotation/EN/lppEN_section${section}.TextGrid`)
  }
  const { study, unused } = await imported()
  expect(study.subjects).toMatchObject([{ id: 'sub-EN057', language: 'english' }])
  const { recordings } = study.subjects[0]
  expect(recordings.map(({ stimulus }) => stimulus)).toEqual(numbers.map((_, i) => `lppEN-${i + 1}`))
  expect(recordings[8]).toMatchObject({
    tr: 2,
    data: '../derivatives/sub-EN057/func/sub-EN057_task-lppEN_run-23_space-MNIColin27_desc-preproc_bold.nii.gz',
  })
  expect(study.stimuli[1]).toMatchObject({ words: '../annotation/EN/lppEN_section2.TextGrid' })
  expect(study.encoding.preset).toBe('lpp')
  expect(unused.filter(({ reason }) => reason.includes('2 runs and not 9'))).toHaveLength(2)
})

test('a folder that is no data set, and one of which nothing can be used, say what was found', async () => {
  put('notes.txt')
  await expect(imported()).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  narratives()
  const error = await importBids(root, file(), { tasks: ['milkyway'] }).catch(
    (thrown: unknown) => thrown as HeschlError,
  )
  expect(error).toBeInstanceOf(HeschlError)
  expect((error as HeschlError).message).toContain('another task')
})
