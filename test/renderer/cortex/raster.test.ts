import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Camera, Panel } from '../../../src-renderer/cortex/camera.ts'
import type { Mesh } from '../../../src-renderer/cortex/geometry.ts'
import { rasterise, type Drawing } from '../../../src-renderer/cortex/raster.ts'
import { ambient, diffuse, light, shade } from '../../../src-renderer/cortex/shade.ts'

const size = 32
const panel: Panel = { hemisphere: 'left', aspect: 'dorsal', x: 0, y: 0, width: size, height: size }
/** World x and y are screen x and y, pixels, from the middle; z towards the viewer. */
const camera: Camera = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], centre: [0, 0, 0], pixelsPerMillimetre: 1 }
/** Facing the light: full brightness. */
const lit = [...light]

function drawing(
  points: readonly number[][],
  colours: readonly number[][],
  triangles = [0, 1, 2],
  normal = lit,
): Drawing {
  const positions = Float32Array.from(points.flat())
  const mesh: Mesh = {
    ...{ positions, cortex: positions, vertices: points.length, points: points.length, electrodes: 0 },
    normals: Float32Array.from(points.flatMap(() => normal)),
    triangles: Uint32Array.from(triangles),
    underlay: new Uint8Array(points.length),
    centre: [0, 0, 0],
    radius: 1,
  }
  return { panel, camera, mesh, colours: Uint8Array.from(colours.flatMap((c) => [...c, 255])) }
}
const red = [200, 0, 0]
const green = [0, 200, 0]
const at = ({ rgba, width }: { rgba: Uint8Array; width: number }, x: number, y: number) => [
  ...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
]
/** Screen coordinates (x right, y down, from the top left) as world ones. */
const screen = (x: number, y: number, z = 0) => [x - size / 2, size / 2 - y, z]

describe('coverage', () => {
  test('a right triangle covers exactly the pixel centres inside it', () => {
    const picture = rasterise(
      size,
      size,
      [drawing([screen(4, 4), screen(20.2, 4), screen(4, 20.2)], [red, red, red])],
      1,
    )
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const inside = x + 0.5 >= 4 && y + 0.5 >= 4 && x + 0.5 + (y + 0.5) <= 24.2
        expect(at(picture, x, y), `${x}, ${y}`).toEqual(inside ? [200, 0, 0, 255] : [0, 0, 0, 0])
      }
  })

  test('two triangles that share an edge leave no crack, whatever the edge', () => {
    const corner = fc.float({ min: 6, max: 26, noNaN: true })
    fc.assert(
      fc.property(corner, corner, (a, b) => {
        const quad = [screen(2, 2), screen(a, 2), screen(30, 30), screen(b, 30), screen(2, 30), screen(30, 2)]
        // The square from (2, 2) to (30, 30), cut from (a, 2) to (b, 30).
        const picture = rasterise(
          size,
          size,
          [
            drawing(
              quad,
              quad.map(() => red),
              [0, 1, 3, 0, 3, 4, 1, 5, 2, 1, 2, 3],
            ),
          ],
          1,
        )
        for (let y = 2; y < 30; y++) for (let x = 2; x < 30; x++) if (at(picture, x, y)[3] !== 255) return false
        return true
      }),
      { numRuns: 60 },
    )
  })

  test('the mean coverage of a supersampled triangle is its area', () => {
    const picture = rasterise(
      size,
      size,
      [drawing([screen(3.3, 2.1), screen(28.7, 9.4), screen(11.2, 29.9)], [red, red, red])],
      8,
    )
    let covered = 0
    for (let i = 3; i < picture.rgba.length; i += 4) covered += picture.rgba[i] / 255
    const area = Math.abs((28.7 - 3.3) * (29.9 - 2.1) - (9.4 - 2.1) * (11.2 - 3.3)) / 2
    expect(covered).toBeCloseTo(area, 0)
  })

  test('an edge pixel keeps its colour; only its alpha is partial', () => {
    const picture = rasterise(
      4,
      4,
      [
        {
          ...drawing(
            [
              [-9, 9, 0],
              [-0.5, 9, 0],
              [-0.5, -9, 0],
              [-9, -9, 0],
            ],
            [red, red, red, red],
            [0, 1, 2, 0, 2, 3],
          ),
          panel: { ...panel, width: 4, height: 4 },
        },
      ],
      2,
    )
    expect(at(picture, 0, 1)).toEqual([200, 0, 0, 255])
    expect(at(picture, 1, 1)).toEqual([200, 0, 0, 128])
    expect(at(picture, 2, 1)[3]).toBe(0)
  })
})

