/** Recordings whose values are not of the targets: what is read is what a rule makes of the whole, in any part. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { giftiSurface, writeGifti } from '../../../src-main/formats/giftiWrite.ts'
import { writeNifti } from '../../../src-main/formats/niftiWrite.ts'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { Facts } from '../../../src-main/pipeline/facts.ts'
import { loadResponses } from '../../../src-main/pipeline/responses.ts'
import type { ResponseFiles } from '../../../src-main/pipeline/responses.ts'
import { checkVolumeRun } from '../../../src-main/pipeline/ruledResponses.ts'
import { ruleWithMask, targetRuleOf } from '../../../src-main/pipeline/targetRule.ts'
import type { TargetRule } from '../../../src-main/pipeline/targetRule.ts'
import type { Study } from '../../../src-main/study/schema.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'

const folder = mkdtempSync(join(tmpdir(), 'heschl-ruled-'))
const at = (name: string) => join(folder, name)
const place = { subject: 's', stimulus: 't' }
const [coarse, fine] = [icosphere(1), icosphere(2)]
const vertices = { left: 42, right: 42 }
const volumes = 5

/** Its vertices' x, the volume's number added; right hemispheres ten higher. */
const wave = (points: Float64Array, right: boolean) =>
  Float32Array.from({ length: (volumes * points.length) / 3 }, (_, i) => {
    const count = points.length / 3
    return points[3 * (i % count)] + Math.floor(i / count) + (right ? 10 : 0)
  })

beforeAll(async () => {
  for (const [name, { points, triangles }] of Object.entries({ coarse, fine }))
    for (const side of ['left', 'right'])
      for (const [form, radius] of [
        ['pial', 12],
        ['white', 10],
        ['sphere', 100],
      ] as const)
        await writeGifti(
          at(`${name}_${form}_${side}.gii`),
          giftiSurface(
            Float32Array.from(points, (x) => x * radius),
            triangles,
          ),
        )
  const [left, right] = [wave(fine.points, false), wave(fine.points, true)]
  await writeNpy(at('left.npy'), { shape: [volumes, 162], data: left })
  await writeNpy(at('right.npy'), { shape: [volumes, 162], data: right })
  const both = new Float32Array(volumes * 324)
  for (let v = 0; v < volumes; v++) {
    both.set(left.subarray(v * 162, (v + 1) * 162), v * 324)
    both.set(right.subarray(v * 162, (v + 1) * 162), v * 324 + 162)
  }
  await writeNpy(at('both.npy'), { shape: [volumes, 324], data: both })
  const affine = Float64Array.of(3, 0, 0, -15, 0, 3, 0, -15, 0, 0, 3, -15, 0, 0, 0, 1)
  const data = Float32Array.from({ length: 1331 * volumes }, (_, i) => ((i % 11) * 3 - 15) / 10 + Math.floor(i / 1331))
  await writeNifti(at('run.nii.gz'), { shape: [11, 11, 11, volumes], data, affine })
  const mask = Uint8Array.from({ length: 1331 }, (_, i) => (i % 5 === 0 ? 1 : 0))
  await writeNifti(at('mask.nii'), { shape: [11, 11, 11], data: mask, affine })
})
afterAll(() => rmSync(folder, { recursive: true }))

const surface = (form: string) => ({
  left: { folded: `coarse_${form}_left.gii`, white: 'coarse_white_left.gii', sphere: 'coarse_sphere_left.gii' },
  right: { folded: `coarse_${form}_right.gii`, white: 'coarse_white_right.gii', sphere: 'coarse_sphere_right.gii' },
})
const rule = (study: Partial<Study>): TargetRule => targetRuleOf(study, folder)!
const fineSpheres = { left: 'fine_sphere_left.gii', right: 'fine_sphere_right.gii' }

/** The whole, which every part has to agree with. */
async function whole(files: ResponseFiles, own: TargetRule, counts = vertices): Promise<Matrix32> {
  const all = await loadResponses(files, counts, place, undefined, own)
  for (const [from, to] of [
    [0, 7],
    [30, 60],
    [80, 84],
  ]) {
    const part = await loadResponses(files, counts, place, { from, to }, own)
    for (let v = 0; v < volumes; v++)
      expect([...part.data.subarray(v * (to - from), (v + 1) * (to - from))]).toEqual([
        ...all.data.subarray(v * all.cols + from, v * all.cols + to),
      ])
  }
  return all
}

