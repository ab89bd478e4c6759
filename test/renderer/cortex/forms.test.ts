import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HemisphereSurface } from '../../../src-main/contract/study.ts'
import {
  formNames,
  formsOf,
  mixedPositions,
  morphAt,
  morphText,
  placeOf,
  positionsOf,
  trianglesOf,
} from '../../../src-renderer/cortex/forms.ts'
import { buildMesh } from '../../../src-renderer/cortex/geometry.ts'
import { outlineOf } from '../../../src-renderer/cortex/outline.ts'
import { syntheticSurface } from '../syntheticCortex.ts'

const plain = syntheticSurface(6)
const withForms = (surface: HemisphereSurface): HemisphereSurface => ({
  ...surface,
  sphere: surface.inflated.map((_, i) => {
    const v = Math.floor(i / 3) * 3
    const [x, y, z] = [0, 1, 2].map(
      (axis) => surface.inflated[v + axis] - [surface.inflated[0] < 0 ? -36 : 36, -15, 15][axis],
    )
    return [x / 32, y / 80, z / 52][i % 3] / Math.hypot(x / 32, y / 80, z / 52)
  }),
  flat: {
    points: Float32Array.from(
      { length: (surface.sulc.length * 2) | 0 },
      (_, i) => surface.inflated[(i >> 1) * 3 + 1 + (i & 1)],
    ),
    triangles: surface.triangles.slice(3),
  },
})
const surface = { ...plain, left: withForms(plain.left), right: withForms(plain.right) }

describe('forms', () => {
  test('are those that both hemispheres have, in the order of the slider', () => {
    expect(formsOf(plain)).toEqual(['folded', 'inflated'])
    expect(formsOf(surface)).toEqual(formNames)
    expect(formsOf({ ...surface, right: plain.right })).toEqual(['folded', 'inflated'])
    expect(() => positionsOf(plain.left, 'sphere')).toThrow(RangeError)
    expect(() => positionsOf(plain.left, 'flat')).toThrow(RangeError)
  })

  test('the slider stands at a form at whole numbers, and stays on it', () => {
    for (const form of formNames) {
      const { from, to, t } = morphAt(placeOf(form, formNames), formNames)
      expect(t === 0 ? from : to).toBe(form)
      expect([0, 1]).toContain(t)
    }
    expect(morphAt(-4, formNames)).toEqual({ from: 'folded', to: 'inflated', t: 0 })
    expect(morphAt(99, formNames)).toEqual({ from: 'sphere', to: 'flat', t: 1 })
    expect(morphAt(0.7, ['folded'])).toEqual({ from: 'folded', to: 'folded', t: 0 })
    expect([morphText(morphAt(1, formNames)), morphText(morphAt(1.25, formNames))]).toEqual([
      'inflated',
      '25 % from inflated to sphere',
    ])
  })

  test('every vertex goes straight from one form to the other', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3, noNaN: true }), (at) => {
        const { from, to, t } = morphAt(at, formNames)
        const mixed = mixedPositions(surface.left, { from, to, t })
        const [a, b] = [positionsOf(surface.left, from), positionsOf(surface.left, to)]
        for (const [i, value] of mixed.entries()) expect(value).toBeCloseTo((1 - t) * a[i] + t * b[i], 3)
      }),
      { numRuns: 20 },
    )
  })

  test('the sphere is round, and as large as a brain', () => {
    const positions = positionsOf(surface.right, 'sphere')
    const radii = Array.from({ length: positions.length / 3 }, (_, v) =>
      Math.hypot(positions[v * 3] - 36, positions[v * 3 + 1] + 15, positions[v * 3 + 2] - 15),
    )
    expect(Math.max(...radii) - Math.min(...radii)).toBeLessThan(1)
    expect(radii[0]).toBeGreaterThan(40)
    expect(radii[0]).toBeLessThan(70)
  })

  test('the flat form is in the sagittal plane, without the triangles that were cut away', () => {
    const mesh = buildMesh(surface.left, 'flat')
    expect(mesh.triangles.length).toBe(surface.left.triangles.length - 3)
    const positions = positionsOf(surface.left, 'flat')
    expect(new Set(positions.filter((_, i) => i % 3 === 0)).size).toBe(1)
    expect(trianglesOf(surface.left, { from: 'sphere', to: 'flat', t: 0 })).toBe(surface.left.triangles)
    expect(trianglesOf(surface.left, { from: 'sphere', to: 'flat', t: 0.1 })).toBe(surface.left.flat!.triangles)
  })
})

test('an outline reaches as far as the mesh, to half a percent, whatever the side', () => {
  const { positions } = buildMesh(syntheticSurface(120).left, 'folded')
  const centre = [-36, -15, 15] as const
  const points = outlineOf(positions, centre)
  expect(points.length).toBeLessThanOrEqual(6 * 64 * 64 * 3)
  expect(points.length).toBeLessThan(0.6 * positions.length)
  const reach = (all: Float32Array, axis: readonly number[]) => {
    let most = 0
    for (let i = 0; i < all.length; i += 3)
      most = Math.max(most, Math.abs(axis.reduce((sum, part, k) => sum + part * (all[i + k] - centre[k]), 0)))
    return most
  }
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 6.3, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      (angle, z) => {
        const axis = [Math.cos(angle) * Math.sqrt(1 - z * z), Math.sin(angle) * Math.sqrt(1 - z * z), z]
        const share = reach(points, axis) / reach(positions, axis)
        return share <= 1 && share > 0.995
      },
    ),
  )
})
