import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { adjacencyOf } from '../../../../src-main/linalg/adjacency.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'
import { randomStream } from '../../../../src-main/linalg/randomStream.ts'
import { SurfaceNoise } from '../../../../src-main/pipeline/simulation/noise.ts'
import { phaseRotation, recordedNoise } from '../../../../src-main/pipeline/simulation/recordedNoise.ts'
import { pearson } from '../../../../src-main/scoring/index.ts'
import { icosphere } from '../../../../src-main/surfaces/icosphere.ts'
import { courseOf, mean } from '../../../support/simulated.ts'

const reference = JSON.parse(
  readFileSync(new URL('../../../reference/simulation/reference.json', import.meta.url), 'utf8'),
) as {
  readonly streams: readonly { readonly name: readonly (number | string)[]; readonly words: readonly number[] }[]
  readonly phases: readonly { readonly uniform: number[]; readonly x: number[]; readonly y: number[] }[]
}

const pause = () => Promise.resolve()

describe('random streams', () => {
  test.each(reference.streams)('xoshiro128** from the state that $name gives', ({ name, words }) => {
    const { uniform } = randomStream(...name)
    for (const word of words) expect(uniform()).toBe(word / 2 ** 32)
  })

  test('normals have the moments of the standard normal, and come in any portion', () => {
    const values = [...randomStream(5, 'moments').normals(new Float64Array(40_000))]
    // 5 standard errors: 1/√n of the mean, √(2/n) of the variance, √(24/n) of the kurtosis
    expect(Math.abs(mean(values))).toBeLessThan(5 / 200)
    expect(Math.abs(mean(values.map((x) => x * x)) - 1)).toBeLessThan(5 * Math.sqrt(2 / 40_000))
    expect(Math.abs(mean(values.map((x) => x ** 4)) - 3)).toBeLessThan(5 * Math.sqrt(96 / 40_000))
    const { normal } = randomStream(5, 'moments')
    expect([normal(), normal(), normal()]).toEqual(values.slice(0, 3))
  })

  test('names that differ give streams that do not correlate', () => {
    const of = (...name: (number | string)[]) => randomStream(...name).normals(new Float64Array(10_000))
    for (const [a, b] of [
      [of(1, 'ab', 'c'), of(1, 'a', 'bc')],
      [of(1, 's', 1), of(1, 's', 2)],
      [of(1, 's', 11), of(1, 's1', 1)],
    ])
      expect(Math.abs(pearson(a, b))).toBeLessThan(0.05)
  })
})

describe('noise of a table', () => {
  const { triangles, points } = icosphere(2)
  const vertices = points.length / 3
  const adjacency = adjacencyOf(triangles, vertices)
  const half = (first: number, second: number) => (_: unknown, v: number) => (v < vertices / 2 ? first : second)
  const maps = {
    autocorrelation: Float64Array.from({ length: vertices }, half(0.2, 0.7)),
    rounds: Uint8Array.from({ length: vertices }, half(0, 4)),
    adjacency,
  }
  const run = new SurfaceNoise(maps).run(2000, randomStream(1, 'noise'), pause)
  const lagged = (values: readonly number[]) => pearson(values.slice(1), values.slice(0, -1))

  test('has variance 1, and the autocorrelation of the vertex', async () => {
    const noise = await run
    for (const [from, a] of [
      [0, 0.2],
      [Math.ceil(vertices / 2), 0.7],
    ] as const) {
      const courses = Array.from({ length: 60 }, (_, v) => courseOf([noise], from + v))
      // 2000 volumes and 60 vertices, some of them alike: a standard error below 0.006 of a, below 0.02 of the variance.
      expect(Math.abs(mean(courses.map(lagged)) - a)).toBeLessThan(0.03)
      expect(Math.abs(mean(courses.map((values) => mean(values.map((x) => x * x)))) - 1)).toBeLessThan(0.1)
    }
  })

  test('is white over cortex without rounds, and alike between neighbours with them', async () => {
    const noise = await run
    /** Mean correlation of vertices with a neighbour of the same kind. */
    const alike = (from: number) =>
      mean(
        Array.from({ length: 40 }, (_, i) => from + i).flatMap((v) => {
          const around = adjacency.neighbours.subarray(adjacency.offsets[v], adjacency.offsets[v + 1])
          const [other] = around.filter((u) => maps.rounds[u] === maps.rounds[v])
          return other === undefined ? [] : [pearson(courseOf([noise], v), courseOf([noise], other))]
        }),
      )
    expect(Math.abs(alike(0))).toBeLessThan(0.15)
    expect(alike(vertices - 40)).toBeGreaterThan(0.5)
  })
})

describe('recorded noise', () => {
  test.each(reference.phases)('phases turn as numpy’s FFT turns them', ({ uniform, x, y }) => {
    let drawn = 0
    const random = { uniform: () => uniform[drawn++], normal: () => NaN, normals: (out: Float64Array) => out }
    const { data, rows } = phaseRotation(x.length, random)
    for (let i = 0; i < rows; i++) {
      const value = x.reduce((sum, each, j) => sum + data[i * rows + j] * each, 0)
      expect(Math.abs(value - y[i])).toBeLessThan(1e-6)
    }
  })

  const random = randomStream(3, 'recording')
  const [volumes, vertices] = [120, 6]
  const recording: Matrix32 = { data: new Float32Array(volumes * vertices), rows: volumes, cols: vertices }
  for (let t = 0; t < volumes; t++) {
    const common = random.normal()
    for (let v = 0; v < vertices; v++) {
      const before = t > 0 ? recording.data[(t - 1) * vertices + v] : 0
      // The last vertex was not recorded.
      recording.data[t * vertices + v] =
        v === 5 ? 7 : 0.6 * before + common + 0.5 * random.normal() + (t === 0 ? 100 * v : 0)
    }
  }

  test('keeps correlations between vertices, has variance 1, and is another for every listener', async () => {
    const gemm = await createGemm()
    const noise = recordedNoise(
      { ...recording, data: recording.data.subarray(20 * vertices), rows: 100 },
      gemm,
      'rest.npy',
    )
    const own = await noise(100, randomStream(1, 'a'), pause)
    const others = await noise(100, randomStream(1, 'b'), pause)
    const original = (v: number) => courseOf([recording], v).slice(20)
    for (const v of [1, 2, 3, 4]) {
      const values = courseOf([own], v)
      expect(Math.abs(mean(values))).toBeLessThan(1e-5)
      expect(Math.abs(mean(values.map((x) => x * x)) - 1)).toBeLessThan(1e-4)
      expect(pearson(values, courseOf([own], 0))).toBeGreaterThan(0.5)
      // Its trend is gone, and with it some of the likeness.
      expect(Math.abs(pearson(values, courseOf([own], 0)) - pearson(original(v), original(0)))).toBeLessThan(0.1)
      expect(Math.abs(pearson(values, courseOf([others], v)))).toBeLessThan(0.5)
    }
    expect(courseOf([own], 5).every((value) => value === 0)).toBe(true)
  })

  test('is refused where it is shorter than a run or not finite', async () => {
    const gemm = await createGemm()
    await expect(recordedNoise(recording, gemm, 'rest.npy')(121, randomStream(1), pause)).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
      parts: { where: { file: 'rest.npy' }, expected: 'at least 121 volumes', found: '120' },
    })
    const odd = { ...recording, data: recording.data.map((value, i) => (i === 7 ? NaN : value)) }
    expect(() => recordedNoise(odd, gemm, 'rest.npy')).toThrowError(/not finite/)
  })
})
