/** `heschl encode`: scikit-learn's RidgeCV and himalaya's KernelRidgeCV through the real command; see test/reference/encoding/README.md. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { readNpy, writeNpy } from '../../../src-main/formats/npy.ts'
import { arrayEncoding } from '../../../src-main/study/arrayEncoding.ts'
import { encodeArrays } from '../../../src-main/pipeline/encodeArrays.ts'
import { kfoldCases, ridgeCases } from '../encoding/oracle.ts'
import type { RidgeCase } from '../encoding/oracle.ts'
import { heschl as heschlIn } from './heschl.ts'

let folder: string
const at = (name: string) => join(folder, name)
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-encode-'))
})
afterAll(() => rm(folder, { recursive: true }))

const cases = new Map(ridgeCases().map((known) => [known.name, known]))
const caseOf = (name: string): RidgeCase => cases.get(name)!

const write = (name: string, { rows, cols, data }: Matrix32, wide = false) =>
  writeNpy(at(name), { shape: [rows, cols], data: wide ? Float64Array.from(data) : Float32Array.from(data) })

const columnsOf = ({ data, rows, cols }: Matrix32, from: number, to: number): Matrix32 => ({
  rows,
  cols: to - from,
  data: data.filter((_, i) => i % cols >= from && i % cols < to),
})

type Known = Pick<RidgeCase, 'folds' | 'alphas' | 'r' | 'alpha' | 'gap' | 'y'>

const options = (known: Known, select = 'loo') => [
  '--folds',
  String(known.folds),
  '--alphas',
  known.alphas.join(),
  '--select',
  select,
]

/** As test/main/encoding: the peer's alpha or one whose error is the least but for rounding; r to 1e-4 and 1e-6. */
async function expectAgreement(known: Known, out: string): Promise<void> {
  const r = await readNpy(at(join(out, 'r.npy')))
  const alpha = await readNpy(at(join(out, 'alpha.npy')))
  expect([r.shape, alpha.shape]).toEqual([
    [known.folds, known.y.cols],
    [known.folds, known.y.cols],
  ])
  expect([r.data, alpha.data].map((data) => data.constructor)).toEqual([Float32Array, Float64Array])
  const differences: number[] = []
  for (const [i, expected] of known.r.entries()) {
    if (Number.isNaN(alpha.data[i])) {
      expect([r.data[i], expected]).toEqual([0, 0])
      continue
    }
    const index = known.alphas.indexOf(alpha.data[i])
    expect(known.gap[i * known.alphas.length + index]).toBeLessThan(1e-6)
    if (index === known.alpha[i]) differences.push(Math.abs(r.data[i] - expected))
  }
  differences.sort((a, b) => a - b)
  expect(differences.at(-1)).toBeLessThan(1e-4)
  expect(differences[differences.length >> 1]).toBeLessThan(1e-6)
}

test('features and responses of other formats give the bits that NPY files give', async () => {
  const matrices = fileURLToPath(new URL('../../reference/matrices/', import.meta.url))
  const how = [
    '--folds',
    '4',
    '--alphas',
    '1,10',
    '--select',
    'loo',
    '--keep',
    'importance',
    '--null',
    '5',
    '--block',
    '2',
  ]
  const scored = async (out: string, x: string, y: string) => {
    const { code, stderr } = await heschl('encode', '--x', matrices + x, '--y', matrices + y, ...how, '--out', out)
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    return Promise.all(['r', 'alpha', 'importance', 'p'].map((name) => readFile(at(join(out, `${name}.npy`)))))
  }
  const plain = await scored('as-npy', 'x.npy', 'y.npy')
  expect(await scored('as-volumes', 'arrays.h5:/run/x', 'y.nii.gz')).toEqual(plain)
})

describe('against scikit-learn', () => {
  test('float32, one X; the report says what was done', async () => {
    const known = caseOf('wide')
    await write('x.npy', known.x)
    await write('y.npy', known.y)
    const args = ['--x', 'x.npy', '--y', 'y.npy', ...options(known), '--out', 'results', '--json']
    const { code, stdout } = await heschl('encode', ...args)
    expect(code).toBe(0)
    await expectAgreement(known, 'results')
    expect((await readdir(at('results'))).toSorted()).toEqual(['alpha.npy', 'r.npy', 'report.json'])
    const report = JSON.parse(await readFile(at('results/report.json'), 'utf8')) as {
      peakMemoryBytes: number
      seconds: Record<string, number>
      products: { stages: Record<string, Record<'float32' | 'float64' | 'rate' | 'shareOfPeak', number>> }
    }
    expect(report).toMatchObject({
      options: { folds: known.folds, alphas: known.alphas, select: 'loo', scores: ['r'] },
      samples: known.x.rows,
      features: known.x.cols,
      targets: known.y.cols,
      provider: 'ONNX Runtime CPU',
      solvedFrom: ['samples'],
      heschl: expect.any(String),
      onnxruntime: expect.any(String),
      y: { file: at('y.npy'), shape: [known.y.rows, known.y.cols], type: 'f4' },
    })
    expect(Object.keys(report.products.stages)).toEqual(['prepare', 'score'])
    for (const { float32, float64, rate, shareOfPeak } of Object.values(report.products.stages)) {
      expect(float32 + float64).toBeGreaterThan(0)
      expect(rate).toBeGreaterThan(0)
      expect(shareOfPeak).toBeGreaterThan(0)
    }
    expect(Object.keys(report.seconds)).toEqual(['readX', 'prepare', 'readY', 'score', 'write'])
    expect(report.peakMemoryBytes).toBeGreaterThan(1e7)
    expect(JSON.parse(stdout)).toEqual({ out: at('results'), ...report })
  })

  test('float64; X in two files', async () => {
    const known = caseOf('tall')
    await write('x1.npy', columnsOf(known.x, 0, 5), true)
    await write('x2.npy', columnsOf(known.x, 5, known.x.cols))
    await write('y.npy', known.y, true)
    const args = ['--x', 'x1.npy', '--x', 'x2.npy', '--y', 'y.npy', ...options(known), '--out', 'wider']
    const { code, stdout } = await heschl('encode', ...args)
    expect(code).toBe(0)
    expect(stdout).toMatch(/wider: mean r -?0\.\d{3} over \d+ folds and \d+ targets/)
    await expectAgreement(known, 'wider')
  })
})

