/**
 * A small data set laid out as fMRIPrep leaves one, which a study can be run on: noise at the vertices of a small sphere,
 * sounds that are not speech, and a checkpoint of random weights. All of it is synthetic.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeCheckpoint } from '../../src-main/activations/writeCheckpoint.ts'
import { giftiFunctional, giftiSurface, writeGifti } from '../../src-main/formats/giftiWrite.ts'
import { icosphere } from '../../src-main/surfaces/icosphere.ts'
import { babble, smoothNoise, wavBytes } from './smallStudy.ts'

const tr = 2
const seconds = 24
const volumes = seconds / tr + 2
const space = 'fsaverage5'
const runs = ['1', '2']

/** @returns its folder; the surface that the recordings are on is in `surface` in it, a checkpoint in `models/w2v` */
export async function makeDataSet(folder: string, subjects = ['sub-01', 'sub-02', 'sub-03']): Promise<string> {
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  put('dataset_description.json', JSON.stringify({ Name: 'Synthetic sounds', BIDSVersion: '1.9.0' }))
  put('derivatives/fmriprep/task-sounds_bold.json', JSON.stringify({ RepetitionTime: tr }))
  for (const run of runs) put(`stimuli/sounds_run-${run}.wav`, wavBytes([babble(seconds, 16_000, Number(run))], 16_000))

  const { points, triangles } = icosphere(1)
  mkdirSync(join(folder, 'surface'))
  for (const [side, centre] of [
    ['left', -40],
    ['right', 40],
  ] as const) {
    const place = (scale: number) => Float32Array.from(points, (x, i) => x * scale + (i % 3 === 0 ? centre : 0))
    await writeGifti(join(folder, 'surface', `pial_${side}.gii`), giftiSurface(place(35), triangles))
    await writeGifti(join(folder, 'surface', `infl_${side}.gii`), giftiSurface(place(38), triangles))
  }
  const vertices = points.length / 3
  for (const [s, subject] of subjects.entries())
    for (const [r, run] of runs.entries()) {
      const stem = `derivatives/fmriprep/${subject}/func/${subject}_task-sounds_run-${run}`
      // As a run that was scanned and never preprocessed.
      put(`${subject}/func/${subject}_task-sounds_run-${run}_bold.nii.gz`, '')
      put(`${stem}_desc-confounds_timeseries.tsv`, `trans_x\n${'0.1\n'.repeat(volumes)}`)
      for (const [h, side] of ['L', 'R'].entries()) {
        const data = smoothNoise(volumes, vertices, 100 * s + 10 * r + h + 1)
        const file = join(folder, `${stem}_space-${space}_hemi-${side}_bold.func.gii`)
        await writeGifti(file, giftiFunctional({ data, rows: volumes, cols: vertices }, tr))
      }
    }
  await writeCheckpoint('wav2vec2-demo', 1, join(folder, 'models', 'w2v'))
  put('models/pickled/config.json', '{}')
  put('models/pickled/pytorch_model.bin', '')
  return folder
}
