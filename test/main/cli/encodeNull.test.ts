/** `heschl encode --null` and `--keep importance`: what follows the regression, through the real command. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readNpy, writeNpy } from '../../../src-main/formats/npy.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import { blockNull, nullThreshold } from '../../../src-main/scoring/blockNull.ts'
import { heschl as heschlIn } from './heschl.ts'

let folder: string
const at = (name: string) => join(folder, name)
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)

const [samples, features, targets] = [120, 3, 6]

/** Targets 0 to 2 are made from X, 3 and 4 are noise, 5 is constant. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-null-'))
  const { normal } = seededRandom(8)
  const x = Float32Array.from({ length: samples * features }, normal)
  const y = Float64Array.from({ length: samples * targets }, (_, i) => {
    const [row, target] = [Math.floor(i / targets), i % targets]
    if (target === 5) return 4
    return 1000 + (target < 3 ? 2 * x[row * features + target] : 0) + normal()
  })
  await writeNpy(at('x.npy'), { shape: [samples, features], data: x })
  await writeNpy(at('y.npy'), { shape: [samples, targets], data: y })
})
afterAll(() => rm(folder, { recursive: true }))

const regression = ['--x', 'x.npy', '--y', 'y.npy', '--folds', '4', '--alphas', '1,10', '--select', 'loo']

test('p of every target alone and of the highest, as of the predictions that it keeps', async () => {
  const said = ['--null', '200', '--block', '6', '--seed', '3', '--keep', 'predictions', '--runs', '60,60']
  const { code, stdout } = await heschl('encode', ...regression, ...said, '--out', 'kept', '--json')
  expect(code).toBe(0)
  expect((await readdir(at('kept'))).sort()).toEqual(
    ['alpha.npy', 'p.npy', 'p_max.npy', 'predictions.npy', 'r.npy', 'report.json'].sort(),
  )
  const read = async (name: string) => await readNpy(at(join('kept', name)))
  const [p, pMax, predictions, y] = [
    await read('p.npy'),
    await read('p_max.npy'),
    await read('predictions.npy'),
    await readNpy(at('y.npy')),
  ]
  const folds = Array.from({ length: 4 }, (_, f) => [{ start: 30 * f, end: 30 * f + 30 }])
  const sum = blockNull({
    ...{ folds, nSamples: samples, nTargets: targets, block: 6, permutations: 200, seed: 3 },
    ...{ measure: 'r', over: 'folds' },
  })
  const wide = (data: ArrayLike<number>) => ({ data: Float64Array.from(data), rows: samples, cols: targets })
  sum.add(wide(predictions.data), wide(y.data), 0)
  const expected = sum.finish()
  expect(p.data).toEqual(expected.p)
  expect(pMax.data).toEqual(expected.pMax)
  expect([...pMax.data.subarray(0, 3)].every((value) => value <= 0.05)).toBe(true)
  expect(pMax.data[5]).toBeNaN()
  const report = JSON.parse(await readFile(at(join('kept', 'report.json')), 'utf8'))
  expect(report.null).toMatchObject({ measure: 'r', over: 'folds', block: 6, permutations: 200, seed: 3, level: 0.05 })
  expect(report.null.threshold).toBe(nullThreshold(expected, 0.05))
  expect(report.null.targets).toBe(5)
  expect(JSON.parse(stdout).null).toEqual(report.null)
})

test('without --keep the predictions are not left behind; scores of single columns are those of all', async () => {
  expect((await heschl('encode', ...regression, '--null', '100', '--out', 'plain')).code).toBe(0)
  expect((await readdir(at('plain'))).sort()).toEqual(['alpha.npy', 'p.npy', 'p_max.npy', 'r.npy', 'report.json'])
  const { block, seed } = JSON.parse(await readFile(at(join('plain', 'report.json')), 'utf8')).null
  expect([block, seed]).toEqual([10, 1])
})

test('importance of each --x is the mean absolute weight of its features', async () => {
  await writeNpy(at('x2.npy'), {
    shape: [samples],
    data: Float32Array.from({ length: samples }, seededRandom(9).normal),
  })
  const both = ['--x', 'x.npy', 'x2.npy', ...regression.slice(2), '--keep', 'weights,importance']
  expect((await heschl('encode', ...both, '--out', 'weighed')).code).toBe(0)
  const weights = await readNpy(at(join('weighed', 'weights.npy')))
  const importance = await readNpy(at(join('weighed', 'importance.npy')))
  expect([weights.shape, importance.shape]).toEqual([
    [features + 1, targets],
    [2, targets],
  ])
  for (let t = 0; t < targets - 1; t++) {
    const own = Array.from({ length: features + 1 }, (_, f) => Math.abs(weights.data[f * targets + t]))
    expect(importance.data[t]).toBeCloseTo((own[0] + own[1] + own[2]) / 3, 5)
    expect(importance.data[targets + t]).toBeCloseTo(own[3], 5)
  }
  expect(importance.data[0]).toBeGreaterThan(importance.data[targets])
})

test.each([
  [['--block', '5'], "option '--block' is of --null"],
  [['--null', '100', '--block', '20'], 'cannot be permuted in blocks'],
  [['--null', '0'], 'fewer orders than permutations'],
  [['--x', 'x.npy', '--null', '10', '--solver', 'banded-gradient', '--iterations', '5'], '--null tests one ridge'],
])('%s is refused', async (given, message) => {
  const { code, stderr } = await heschl('encode', ...regression, ...given, '--out', 'refused')
  expect(code).not.toBe(0)
  expect(stderr).toContain(message)
  expect(await readdir(folder)).not.toContain('refused')
})
