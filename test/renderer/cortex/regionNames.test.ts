import { expect, test } from 'vitest'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import { panelCameras, noOrbit, type Panel } from '../../../src-renderer/cortex/camera.ts'
import { buildMesh } from '../../../src-renderer/cortex/geometry.ts'
import { drawBorders, namesOnPanel, regionAnchors, regionBorders } from '../../../src-renderer/cortex/regionNames.ts'

const { points, triangles } = icosphere(3)
const ball = Float32Array.from(points, (value) => 50 * value)
const count = ball.length / 3
/** Eight octants, and the vertices near the poles outside every region. */
const labels = Uint16Array.from({ length: count }, (_, v) => {
  const [x, y, z] = [ball[v * 3], ball[v * 3 + 1], ball[v * 3 + 2]]
  return Math.abs(z) > 45 ? 0 : 1 + Number(x > 0) + 2 * Number(y > 0) + 4 * Number(z > 0)
})
const names = ['', 'aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'gg', 'hh']
const regions = names.map((name) => ({ name, colour: [0, 0, 0] as const }))
const surface = { folded: ball, inflated: ball, triangles, sulc: new Float32Array(count), labels }
const mesh = buildMesh(surface, 'folded')
const panel: Panel = { hemisphere: 'left', aspect: 'lateral', x: 100, y: 50, width: 400, height: 400 }
const [camera] = panelCameras([panel], { left: mesh, right: mesh }, noOrbit)

test('an anchor is a vertex of its region, and the largest region comes first', () => {
  const found = regionAnchors(labels, ball)
  expect(found.map(({ region }) => region).toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  for (const { region, vertex, size } of found) {
    expect(labels[vertex]).toBe(region)
    expect(size).toBe(labels.filter((label) => label === region).length)
  }
  expect(found.every(({ size }, i) => size <= (found[i - 1]?.size ?? Infinity))).toBe(true)
})

test('names are those of the side that is seen, inside the panel, none on another', () => {
  const placed = namesOnPanel(surface, regions, mesh, camera, panel)
  // The lateral side of a left hemisphere has x below 0.
  expect(placed.map(({ name }) => name).toSorted()).toEqual(['aa', 'cc', 'ee', 'gg'])
  // From afar the names of two regions side by side would lie on one another.
  const afar = { ...camera, pixelsPerMillimetre: camera.pixelsPerMillimetre / 6 }
  const long = regions.map((region) => ({ ...region, name: region.name.repeat(6) }))
  expect(namesOnPanel(surface, long, mesh, afar, panel)).toHaveLength(2)
  for (const { x, y } of placed) {
    expect(x).toBeGreaterThan(panel.x)
    expect(x).toBeLessThan(panel.x + panel.width)
    expect(y).toBeGreaterThan(panel.y)
    expect(y).toBeLessThan(panel.y + panel.height)
  }
  expect(namesOnPanel(surface, regions, mesh, camera, { ...panel, width: 10, height: 10 })).toEqual([])
})

test('a border is where a neighbour has a higher index, and is darkened; nothing else is', () => {
  const border = regionBorders(surface)
  const expected = new Uint8Array(count)
  for (let t = 0; t < triangles.length; t += 3)
    for (const a of triangles.subarray(t, t + 3))
      for (const b of triangles.subarray(t, t + 3)) if (labels[b] > labels[a]) expected[a] = 1
  expect(border).toEqual(expected)
  const colours = new Uint8Array(count * 4).fill(200)
  drawBorders(colours, border)
  for (let v = 0; v < count; v++)
    expect([...colours.subarray(v * 4, v * 4 + 4)]).toEqual(border[v] ? [80, 80, 80, 200] : [200, 200, 200, 200])
})
