/** Against nilearn's vol_to_surf: test/reference/volume-sampling/generate.py. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HeschlError } from '../../../../src-main/errors.ts'
import { inverseAffine, isSameGrid, placed } from '../../../../src-main/surfaces/sampling/grid.ts'
import type { VoxelGrid } from '../../../../src-main/surfaces/sampling/grid.ts'
import { samplingDefaults } from '../../../../src-main/surfaces/sampling/locations.ts'
import type { SamplingOptions } from '../../../../src-main/surfaces/sampling/locations.ts'
import { VolumeSampler } from '../../../../src-main/surfaces/sampling/sampler.ts'
import { icosphere } from '../../../../src-main/surfaces/icosphere.ts'

interface Case {
  readonly affine: string
  readonly rule: string
  readonly interpolation: 'linear' | 'nearest'
  readonly data: 'clean' | 'broken'
  readonly mask: boolean
  readonly values: readonly (number | null)[]
}
const reference = JSON.parse(
  readFileSync(new URL('../../../reference/volume-sampling/sampling.json', import.meta.url), 'utf8'),
) as {
  readonly cases: readonly Case[]
  readonly shape: readonly [number, number, number]
  readonly affines: Readonly<Record<string, readonly number[]>>
  readonly pial: readonly number[]
  readonly white: readonly number[]
  readonly triangles: readonly number[]
  readonly clean: readonly number[]
  readonly nan: readonly number[]
  readonly inf: readonly number[]
  readonly mask: readonly number[]
}
const { shape } = reference
const voxels = shape[0] * shape[1] * shape[2]
const clean = Float32Array.from(reference.clean)
const broken = clean.slice()
for (const i of reference.nan) broken[i] = NaN
for (const i of reference.inf) broken[i] = Infinity
const mask = Uint8Array.from(reference.mask)
const outer = { points: Float32Array.from(reference.pial), triangles: Uint32Array.from(reference.triangles) }
const mesh = { outer, inner: Float32Array.from(reference.white) }
const vertices = outer.points.length / 3
const rules: Readonly<Record<string, SamplingOptions>> = {
  depth: samplingDefaults,
  depths: { ...samplingDefaults, depths: [-0.2, 0.3, 1.1] },
  line: { ...samplingDefaults, kind: 'line', radius: 2, samples: 7 },
  lines: { ...samplingDefaults, kind: 'line', depths: [0.5, -0.25] },
  ball: { ...samplingDefaults, kind: 'ball', radius: 2.5 },
  point: { ...samplingDefaults, kind: 'point' },
}
const gridOf = (affine: readonly number[]): VoxelGrid => ({ shape, affine: Float64Array.from(affine) })

/** [volumes, to - from] of two volumes, as a reader would: the voxels that are asked for alone. */
function sample(sampler: VolumeSampler, data: Float32Array, from = 0, to = sampler.vertices): Float32Array {
  const part = sampler.part(from, to)
  const rows = data.length / voxels
  const wanted = new Float32Array(rows * part.voxels.length)
  for (let row = 0; row < rows; row++)
    part.voxels.forEach((voxel, i) => (wanted[row * part.voxels.length + i] = data[row * voxels + voxel]))
  const out = new Float32Array(rows * (to - from))
  part.sample({ data: wanted, rows, cols: part.voxels.length }, out)
  return out
}

describe('as nilearn samples', () => {
  test.each(reference.cases)(
    '$rule, $interpolation, $affine affine, $data voxels, mask $mask',
    ({ affine, rule, interpolation, data, mask: masked, values }) => {
      const volume = { grid: gridOf(reference.affines[affine]), file: 'v.nii', ...(masked && { mask }) }
      const sampler = new VolumeSampler([mesh], volume, { ...rules[rule], interpolation })
      const found = sample(sampler, data === 'clean' ? clean : broken)
      expect(found.length).toBe(values.length)
      for (const [i, value] of values.entries())
        if (value === null) expect(Number.isFinite(found[i])).toBe(false)
        else expect(Math.abs(found[i] - value)).toBeLessThan(1e-5 * 200)
      const bare = [...sampler.uncovered()]
      for (const vertex of bare) expect(found[vertex]).toBeNaN()
    },
  )
})

test('the reference has vertices outside the volume', () => {
  expect(reference.cases.filter(({ values }) => values.includes(null)).length).toBeGreaterThan(20)
})

