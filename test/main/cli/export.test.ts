/** `heschl export`: what a study's fit is made of, against the same fit by `heschl encode`. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'
import { heschl as heschlIn } from './heschl.ts'

let folder: string
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)
const fit = ['--model', 'w2v-1', '--layer', 'transf0', '--subject', 'sub-01']
const error = (stdout: string) => (JSON.parse(stdout) as { error: { code: string; message: string } }).error

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-export-'))
  await makeSmallStudy(folder, { layers: ['transf0', 'transf1'], subjects: 3 })
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

test('before the study was run, and for a fit that it does not have, it says so', async () => {
  const early = await heschl('export', 'study.yaml', ...fit, '--out', 'out', '--json')
  expect(error(early.stdout)).toMatchObject({ code: 'FILE_MISSING' })
  const wrong = await heschl('export', 'study.yaml', ...fit, '--layer', 'transf9', '--out', 'out', '--json')
  expect(error(wrong.stdout)).toMatchObject({ code: 'OPTION_INVALID' })
  expect(error(wrong.stdout).message).toContain('transf0')
  await expect(readFile(join(folder, 'out', 'report.json'))).rejects.toThrow()
}, 120_000)

test('regressors, responses, predictions and weights are those of the fit', async () => {
  expect((await heschl('run', 'study.yaml', '--scores', 'scores.tsv')).code).toBe(0)
  const what = ['--what', 'x,y,predictions,weights']
  const { code, stdout } = await heschl('export', 'study.yaml', ...fit, ...what, '--out', 'out', '--json')
  expect(code).toBe(0)
  const report = JSON.parse(stdout) as { key: string; samples: number; encoding: { folds: number } }
  expect(report.encoding.folds).toBe(4)
  expect(JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8'))).toMatchObject({ key: report.key })
  const same = ['--folds', '4', '--alphas', 'logspace:0:6:7', '--select', 'loo', '--keep', 'predictions,weights']
  const arrays = ['--x', 'out/x.npy', '--y', 'out/y.npy']
  expect((await heschl('encode', ...arrays, ...same, '--out', 'again')).code).toBe(0)
  for (const name of ['predictions', 'weights']) {
    const [ours, again] = await Promise.all(['out', 'again'].map((at) => readNpy(join(folder, at, `${name}.npy`))))
    expect(ours.shape).toEqual(again.shape)
    expect(ours.data).toEqual(again.data)
  }
  const means: number[] = []
  for (const subject of ['sub-01', 'sub-02', 'sub-03']) {
    await heschl('export', 'study.yaml', ...fit.slice(0, 4), '--subject', subject, '--what', 'x,y', '--out', subject)
    const given = ['--x', `${subject}/x.npy`, '--y', `${subject}/y.npy`]
    expect((await heschl('encode', ...given, ...same.slice(0, 6), '--out', `${subject}-r`)).code).toBe(0)
    const { data, shape } = await readNpy(join(folder, `${subject}-r`, 'r.npy'))
    expect(shape).toEqual([4, 84])
    means.push(Array.from(data).reduce((sum, value) => sum + value, 0) / data.length)
  }
  const mean = means.reduce((a, b) => a + b, 0) / means.length
  const [header, ...rows] = (await readFile(join(folder, 'scores.tsv'), 'utf8')).trim().split('\n')
  const columns = header.split('\t')
  const at = (values: readonly string[], name: string) => values[columns.indexOf(name)]
  const row = rows.map((line) => line.split('\t')).find((values) => at(values, 'model') === 'w2v-1')!
  expect(Number(at(row, 'mean'))).toBeCloseTo(mean, 6)
}, 120_000)

test('preferred layers, with intervals over subjects that a seed repeats', async () => {
  const args = ['export', 'study.yaml', '--preference', '--model', 'w2v-1', '--resamples', '200', '--json']
  const { code, stdout } = await heschl(...args, '--out', 'preference')
  expect(code).toBe(0)
  const report = JSON.parse(stdout) as { layers: string[]; counts: number[]; scored: number; subjects: number }
  expect(report).toMatchObject({ layers: ['transf0', 'transf1'], subjects: 3 })
  expect(report.counts.reduce((a, b) => a + b)).toBe(report.scored)
  const { shape, data } = await readNpy(join(folder, 'preference', 'preference.npy'))
  expect(shape).toEqual([7, 84])
  const row = (i: number) => data.subarray(84 * i, 84 * (i + 1))
  for (let v = 0; v < 84; v++) {
    const [best, low, high, centre, from, to, agreement] = [0, 1, 2, 3, 4, 5, 6].map((i) => row(i)[v])
    if (Number.isNaN(best)) {
      expect([low, high, centre, agreement].every(Number.isNaN)).toBe(true)
      continue
    }
    expect(low).toBeLessThanOrEqual(high)
    expect(agreement).toBeGreaterThan(0)
    if (!Number.isNaN(from)) expect(from).toBeLessThanOrEqual(to)
  }
  await heschl(...args, '--out', 'again')
  expect((await readNpy(join(folder, 'again', 'preference.npy'))).data).toEqual(data)
  const strict = await heschl(...args, '--least', '2', '--out', 'strict')
  expect((JSON.parse(strict.stdout) as { scored: number }).scored).toBe(0)
}, 120_000)

test('maps of what is stored, as a BIDS derivative', async () => {
  const args = [
    'export',
    'study.yaml',
    '--maps',
    'scores,layers,ceiling',
    '--as',
    'npy,tsv,label.gii,parquet',
    '--json',
  ]
  const { code, stdout } = await heschl(...args, '--out', 'maps')
  expect(code).toBe(0)
  const { files, failed } = JSON.parse(stdout) as { files: string[]; failed: unknown[] }
  expect(failed).toEqual([])
  const there = await readdir(join(folder, 'maps'), { recursive: true, withFileTypes: true })
  expect(there.filter((entry) => entry.isFile()).length).toBe(files.length)
  const description = JSON.parse(await readFile(join(folder, 'maps', 'dataset_description.json'), 'utf8')) as object
  expect(description).toMatchObject({ DatasetType: 'derivative', GeneratedBy: [{ Name: 'Heschl' }] })
  const base = 'sub-01/func/sub-01_space-surfaceFiles_stat-score_desc-w2v1_statmap'
  const { data, shape } = await readNpy(join(folder, 'maps', `${base}.npy`))
  expect(shape).toEqual([2, 84])
  const about = JSON.parse(await readFile(join(folder, 'maps', `${base}.json`), 'utf8')) as { Maps: string[] }
  expect(about).toMatchObject({ Maps: ['transf0', 'transf1'], Model: { Id: 'w2v-1' } })
  // The fit by itself, on arrays, had the same scores
  const scored = await readNpy(join(folder, 'sub-01-r', 'r.npy'))
  const means = Array.from(
    { length: 84 },
    (_, v) => [0, 1, 2, 3].reduce((sum, fold) => sum + scored.data[fold * 84 + v], 0) / 4,
  )
  for (const [v, mean] of means.entries()) expect(data[v]).toBeCloseTo(mean, 5)
  expect(files).toContain('scores.parquet')
  expect(files).toContain('group/hemi-L_space-surfaceFiles_stat-bestlayer_desc-w2v1_statmap.label.gii')
  expect(files).toContain('group/space-surfaceFiles_stat-ceiling_desc-acrossSubjects_statmap.tsv')
  const other = await heschl('export', 'study.yaml', '--maps', '--model', 'nothing', '--out', 'other', '--json')
  expect(error(other.stdout)).toMatchObject({ code: 'OPTION_INVALID' })
}, 120_000)

const python = process.env['HESCHL_PYTHON']
test.skipIf(python === undefined)(
  'nibabel, numpy and pandas, and Workbench where it is, read one set of numbers from every format (skipped: HESCHL_PYTHON is not set)',
  async () => {
    const formats = 'func.gii,shape.gii,label.gii,dscalar.nii,mgh,mgz,nii,nii.gz,npy,npz,tsv,parquet'
    expect((await heschl('export', 'study.yaml', '--maps', '--as', formats, '--out', 'formats')).code).toBe(0)
    const script = fileURLToPath(new URL('../../reference/maps/check_derivative.py', import.meta.url))
    const read = JSON.parse(execFileSync(python!, [script, join(folder, 'formats')], { encoding: 'utf8' })) as {
      readonly sets: number
      readonly files: Readonly<Record<string, number>>
    }
    expect(read.files['npy']).toBe(read.sets)
    expect(Object.keys(read.files).toSorted()).toEqual(formats.split(',').toSorted())
  },
  120_000,
)
