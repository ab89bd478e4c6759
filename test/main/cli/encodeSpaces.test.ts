/** `heschl encode` of several feature spaces that are told apart; oracles: test/reference/encoding/banded/README.md. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prepareBands } from '../../../src-main/encoding/banded/bands.ts'
import { fitSpaces, type SpaceSolver } from '../../../src-main/encoding/banded/fitSpaces.ts'
import { inMemory } from '../../../src-main/encoding/banded/search.ts'
import { contiguousFolds } from '../../../src-main/encoding/folds.ts'
import { readNpy, writeNpy } from '../../../src-main/formats/npy.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { standardizeColumns } from '../../../src-main/scoring/index.ts'
import { partitionCases } from '../encoding/banded/oracle.ts'
import { heschl as heschlIn } from './heschl.ts'

let folder: string
const gemm = await createGemm({ threads: 1 })
const at = (name: string) => join(folder, name)
const heschl = (...args: readonly string[]) => heschlIn(folder, 'encode', ...args)
const known = partitionCases()[1]
const files = ['mel.npy', 'words.npy', 'model.npy']
const inputs = ['--x', ...files, '--y', 'y.npy']
const grid = ['--alphas', known.alphas.join()]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-spaces-'))
  for (const [b, space] of known.spaces.entries()) await write(files[b], space)
  await write('y.npy', known.y)
})
afterAll(async () => {
  await gemm.close()
  await rm(folder, { recursive: true })
})

const write = (name: string, { rows, cols, data }: Matrix32) =>
  writeNpy(at(name), { shape: [rows, cols], data: Float32Array.from(data) })

const read = async (name: string) => (await readNpy(at(name))).data

/** What the command should give: the solver itself. */
async function fitted(how: SpaceSolver, spaces: readonly Matrix32[] = known.spaces, y = known.y) {
  const folds = contiguousFolds(y.rows, 4)
  const options = { folds, alphas: known.alphas, gemm, selection: { kfold: 3 } }
  return fitSpaces(await prepareBands(spaces, gemm), inMemory(y), options, how, {}, { split: true })
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) expect(found[i]).toBeCloseTo(expected[i], 5)
}

describe('--partition', () => {
  test('gives the parts that fits by scikit-learn give, and their names', async () => {
    const args = [...inputs, '--folds', '4', ...grid, '--select', 'loo', '--partition', '--scores', 'r,r2']
    const { code, stdout } = await heschl(...args, '--out', 'parts', '--json')
    expect(code).toBe(0)
    const all = ['alpha.npy', 'partition.npy', 'r.npy', 'r2.npy', 'report.json', 'unions.npy']
    expect((await readdir(at('parts'))).toSorted()).toEqual(all)
    const parts = await readNpy(at('parts/partition.npy'))
    expect(parts.shape).toEqual([7, known.y.cols])
    for (const [i, value] of known.parts.entries()) expect(parts.data[i]).toBeCloseTo(value, 4)
    expectClose(await read('parts/unions.npy'), known.unions)
    const report = JSON.parse(stdout) as Record<string, unknown>
    expect(JSON.parse(await readFile(at('parts/report.json'), 'utf8'))).toMatchObject({ partition: report.partition! })
    const mean = (values: ArrayLike<number>, i: number) =>
      Array.from({ length: known.y.cols }, (_, t) => values[i * known.y.cols + t]).reduce((a, b) => a + b) /
      known.y.cols
    expect(report).toMatchObject({
      options: { solver: 'ridge', select: 'loo' },
      spaces: ['mel', 'words', 'model'],
      targets: known.y.cols,
      unscoredTargets: 0,
      partition: {
        measure: 'r2',
        parts: [
          ...['only mel', 'only words', 'only model', 'mel & words', 'mel & model', 'words & model'],
          'mel & words & model',
        ].map((name, i) => ({ name, mean: expect.closeTo(mean(known.parts, i), 4) as number })),
      },
    })
  })

  test('divides the squares of r where that is the score', async () => {
    const args = [...inputs.slice(0, 3), ...inputs.slice(4), '--folds', '4', ...grid, '--select', 'loo', '--partition']
    const { code } = await heschl(...args, '--scores', 'r-squared', '--out', 'squares')
    expect(code).toBe(0)
    const squares = await read('squares/r-squared.npy')
    const unions = await read('squares/unions.npy')
    const { cols } = known.y
    const parts = await read('squares/partition.npy')
    for (let t = 0; t < cols; t++) {
      const whole = [0, 1, 2, 3].reduce((sum, fold) => sum + squares[fold * cols + t] / 4, 0)
      expect(unions[2 * cols + t]).toBeCloseTo(whole, 6)
      expect(parts[t] + parts[cols + t] + parts[2 * cols + t]).toBeCloseTo(whole, 5)
    }
  })
})

