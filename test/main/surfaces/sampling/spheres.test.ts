/** Against Connectome Workbench and scipy: test/reference/resampling/generate.py. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { besideRows, weightedSums } from '../../../../src-main/linalg/sparseRows.ts'
import { icosphere } from '../../../../src-main/surfaces/icosphere.ts'
import { sphereWeights } from '../../../../src-main/surfaces/sampling/spheres.ts'
import type { ResampleMethod } from '../../../../src-main/surfaces/sampling/spheres.ts'
import type { TriangleMesh } from '../../../../src-main/surfaces/surfaceFile.ts'
import { readMesh } from '../../../../src-main/surfaces/surfaceFile.ts'

const reference = JSON.parse(
  readFileSync(new URL('../../../reference/resampling/resampling.json', import.meta.url), 'utf8'),
) as {
  readonly target: readonly number[]
  readonly ball: Found & { readonly points: number[]; readonly triangles: number[]; readonly values: number[] }
  readonly fsaverage5: Found
}
interface Found {
  readonly barycentric: readonly number[]
  readonly nearest: readonly number[]
}
const target = Float32Array.from(reference.target)
const shared = fileURLToPath(new URL('../../../../../shared/data/fsaverage5/', import.meta.url))

function resample(from: TriangleMesh, to: Float32Array, values: Float32Array, method: ResampleMethod): Float32Array {
  const out = new Float32Array(to.length / 3)
  weightedSums(sphereWeights(from, to, method), { data: values, rows: 1, cols: values.length }, out)
  return out
}

describe('as Workbench and scipy resample', () => {
  const ball = {
    points: Float32Array.from(reference.ball.points),
    triangles: Uint32Array.from(reference.ball.triangles),
  }
  const values = Float32Array.from(reference.ball.values)

  test('between meshes of random points, thin triangles among them', () => {
    const found = resample(ball, target, values, 'barycentric')
    for (const [i, value] of reference.ball.barycentric.entries())
      expect(Math.abs(found[i] - value)).toBeLessThan(1e-4 * 3)
    const places = Float32Array.from(values.keys())
    expect([...resample(ball, target, places, 'nearest')]).toEqual(reference.ball.nearest)
  })

  test.skipIf(!existsSync(shared))('from fsaverage5 (skipped: ../shared/data is absent)', async () => {
    const mesh = await readMesh(`${shared}sphere_left.gii.gz`, 'left')
    const wave = Float32Array.from({ length: mesh.points.length / 3 }, (_, v) => {
      const [x, y, z] = mesh.points.subarray(3 * v, 3 * v + 3)
      return Math.sin(0.05 * x + 0.11 * y - 0.07 * z)
    })
    const found = resample(mesh, target, wave, 'barycentric')
    for (const [i, value] of reference.fsaverage5.barycentric.entries())
      expect(Math.abs(found[i] - value)).toBeLessThan(2e-4)
    const places = Float32Array.from(wave.keys())
    expect([...resample(mesh, target, places, 'nearest')]).toEqual(reference.fsaverage5.nearest)
  })
})

describe('whatever the meshes', () => {
  const { points, triangles } = icosphere(2)
  const ball = { points: Float32Array.from(points, (x) => 50 * x), triangles }
  const direction = fc
    .tuple(...[0, 1, 2].map(() => fc.double({ min: -1, max: 1, noNaN: true })))
    .filter((at) => Math.hypot(...at) > 0.1)

  test('no other triangle is nearer; weights are shares; vertices keep their values', () => {
    fc.assert(
      fc.property(direction, (at) => {
        const { offsets, columns, weights } = sphereWeights(ball, Float32Array.from(at), 'barycentric')
        expect(offsets[1]).toBeLessThanOrEqual(3)
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12)
        expect(weights.every((weight) => weight > 0)).toBe(true)
        const unit = at.map((value) => Math.fround(value))
        const length = Math.hypot(...unit)
        const gap = (place: readonly number[]) => Math.hypot(...place.map((value, axis) => value - unit[axis] / length))
        const blend = (corners: ArrayLike<number>, shares: ArrayLike<number>) =>
          [0, 1, 2].map((axis) =>
            Array.from(shares).reduce((sum, share, i) => sum + share * points[3 * corners[i] + axis], 0),
          )
        const nearest = gap(blend(columns, weights))
        // Points of every triangle, a coarse net of them: none of them is nearer.
        for (let t = 0; t < triangles.length; t += 3)
          for (let i = 0; i <= 6; i++)
            for (let j = 0; i + j <= 6; j++) {
              const own = blend(triangles.subarray(t, t + 3), [i / 6, j / 6, (6 - i - j) / 6])
              expect(gap(own)).toBeGreaterThan(nearest - 1e-6)
            }
      }),
      { numRuns: 30 },
    )
    const values = Float32Array.from({ length: points.length / 3 }, (_, v) => v)
    for (const method of ['barycentric', 'nearest'] as const)
      resample(ball, ball.points, values, method).forEach((value, v) => expect(value).toBeCloseTo(v, 3))
  })

  test('NaN stays where it is; the centre of a sphere is refused', () => {
    const values = new Float32Array(points.length / 3).fill(1)
    values[0] = NaN
    const fine = Float32Array.from(icosphere(3).points)
    const found = resample(ball, fine, values, 'barycentric')
    const spoilt = [...found].filter(Number.isNaN).length
    expect(spoilt).toBeGreaterThan(0)
    expect(spoilt).toBeLessThan(20)
    expect(() => sphereWeights(ball, new Float32Array(3), 'nearest')).toThrow('centre')
  })

  test('both hemispheres one after the other', () => {
    const rows = sphereWeights(ball, target, 'barycentric')
    const both = besideRows(rows, rows, points.length / 3)
    const values = Float32Array.from({ length: points.length / 3 }, (_, v) => Math.cos(v))
    const out = new Float32Array(200)
    weightedSums(
      both,
      { data: Float32Array.from([...values, ...values.map((x) => -x)]), rows: 1, cols: 2 * values.length },
      out,
    )
    const one = resample(ball, target, values, 'barycentric')
    expect([...out]).toEqual([...one, ...one.map((x) => -x)])
  })
})
