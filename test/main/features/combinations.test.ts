/** Regressors for every combination of response, TR, hop, oversampling and length; see test/reference/features/README.md. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { frameToVolume } from '../../../src-main/features/design.ts'
import type { DesignOptions } from '../../../src-main/features/design.ts'
import { Regressors } from '../../../src-main/features/regressors.ts'
import type { FeatureScale } from '../../../src-main/features/regressors.ts'
import { readNpy, writeNpy } from '../../../src-main/formats/npy.ts'
import { designFromArray } from '../../../src-main/pipeline/designArrays.ts'
import { heschl } from '../cli/heschl.ts'
import { activations } from './noise.ts'

type Rows = readonly (readonly number[])[]
interface Case {
  readonly options: DesignOptions & { readonly hrf: 'glover' | 'spm' }
  readonly regressors: Rows
  readonly zscored?: Rows
}
const cases = JSON.parse(
  readFileSync(new URL('../../reference/features/combinations.json', import.meta.url), 'utf8'),
) as readonly Case[]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-combinations-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** [frames, 3] */
function frames({ options }: Case) {
  const { data, rows } = activations(options.frames)
  return { data: data.filter((_, i) => i % 4 < 3), rows, cols: 3 }
}

/** To 1e-6 of each regressor's SD, plus half a float32 step of its largest value: the result is float32. */
function expectAgreement(found: ArrayLike<number>, expected: Rows): void {
  expect(found.length).toBe(expected.length * 3)
  for (let u = 0; u < 3; u++) {
    const theirs = expected.map((row) => row[u])
    const mean = theirs.reduce((sum, value) => sum + value, 0) / theirs.length
    const deviation = Math.sqrt(theirs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / theirs.length)
    expect(deviation).toBeGreaterThan(0)
    const tolerance = 1e-6 * deviation + 2 ** -24 * Math.max(...theirs.map(Math.abs))
    for (const [v, value] of theirs.entries()) expect(Math.abs(found[v * 3 + u] - value)).toBeLessThanOrEqual(tolerance)
  }
}

function streamed(one: Case, scale: FeatureScale): Float32Array {
  const { options } = one
  const regressors = new Regressors(frameToVolume(options), 3, { scale, hrf: options.hrf })
  const { data, rows } = frames(one)
  for (let frame = 0; frame < rows; frame += 250) {
    const end = Math.min(rows, frame + 250)
    regressors.add(frame, { data: data.subarray(frame * 3, end * 3), rows: end - frame, cols: 3 })
  }
  return regressors.finish().data
}

const name = ({ options: { hrf, tr, hopSeconds, oversampling, volumes, frames } }: Case) =>
  `${hrf}, TR ${tr} s, hop ${hopSeconds * 1000} ms, oversampling ${oversampling}, audio ${
    frames * hopSeconds > volumes * tr ? 'longer' : 'shorter'
  }`

test('all 96 combinations are there', () => {
  expect(new Set(cases.map(name)).size).toBe(96)
})

describe('nilearn’s compute_regressor to 1e-6 of its SD', () => {
  test.each(cases.map((one) => [name(one), one] as const))('%s', async (_, one) => {
    expectAgreement(streamed(one, 'none'), one.regressors)
    const { hopSeconds: hop, tr, volumes, audioStart: start, oversampling, hrf } = one.options
    const { data, rows } = frames(one)
    const activations = join(folder, 'a.npy')
    await writeNpy(activations, { shape: [rows, 3], data: Float64Array.from(data) })
    const task = {
      kind: 'designArray',
      activations,
      hrf,
      hop,
      tr,
      volumes,
      start,
      oversampling,
      scale: 'none',
    } as const
    const context = { progress: () => undefined, cancelled: () => false }
    await designFromArray({ ...task, out: join(folder, 'x.npy') }, context)
    expectAgreement((await readNpy(join(folder, 'x.npy'))).data, one.regressors)
  })

  // A process each: every eleventh has both responses, all TRs, all hops, both samplings and both lengths.
  const some = cases.filter((_, i) => i % 11 === 0)
  test.each(some.map((one) => [name(one), one] as const))('through the command: %s', async (_, one) => {
    const { hopSeconds, tr, volumes, audioStart, oversampling, hrf } = one.options
    const { data, rows } = frames(one)
    await writeNpy(join(folder, 'a.npy'), { shape: [rows, 3], data })
    const args = ['design', '--activations', 'a.npy', '--hop', hopSeconds, '--tr', tr, '--volumes', volumes]
    const rest = ['--hrf', hrf, '--oversampling', oversampling, '--start', audioStart, '--out', 'x.npy', '--json']
    const { code } = await heschl(folder, ...[...args, ...rest].map(String))
    expect(code).toBe(0)
    expectAgreement((await readNpy(join(folder, 'x.npy'))).data, one.regressors)
  })
  test('those through the command have every value of every option', () => {
    const values = (of: (one: Case) => unknown) => new Set(some.map(of)).size
    expect([
      values(({ options }) => options.hrf),
      values(({ options }) => options.tr),
      values(({ options }) => options.hopSeconds),
      values(({ options }) => options.oversampling),
      values(({ options: { frames, hopSeconds, volumes, tr } }) => frames * hopSeconds > volumes * tr),
    ]).toEqual([2, 4, 3, 2, 2])
  })
})

describe('z-scored before the response', () => {
  const scaled = cases.flatMap((one) => (one.zscored ? [[name(one), one, one.zscored] as const] : []))
  test.each(scaled)('%s', (_, one, zscored) => {
    expectAgreement(streamed(one, 'zscore'), zscored)
  })

  test('a unit that never changes gives zeros', () => {
    const [{ options }] = cases
    const regressors = new Regressors(frameToVolume({ ...options, frames: 500 }), 1, { scale: 'zscore', hrf: 'glover' })
    regressors.add(0, { data: new Float32Array(500).fill(0.1), rows: 500, cols: 1 })
    expect([...regressors.finish().data].every((value) => value === 0)).toBe(true)
  })
})
