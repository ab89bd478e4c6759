import { expect, test } from 'vitest'
import { Ruler } from '../../../src-main/pipeline/ruler.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'

const sphere = icosphere(3)
const ball = { folded: Float32Array.from(sphere.points, (x) => 50 * x), triangles: sphere.triangles }
const ruler = new Ruler()
const context = { progress: () => undefined, cancelled: () => false }
function rulerPath(hemisphere: typeof ball, from: number, to: number, mesh = 1) {
  const { arrays, provenance } = ruler.measure({ kind: 'ruler', mesh, ...hemisphere, from, to }, context)
  const [starts, ends, shares] = arrays.map(({ data }) => data)
  return { length: provenance['length'] as number | null, starts, ends, shares }
}
const place = (v: number) => [ball.folded[v * 3], ball.folded[v * 3 + 1], ball.folded[v * 3 + 2]]

test('a path along a ball is an arc of it, and lies on edges from one end to the other', () => {
  for (const [from, to] of [
    [0, 1],
    [3, 400],
    [17, 17],
  ] as const) {
    const { length, starts, ends, shares } = rulerPath(ball, from, to)
    const [a, b] = [place(from), place(to)]
    const cosine = a.reduce((sum, x, i) => sum + x * b[i], 0) / 2500
    const arc = 50 * Math.acos(Math.min(1, cosine))
    // Chords are shorter than the arc; at this level of the icosphere by at most 1 %.
    expect(length).toBeLessThanOrEqual(arc + 1e-6)
    expect(length).toBeGreaterThanOrEqual(0.99 * arc)
    const points = [...shares].map((share, p) =>
      place(starts[p]).map((value, axis) => value + share * (place(ends[p])[axis] - value)),
    )
    expect(points[0].map((x) => Math.round(x))).toEqual(b.map((x) => Math.round(x)))
    expect(points.at(-1)!.map((x) => Math.round(x))).toEqual(a.map((x) => Math.round(x)))
    const along = points.slice(1).reduce((sum, p, i) => sum + Math.hypot(...p.map((x, k) => x - points[i][k])), 0)
    expect(along).toBeCloseTo(length!, 3)
  }
})

test('between parts that do not touch there is no path', () => {
  const two = {
    folded: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 9, 0, 0, 10, 0, 0, 9, 1, 0),
    triangles: Uint32Array.of(0, 1, 2, 3, 4, 5),
  }
  expect(rulerPath(two, 0, 4, 2).length).toBeNull()
  expect(rulerPath(two, 0, 2, 2).length).toBeCloseTo(1, 6)
  expect(() => rulerPath(two, 0, 6, 2)).toThrow(/vertices of the surface/)
})

test('it tells how far it is, never less than before, and stops when it is told to', () => {
  const fine = icosphere(4)
  const large = { folded: Float32Array.from(fine.points, (x) => 50 * x), triangles: fine.triangles }
  const task = { kind: 'ruler', mesh: 3, ...large, from: 0, to: 3 } as const
  const told: number[] = []
  ruler.measure(task, { progress: ({ fraction }) => told.push(fraction), cancelled: () => false })
  expect(told.length).toBeGreaterThan(2)
  expect(told.every((fraction, i) => fraction <= 1 && fraction >= (told[i - 1] ?? 0))).toBe(true)
  expect(told.at(-1)).toBeGreaterThan(0.4)
  let looks = 0
  const cancelled = () => ++looks > 1
  expect(() => ruler.measure(task, { progress: () => undefined, cancelled })).toThrow(/Cancelled/)
  expect(looks).toBe(2)
})
