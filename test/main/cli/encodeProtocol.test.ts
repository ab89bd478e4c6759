/** `heschl encode` with presets and options of an encoding model; see test/reference/encoding/README.md. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNpy, writeNpy } from '../../../src-main/formats/npy.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { protocolCases, runs, x, y } from '../encoding/protocol/oracle.ts'
import { heschl } from './heschl.ts'

let folder: string
const at = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-protocol-'))
  const write = (name: string, { rows, cols, data }: Matrix32, wide = false) =>
    writeNpy(at(name), { shape: [rows, cols], data: wide ? Float64Array.from(data) : Float32Array.from(data) })
  await write('x.npy', x)
  await write('y.npy', y)
  await write('y64.npy', y, true)
})
afterAll(() => rm(folder, { recursive: true }))

const cases = new Map(protocolCases().map((known) => [known.name, known]))

/** Runs the command and reads what it wrote. */
async function encode(out: string, options: readonly string[], responses = 'y.npy') {
  const args = ['--x', 'x.npy', '--y', responses, ...options, '--out', out, '--json']
  const { code, stdout, stderr } = await heschl(folder, 'encode', ...args)
  expect([code, stderr.includes('Error')]).toEqual([0, false])
  return {
    report: JSON.parse(stdout) as Readonly<Record<string, unknown>>,
    read: (name: string) => readNpy(at(join(out, `${name}.npy`))),
  }
}

const lengths = ['--runs', runs.join()]
const close = (found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  expect(found.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) expect(Math.abs(found[i] - expected[i])).toBeLessThan(tolerance)
}

describe('presets', () => {
  const presets: readonly (readonly [string, readonly string[]])[] = [
    ['standard', ['--preset', 'standard']],
    ['lppIntended', ['--preset', 'lpp', '--variant', 'intended', '--pca-y', '5']],
    ['narratives', ['--preset', 'narratives']],
    ['voxelwise', ['--preset', 'voxelwise']],
  ]

  test.each(presets)('%s', async (name, options) => {
    const known = cases.get(name)!
    const kept = ['--keep', 'predictions,weights']
    const { read, report } = await encode(name, [...options, ...lengths, ...kept, '--scores', 'r,r2,r-squared'])
    const [r, r2, squares, alpha, weights, predictions] = await Promise.all(
      ['r', 'r2', 'r-squared', 'alpha', 'weights', 'predictions'].map(read),
    )
    const folds = known.options.folds.length
    expect([r.shape, alpha.shape]).toEqual([
      [folds, y.cols],
      [folds, known.alpha.length / folds],
    ])
    const chosen = Float64Array.from(known.alpha, (index) => known.options.alphas[index])
    close(
      (alpha.data as Float64Array).map((value, i) => value / chosen[i]),
      new Float64Array(chosen.length).fill(1),
      1e-12,
    )
    close(r.data, known.r, 1e-5)
    close(r2.data, known.r2, 1e-4)
    close(
      squares.data,
      known.r.map((value) => value ** 2),
      1e-5,
    )
    close(weights.data, known.weights, 1e-5 * Math.max(...known.weights.map(Math.abs)))
    expect([weights.shape, predictions.shape]).toEqual([
      [x.cols, y.cols],
      [y.rows, y.cols],
    ])
    expect(report).toMatchObject({ preset: { name: options[1] } })
  })
})

test('float64 responses give what float32 ones give, where targets are coupled or have no intercept', async () => {
  for (const [i, options] of [
    ['--alpha', 'shared', '--folds', '5', '--alphas', 'logspace:-1:5:13', '--select', 'loo'],
    ['--preset', 'narratives', '--standardize-y', 'none'],
    ['--pca-y', '4', '--folds', '4', '--alphas', 'logspace:-1:5:13', '--select', 'loo'],
  ].entries()) {
    const all = [...options, ...lengths, '--keep', 'weights,predictions']
    const narrow = await encode(`narrow${i}`, all)
    const wide = await encode(`wide${i}`, all, 'y64.npy')
    for (const name of ['r', 'alpha', 'weights', 'predictions']) {
      const expected = (await narrow.read(name)).data as Float32Array
      close((await wide.read(name)).data, expected, 1e-4)
    }
  }
})

test('one score of all held-out predictions; folds of a file', async () => {
  const known = cases.get('splitsInner')!
  await writeFile(at('folds.json'), JSON.stringify(known.options.folds))
  const options = ['--folds', 'folds.json', '--alphas', 'logspace:-1:5:13', '--select', 'kfold:4']
  const { read } = await encode('splits', [...options, '--over', 'concatenated', '--scores', 'r,r2'])
  const [r, r2, alpha] = await Promise.all(['r', 'r2', 'alpha'].map(read))
  expect([r.shape, r2.shape, alpha.shape]).toEqual([
    [1, y.cols],
    [1, y.cols],
    [known.options.folds.length, y.cols],
  ])
  close(r.data, known.rAll, 1e-5)
  close(r2.data, known.r2All, 1e-5)
})

test('predictions are in the unit of Y, or of Y as it was scaled', async () => {
  const options = ['--folds', '5', '--alphas', '1,100', '--select', 'loo', '--keep', 'predictions']
  const { read } = await encode('unit', options, 'y64.npy')
  const predictions = (await read('predictions')).data as Float32Array
  const mean = (data: Float32Array) => data.reduce((sum, value) => sum + value, 0) / data.length
  expect(mean(predictions)).toBeCloseTo(mean(y.data), 1)
  const scaled = await encode('unitScaled', [...options, ...lengths, '--standardize-y', 'per-run'], 'y64.npy')
  expect(mean((await scaled.read('predictions')).data as Float32Array)).toBeCloseTo(0, 1)
})

test.each([
  ['runs that do not add up', [...['--preset', 'voxelwise'], '--runs', '50,49'], 'SHAPE_MISMATCH', '99 in 2 runs'],
  [
    'folds that share a sample',
    ['--preset', 'standard', ...lengths, '--folds', 'twice.json'],
    'OPTION_INVALID',
    'sample 3',
  ],
  ['too few runs', ['--preset', 'voxelwise', '--runs', '50,50'], 'OPTION_INVALID', '1 of 2 runs'],
])('%s are refused', async (_name, options, code, found) => {
  await writeFile(at('twice.json'), '[{"start": 0, "end": 5}, [3, 50, 51]]')
  const { code: status, stdout } = await heschl(
    folder,
    ...['encode', '--x', 'x.npy', '--y', 'y.npy', ...options, '--out', 'refused', '--json'],
  )
  expect(status).not.toBe(0)
  const { error } = JSON.parse(stdout)
  expect(error.code).toBe(code)
  expect(error.message).toContain(found)
})
