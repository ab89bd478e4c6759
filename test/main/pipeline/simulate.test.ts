import { beforeAll, describe, expect, test } from 'vitest'
import { contiguousFolds } from '../../../src-main/encoding/folds.ts'
import { logspace, prepareRidge } from '../../../src-main/encoding/ridge.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { simulate } from '../../../src-main/pipeline/simulate.ts'
import type { Simulation } from '../../../src-main/pipeline/simulate.ts'
import { stackedRuns } from '../../../src-main/pipeline/simulateComponents.ts'
import { meanOverFolds, spearman } from '../../../src-main/scoring/index.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import { schematicCortex } from '../../../src-main/surfaces/schematic/cortex.ts'

const surface = schematicCortex()
const layerNames = ['a', 'b', 'c', 'd', 'e', 'f']
const volumes = [30, 34, 26]
const labels = [...surface.left.labels, ...surface.right.labels]

/** Layers as a network's are: each a mixture of the one before and something new, smooth in time. */
function designsOf(seed: number, units = 12): Matrix32[][] {
  const random = seededRandom(seed)
  return volumes.map((rows) => {
    let before: Float32Array | undefined
    return layerNames.map(() => {
      const data = new Float32Array(rows * units)
      for (let i = 0; i < data.length; i++) {
        const fresh = 0.8 * (i >= units ? data[i - units] : 0) + random.normal()
        data[i] = fresh
      }
      if (before) for (let i = 0; i < data.length; i++) data[i] = 0.7 * before[i] + 0.7 * data[i]
      before = data
      return { data, rows, cols: units }
    })
  })
}

const designs = designsOf(3)
let simulation: Simulation
let runs: readonly Matrix32[]
beforeAll(async () => {
  simulation = await simulate({ seed: 11, designs, layerNames, surface })
  runs = simulation.responses(0)
})

const course = (vertex: number, from = runs) =>
  from.flatMap(({ data, rows, cols }) => Array.from({ length: rows }, (_, t) => data[t * cols + vertex]))

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)]
  const product = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0)
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb))
}

const verticesOf = (name: string) => {
  const label = surface.regions.findIndex((region) => region.name === name)
  return labels.flatMap((value, v) => (value === label ? [v] : []))
}

describe('the table of what was planted', () => {
  test('a hierarchy from auditory to frontal cortex, region by region', () => {
    const { truth } = simulation
    expect(truth.regions.map(({ name }) => name)).toEqual(['A1/A2', 'STG', 'STS', 'MTG', 'IFG'])
    const order = truth.regions.map(({ layer }) => layerNames.indexOf(layer))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order[0]).toBeLessThan(order[4])
    for (const { name, layer } of truth.regions) {
      for (const v of verticesOf(name)) if (truth.layer[v] >= 0) expect(layerNames[truth.layer[v]]).toBe(layer)
    }
    expect(truth.layer).toHaveLength(labels.length)
    expect(truth.signal).toHaveLength(labels.length)
  })

  test('signal where a layer is planted, and nowhere else; strongest in auditory cortex', () => {
    const { layer, signal } = simulation.truth
    layer.forEach((planted, v) => {
      if (planted < 0) expect(signal[v]).toBe(0)
      else expect(signal[v]).toBeGreaterThan(0.05)
    })
    const strength = (name: string) => mean(verticesOf(name).map((v) => signal[v]))
    for (const name of ['STG', 'STS', 'MTG', 'IFG']) expect(strength('A1/A2')).toBeGreaterThan(strength(name))
    expect(strength('lateral occipital')).toBe(0)
  })

  test('survives JSON and says that nobody listened', () => {
    expect(JSON.parse(JSON.stringify(simulation.truth))).toEqual(simulation.truth)
    expect(simulation.truth.note).toMatch(/not recordings of people/)
  })
})

