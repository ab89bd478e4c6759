import fc from 'fast-check'
import { expect, test } from 'vitest'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import { nearestIn, NearestPoints } from '../../../src-main/surfaces/nearestPoint.ts'

/** A right triangle in the plane z = 0, with a second one that shares its long side. */
const square = {
  folded: Float32Array.of(0, 0, 0, 2, 0, 0, 0, 2, 0, 2, 2, 0),
  triangles: Uint32Array.of(0, 1, 2, 1, 3, 2),
}

test.each([
  ['above the inside', [0.5, 0.25, 3], [0.625, 0.25, 0.125], 3, 0],
  ['beyond a corner', [-3, -4, 0], [1, 0, 0], 5, 0],
  ['beyond a side', [1, -2, 0], [0.5, 0.5, 0], 2, 0],
  ['in the other triangle', [1.75, 1.5, -1], [0.25, 0.625, 0.125], 1, 3],
])('%s', (_what, point, weights, distance, vertex) => {
  const found = new NearestPoints(square).at(...(point as [number, number, number]))
  expect(found).toMatchObject({ weights, distance, vertex })
})

test('no triangle, no number: nothing', () => {
  expect(new NearestPoints({ folded: Float32Array.of(0, 0, 0), triangles: new Uint32Array(0) }).at(1, 2, 3)).toBeNull()
  expect(new NearestPoints(square).at(NaN, 0, 0)).toBeNull()
})

test('a triangle without an area is its longest side', () => {
  const weights = nearestIn([1.5, 1, 0], [0, 0, 0], [1, 0, 0], [2, 0, 0])
  expect(weights[1] + 2 * weights[2]).toBeCloseTo(1.5, 12)
})

test('of a sphere: no point of any triangle is nearer, whatever the place', () => {
  const { points, triangles } = icosphere(2)
  const folded = Float32Array.from(points, (value, i) => value * [30, 70, 50][i % 3])
  const nearest = new NearestPoints({ folded, triangles })
  const axis = fc.double({ min: -100, max: 100, noNaN: true })
  fc.assert(
    fc.property(axis, axis, axis, (x, y, z) => {
      const found = nearest.at(x, y, z)!
      expect(found.weights.every((weight) => weight >= 0)).toBe(true)
      expect(found.weights[0] + found.weights[1] + found.weights[2]).toBeCloseTo(1, 9)
      for (let t = 0; t < triangles.length; t += 3)
        for (const [u, v] of [
          [0.2, 0.3],
          [0, 0.5],
          [1, 0],
          [0.1, 0.1],
          [0.45, 0.45],
        ]) {
          const at = (i: number) =>
            (1 - u - v) * folded[3 * triangles[t] + i] +
            u * folded[3 * triangles[t + 1] + i] +
            v * folded[3 * triangles[t + 2] + i]
          expect(found.distance).toBeLessThanOrEqual(Math.hypot(at(0) - x, at(1) - y, at(2) - z) + 1e-9)
        }
    }),
    { numRuns: 15 },
  )
})