describe('depth and colour', () => {
  const corners = (z: number) => [screen(0, 0, z), screen(64, 0, z), screen(0, 64, z)]
  const near = drawing(corners(5), [red, red, red])
  const far = drawing(corners(-5), [green, green, green])

  test('the nearer surface is seen, in either order', () => {
    for (const order of [
      [near, far],
      [far, near],
    ])
      expect(at(rasterise(size, size, order, 1), 8, 8)).toEqual([200, 0, 0, 255])
  })

  test('colours are the barycentric mean of the corners', () => {
    const points = [screen(0, 0), screen(32, 0), screen(0, 32)]
    const picture = rasterise(
      size,
      size,
      [
        drawing(points, [
          [255, 0, 0],
          [0, 255, 0],
          [0, 0, 255],
        ]),
      ],
      1,
    )
    for (const [x, y] of [
      [2, 3],
      [10, 15],
      [20, 4],
    ] as const) {
      const b = (x + 0.5) / 32
      const c = (y + 0.5) / 32
      const [r, g, blue] = at(picture, x, y) as [number, number, number, number]
      expect(Math.abs(r - 255 * (1 - b - c))).toBeLessThanOrEqual(0.51)
      expect(Math.abs(g - 255 * b)).toBeLessThanOrEqual(0.51)
      expect(Math.abs(blue - 255 * c)).toBeLessThanOrEqual(0.51)
    }
  })

  test('a surface that faces away has the ambient light alone', () => {
    const away = drawing(
      corners(0),
      [red, red, red],
      [0, 1, 2],
      light.map((part) => -part),
    )
    expect(at(rasterise(size, size, [away], 1), 8, 8)).toEqual([200 * ambient, 0, 0, 255])
    expect(shade(...light)).toBeCloseTo(ambient + diffuse, 12)
  })
})

describe('borders of regions', () => {
  // Two triangles that make a square, its left half of region 1 and its right half of region 2.
  const square = [screen(2, 2), screen(16, 2), screen(30, 2), screen(2, 30), screen(16, 30), screen(30, 30)]
  const strips = {
    ...drawing(
      square,
      square.map(() => red),
      [0, 1, 3, 1, 4, 3, 1, 2, 4, 2, 5, 4],
    ),
    regions: [1, 1, 2, 1, 1, 2],
  }
  const dark = (border: number, samples: number) => {
    const picture = rasterise(size, size, [strips], samples, border)
    return Array.from({ length: size }, (_, x) => at(picture, x, 20)[0]).flatMap((value, x) =>
      value > 0 && value < 190 ? [x] : [],
    )
  }
  test('are where the next pixel is of another region, as wide as asked, and nowhere else', () => {
    expect(dark(1, 1)).toHaveLength(1)
    expect(dark(3, 1)).toHaveLength(3)
    expect(dark(2, 2)).toHaveLength(2)
    expect(dark(1, 1)[0]).toBe(dark(3, 1)[2])
  })
  test('are not drawn without regions, nor at the edge of the mesh', () => {
    const { regions: _, ...plain } = strips
    const [with1, without] = [{ ...strips, regions: [1, 1, 1, 1, 1, 1] }, plain].map(
      (one) => rasterise(size, size, [one], 1).rgba,
    )
    expect(with1).toEqual(without)
  })
})

describe('what may be wrong with a mesh', () => {
  test('triangles without area, and vertices that are not finite, draw nothing', () => {
    const flat = drawing([screen(1, 1), screen(5, 5), screen(9, 9)], [red, red, red])
    const broken = drawing([screen(1, 1), [NaN, 0, 0], screen(9, 2)], [red, red, red])
    const endless = drawing([screen(1, 1), [Infinity, 0, 0], screen(9, 2)], [red, red, red])
    for (const one of [flat, broken, endless])
      expect(rasterise(size, size, [one], 1).rgba.some((v) => v > 0)).toBe(false)
  })
  test('a panel is not drawn outside its rectangle', () => {
    const half = {
      ...drawing([screen(-99, -99), screen(200, 0), screen(0, 200)], [red, red, red]),
      panel: { ...panel, width: 16 },
    }
    const picture = rasterise(size, size, [half], 1)
    for (let y = 0; y < size; y++) for (let x = 16; x < size; x++) expect(at(picture, x, y)[3]).toBe(0)
  })
  test('a picture beyond the limit is refused before memory is taken', () => {
    expect(() => rasterise(1e6, 1e6, [], 1)).toThrow(RangeError)
    expect(() => rasterise(NaN, 10, [], 1)).toThrow(RangeError)
  })
})