describe('responses', () => {
  test('one matrix a run, as many volumes as the designs', () => {
    expect(runs.map(({ rows, cols }) => [rows, cols])).toEqual(volumes.map((rows) => [rows, labels.length]))
    for (const { data } of runs) expect(data.every(Number.isFinite)).toBe(true)
  })

  test('the same for the same seed and listener, others for others', async () => {
    expect(simulation.responses(0)).toEqual(runs)
    const again = await simulate({ seed: 11, designs, layerNames, surface })
    expect(again.truth).toEqual(simulation.truth)
    expect(again.responses(0)[1].data).toEqual(runs[1].data)
    expect(simulation.responses(1)[0].data).not.toEqual(runs[0].data)
    const other = await simulate({ seed: 12, designs, layerNames, surface })
    expect(other.responses(0)[0].data).not.toEqual(runs[0].data)
  })

  test('exactly 0 in the medial wall, variance 1 or so elsewhere', () => {
    labels.forEach((label, v) => {
      if (v % 7 !== 0) return
      const values = course(v)
      if (label === 0) expect(values.every((value) => value === 0)).toBe(true)
      else {
        const variance = mean(values.map((value) => (value - mean(values)) ** 2))
        expect(variance).toBeGreaterThan(0.3)
        expect(variance).toBeLessThan(2)
      }
    })
  })

  test('noise alone has the autocorrelation that the note says', () => {
    const occipital = verticesOf('lateral occipital').filter((_, i) => i % 20 === 0)
    const lagged = occipital.flatMap((v) => {
      const values = course(v).slice(0, volumes[0])
      return [correlation(values.slice(1), values.slice(0, -1))]
    })
    // 30 volumes bias the estimate by about -(1 + 4 * 0.4) / 30 (Kendall 1954)
    expect(mean(lagged)).toBeGreaterThan(0.4 - 0.087 - 0.1)
    expect(mean(lagged)).toBeLessThan(0.4 - 0.087 + 0.1)
  })

  test('two listeners share what was planted, as much as its share of variance and their likeness allow', () => {
    const second = simulation.responses(1)
    const between = (name: string) =>
      mean(
        verticesOf(name)
          .filter((v) => v % 3 === 0)
          .map((v) => correlation(course(v), course(v, second))),
      )
    // Weights w + 0.4 e: listeners' signals correlate by about 1 / (1 + 0.16); times the signal's share
    const share = mean(verticesOf('A1/A2').map((v) => simulation.truth.signal[v]))
    expect(between('A1/A2')).toBeGreaterThan(share * 0.86 - 0.1)
    expect(between('A1/A2')).toBeLessThan(share * 0.86 + 0.1)
    expect(Math.abs(between('lateral occipital'))).toBeLessThan(0.06)
  })

  test('one vertex over six listeners: what they have in common is the share of variance in the table', async () => {
    const [vertex] = verticesOf('STS').filter((v) => simulation.truth.layer[v] >= 0)
    const listeners = Array.from({ length: 6 }, (_, subject) => course(vertex, simulation.responses(subject)))
    const average = listeners[0].map((_, t) => mean(listeners.map((values) => values[t])))
    const share = simulation.truth.signal[vertex]
    const likeness = mean(listeners.map((values) => correlation(values, average)))
    // Expected correlation with the average of 6 when a share s·0.86 is common to all
    const common = share * 0.86
    const expected = Math.sqrt(common + (1 - common) / 6)
    expect(likeness).toBeGreaterThan(expected - 0.12)
    expect(likeness).toBeLessThan(expected + 0.12)
  })
})

test('cross-validated ridge finds the planted layers', async () => {
  const { layer } = simulation.truth
  const some = layer.flatMap((planted, v) => (planted >= 0 && v % 5 === 0 ? [v] : []))
  const rows = volumes.reduce((sum, count) => sum + count, 0)
  const y = new Float32Array(rows * some.length)
  some.forEach((v, j) => course(v).forEach((value, t) => (y[t * some.length + j] = value)))
  const gemm = await createGemm()
  const scores: Float32Array[] = []
  for (const [index] of layerNames.entries()) {
    const { data, cols } = stackedRuns(designs.map((run) => run[index]))
    const x = { data: Float32Array.from(data), rows, cols }
    const problem = await prepareRidge(x, { folds: contiguousFolds(rows, 10), alphas: logspace(0, 5, 11), gemm })
    const { r } = await problem.score({ data: y, rows, cols: some.length })
    scores.push(meanOverFolds(r, 10))
  }
  const best = some.map((_, j) => scores.reduce((top, map, l) => (map[j] > scores[top][j] ? l : top), 0))
  expect(
    spearman(
      Float64Array.from(some, (v) => layer[v]),
      Float64Array.from(best),
    ),
  ).toBeGreaterThan(0.7)
  const auditory = some.flatMap((v, j) => (labels[v] === labels[verticesOf('A1/A2')[0]] ? [j] : []))
  expect(mean(auditory.map((j) => scores[layer[some[j]]][j]))).toBeGreaterThan(0.3)
})

describe('odd designs', () => {
  test('a unit that never changes, and layers that are all the same, do no harm', async () => {
    const odd = designs.map((run) =>
      run.map(() => ({ ...run[0], data: run[0].data.map((value, i) => (i % run[0].cols === 0 ? 5 : value)) })),
    )
    const result = await simulate({ seed: 1, designs: odd, layerNames, surface })
    for (const { data } of result.responses(0)) expect(data.every(Number.isFinite)).toBe(true)
  })

  test('a single layer is planted everywhere', async () => {
    const one = designs.map(([first]) => [first])
    const { truth } = await simulate({ seed: 1, designs: one, layerNames: ['a'], surface })
    expect(truth.regions.every(({ layer }) => layer === 'a')).toBe(true)
  })

  test('a surface without the regions is refused', async () => {
    const bare = { ...surface, regions: [surface.regions[0]] }
    await expect(simulate({ seed: 1, designs, layerNames, surface: bare })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    })
  })
})
