import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  clusterMassTest,
  groupClusterMassTest,
  groupPermutationTest,
  signFlipTest,
  describe as inWords,
  tfceDefaults,
} from '../../../src-main/statistics/index.ts'
import { adjacencyOf, besideEachOther, overTime } from '../../../src-main/linalg/adjacency.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Gemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix64 } from '../../../src-main/linalg/matrix.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import type { PermutationOptions } from '../../../src-main/statistics/permutationTest.ts'
import type { Alternative } from '../../../src-main/statistics/result.ts'
import { Tfce } from '../../../src-main/statistics/tfce.ts'
import type { TfceOptions } from '../../../src-main/statistics/tfce.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import { expectAllNear, expectNear, matrixOf, oracle } from './oracle.ts'
import type { Table } from './oracle.ts'

type PValues = Record<'two-sided' | 'greater', [number[], number[]]>
const { triangles, enhanced, values, tests, groups } = oracle('clusters') as {
  triangles: number[]
  enhanced: { map: number[]; e: number; h: number; integration: TfceOptions['integration']; tfce: number[] }[]
  values: Table
  tests: {
    side: Alternative
    threshold: number
    t: number[]
    clusters: [number[], number, number][]
    tfce: [number[], number[]]
    pMax: number[]
  }[]
  groups: {
    a: Table
    b: Table
    blocks: number[]
    t: number[]
    clusters: [number[], number, number][]
    all: PValues
    within: PValues
  }
}
const adjacency = adjacencyOf(Uint32Array.from(triangles), 99)

let gemm: Gemm
beforeAll(async () => {
  gemm = await createGemm()
})
afterAll(() => gemm.close())

const both = (tfce: Tfce, map: ArrayLike<number>): Float64Array => {
  const out = new Float64Array(map.length)
  tfce.enhance(map, 1, out)
  tfce.enhance(map, -1, out)
  return out
}

describe('cluster enhancement', () => {
  test.each(enhanced)('as heights one by one, and as MNE: E $e, H $h, $integration', ({ map, e, h, ...rest }) => {
    const tfce = new Tfce(adjacency, { extentPower: e, heightPower: h, integration: rest.integration })
    expectAllNear(both(tfce, map), rest.tfce, 1e-10, 1e-12)
    // The memory of one map leaves nothing in the next.
    expectAllNear(both(tfce, map), rest.tfce, 1e-10, 1e-12)
  })

  test('fine steps come to the exact integral', () => {
    const { map } = enhanced[0]
    const steps = both(new Tfce(adjacency, { ...tfceDefaults, integration: { start: 0, step: 1e-4 } }), map)
    const exact = both(new Tfce(adjacency, tfceDefaults), map)
    // Each vertex's sum is off by at most a step's share of its largest term.
    const high = map.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expectAllNear(steps, exact, 0, 1e-4 * 2 * Math.sqrt(99) * high ** 2)
  })

  test('grows with the map, scales with the power of the height, and ignores what is not finite', () => {
    const random = seededRandom(2)
    const mesh = icosphere(2)
    const sphere = adjacencyOf(mesh.triangles, 162)
    const tfce = new Tfce(sphere, tfceDefaults)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 161 }), fc.double({ min: 0.1, max: 10, noNaN: true }), (v, factor) => {
        const map = Float64Array.from({ length: 162 }, () => random.normal())
        const before = both(tfce, map)
        // A cluster's low vertices are what is left of its high ones' integral: rounding is of that.
        const rounding = 1e-14 * before.reduce((most, value) => Math.max(most, value), 0)
        expectAllNear(
          both(
            tfce,
            map.map((value) => value * factor),
          ),
          before.map((x) => x * factor ** 3),
          1e-11,
          rounding * factor ** 3,
        )
        map[v] += Math.sign(map[v])
        const after = both(tfce, map)
        for (let i = 0; i < 162; i++) expect(after[i]).toBeGreaterThanOrEqual(before[i] - rounding)
        map[v] = NaN
        const without = both(tfce, map)
        expect(without[v]).toBe(0)
        map[v] = Infinity
        expect(both(tfce, map)).toEqual(without)
      }),
      { numRuns: 20 },
    )
  })

  test('heights that float32 does not tell apart are in order all the same', () => {
    const random = seededRandom(6)
    const [mesh, n] = [icosphere(4), 2562]
    const tfce = new Tfce(adjacencyOf(mesh.triangles, n), tfceDefaults)
    const map = Float64Array.from({ length: n }, random.normal)
    const tiny = both(
      tfce,
      map.map((value) => value * 1e-60),
    )
    const plain = both(tfce, map)
    const largest = plain.reduce((most, value) => Math.max(most, value), 0)
    expectAllNear(
      tiny.map((value) => value * 1e180),
      plain,
      1e-9,
      1e-12 * largest,
    )
    // A few of one height, all but: the enhancement is continuous in the heights.
    const coarse = map.map((value) => Math.round(64 * value) / 64)
    const almost = both(
      tfce,
      coarse.map((value, v) => value * (1 + 1e-12 * (v % 7))),
    )
    expectAllNear(almost, both(tfce, coarse), 1e-9, 1e-10 * largest)
  })

  test('options out of range are refused', () => {
    expect(() => new Tfce(adjacency, { ...tfceDefaults, heightPower: 0 })).toThrowError(/exponent/)
    expect(() => new Tfce(adjacency, { ...tfceDefaults, integration: { start: 0, step: 0 } })).toThrowError(/heights/)
    const fine = new Tfce(adjacency, { ...tfceDefaults, integration: { start: 0, step: 1e-9 } })
    expect(() => both(fine, enhanced[0].map)).toThrowError(/larger steps/)
  })
})

