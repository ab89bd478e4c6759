/** Against pygeodesic, which is exact too: test/reference/surfaces/generate.py. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readGifti } from '../../../src-main/formats/gifti.ts'
import { Geodesics } from '../../../src-main/surfaces/geodesic/geodesic.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import type { Mesh } from '../../../src-main/surfaces/icosphere.ts'

interface Case {
  readonly sources: readonly number[]
  readonly distances: readonly (number | null)[]
}
const { sheet, fsaverage5 } = JSON.parse(
  readFileSync(new URL('../../reference/surfaces/geodesic.json', import.meta.url), 'utf8'),
) as {
  sheet: { points: number[]; triangles: number[]; cases: Case[] }
  fsaverage5: { cases: (Case & { every: number; heatError: number })[] }
}
const sheetMesh = { points: Float64Array.from(sheet.points), triangles: Uint32Array.from(sheet.triangles) }
const measure = ({ points, triangles }: Mesh) => new Geodesics(points, triangles)
const polyline = (points: Float64Array) => {
  let sum = 0
  for (let i = 3; i < points.length; i += 3) {
    sum += Math.hypot(points[i] - points[i - 3], points[i + 1] - points[i - 2], points[i + 2] - points[i - 1])
  }
  return sum
}
const code = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'none'
}
/** [columns x rows] points a unit apart on z = 0, each square cut along the same diagonal. */
function grid(columns: number, rows: number) {
  const points = Array.from({ length: columns * rows }, (_, v) => [v % columns, Math.floor(v / columns), 0]).flat()
  const triangles: number[] = []
  for (let y = 0; y + 1 < rows; y++) {
    for (let x = 0; x + 1 < columns; x++) {
      const v = y * columns + x
      triangles.push(v, v + 1, v + columns + 1, v, v + columns + 1, v + columns)
    }
  }
  return { points: Float64Array.from(points), triangles: Uint32Array.from(triangles) }
}

