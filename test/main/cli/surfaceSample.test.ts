/** `surface sample`, `resample` and `mask`; the numbers are held to nilearn and Workbench in test/main/surfaces/sampling. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { masked } from '../../../src-main/cli/commands/surfaceMask.ts'
import type { MaskOptions } from '../../../src-main/cli/commands/surfaceMask.ts'
import { resampled, sampled } from '../../../src-main/cli/commands/surfaceSample.ts'
import type { ResampleOptions, SampleOptions } from '../../../src-main/cli/commands/surfaceSample.ts'
import { createOutput } from '../../../src-main/cli/output.ts'
import { readGifti } from '../../../src-main/formats/gifti.ts'
import { giftiLabels, giftiSurface, writeGifti } from '../../../src-main/formats/giftiWrite.ts'
import { readMghHeader } from '../../../src-main/formats/mgh.ts'
import { writeNifti } from '../../../src-main/formats/niftiWrite.ts'
import { readNiftiVolumes } from '../../../src-main/formats/nifti.ts'
import { readNpy, writeNpy } from '../../../src-main/formats/npy.ts'
import { epiMaskDefaults } from '../../../src-main/surfaces/sampling/epiMask.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import { heschl } from './heschl.ts'

const folder = mkdtempSync(join(tmpdir(), 'heschl-sample-'))
const at = (name: string) => join(folder, name)
const affine = Float64Array.from([4, 0, 0, -30, 0, 4, 0, -30, 0, 0, 4, -30, 0, 0, 0, 1])
const size = 16

beforeAll(async () => {
  for (const level of [1, 2]) {
    const { points, triangles } = icosphere(level)
    for (const [name, radius] of [
      ['pial', 24],
      ['white', 20],
      ['sphere', 100],
      ['far', 500],
    ] as const)
      await writeGifti(
        at(`lh.${name}${level}.gii`),
        giftiSurface(
          Float32Array.from(points, (x) => x * radius),
          triangles,
        ),
      )
  }
  // A ramp along x, and twice it.
  const ramp = Float32Array.from({ length: 2 * size ** 3 }, (_, i) => (i < size ** 3 ? 1 : 2) * ((i % size) * 4 - 30))
  await writeNifti(at('run.nii.gz'), { shape: [size, size, size, 2], data: ramp, affine, tr: 1.5 })
  const half = Uint8Array.from({ length: size ** 3 }, (_, i) => (i % size < size / 2 ? 1 : 0))
  await writeNifti(at('mask.nii.gz'), { shape: [size, size, size], data: half, affine })
})
afterAll(() => rmSync(folder, { recursive: true }))

async function ran<Options>(
  command: (options: Options, output: ReturnType<typeof createOutput>) => Promise<number>,
  options: Options,
) {
  let [text, notes] = ['', '']
  const output = createOutput(true, { write: (part) => (text += part) }, { write: (part) => (notes += part) })
  expect(await command(options, output)).toBe(0)
  return { document: JSON.parse(text) as Record<string, unknown>, notes }
}
const sample = (options: Partial<SampleOptions>) =>
  ran<SampleOptions>(sampled, {
    ...{ volume: at('run.nii.gz'), pial: at('lh.pial1.gii'), interpolation: 'linear', out: at('out.npy') },
    ...options,
  })
const resample = (options: Partial<ResampleOptions>) =>
  ran<ResampleOptions>(resampled, {
    ...{ map: at('map.npy'), from: at('lh.sphere1.gii'), to: at('lh.sphere2.gii'), method: 'barycentric' },
    ...{ out: at('out.npy'), ...options },
  })

describe('sample', () => {
  test('the ramp at the vertices: along the ribbon, at the vertex, in every format', async () => {
    const { points } = icosphere(1)
    const expected = (radius: number) => Float32Array.from({ length: 42 }, (_, v) => radius * points[3 * v])
    for (const [options, radius] of [
      [{ white: at('lh.white1.gii') }, 22],
      [{ kind: 'point' }, 24],
      [{ kind: 'line' }, 24],
      [{ white: at('lh.white1.gii'), depths: [1] }, 20],
    ] as const) {
      const { document } = await sample(options)
      expect(document).toMatchObject({ volumes: 2, vertices: 42, uncovered: 0, hemisphere: 'left' })
      const { data, shape } = await readNpy(at('out.npy'))
      expect(shape).toEqual([2, 42])
      const ramp = [...expected(radius), ...expected(2 * radius)]
      Array.from(data as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(ramp[i], 3))
    }
    await sample({ out: at('out.func.gii'), hemisphere: 'right' })
    const { arrays } = await readGifti(at('out.func.gii'))
    expect(arrays.map(({ intent, dims }) => [intent, dims])).toEqual(
      [0, 1].map(() => ['NIFTI_INTENT_TIME_SERIES', [42]]),
    )
    await sample({ out: at('out.mgz') })
    expect((await readMghHeader(at('out.mgz'))).shape).toEqual([42, 1, 1, 2])
  })

  test('vertices outside are told, with where', async () => {
    const { document, notes } = await sample({ mask: at('mask.nii.gz'), kind: 'point' })
    expect(document['uncovered']).toBeGreaterThan(10)
    expect(notes).toMatch(
      /\d+ of 42 vertices are outside the volume, written as NaN: they span x .* mm; the volume spans x −30 to 30/,
    )
    await expect(sample({ pial: at('lh.far1.gii'), out: at('none.npy') })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
      message: expect.stringMatching(/42 of 42 vertices outside: they span x −\d+ to \d+/) as unknown,
    })
    expect(existsSync(at('none.npy'))).toBe(false)
  })

  test('what does not go together is refused', async () => {
    const white = at('lh.white1.gii')
    for (const options of [
      ...[{ kind: 'depth' }, { kind: 'point', radius: 2 }, { kind: 'ball', points: 5 }, { white, radius: 1 }],
      ...[{ white, points: 5, depths: [0.5] }, { out: at('out.txt') }],
    ] as const)
      await expect(sample(options)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(sample({ white: at('lh.white2.gii') })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(sample({ volume: at('lh.pial1.gii') })).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    const elsewhere = affine.map((value, i) => (i === 3 ? value + 2 : value))
    await writeNifti(at('other.nii'), {
      shape: [size, size, size],
      data: new Uint8Array(size ** 3).fill(1),
      affine: elsewhere,
    })
    await expect(sample({ mask: at('other.nii') })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
    await expect(sample({ mask: at('run.nii.gz') })).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })
})

test('maps and labels on another mesh; what is of another mesh is refused', async () => {
  const { points } = icosphere(1)
  const x = Float32Array.from({ length: 42 }, (_, v) => points[3 * v])
  await writeNpy(at('map.npy'), { shape: [42], data: x })
  expect((await resample({ out: at('out.mgh') })).document).toMatchObject({ maps: 1, vertices: { from: 42, to: 162 } })
  await resample({})
  const fine = icosphere(2).points
  const { data, shape } = await readNpy(at('out.npy'))
  expect(shape).toEqual([1, 162])
  Array.from(data as Float32Array).forEach((value, v) => expect(Math.abs(value - fine[3 * v])).toBeLessThan(0.15))
  const table = [1, 2].map((key) => ({ key, name: `region ${key}`, rgba: [0.5, 0.5, 0.5, 1] as const }))
  await writeGifti(
    at('own.label.gii'),
    giftiLabels(
      Int32Array.from(x, (value) => (value > 0 ? 1 : 2)),
      table,
    ),
  )
  await resample({ map: at('own.label.gii'), method: 'nearest', out: at('out.label.gii') })
  const labels = await readGifti(at('out.label.gii'))
  expect(labels.labels.map(({ name }) => name)).toEqual(['region 1', 'region 2'])
  expect(new Set(labels.arrays[0].data)).toEqual(new Set([1, 2]))
  await expect(resample({ map: at('own.label.gii'), out: at('out.label.gii') })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
  await expect(resample({ from: at('lh.sphere2.gii') })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  await expect(resample({ map: at('lh.pial1.gii') })).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
})

test('the command itself', async () => {
  const { code, stdout } = await heschl(
    folder,
    ...[
      'surface',
      'sample',
      '--volume',
      'run.nii.gz',
      '--pial',
      'lh.pial1.gii',
      '--kind',
      'ball',
      '--out',
      'm.func.gii',
    ],
  )
  expect([code, stdout.trim()]).toEqual([0, 'm.func.gii: 2 volumes at 42 vertices'])
})

describe('surface mask', () => {
  const reference = (name: string) => fileURLToPath(new URL(`../../reference/epi-mask/${name}.nii.gz`, import.meta.url))
  const options = { ...epiMaskDefaults, out: at('brain.nii.gz') }
  const mask = (files: readonly string[], own: Partial<MaskOptions> = {}) =>
    ran<MaskOptions>((given, output) => masked(files, given, output), { ...options, ...own })

  test('a mask of several runs, with what it was made from', async () => {
    const { document } = await mask([reference('single'), reference('whole'), reference('cut')])
    const { data } = await readNiftiVolumes(at('brain.nii.gz'))
    expect([...data].filter((value) => value === 1)).toHaveLength(Number(document['voxels']))
    const about = JSON.parse(readFileSync(at('brain.json'), 'utf8')) as Record<string, unknown>
    expect(about).toMatchObject({ Type: 'Brain', Options: epiMaskDefaults, Voxels: document['voxels'] })
    expect(about['Sources']).toHaveLength(3)
  })

  test('what cannot be', async () => {
    const code = (own: Promise<unknown>) => expect(own).rejects
    await code(mask([reference('single')], { out: at('brain.npy') })).toMatchObject({ code: 'OPTION_INVALID' })
    await code(mask([reference('single')], { lower: 0.9 })).toMatchObject({ code: 'OPTION_INVALID' })
    await code(mask([reference('single'), at('run.nii.gz')])).toMatchObject({ code: 'SHAPE_MISMATCH' })
  })
})
