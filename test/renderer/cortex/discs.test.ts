import { expect, test } from 'vitest'
import type { HemisphereSurface } from '../../../src-main/contract/study.ts'
import { paintVertices } from '../../../src-renderer/colormaps/scale.ts'
import type { Camera, Panel } from '../../../src-renderer/cortex/camera.ts'
import {
  discSides,
  electrodeAt,
  filledShare,
  labelsOnMesh,
  pointCount,
  pointOf,
  rimCorners,
  valuesOnMesh,
} from '../../../src-renderer/cortex/discs.ts'
import { discRadius, discsOnPanel, pinPlace } from '../../../src-renderer/cortex/discsOnPanel.ts'
import { platesOf } from '../../../src-renderer/cortex/discPlates.ts'
import { buildMesh } from '../../../src-renderer/cortex/geometry.ts'
import { pickPanel } from '../../../src-renderer/cortex/picking.ts'
import { electrodeOf, electrodeRegions } from '../../../src-renderer/cortex/points.ts'
import { rasterise } from '../../../src-renderer/cortex/raster.ts'
import { namesOnPanel } from '../../../src-renderer/cortex/regionNames.ts'
import { stepRegion } from '../../../src-renderer/cortex/regions.ts'

/** A plate of 40 x 40 mm in z = 0, seen from above, with a bump of 2 mm at its middle; the flat form is its right half. */
function plate(): HemisphereSurface {
  const side = 21
  const folded: number[] = []
  for (let j = 0; j < side; j++)
    for (let i = 0; i < side; i++) folded.push(2 * i - 20, 2 * j - 20, i === 10 && j === 10 ? 2 : 0)
  const triangles: number[] = []
  for (let j = 0; j + 1 < side; j++)
    for (let i = 0; i + 1 < side; i++) {
      const a = j * side + i
      triangles.push(a, a + 1, a + side, a + 1, a + side + 1, a + side)
    }
  const vertices = side * side
  const corner = (x: number, y: number) => (y / 2 + 10) * side + x / 2 + 10
  const inflated = Float32Array.from(folded, (value, i) => (i % 3 === 2 ? 0 : value))
  const right = triangles.flatMap((_, t) =>
    t % 3 === 0 && [0, 1, 2].every((k) => folded[3 * triangles[t + k]] >= 0) ? triangles.slice(t, t + 3) : [],
  )
  return {
    ...{ folded: Float32Array.from(folded), inflated, triangles: Uint32Array.from(triangles) },
    ...{ sulc: new Float32Array(vertices), labels: Uint16Array.from([...Array<number>(vertices).fill(1), 1, 2, 2]) },
    flat: {
      points: Float32Array.from({ length: 2 * vertices }, (_, i) => folded[3 * (i >> 1) + (i % 2)]),
      triangles: Uint32Array.from(right),
    },
    electrodes: {
      ...{ names: ['A', 'B', 'A'], subjects: ['s1', 's1', 's2'], distances: Float32Array.of(0, 1, 2) },
      places: Float32Array.of(-10, 0, 0, 9, 0.5, 1, 2, 0, 2),
      corners: Uint32Array.from(
        [
          [corner(-10, 0), corner(-8, 0), corner(-10, 2)],
          [corner(8, 0), corner(10, 0), corner(8, 2)],
          [corner(2, 0), corner(4, 0), corner(2, 2)],
        ].flat(),
      ),
      weights: Float32Array.of(1, 0, 0, 0.25, 0.5, 0.25, 1, 0, 0),
    },
  }
}
const surface = plate()
const vertices = surface.sulc.length
const at = (array: Float32Array, v: number) => [...array.subarray(3 * v, 3 * v + 3)]

test('a disc is a circle in millimetres across the normal, about its point of the triangle', () => {
  const mesh = buildMesh(surface, 'inflated', { diameter: 6, subject: null })
  expect([mesh.vertices, mesh.points, mesh.electrodes]).toEqual([vertices + 3 * (1 + rimCorners), vertices + 3, 3])
  expect(mesh.cortex).toBe(surface.inflated)
  const centre = at(mesh.positions, vertices + 1)
  expect(centre).toEqual([9, 0.5, 0.5])
  const rim = vertices + 3 + rimCorners
  for (let corner = 0; corner < rimCorners; corner++) {
    const [x, y, z] = at(mesh.positions, rim + corner)
    expect(Math.hypot(x - 9, y - 0.5)).toBeCloseTo(corner < 2 * discSides ? 3 * filledShare : 3, 5)
    expect(z).toBeCloseTo(0.5, 6)
    expect(at(mesh.normals, rim + corner)).toEqual([0, 0, 1])
  }
  expect(pointOf(rim, mesh)).toBe(vertices + 1)
  expect(pointOf(rim + rimCorners, mesh)).toBe(vertices + 2)
  expect([electrodeAt(surface, vertices + 2), electrodeAt(surface, 5), pointCount(surface)]).toEqual([
    2,
    -1,
    vertices + 3,
  ])
})