test('against himalaya: inner folds, r2 and predictions', async () => {
  const known = kfoldCases().find(({ name }) => name === 'wide-alphas')!
  const { rows, cols } = known.y
  await write('x.npy', known.x)
  // float64 and far from 0: predictions come in the unit of what was read.
  const far = Float64Array.from(known.y.data, (value, i) => (i % cols === 1 ? value * 1e30 : value + 1e4))
  await writeNpy(at('y.npy'), { shape: [rows, cols], data: far })
  const args = ['--x', 'x.npy', '--y', 'y.npy', ...options(known, 'kfold:5'), '--out', 'inner']
  const { code } = await heschl('encode', ...args, '--scores', 'r,r2', '--keep', 'predictions')
  expect(code).toBe(0)
  const expectedFiles = ['alpha.npy', 'predictions.npy', 'r.npy', 'r2.npy', 'report.json']
  expect((await readdir(at('inner'))).toSorted()).toEqual(expectedFiles)
  await expectAgreement(known, 'inner')
  expect(JSON.parse(await readFile(at('inner/report.json'), 'utf8'))).toMatchObject({
    options: { select: 'kfold:5', scores: ['r', 'r2'], keep: ['predictions'] },
  })
  const r2 = await readNpy(at('inner/r2.npy'))
  const predictions = await readNpy(at('inner/predictions.npy'))
  expect([r2.shape, predictions.shape]).toEqual([
    [known.folds, cols],
    [rows, cols],
  ])
  const size = rows / known.folds
  for (let fold = 0; fold < known.folds; fold++) {
    for (let t = 0; t < cols; t++) {
      const at = fold * cols + t
      expect(Math.abs(r2.data[at] - known.r2[at]) / Math.max(1, 1 - known.r2[at])).toBeLessThan(1e-4)
      const within = Array.from({ length: size }, (_, i) => (fold * size + i) * cols + t)
      const mean = within.reduce((sum, i) => sum + far[i] / size, 0)
      const total = within.reduce((sum, i) => sum + (far[i] - mean) ** 2, 0)
      const error = within.reduce((sum, i) => sum + (far[i] - predictions.data[i]) ** 2, 0)
      // 1e4 in float32 leaves three digits of a response of about 1.
      expect(Math.abs(1 - error / total - known.r2[at]) / Math.max(1, 1 - known.r2[at])).toBeLessThan(1e-2)
    }
  }
})

test('float64 responses far from 0, and of any scale, are as those near it', async () => {
  const known = caseOf('wide')
  const { rows, cols } = known.y
  await write('x.npy', known.x)
  const far = Float64Array.from(known.y.data, (value, i) => (i % 2 === 0 ? value * 1e200 : value + 1e7))
  expect(cols % 2).toBe(0)
  await writeNpy(at('y.npy'), { shape: [rows, cols], data: far })
  const args = ['--x', 'x.npy', '--y', 'y.npy', ...options(known), '--out', 'far']
  expect((await heschl('encode', ...args)).code).toBe(0)
  await expectAgreement(known, 'far')
})

