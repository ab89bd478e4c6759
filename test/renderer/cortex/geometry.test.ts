import { describe, expect, test } from 'vitest'
import { buildMesh, sulcalGrey } from '../../../src-renderer/cortex/geometry.ts'
import { vertexNormals } from '../../../src-renderer/cortex/normals.ts'
import { syntheticSurface } from '../syntheticCortex.ts'

const { left } = syntheticSurface(24)

/** An ellipsoid's own normal: the gradient of its equation, for the semi-axes of the synthetic surface. */
function ellipsoidNormal(x: number, y: number, z: number): readonly number[] {
  const gradient = [(x + 36) / 32 ** 2, (y + 15) / 80 ** 2, (z - 15) / 52 ** 2]
  const length = Math.hypot(...gradient)
  return gradient.map((part) => part / length)
}

describe('normals', () => {
  const { inflated, triangles } = left
  test('are the ellipsoid’s, within 5 degrees on this mesh', () => {
    const normals = vertexNormals(inflated, triangles)
    for (let i = 0; i < normals.length; i += 3) {
      const own = ellipsoidNormal(inflated[i], inflated[i + 1], inflated[i + 2])
      const cosine = own.reduce((sum, part, axis) => sum + part * normals[i + axis], 0)
      expect(cosine, `vertex ${i / 3}`).toBeGreaterThan(Math.cos((5 * Math.PI) / 180))
    }
  })
  test('point out of a mesh whose triangles are wound the other way', () => {
    const turned = triangles.map((_, i) => triangles[i - (i % 3) + [0, 2, 1][i % 3]])
    const a = vertexNormals(inflated, triangles)
    const b = vertexNormals(inflated, turned)
    for (let i = 0; i < a.length; i++) expect(b[i]).toBeCloseTo(a[i], 5)
  })
  test('of a vertex in no triangle are zero, not NaN', () => {
    const normals = vertexNormals(Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 5, 5, 5), Uint32Array.of(0, 1, 2))
    expect([...normals.subarray(9)]).toEqual([0, 0, 0])
    expect(normals.some(Number.isNaN)).toBe(false)
  })
})

describe('the underlay', () => {
  test('is darker in sulci than on gyri, at any scale', () => {
    for (const scale of [1e-6, 1, 1e6]) {
      const [gyrus, wall, sulcus] = sulcalGrey(Float32Array.of(-scale, 0, scale))
      expect(gyrus).toBeGreaterThan(wall)
      expect(wall).toBeGreaterThan(sulcus)
    }
  })
  test('is one grey where there is no depth, or none that is known', () => {
    expect(new Set(sulcalGrey(new Float32Array(5))).size).toBe(1)
    expect(new Set(sulcalGrey(new Float32Array(5).fill(NaN))).size).toBe(1)
    expect(sulcalGrey(new Float32Array(0)).length).toBe(0)
  })
})

describe('a surface whose arrays disagree is refused', () => {
  test.each([
    ['a triangle that names no vertex', { triangles: Uint32Array.of(0, 1, 1e6) }, /vertex 1000000/],
    ['a depth too few', { sulc: left.sulc.slice(1) }, /Sulcal depth/],
    ['half a triangle', { triangles: Uint32Array.of(0, 1) }, /three vertices a triangle/],
  ])('%s', (_, wrong, message) => {
    expect(() => buildMesh({ ...left, ...wrong }, 'folded')).toThrow(message)
  })
  test('bounds hold every vertex', () => {
    const { centre, radius, positions } = buildMesh(left, 'folded')
    for (let i = 0; i < positions.length; i += 3)
      expect(
        Math.hypot(positions[i] - centre[0], positions[i + 1] - centre[1], positions[i + 2] - centre[2]),
      ).toBeLessThanOrEqual(radius * (1 + 1e-6))
  })
})