test('on folds a disc lies on the highest within its reach; half of the way to another form it is half as high', () => {
  const { lifts, normals } = platesOf(surface, 'folded')
  expect(Math.abs(lifts[0] - 0.5)).toBeLessThan(0.03)
  // The bump of 2 mm is 2 mm beside it: its sides lean to all sides, and what is around is flat.
  expect(normals[8]).toBeGreaterThan(0.995)
  expect(lifts[2]).toBeGreaterThan(1.5)
  expect(lifts[2]).toBeLessThan(2.7)
  const half = buildMesh(surface, { from: 'folded', to: 'inflated', t: 0.5 })
  const centre = at(half.positions, vertices + 2)
  const away = Math.hypot(centre[0] - 2, centre[1], centre[2])
  expect(away).toBeCloseTo((lifts[2] + 0.5) / 2, 4)
})

test('a value colours the disc and not its ring; what has none is light; labels are those of the electrode', () => {
  const mesh = buildMesh(surface, 'inflated')
  const values = new Float32Array(vertices + 3).fill(NaN)
  values[vertices] = 1
  const spread = valuesOnMesh(values, mesh)
  const painted = paintVertices(spread, mesh.underlay, {
    colormap: 'viridis',
    limits: { low: 0, high: 1 },
    threshold: null,
  })
  const colour = (v: number) => [...painted.subarray(4 * v, 4 * v + 3)]
  const rim = vertices + 3
  expect(colour(vertices)).toEqual([253, 231, 37])
  expect(colour(rim)).toEqual([253, 231, 37])
  expect(colour(rim + discSides)).toEqual([20, 20, 20])
  expect(colour(vertices + 1)).toEqual([236, 236, 236])
  const labels = labelsOnMesh(surface.labels, mesh)
  expect([labels[rim + rimCorners - 1], labels[rim + rimCorners]]).toEqual([1, 2])
  const { electrodes: _, ...bare } = surface
  const plain = buildMesh(bare, 'inflated')
  expect(valuesOnMesh(values, plain)).toBe(values)
})

const panel: Panel = { hemisphere: 'left', aspect: 'dorsal', x: 0, y: 0, width: 80, height: 80 }
/** Two pixels a millimetre, from above. */
const camera: Camera = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], centre: [0, 0, 0], pixelsPerMillimetre: 2 }

test('the software drawing has the discs, and picking gives the electrode; a subject’s map has its own alone', () => {
  const everybody = buildMesh(surface, 'inflated')
  const own = buildMesh(surface, 'inflated', { diameter: 4, subject: 's2' })
  const values = new Float32Array(vertices + 3).fill(NaN).fill(1, vertices)
  const drawn = (mesh: typeof own) => {
    const colours = paintVertices(valuesOnMesh(values, mesh), mesh.underlay, {
      ...{ colormap: 'viridis', limits: { low: 0, high: 1 }, threshold: null },
    })
    const { rgba } = rasterise(80, 80, [{ panel, camera, mesh, colours }], 1)
    let [coloured, dark] = [0, 0]
    for (let i = 0; i < rgba.length; i += 4) {
      if (rgba[i] > 2 * rgba[i + 2] + 20) coloured++
      if (rgba[i + 3] === 255 && rgba[i] < 30) dark++
    }
    return { coloured, dark }
  }
  // A disc of 4 mm: a 16-gon with a radius of 2 mm x 0.76 x 2 pixels, and its ring.
  const area = (radius: number) => 8 * Math.sin(Math.PI / 8) * (2 * radius) ** 2
  expect(Math.abs(drawn(own).coloured - area(2 * filledShare))).toBeLessThan(8)
  expect(Math.abs(drawn(own).dark - (area(2) - area(2 * filledShare)))).toBeLessThan(10)
  expect(Math.abs(drawn(everybody).coloured - 3 * drawn(own).coloured)).toBeLessThan(20)
  const pixel = (x: number, y: number) => [40 + 2 * x, 40 - 2 * y] as const
  const pick = (mesh: typeof own, x: number, y: number) => pickPanel(...pixel(x, y), panel, camera, mesh)?.vertex
  expect(pick(everybody, 9.7, 1)).toBe(vertices + 1)
  expect(pick(everybody, -11.7, 0)).toBe(vertices)
  expect(pick(own, -11.7, 0)).toBeLessThan(vertices)
  expect(pick(own, 2.4, 0.3)).toBe(vertices + 2)
})