describe('permutations of maps', () => {
  const all = { permutations: 512, seed: 1 }
  test.each(tests)(
    'as MNE’s clusters under all sign flips: $side',
    async ({ side, threshold, t, clusters, tfce, pMax }) => {
      const data = matrixOf(values)
      const ours = await clusterMassTest(data, { ...all, alternative: side, adjacency, threshold }, { gemm })
      expectAllNear(ours.statistic, t, 1e-10)
      const sorted = [...clusters].sort((one, other) => Math.abs(other[1]) - Math.abs(one[1]))
      expect(ours.clusters.map(({ vertices }) => [...vertices].sort((x, y) => x - y))).toEqual(sorted.map(([c]) => c))
      for (const [i, [, mass, p]] of sorted.entries()) {
        expectNear(ours.clusters[i].mass, mass, 1e-10)
        expectNear(ours.clusters[i].p, p, 1e-12)
      }
      const plain = await signFlipTest(data, { ...all, alternative: side, statistic: 't' }, { gemm })
      expectAllNear(plain.statistic, t, 1e-10)
      expectAllNear(plain.pMax, pMax, 1e-12)
      const statistic = { adjacency, ...tfceDefaults, integration: { start: 0, step: 0.2 } }
      const high = await signFlipTest(data, { ...all, alternative: side, statistic }, { gemm })
      const sign = tfce[0].map((score, v) => Math.sign(t[v]) * Math.abs(score))
      expectAllNear(high.statistic, sign, 1e-10)
      expectAllNear(high.pMax, tfce[1], 1e-12)
    },
  )

  test.each(['all', 'within'] as const)('of two groups, as counting them: %s', async (which) => {
    const blocks = which === 'within' ? { blocks: groups.blocks } : {}
    for (const side of ['two-sided', 'greater', 'less'] as const) {
      const options: PermutationOptions = { permutations: 100, seed: 1, alternative: side, statistic: 't', ...blocks }
      const [a, b] = side === 'less' ? [groups.b, groups.a] : [groups.a, groups.b]
      const order = side === 'less' ? { blocks: [...groups.blocks.slice(3), ...groups.blocks.slice(0, 3)] } : {}
      const ours = await groupPermutationTest(
        matrixOf(a),
        matrixOf(b),
        { ...options, ...('blocks' in blocks ? order : {}) },
        { gemm },
      )
      const [p, pMax] = groups[which][side === 'less' ? 'greater' : side]
      expectAllNear(
        ours.statistic,
        groups.t.map((t) => (side === 'less' ? -t : t)),
        1e-10,
      )
      expectAllNear(ours.p, p, 1e-12)
      expectAllNear(ours.pMax, pMax, 1e-12)
    }
  })

  test('clusters of two groups, as MNE’s clusters under all exchanges', async () => {
    const chain = {
      offsets: Uint32Array.of(0, 1, 3, 5, 7, 8),
      neighbours: Uint32Array.of(1, 0, 2, 1, 3, 2, 4, 3),
    }
    const options = { ...all, alternative: 'two-sided' as const, adjacency: chain, threshold: 0.7 }
    const ours = await groupClusterMassTest(matrixOf(groups.a), matrixOf(groups.b), options, { gemm })
    const sorted = [...groups.clusters].sort((one, other) => Math.abs(other[1]) - Math.abs(one[1]))
    expect(ours.clusters.map(({ vertices }) => [...vertices].sort((x, y) => x - y))).toEqual(sorted.map(([c]) => c))
    for (const [i, [, mass, p]] of sorted.entries()) {
      expectNear(ours.clusters[i].mass, mass, 1e-10)
      expectNear(ours.clusters[i].p, p, 1e-12)
    }
    expect(inWords(ours.test)).toBe(
      'cluster-mass test of the difference of two groups (two-sided, n = 3 and 5; clusters of |t| > 0.7000; ' +
        'all 56 exchanges of labels; no p below 0.018 is possible; family-wise by the largest cluster)',
    )
    const one = matrixOf(groups.a.slice(0, 1))
    await expect(groupClusterMassTest(one, one, options, { gemm })).rejects.toThrowError(/three in all/)
  })

  const noise = (rows: number, cols: number, seed: number): Matrix64 => {
    const random = seededRandom(seed)
    return { data: Float64Array.from({ length: rows * cols }, () => random.normal()), rows, cols }
  }
  const options: PermutationOptions = { permutations: 199, seed: 4, alternative: 'two-sided', statistic: 't' }

  test('random ones come from the seed, and p from how many there are', async () => {
    const data = noise(12, 20, 1)
    const first = await signFlipTest(data, options, { gemm })
    expect(await signFlipTest(data, options, { gemm })).toEqual(first)
    const other = await signFlipTest(data, { ...options, seed: 5 }, { gemm })
    expect(other.maxima).not.toEqual(first.maxima)
    expect(other.statistic).toEqual(first.statistic)
    for (const p of [...first.p, ...first.pMax]) expect(Number.isInteger(Math.round(p * 200 * 1e9) / 1e9)).toBe(true)
    expect(inWords(first.test)).toBe(
      'permutation test of the mean against 0 by sign flips (two-sided, n = 12; 199 random sign flips, seed 4; ' +
        'no p below 0.005 is possible; family-wise by the largest statistic over 20 vertices (pMax))',
    )
  })

  test('random sign flips come to all sign flips', async () => {
    const data = noise(10, 6, 3)
    const every = await signFlipTest(data, { ...options, permutations: 1024 }, { gemm })
    expect(every.maxima).toHaveLength(1024)
    const some = await signFlipTest(noise(10, 6, 3), { ...options, permutations: 1023 }, { gemm })
    // Binomial standard error of 1,023 draws.
    for (const [v, p] of every.p.entries()) {
      expect(Math.abs(some.p[v] - p)).toBeLessThan(4.5 * Math.sqrt((p * (1 - p)) / 1023) + 1 / 1024)
    }
  })

  test('blocks flip together', async () => {
    const data = noise(8, 3, 5)
    const blocks = [0, 0, 1, 1, 2, 2, 3, 3]
    const ours = await signFlipTest(data, { ...options, blocks }, { gemm })
    expect(ours.maxima).toHaveLength(16)
    expect(ours.test.parameters).toEqual(['all 16 sign flips of 4 blocks'])
    await expect(signFlipTest(data, { ...options, blocks: [1] }, { gemm })).rejects.toThrowError(/8 block numbers/)
  })

  test('batches and stretches of columns change nothing', async () => {
    // More columns than a stretch, more rearrangements than a batch.
    const wide = noise(9, 5000, 6)
    const few: Matrix64 = { data: new Float64Array(9 * 2), rows: 9, cols: 2 }
    for (let i = 0; i < 9; i++) few.data.set([wide.data[i * 5000 + 4095], wide.data[i * 5000 + 4999]], i * 2)
    const ours = await signFlipTest(wide, options, { gemm })
    const alone = await signFlipTest(few, options, { gemm })
    expect([ours.p[4095], ours.p[4999]]).toEqual([...alone.p])
  })

  test('a false positive anywhere is as rare as it should be: t, enhanced and clusters', async () => {
    // 300 null studies of 8 subjects and 42 vertices, all 256 sign flips: 5 % with a binomial SD of 1.26 %.
    const sphere = adjacencyOf(icosphere(1).triangles, 42)
    const studies = 300
    const found = { t: 0, tfce: 0, cluster: 0 }
    const every = { permutations: 256, seed: 1, alternative: 'two-sided' as const }
    for (let study = 0; study < studies; study++) {
      const data = noise(8, 42, 1000 + study)
      const t = await signFlipTest(data, { ...every, statistic: 't' }, { gemm })
      const high = await signFlipTest(data, { ...every, statistic: { adjacency: sphere, ...tfceDefaults } }, { gemm })
      const mass = await clusterMassTest(data, { ...every, adjacency: sphere, threshold: 1.5 }, { gemm })
      if (t.pMax.some((p) => p <= 0.05)) found.t++
      if (high.pMax.some((p) => p <= 0.05)) found.tfce++
      if (mass.clusters.some(({ p }) => p <= 0.05)) found.cluster++
    }
    // Of 256 equally likely ones 12 are within 5 %: 4.7 %.
    const rate = 12 / 256
    for (const count of Object.values(found)) {
      expect(Math.abs(count / studies - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / studies))
    }
  })

  test('what cannot be tested has a reason and takes no part', async () => {
    const data = noise(6, 5, 7)
    for (let i = 0; i < 6; i++) data.data.set([0, 2, NaN], i * 5)
    data.data[3] = NaN
    const ours = await signFlipTest(data, { ...options, alternative: 'less' }, { gemm })
    expect(ours.untested).toEqual({ 'all zero': 1, 'all equal': 1, 'no value': 1, incomplete: 1 })
    expect(ours.p.map((p) => (Number.isNaN(p) ? 1 : 0))).toEqual(Float64Array.of(1, 1, 1, 1, 0))
    // With one vertex left the largest statistic is its own.
    expect(ours.pMax[4]).toBe(ours.p[4])
    await expect(signFlipTest(noise(1, 3, 1), options, { gemm })).rejects.toThrowError(/at least 2/)
  })

  test('can be watched and stopped', async () => {
    const seen: number[] = []
    const progress = (done: number) => {
      seen.push(done)
      if (done > 100) throw new Error('enough')
    }
    await expect(signFlipTest(noise(9, 4, 1), options, { gemm, progress })).rejects.toThrowError('enough')
    expect(seen).toEqual([64, 128])
  })

  test('options and meshes that do not fit are refused', async () => {
    const data = noise(4, 5, 1)
    const statistic = { adjacency, ...tfceDefaults }
    await expect(signFlipTest(data, { ...options, statistic }, { gemm })).rejects.toThrowError(/this mesh/)
    await expect(signFlipTest(data, { ...options, seed: -1 }, { gemm })).rejects.toThrowError(/seed/)
    await expect(signFlipTest(data, { ...options, permutations: 0 }, { gemm })).rejects.toThrowError(
      /number of permutations/,
    )
    const clusters = { ...options, adjacency, threshold: -1 }
    await expect(clusterMassTest(data, clusters, { gemm })).rejects.toThrowError(/threshold/)
  })
})

test('graphs of both hemispheres and of several times', () => {
  const triangle = adjacencyOf(Uint32Array.of(0, 1, 2), 3)
  const pair = besideEachOther(triangle, triangle)
  expect([...pair.neighbours]).toEqual([1, 2, 0, 2, 0, 1, 4, 5, 3, 5, 3, 4])
  expect([...pair.offsets]).toEqual([0, 2, 4, 6, 8, 10, 12])
  const moving = overTime(adjacencyOf(Uint32Array.of(0, 1, 2), 4), 2)
  // The fourth vertex has no neighbour but itself a step later.
  expect([...moving.offsets]).toEqual([0, 3, 6, 9, 10, 13, 16, 19, 20])
  expect([...moving.neighbours]).toEqual([1, 2, 4, 0, 2, 5, 0, 1, 6, 7, 0, 5, 6, 1, 4, 6, 2, 4, 5, 3])
})
