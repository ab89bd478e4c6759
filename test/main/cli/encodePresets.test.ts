/**
 * `heschl encode --preset` through the real command, against scikit-learn pipelines and himalaya written after the published
 * tables: test/reference/encoding/protocol. Each preset, and each option by its flag.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { protocolCases, runs, x, y } from '../encoding/protocol/oracle.ts'
import type { ProtocolCase } from '../encoding/protocol/oracle.ts'
import { heschl as heschlIn } from './heschl.ts'
import { writeLayout } from './npyOrders.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-encode-presets-'))
  await writeLayout(join(folder, 'x.npy'), x, { type: 'f4', order: 'C' })
  await writeLayout(join(folder, 'y.npy'), y, { type: 'f8', order: 'F' })
  await writeFile(join(folder, 'runs.json'), JSON.stringify(runs))
})
afterAll(() => rm(folder, { recursive: true }))

const cases = new Map(protocolCases().map((known) => [known.name, known]))
const caseOf = (name: string): ProtocolCase => cases.get(name)!

async function encode(...flags: readonly string[]) {
  const args = ['encode', '--x', 'x.npy', '--y', 'y.npy', '--runs', runs.join(), '--out', 'out', '--json']
  await rm(join(folder, 'out'), { recursive: true, force: true })
  const ended = await heschlIn(folder, ...args, ...flags)
  expect([ended.code, ended.code === 0 ? '' : ended.stdout]).toEqual([0, ''])
  return JSON.parse(ended.stdout) as { preset?: unknown; options: Record<string, unknown> }
}

const file = (name: string) => readNpy(join(folder, 'out', `${name}.npy`))

/** To 1e-4, and a median under 1e-6, as the README of the reference has it. */
function close(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found.length).toBe(expected.length)
  const differences = Array.from(expected, (value, i) => Math.abs(found[i] - value)).toSorted((a, b) => a - b)
  expect(differences.at(-1)).toBeLessThan(1e-4)
  expect(differences[differences.length >> 1]).toBeLessThan(1e-6)
}

/** Alphas of targets; components have none that a target could be told by. */
async function expectAlphas({ options: { alphas }, alpha, gap }: ProtocolCase): Promise<void> {
  const found = (await file('alpha')).data
  expect(found.length).toBe(alpha.length)
  for (const [i, expected] of alpha.entries()) {
    const index = alphas.findIndex((value) => Math.abs(value / found[i] - 1) < 1e-9)
    if (index !== expected) expect(gap[i * alphas.length + index]).toBeLessThan(1e-6)
  }
}

describe('presets', () => {
  test.each([
    ['standard', [], 'r', 'standard'],
    // Of twelve targets there are not the hundred components of the published preset.
    ['lpp', ['--pca-y', '5'], 'r', 'lpp'],
    ['lpp', ['--variant', 'intended', '--pca-y', '5'], 'r', 'lppIntended'],
    ['narratives', [], 'r', 'narratives'],
    ['voxelwise', [], 'r2', 'voxelwise'],
  ] as const)('%s %j', async (preset, flags, measure, name) => {
    const known = caseOf(name)
    const document = await encode('--preset', preset, ...flags)
    close((await file('r')).data, known.r)
    if (measure === 'r2') close((await file('r2')).data, known.r2)
    if (known.options.pcaY === 'none') await expectAlphas(known)
    expect(document.preset).toMatchObject({
      name: preset,
      variant: name === 'lppIntended' ? 'intended' : 'as-published',
      assumed: { window: 10, stride: 5, detrend: 0 },
    })
    const { pcaY } = known.options
    expect(document.options).toMatchObject({ runs, pcaY, pcaX: 'none', scores: [measure], over: 'folds' })
    expect(JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8'))).toMatchObject({
      preset: { name: preset },
    })
  })
})

describe('options by their flags', () => {
  const alphas = ['--alphas', 'logspace:-1:5:13']

  test('components of X and Y, inner folds; concatenated scores', async () => {
    const known = caseOf('componentsOfBoth')
    const scaled = [
      '--standardize-x',
      'training-fold',
      '--standardize-y',
      'training-fold',
      '--pca-x',
      '8',
      '--pca-y',
      '4',
    ]
    await encode(...scaled, ...alphas, '--folds', '4', '--select', 'kfold:3', '--scores', 'r,r2,r-squared')
    close((await file('r')).data, known.r)
    const squares = (await file('r-squared')).data
    close(
      squares,
      known.r.map((r) => r * r),
    )
    await encode(
      ...scaled,
      ...alphas,
      '--folds',
      '4',
      '--select',
      'kfold:3',
      '--over',
      'concatenated',
      '--scores',
      'r,r2',
    )
    const all = await file('r')
    expect(all.shape).toEqual([1, y.cols])
    close(all.data, known.rAll)
    close((await file('r2')).data, known.r2All)
  })

  test('one alpha for all targets, no intercept', async () => {
    const known = caseOf('sharedInner')
    const flags = ['--standardize-x', 'centre', '--intercept', 'false', '--alpha', 'shared']
    await encode(...flags, ...alphas, '--folds', '5', '--select', 'kfold:5')
    close((await file('r')).data, known.r)
    await expectAlphas(known)
  })

  test('rows that are held out, from a file; runs from a file; inner runs; weights', async () => {
    const known = caseOf('splitsRuns')
    await writeFile(join(folder, 'folds.json'), JSON.stringify(known.options.folds))
    const flags = ['--standardize-x', 'training-fold', '--folds', 'folds.json', '--runs', 'runs.json']
    await encode(...flags, ...alphas, '--select', 'runs', '--keep', 'weights')
    close((await file('r')).data, known.r)
    await expectAlphas(known)
    const weights = await file('weights')
    expect(weights.shape).toEqual([x.cols, y.cols])
    const largest = Math.max(...known.weights.map(Math.abs))
    for (const [i, weight] of known.weights.entries())
      expect(Math.abs(weights.data[i] - weight)).toBeLessThan(1e-4 * largest)
  })
})

describe('what cannot be', () => {
  const needed = ['--folds', '4', '--alphas', 'logspace:0:3:4', '--select', 'loo']
  const refuse = async (...flags: readonly string[]) => {
    const args = ['encode', '--x', 'x.npy', '--y', 'y.npy', '--out', 'refused', '--json']
    const { code, stdout } = await heschlIn(folder, ...args, ...flags)
    return [code, (JSON.parse(stdout) as { error: { message: string } }).error.message] as const
  }

  test.each([
    [['--preset', 'lpp'], 2, '--standardize-x per-run is done by runs'],
    [[...needed, '--runs', '24,30,21', '--standardize-x', 'per-run'], 1, '100 samples'],
    [[...needed, '--runs', '24,0,76'], 2, 'the samples of each run'],
    [[...needed, '--runs', 'gone.json'], 2, 'nor a JSON file'],
    [[...needed, '--folds', 'runs.json'], 2, 'a list of folds'],
    [[...needed, '--standardize-y', 'robust:99:1'], 2, 'robust: with two percentiles'],
    [[...needed, '--pca-x', '0'], 2, 'a number of components'],
    [[...needed, '--standardize-x', 'by-run'], 2, 'Allowed choices are per-run'],
    [[...needed, '--intercept', 'no'], 2, 'true or false'],
    [[...needed, '--over', 'all'], 2, 'Allowed choices are folds'],
  ])('%j', async (flags, exit, words) => {
    const [code, message] = await refuse(...flags)
    expect(message).toContain(words)
    expect(code).toBe(exit)
  })
})