describe('whatever the volume', () => {
  const number = fc.double({ min: -3, max: 3, noNaN: true })
  const affine = fc.tuple(
    fc.array(number, { minLength: 9, maxLength: 9 }),
    fc.array(number, { minLength: 3, maxLength: 3 }),
  )
  const make = ([linear, move]: [number[], number[]]) =>
    [0, 1, 2].flatMap((row) => [
      ...linear.slice(3 * row, 3 * row + 3).map((value, column) => value + (row === column ? 8 : 0)),
      10 * move[row],
    ])

  test('a ramp is sampled as the ramp that it is, in every part of the vertices alike', () => {
    fc.assert(
      fc.property(affine, fc.integer({ min: 0, max: vertices }), (drawn, border) => {
        const grid = gridOf([...make(drawn), 0, 0, 0, 1])
        const ramp = Float32Array.from({ length: voxels }, (_, v) => {
          const [x, y, z] = [v % shape[0], Math.floor(v / shape[0]) % shape[1], Math.floor(v / shape[0] / shape[1])]
          const [a, b, c] = placed(grid.affine, x, y, z)
          return 1 + 0.5 * a - 0.25 * b + 2 * c
        })
        const sampler = new VolumeSampler([mesh], { grid, file: 'v.nii' }, { ...samplingDefaults, kind: 'point' })
        const found = sample(sampler, ramp)
        const bare = new Set(sampler.uncovered())
        for (let v = 0; v < vertices; v++) {
          const [x, y, z] = outer.points.subarray(3 * v, 3 * v + 3)
          if (bare.has(v)) expect(found[v]).toBeNaN()
          else expect(found[v]).toBeCloseTo(1 + 0.5 * x - 0.25 * y + 2 * z, 2)
        }
        expect([...sample(sampler, ramp, 0, border), ...sample(sampler, ramp, border)]).toEqual([...found])
      }),
      { numRuns: 40 },
    )
  })

  test('an affine and its inverse are the identity', () => {
    fc.assert(
      fc.property(affine, number, number, number, (drawn, x, y, z) => {
        const grid = gridOf([...make(drawn), 0, 0, 0, 1])
        const back = placed(inverseAffine(grid, 'v.nii'), ...placed(grid.affine, x, y, z))
        for (const [i, value] of [x, y, z].entries()) expect(back[i]).toBeCloseTo(value, 6)
      }),
    )
  })
})

test('two hemispheres one after the other; constants of any size; volumes of one slice', () => {
  const grid = gridOf(reference.affines['oblique'])
  const both = new VolumeSampler([mesh, mesh], { grid, file: 'v.nii' }, samplingDefaults)
  const one = new VolumeSampler([mesh], { grid, file: 'v.nii' }, samplingDefaults)
  expect([...sample(both, broken)]).toEqual([
    ...[0, 1].flatMap((row) => {
      const own = [...sample(one, broken)].slice(row * vertices, (row + 1) * vertices)
      return [...own, ...own]
    }),
  ])
  for (const size of [1e-30, 1e30])
    for (const value of sample(one, new Float32Array(voxels).fill(size)))
      if (!Number.isNaN(value)) expect(value / size).toBeCloseTo(1, 6)
  const slice = {
    shape: [30, 30, 1] as const,
    affine: Float64Array.from([1, 0, 0, -15, 0, 1, 0, -15, 0, 0, 40, -1, 0, 0, 0, 1]),
  }
  const flat = new VolumeSampler([mesh], { grid: slice, file: 'v.nii' }, { ...samplingDefaults, kind: 'point' })
  const part = flat.part()
  const out = new Float32Array(vertices)
  part.sample({ data: new Float32Array(part.voxels.length).fill(5), rows: 1, cols: part.voxels.length }, out)
  expect(new Set(out)).toEqual(new Set([5, NaN]))
})

test('what cannot be sampled is told', () => {
  const grid = gridOf(reference.affines['plain'])
  const sampler = (options: SamplingOptions, at: VoxelGrid = grid, own: { outer: typeof outer } = { outer }) => {
    try {
      return new VolumeSampler([own], { grid: at, file: 'v.nii' }, options)
    } catch (error) {
      return (error as HeschlError).code
    }
  }
  expect(sampler(samplingDefaults)).toBe('OPTION_INVALID')
  expect(sampler({ ...samplingDefaults, kind: 'line' }, gridOf(new Array<number>(16).fill(0)))).toBe('FORMAT_INVALID')
  const far = gridOf([...grid.affine].map((value, i) => (i === 3 ? value + 1e4 : value)))
  expect((sampler({ ...samplingDefaults, kind: 'ball' }, far) as VolumeSampler).uncovered()).toHaveLength(vertices)
  const sphere = icosphere(0)
  const tiny = { points: Float32Array.from(sphere.points), triangles: new Uint32Array([0, 0, 0]) }
  expect(
    (sampler({ ...samplingDefaults, kind: 'line' }, grid, { outer: tiny }) as VolumeSampler).uncovered(),
  ).toHaveLength(0)
})

test('grids are the same within a thousandth of a voxel', () => {
  const grid = gridOf(reference.affines['oblique'])
  const moved = (by: number) => gridOf([...grid.affine].map((value, i) => (i === 7 ? value + by : value)))
  expect(isSameGrid(grid, moved(0.002))).toBe(true)
  expect(isSameGrid(grid, moved(0.02))).toBe(false)
  expect(isSameGrid(grid, { ...grid, shape: [9, 11, 7] })).toBe(false)
})