describe('geodesic distances', () => {
  test.each(sheet.cases)('a bumpy sheet with a notch agrees with pygeodesic, sources $sources', (known) => {
    const found = measure(sheetMesh).distances(known.sources)
    const most = Math.max(...known.distances.map((value) => value ?? 0))
    known.distances.forEach((value, v) => {
      if (value === null) expect(found[v]).toBe(Infinity)
      else expect(Math.abs(found[v] - value)).toBeLessThan(1e-9 * most)
    })
  })

  const file = fileURLToPath(new URL('../../../../shared/data/fsaverage5/white_left.gii.gz', import.meta.url))
  test.skipIf(!existsSync(file))('a cortex agrees with pygeodesic (skipped: ../shared/data is absent)', async () => {
    const { arrays } = await readGifti(file)
    const cortex = new Geodesics(Float32Array.from(arrays[0].data), Uint32Array.from(arrays[1].data))
    for (const { sources, every, distances, heatError } of fsaverage5.cases) {
      const found = cortex.distances(sources)
      const most = Math.max(...distances.map((value) => value!))
      const worst = Math.max(...distances.map((value, i) => Math.abs(found[i * every] - value!)))
      expect(worst).toBeLessThan(1e-9 * most)
      expect(worst).toBeLessThan(1e-3 * heatError * most)
    }
  })

  test('on a plane they are straight lines, through vertices and across triangles', () => {
    const mesh = grid(9, 7)
    for (const source of [0, 31, 62]) {
      measure(mesh)
        .distances([source])
        .forEach((value, v) =>
          expect(value).toBeCloseTo(Math.hypot((v % 9) - (source % 9), Math.floor(v / 9) - Math.floor(source / 9)), 12),
        )
    }
  })

  test('on finer and finer spheres they come to great circles', () => {
    const worst = [2, 3, 4].map((level) => {
      const mesh = icosphere(level)
      return Math.max(
        ...measure(mesh)
          .distances([0])
          .map((value, v) => {
            const cosine = [0, 1, 2].reduce((sum, axis) => sum + mesh.points[axis] * mesh.points[v * 3 + axis], 0)
            return Math.abs(value - Math.acos(Math.max(-1, Math.min(1, cosine))))
          }),
      )
    })
    // An inscribed sphere is smaller by a share of the squared edge length.
    expect(worst[0]).toBeLessThan(0.04)
    expect(worst[0] / worst[1]).toBeGreaterThan(3)
    expect(worst[1] / worst[2]).toBeGreaterThan(3)
  })

  test('they are those of any orientation, order and scale', () => {
    const plain = measure(sheetMesh).distances([3])
    const mixed = sheetMesh.triangles.slice()
    for (let t = 0; t < mixed.length; t += 6) [mixed[t], mixed[t + 1]] = [mixed[t + 1], mixed[t]]
    const turned = new Geodesics(sheetMesh.points, mixed).distances([3])
    plain.forEach((value, v) => expect(turned[v]).toBeCloseTo(value, 9))
    for (const scale of [1e-200, 1e-6, 1e6, 1e200]) {
      const scaled = new Geodesics(
        sheetMesh.points.map((value) => value * scale),
        sheetMesh.triangles,
      ).distances([3])
      plain.forEach((value, v) => expect(scaled[v] / scale).toBeCloseTo(value, 9))
    }
  })

  test('from several sources the nearest counts, and the triangle inequality holds', () => {
    const surface = measure(sheetMesh)
    const vertex = fc.integer({ min: 0, max: 259 })
    fc.assert(
      fc.property(vertex, vertex, (a, b) => {
        const [fromA, fromB, both] = [surface.distances([a]), surface.distances([b]), surface.distances([a, b, a])]
        both.forEach((value, v) => {
          expect(value).toBeCloseTo(Math.min(fromA[v], fromB[v]), 9)
          if (fromA[v] < Infinity) expect(fromA[b]).toBeLessThanOrEqual(fromA[v] + fromB[v] + 1e-9)
        })
        expect(fromA[b]).toBeCloseTo(fromB[a], 9)
      }),
      { numRuns: 15, seed: 2 },
    )
  })

  test('what is not connected is at Infinity, a vertex of no triangle too', () => {
    const { points, triangles } = grid(3, 3)
    const apart = points.map((value, i) => (i % 3 === 0 ? value + 10 : value))
    const both = new Geodesics(
      Float64Array.from([...points, ...apart, 5, 5, 5]),
      Uint32Array.from([...triangles, ...triangles.map((v) => v + 9)]),
    )
    const found = both.distances([0])
    expect([...found.subarray(9)]).toEqual(new Array(10).fill(Infinity))
    expect(found[8]).toBeCloseTo(Math.hypot(2, 2), 12)
    expect(both.path([0], 12)).toBeNull()
    expect(both.distances([18])[18]).toBe(0)
  })

  test('what cannot be measured is refused', () => {
    const { points, triangles } = grid(3, 3)
    const surface = new Geodesics(points, triangles)
    for (const sources of [[], [9], [-1], [0.5]]) expect(code(() => surface.distances(sources))).toBe('OPTION_INVALID')
    expect(code(() => surface.path([0], 9))).toBe('OPTION_INVALID')
    const moved = (at: number, value: number) => points.map((old, i) => (i === at ? value : old))
    expect(code(() => new Geodesics(moved(4, NaN), triangles))).toBe('NUMERICAL')
    // Vertex 1 onto vertex 0; vertex 4 onto the line from 0 to 8 it is on already, at a corner's place.
    expect(code(() => new Geodesics(moved(3, 0), triangles))).toBe('NUMERICAL')
    expect(code(() => new Geodesics(points, Uint32Array.from([0, 1, 2])))).toBe('NUMERICAL')
    expect(code(() => new Geodesics(points, Uint32Array.from([0, 1, 9])))).toBe('SHAPE_MISMATCH')
    const fins = Uint32Array.from([0, 4, 1, 0, 4, 3, 0, 4, 5])
    expect(code(() => new Geodesics(moved(14, 3), fins))).toBe('NUMERICAL')
  })

  test('it stops when it is told to', () => {
    const ball = icosphere(4)
    const stop = () => {
      throw new Error('stopped')
    }
    expect(() => measure(ball).distances([0], stop)).toThrow('stopped')
  })
})

describe('geodesic paths', () => {
  test('are as long as the distance, start at the target and end at the nearest source', () => {
    const surface = measure(sheetMesh)
    const sources = [17, 90, 201]
    const distances = surface.distances(sources)
    for (let target = 0; target < distances.length; target += 7) {
      const path = surface.path(sources, target)
      // In the notch are points of no triangle.
      if (path === null) {
        expect(distances[target]).toBe(Infinity)
        continue
      }
      expect(path.length).toBeCloseTo(distances[target], 9)
      expect(polyline(path.points)).toBeCloseTo(path.length, 9)
      expect([...path.points.subarray(0, 3)]).toEqual([...sheetMesh.points.subarray(target * 3, target * 3 + 3)])
      const last = path.points.subarray(-3)
      expect(sources.some((v) => last.every((value, axis) => value === sheetMesh.points[v * 3 + axis]))).toBe(true)
    }
    expect([...surface.path([5], 5)!.points]).toEqual([...sheetMesh.points.subarray(15, 18)])
  })

  test('on a closed surface', () => {
    const ball = icosphere(3)
    const surface = measure(ball)
    for (const target of [1, 40, 333, 641]) {
      const path = surface.path([0], target)!
      expect(path.length).toBeCloseTo(surface.distances([0])[target], 12)
      expect(polyline(path.points)).toBeCloseTo(path.length, 12)
    }
  })
})
