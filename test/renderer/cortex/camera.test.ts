import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  layoutPanels,
  noOrbit,
  orbitRotation,
  panelCameras,
  project,
  viewRotation,
  views,
  type Aspect,
  type Rotation,
} from '../../../src-renderer/cortex/camera.ts'
import { buildMesh } from '../../../src-renderer/cortex/geometry.ts'
import { syntheticSurface } from '../syntheticCortex.ts'

const surface = syntheticSurface(12)
const meshes = { left: buildMesh(surface.left, 'folded'), right: buildMesh(surface.right, 'folded') }
const apply = (r: Rotation, [x, y, z]: readonly [number, number, number]) =>
  [r[0] * x + r[1] * y + r[2] * z, r[3] * x + r[4] * y + r[5] * z, r[6] * x + r[7] * y + r[8] * z] as const
const leftward = [-1, 0, 0] as const
const anterior = [0, 1, 0] as const
const superior = [0, 0, 1] as const

describe('views, in RAS', () => {
  // Where each anatomical direction points on screen: [right, up, towards the viewer].
  test.each([
    ['left', 'lateral', { leftward: [0, 0, 1], anterior: [-1, 0, 0], superior: [0, 1, 0] }],
    ['right', 'lateral', { leftward: [0, 0, -1], anterior: [1, 0, 0], superior: [0, 1, 0] }],
    ['left', 'medial', { leftward: [0, 0, -1], anterior: [1, 0, 0], superior: [0, 1, 0] }],
    ['right', 'medial', { leftward: [0, 0, 1], anterior: [-1, 0, 0], superior: [0, 1, 0] }],
    ['left', 'dorsal', { leftward: [-1, 0, 0], anterior: [0, 1, 0], superior: [0, 0, 1] }],
    ['left', 'ventral', { leftward: [1, 0, 0], anterior: [0, 1, 0], superior: [0, 0, -1] }],
  ] as const)('%s %s', (hemisphere, aspect, expected) => {
    const rotation = viewRotation(hemisphere, aspect)
    const close = (found: readonly number[], wanted: readonly number[]) =>
      found.forEach((part, i) => expect(part).toBeCloseTo(wanted[i], 12))
    close(apply(rotation, leftward), expected.leftward)
    close(apply(rotation, anterior), expected.anterior)
    close(apply(rotation, superior), expected.superior)
  })

  test('from below, the right hemisphere is on the left of the screen', () => {
    expect(layoutPanels('ventral', 100, 50).map(({ hemisphere, x }) => [hemisphere, x])).toEqual([
      ['right', 0],
      ['left', 50],
    ])
    expect(layoutPanels('dorsal', 100, 50).map(({ hemisphere, x }) => [hemisphere, x])).toEqual([
      ['left', 0],
      ['right', 50],
    ])
  })

  test('panels tile the drawing', () => {
    for (const view of views) {
      const area = layoutPanels(view, 300, 200).reduce((sum, { width, height }) => sum + width * height, 0)
      expect(area).toBe(300 * 200)
    }
  })
})

const angle = fc.double({ min: -7, max: 7, noNaN: true })
const aspects: readonly Aspect[] = ['lateral', 'medial', 'dorsal', 'ventral']

describe('orbit', () => {
  test('is a proper rotation for any turn', () => {
    fc.assert(
      fc.property(
        angle,
        angle,
        fc.constantFrom('left' as const, 'right' as const),
        fc.constantFrom(...aspects),
        (yaw, pitch, side, aspect) => {
          const r = orbitRotation(side, aspect, { yaw, pitch, zoom: 1 })
          const rows = [r.slice(0, 3), r.slice(3, 6), r.slice(6, 9)]
          const dot = (a: number[], b: number[]) => a.reduce((sum, part, i) => sum + part * b[i], 0)
          const determinant =
            r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) + r[2] * (r[3] * r[7] - r[4] * r[6])
          expect(determinant).toBeCloseTo(1, 10)
          rows.forEach((a, i) => rows.forEach((b, j) => expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 10)))
        },
      ),
    )
  })

  test('turns the hemispheres as mirror images', () => {
    const orbit = { yaw: 0.4, pitch: 0.2, zoom: 1 }
    const left = apply(orbitRotation('left', 'lateral', orbit), [-3, 5, 7])
    const right = apply(orbitRotation('right', 'lateral', orbit), [3, 5, 7])
    expect(right[0]).toBeCloseTo(-left[0], 10)
    expect(right[1]).toBeCloseTo(left[1], 10)
    expect(right[2]).toBeCloseTo(left[2], 10)
  })

  test('a positive pitch shows the top: what faced the viewer moves down', () => {
    const [, up] = apply(orbitRotation('left', 'lateral', { yaw: 0, pitch: 0.3, zoom: 1 }), leftward)
    expect(up).toBeLessThan(0)
  })
})

describe('cameras', () => {
  test('every vertex is inside its panel at zoom 1, however the brain is turned', () => {
    fc.assert(
      fc.property(
        angle,
        angle,
        fc.constantFrom(...views),
        fc.integer({ min: 50, max: 900 }),
        fc.integer({ min: 50, max: 900 }),
        (yaw, pitch, view, width, height) => {
          const panels = layoutPanels(view, width, height)
          const cameras = panelCameras(panels, meshes, { yaw, pitch, zoom: 1 })
          panels.forEach((panel, i) => {
            const { positions } = meshes[panel.hemisphere]
            for (let v = 0; v < positions.length; v += 3) {
              const [x, y] = project([positions[v], positions[v + 1], positions[v + 2]], cameras[i], panel)
              if (x < panel.x || x > panel.x + panel.width || y < panel.y || y > panel.y + panel.height)
                throw new Error(`vertex ${v / 3} is at ${x}, ${y}`)
            }
          })
        },
      ),
      { numRuns: 40 },
    )
  })

  test('all panels have one scale, and zoom multiplies it', () => {
    const panels = layoutPanels('overview', 600, 400)
    const scales = panelCameras(panels, meshes, noOrbit).map(({ pixelsPerMillimetre }) => pixelsPerMillimetre)
    expect(new Set(scales).size).toBe(1)
    expect(panelCameras(panels, meshes, { ...noOrbit, zoom: 2 })[0].pixelsPerMillimetre).toBeCloseTo(2 * scales[0], 12)
  })

  test('a mesh of one point has a camera', () => {
    const point = { ...meshes.left, cortex: Float32Array.of(1, 2, 3), centre: [1, 2, 3] as const }
    const [camera] = panelCameras(layoutPanels('dorsal', 10, 10), { left: point, right: point }, noOrbit)
    expect(camera.pixelsPerMillimetre).toBe(1)
  })
})