test.each(['barycentric', 'nearest'] as const)(
  'another mesh, %s: a file a hemisphere, or one for both',
  async (method) => {
    const own = rule({ surface: surface('pial'), resample: { from: fineSpheres, method } })
    const sides = await whole({ left: at('left.npy'), right: at('right.npy') }, own)
    expect([sides.rows, sides.cols]).toEqual([volumes, 84])
    // Every vertex of the coarse ball is one of the fine ball's.
    for (let i = 0; i < sides.data.length; i++) {
      const [v, t] = [Math.floor(i / 84), i % 84]
      expect(sides.data[i]).toBeCloseTo(coarse.points[3 * (t % 42)] + v + (t < 42 ? 0 : 10), 4)
    }
    expect([...(await whole(at('both.npy'), own)).data]).toEqual([...sides.data])
    await expect(loadResponses(at('left.npy'), vertices, place, undefined, own)).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
      message: expect.stringContaining('resample.from') as unknown,
    })
  },
)

test('volumes on the surface, and voxels of a mask', async () => {
  const sampled = await whole(at('run.nii.gz'), rule({ surface: surface('pial'), volumes: { sample: 'depth' } }))
  for (let i = 0; i < sampled.data.length; i++)
    expect(sampled.data[i]).toBeCloseTo((11 * coarse.points[3 * ((i % 84) % 42)]) / 10 + Math.floor(i / 84), 4)
  const voxels = await whole(at('run.nii.gz'), rule({ volumes: { mask: 'mask.nii' } }), { left: 267, right: 0 })
  expect([voxels.rows, voxels.cols]).toEqual([volumes, 267])
  expect(voxels.data[267]).toBeCloseTo(-1.5 + 1, 5)
})

test('a recording’s own mask', async () => {
  const affine = Float64Array.of(3, 0, 0, -15, 0, 3, 0, -15, 0, 0, 3, -15, 0, 0, 0, 1)
  const half = Uint8Array.from({ length: 1331 }, (_, i) => Number(i < 700))
  await writeNifti(at('own.nii'), { shape: [11, 11, 11], data: half, affine })
  const voxels = rule({ volumes: { mask: 'mask.nii' } })
  const counts = { left: 267, right: 0 }
  const [all, some] = [
    await whole(at('run.nii.gz'), voxels, counts),
    await whole(at('run.nii.gz'), ruleWithMask(voxels, at('own.nii')), counts),
  ]
  // Every fifth voxel is the study's
  expect([...some.data]).toEqual([...all.data].map((value, i) => (5 * (i % 267) < 700 ? value : NaN)))
  const sampling = rule({ surface: surface('pial'), volumes: { sample: 'depth', mask: 'mask.nii' } })
  const own = rule({ surface: surface('pial'), volumes: { sample: 'depth', mask: 'own.nii' } })
  expect(ruleWithMask(sampling, at('own.nii'))).toEqual(own)
  const none = Uint8Array.from({ length: 1331 }, (_, i) => Number(i === 1))
  await writeNifti(at('none.nii'), { shape: [11, 11, 11], data: none, affine })
  await expect(
    checkVolumeRun(at('run.nii.gz'), ruleWithMask(voxels, at('none.nii')) as Parameters<typeof checkVolumeRun>[1]),
  ).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})

test('what a rule lacks is told', async () => {
  const spheres = { surface: surface('pial'), resample: { from: 'fs_LR_32k', method: 'nearest' as const } }
  expect(() => rule({ ...spheres, surface: 'fsaverage5' })).toThrow('not registered with each other')
  expect(() => rule({ ...spheres, surface: 'schematic' })).toThrow('schematic cortex')
  const bare = { left: { folded: 'coarse_pial_left.gii' }, right: { folded: 'coarse_pial_right.gii' } }
  expect(() => rule({ surface: bare, resample: { from: fineSpheres, method: 'nearest' } })).toThrow(
    'There is no sphere',
  )
  const noWhite = rule({ surface: bare, volumes: { sample: 'depth' } })
  await expect(loadResponses(at('run.nii.gz'), vertices, place, undefined, noWhite)).rejects.toThrow('no white surface')
  await expect(
    new Facts(folder).rule({
      surface: surface('pial'),
      resample: { from: fineSpheres, method: 'nearest' },
    } as unknown as Study),
  ).resolves.toMatchObject({ kind: 'resampled', sources: 324 })
})