describe('--solver', () => {
  test('banded-random writes scores, kernel weights and what each space contributes', async () => {
    const args = [...inputs, '--folds', '4', ...grid, '--select', 'kfold:3', '--solver', 'banded-random']
    const { code } = await heschl(...args, '--iterations', '6', '--seed', '3', '--keep', 'split', '--out', 'random')
    expect(code).toBe(0)
    const expected = await fitted({ solver: 'banded-random', iterations: 6, seed: 3 })
    expect((await readNpy(at('random/deltas.npy'))).shape).toEqual([4, 3, known.y.cols])
    expectClose(await read('random/r.npy'), expected.r)
    expectClose(await read('random/alpha.npy'), expected.alpha)
    expectClose(await read('random/deltas.npy'), expected.deltas)
    expectClose(await read('random/r-split.npy'), expected.split!.r)
    expectClose(await read('random/r2-split.npy'), expected.split!.r2)
    const report = JSON.parse(await readFile(at('random/report.json'), 'utf8')) as unknown
    expect(report).toMatchObject({ options: { solver: 'banded-random', iterations: 6, seed: 3, select: 'kfold:3' } })
  })

  test('banded-gradient, of runs that are standardised', async () => {
    const runs = [30, 20, 30]
    const args = [...inputs, '--runs', runs.join(), '--standardize-x', 'per-run', '--standardize-y', 'per-run']
    const solver = ['--select', 'kfold:3', '--solver', 'banded-gradient', '--iterations', '2']
    const { code } = await heschl(...args, '--folds', '4', ...grid, ...solver, '--out', 'gradient')
    expect(code).toBe(0)
    const scaled = (x: Matrix32): Matrix32 => {
      const data = new Float32Array(x.data.length)
      let start = 0
      for (const length of runs) {
        data.set(standardizeColumns(x, { start, end: start + length }).data, start * x.cols)
        start += length
      }
      return { ...x, data }
    }
    const how = { solver: 'banded-gradient', iterations: 2 } as const
    const expected = await fitted(how, known.spaces.map(scaled), scaled(known.y))
    expectClose(await read('gradient/r.npy'), expected.r)
    expectClose(await read('gradient/deltas.npy'), expected.deltas)
  })

  test('as the tutorials of voxelwise modelling: whole runs held out, nothing but centring, no intercept', async () => {
    const preset = ['--preset', 'voxelwise', '--runs', '30,20,30', '--standardize-y', 'per-run']
    const { code } = await heschl(
      ...[...inputs, ...preset, '--solver', 'banded-random', '--iterations', '2', '--seed', '0', '--out', 'voxelwise'],
    )
    expect(code).toBe(0)
    const report = JSON.parse(await readFile(at('voxelwise/report.json'), 'utf8')) as { meanR: number }
    expect(report).toMatchObject({ preset: { name: 'voxelwise' }, options: { intercept: false, folds: 'runs' } })
    expect((await readNpy(at('voxelwise/r2.npy'))).shape).toEqual([3, known.y.cols])
  })
})

describe('what cannot be fitted is refused, and nothing written', () => {
  const random = ['--solver', 'banded-random', '--iterations', '3', '--seed', '1']
  test.each([
    ['one space', ['--x', 'mel.npy', '--y', 'y.npy', ...random], 'at least 2'],
    ['five spaces to divide', [...inputs, '--x', ...files, 'mel.npy', 'words.npy', '--partition'], '2 to 4'],
    ['no iterations', [...inputs, '--solver', 'banded-random', '--seed', '1'], '--iterations'],
    ['no seed', [...inputs, '--solver', 'banded-random', '--iterations', '3'], '--seed'],
    [
      'a seed of nothing drawn',
      [...inputs, '--solver', 'banded-gradient', '--iterations', '3', '--seed', '1'],
      '--seed',
    ],
    ['iterations of ridge', [...inputs, '--iterations', '3'], '--iterations'],
    ['predictions', [...inputs, ...random, '--keep', 'predictions'], 'predictions'],
    ['components', [...inputs, ...random, '--pca-x', '3'], 'pca-x'],
    ['one alpha for all', [...inputs, ...random, '--alpha', 'shared'], 'shared'],
    ['too many iterations', [...inputs, '--solver', 'banded-random', '--iterations', '70000', '--seed', '1'], '65535'],
    ['a gradient without inner folds', [...inputs, '--solver', 'banded-gradient', '--iterations', '2'], 'inner folds'],
  ])('%s', async (_name, args, says) => {
    const { code, stderr } = await heschl(...args, '--folds', '4', ...grid, '--select', 'loo', '--out', 'refused')
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain(says)
    expect(existsSync(at('refused'))).toBe(false)
  })
})
