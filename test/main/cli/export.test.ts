/** `heschl export`: what a study's fit is made of, against the same fit by `heschl encode`. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  await makeSmallStudy(folder, { layers: ['transf0'], subjects: 1 })
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
  const { data, shape } = await readNpy(join(folder, 'again', 'r.npy'))
  const mean = Array.from(data).reduce((sum, value) => sum + value, 0) / data.length
  expect(shape).toEqual([4, 84])
  const [header, ...rows] = (await readFile(join(folder, 'scores.tsv'), 'utf8')).trim().split('\n')
  const columns = header.split('\t')
  const at = (values: readonly string[], name: string) => values[columns.indexOf(name)]
  const row = rows.map((line) => line.split('\t')).find((values) => at(values, 'model') === 'w2v-1')!
  expect(Number(at(row, 'mean'))).toBeCloseTo(mean, 6)
}, 120_000)