test('the flat form leaves out discs of what it has cut away', () => {
  const of = (form: 'flat' | 'inflated') => buildMesh(surface, form).triangles.length
  const discs = (form: 'flat' | 'inflated') =>
    (of(form) - (form === 'flat' ? surface.flat!.triangles : surface.triangles).length) / (3 * 3 * discSides)
  expect([discs('inflated'), discs('flat')]).toEqual([3, 2])
})

test('electrodes in words: coordinates, region, distance; those that are not drawn say why', () => {
  const { electrodes: _, ...other } = surface
  const right = {
    ...other,
    labels: surface.labels.subarray(0, vertices),
    electrodes: { ...surface.electrodes!, names: [], subjects: [] },
  }
  const whole = {
    ...{ name: 'plate', schematic: false, left: surface, right },
    regions: ['', 'plane', 'middle'].map((name) => ({ name, colour: [0, 0, 0] as const })),
    unplaced: [{ subject: 's2', name: 'C', code: 'FAR' as const }],
  }
  expect(electrodeOf(whole, { hemisphere: 'left', vertex: vertices + 1 })).toEqual({
    ...{ name: 'B', subject: 's1', title: 's1:B', place: [9, 0.5, 1], distance: 1 },
    vertex: surface.electrodes!.corners[4],
  })
  expect(electrodeOf(whole, { hemisphere: 'left', vertex: 3 })).toBeNull()
  expect([...electrodeRegions(whole)]).toEqual([
    ['s1:A', 'left, plane'],
    ['s1:B', 'left, middle'],
    ['s2:A', 'left, middle'],
    ['s2:C', 'not drawn (FAR)'],
  ])
  const step = (vertex: number | null, by: 1 | -1) =>
    stepRegion(vertex === null ? null : { hemisphere: 'left', vertex }, by, whole, null)?.vertex
  expect([step(null, 1), step(vertices, 1), step(vertices + 2, 1), step(vertices, -1)]).toEqual([
    ...[vertices, vertices + 1, vertices, vertices + 2],
  ])
})

test('what lies over the cortex knows where discs are: those of a subject alone, and none from behind', () => {
  const drawn = (subject: string | null, own = camera) =>
    discsOnPanel(buildMesh(surface, 'inflated', { diameter: 6, subject }), own, panel)
  expect(drawn(null)).toHaveLength(3)
  expect(drawn('s2')).toEqual([{ x: expect.closeTo(44, 5), y: expect.closeTo(40, 5), radius: expect.closeTo(6, 5) }])
  expect(drawn(null, { ...camera, rotation: [1, 0, 0, 0, -1, 0, 0, 0, -1] })).toEqual([])
  const mesh = buildMesh(surface, 'inflated', { diameter: 6, subject: null })
  expect(discRadius(mesh, vertices + 2)).toBeCloseTo(3, 5)
  expect([discRadius(mesh, vertices - 1), discRadius(mesh, vertices + 3)]).toEqual([null, null])
})

test('a pin on an electrode is a ring that leaves its disc to be seen, with its number beside it', () => {
  expect(pinPlace(10, 20, null, 9)).toEqual({ x: 10, y: 20, ring: null })
  for (const radius of [2, 8, 30]) {
    const { x, y, ring } = pinPlace(10, 20, radius, 9)
    expect(ring!.radius).toBeGreaterThan(radius + 2)
    expect(Math.hypot(x - 10, y - 20)).toBeGreaterThan(radius + 9)
  }
})

test('the name of a region stands beside the discs, or is left out where there is no room', () => {
  const regions = ['', 'one', 'two'].map((name) => ({ name, colour: [0, 0, 0] as const }))
  const mesh = (diameter: number) => buildMesh(surface, 'inflated', { diameter, subject: null })
  const placed = (diameter: number) => namesOnPanel(surface, regions, mesh(diameter), camera, panel)
  // The middle of the plate is 2 mm from an electrode, and the name about 18 mm wide.
  const [name] = placed(4)
  expect(name.name).toBe('one')
  for (const { x, y, radius } of discsOnPanel(mesh(4), camera, panel)) {
    const across = Math.max(0, Math.abs(x - name.x) - 9.3)
    expect(Math.hypot(across, Math.max(0, Math.abs(y - name.y) - 6.5))).toBeGreaterThanOrEqual(radius)
  }
  expect(placed(30)).toEqual([])
})