test('a vector is one target; NaN and constant targets have r NaN and are counted', async () => {
  const known = caseOf('tall')
  const { rows } = known.y
  await write('x.npy', known.x)
  const first = columnsOf(known.y, 0, 1).data
  const args = ['--x', 'x.npy', '--folds', '4', '--alphas', 'logspace:0:6:7', '--select', 'loo', '--json']
  await writeNpy(at('one.npy'), { shape: [rows], data: Float32Array.from(first) })
  expect((await heschl('encode', ...args, '--y', 'one.npy', '--out', 'one')).code).toBe(0)
  const three = new Float64Array(rows * 3)
  for (let i = 0; i < rows; i++) three.set([0.1, first[i], i === 3 ? NaN : i], i * 3)
  await writeNpy(at('three.npy'), { shape: [rows, 3], data: three })
  const { code, stdout } = await heschl('encode', ...args, '--y', 'three.npy', '--out', 'three')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ targets: 3, unscoredTargets: 2 })
  const one = await readNpy(at('one/r.npy'))
  const r = await readNpy(at('three/r.npy'))
  expect([one.shape, r.shape]).toEqual([
    [4, 1],
    [4, 3],
  ])
  for (let fold = 0; fold < 4; fold++) {
    expect(Math.abs(r.data[fold * 3 + 1] - one.data[fold])).toBeLessThan(1e-6)
    expect([r.data[fold * 3], r.data[fold * 3 + 2]]).toEqual([NaN, NaN])
  }
  expect([1, 10, 100, 1000, 10_000, 100_000, 1e6]).toContain((await readNpy(at('one/alpha.npy'))).data[0])
})

test('the batch in which a target is read changes no bit', async () => {
  const known = caseOf('wide')
  await write('x.npy', known.x)
  await write('y.npy', known.y)
  const gemm = await createGemm({ threads: 1 })
  for (const selection of ['leave-one-out', { kfold: 3 }] as const) {
    const results: Buffer[] = []
    for (const mostTargets of [Infinity, 7, 1]) {
      const { folds, alphas } = known
      const { encoding } = arrayEncoding({ folds, alphas, selection })
      const files = { x: [at('x.npy')], y: at('y.npy') }
      const task = { kind: 'encodeArrays', ...files, options: encoding } as const
      const names = ['r', 'alpha', 'r2', 'predictions'] as const
      const written = Object.fromEntries(names.map((name) => [name, at(`batch-${name}.npy`)])) as Record<
        (typeof names)[number],
        string
      >
      const context = { progress: () => undefined, cancelled: () => false }
      await encodeArrays({ ...task, ...written }, { gemm }, context, mostTargets)
      results.push(Buffer.concat(await Promise.all(Object.values(written).map((file) => readFile(file)))))
    }
    for (const result of results) expect(result.equals(results[0])).toBe(true)
  }
  await gemm.close()
})

describe('failures leave nothing behind', () => {
  async function fails(exit: number, expected: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout } = await heschl('encode', ...args, '--out', 'failed', '--json')
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } }
    expect([code, error.code]).toEqual([exit, expected])
    expect(existsSync(at('failed'))).toBe(false)
    return error.message
  }
  const rest = ['--folds', '5', '--alphas', 'logspace:1:8:20']
  const files = ['--x', 'x.npy', '--y', 'y.npy']

  test('different numbers of samples: both files are named', async () => {
    await writeNpy(at('x.npy'), { shape: [20, 2], data: new Float32Array(40) })
    await writeNpy(at('y.npy'), { shape: [19, 3], data: new Float32Array(57) })
    const message = await fails(1, 'SHAPE_MISMATCH', ...files, ...rest, '--select', 'loo')
    expect(message).toMatch(/y\.npy[^]*20 rows, as .*x\.npy[^]*19 rows, shape \(19, 3\)/)
  })

  test('a feature that is not finite, a cube, more folds than samples, a file that is not there', async () => {
    const data = Float32Array.from({ length: 40 }, (_, i) => (i === 7 ? Infinity : Math.sin(i)))
    await writeNpy(at('x.npy'), { shape: [20, 2], data })
    await writeNpy(at('y.npy'), { shape: [20, 3], data: new Float32Array(60) })
    await fails(1, 'NUMERICAL', ...files, ...rest, '--select', 'loo')
    await fails(2, 'OPTION_INVALID', ...files, ...rest, '--select', 'loo', '--folds', '21')
    await writeNpy(at('x.npy'), { shape: [20, 1, 2], data })
    await fails(1, 'SHAPE_MISMATCH', ...files, ...rest, '--select', 'loo')
    await fails(1, 'FILE_MISSING', '--x', 'gone.npy', '--y', 'y.npy', ...rest, '--select', 'loo')
  })

  test.each([
    [['--select', 'kfold'], 'as kfold:5'],
    [['--select', 'kfold:1'], '2 or more inner folds'],
    [['--select', 'loo', '--scores', 'r,rho'], 'What there is: r, r2, r-squared.'],
    [['--select', 'loo', '--preset', 'lpq'], 'Allowed choices are standard, lpp'],
    [['--select', 'loo', '--variant', 'intended'], 'is of a --preset'],
    [['--preset', 'standard'], '--standardize-x per-run is done by runs'],
    [['--select', 'loo', '--keep', 'residuals'], 'What there is: predictions'],
    [['--select', 'loo', '--alphas', 'logspace:1:8:0'], 'powers of ten'],
    [['--select', 'loo', '--alphas', '10,1'], 'increasing order'],
    [[], "'--select' not specified"],
  ])('%j', async (args, words) => {
    await writeNpy(at('x.npy'), { shape: [20, 2], data: Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)) })
    await writeNpy(at('y.npy'), { shape: [20, 3], data: new Float32Array(60) })
    expect(await fails(2, 'OPTION_INVALID', ...files, ...rest, ...args)).toContain(words)
  })
})
