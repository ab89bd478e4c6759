import { beforeAll, describe, expect, test } from 'vitest'
import { contiguousFolds } from '../../../../src-main/encoding/folds.ts'
import { logspace, prepareRidge } from '../../../../src-main/encoding/ridge.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'
import { defaultTruth } from '../../../../src-main/pipeline/simulation/defaultTruth.ts'
import { stackedRuns } from '../../../../src-main/pipeline/simulation/components.ts'
import { plantedGroup } from '../../../../src-main/pipeline/simulation/planted.ts'
import { meanOverFolds, pearson, spearman } from '../../../../src-main/scoring/index.ts'
import { bandedCortex, courseOf, mean, network, row, simulated } from '../../../support/simulated.ts'
import type { Simulated } from '../../../support/simulated.ts'

const surface = bandedCortex()
const layerNames = ['a', 'b', 'c', 'd', 'e', 'f']
const volumes = [30, 34, 26]
const total = volumes.reduce((sum, count) => sum + count, 0)
const labels = [...surface.left.labels, ...surface.right.labels]
const regionNames = surface.regions.slice(1).map(({ name }) => name)
const one = network('one', 3, volumes, layerNames)
const table = defaultTruth(regionNames, ['untrained']).map((given) =>
  row({ model: 'one', layer: given.layer!, region: given.region, signal: given.signal! }),
)

let simulation: Simulated
let runs: readonly Matrix32[]
beforeAll(async () => {
  simulation = await simulated(11, surface, table, [one])
  runs = await simulation.listener('sim-01')
})

const course = (vertex: number, from = runs) => courseOf(from, vertex)

const verticesOf = (name: string) => {
  const label = surface.regions.findIndex((region) => region.name === name)
  return labels.flatMap((value, v) => (value === label ? [v] : []))
}

describe('what is planted', () => {
  const group = () =>
    plantedGroup(surface, simulation.rows, () => layerNames, simulation.plan.signal, { language: '', subjects: ['x'] })

  test('a hierarchy from auditory to frontal cortex, region by region', () => {
    const truth = group()
    expect(truth.regions.map(({ name }) => name)).toEqual(
      regionNames.filter((name) => ['A1/A2', 'STG', 'STS', 'MTG', 'IFG'].includes(name)),
    )
    const order = ['A1/A2', 'STG', 'STS', 'MTG', 'IFG'].map((name) =>
      layerNames.indexOf(truth.regions.find((region) => region.name === name)!.layer),
    )
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order[0]).toBeLessThan(order[4])
    for (const { name, layer } of truth.regions)
      for (const v of verticesOf(name)) if (truth.layer[v] >= 0) expect(layerNames[truth.layer[v]]).toBe(layer)
    expect(truth.layer).toHaveLength(labels.length)
  })

  test('signal where a layer is planted, and nowhere else; strongest in auditory cortex', () => {
    const { signal, mixture } = simulation.plan
    mixture.forEach((planted, v) => {
      if (planted < 0) expect(signal[v]).toBe(0)
      else expect(signal[v]).toBeGreaterThan(0.05)
    })
    const strength = (name: string) => Math.max(...verticesOf(name).map((v) => signal[v]))
    for (const name of ['STG', 'STS', 'MTG', 'IFG']) expect(strength('A1/A2')).toBeGreaterThan(strength(name))
    expect(strength('elsewhere')).toBe(0)
  })
})

describe('responses', () => {
  test('one matrix a run, as many volumes as the designs', () => {
    expect(runs.map(({ rows, cols }) => [rows, cols])).toEqual(volumes.map((rows) => [rows, labels.length]))
    for (const { data } of runs) expect(data.every(Number.isFinite)).toBe(true)
  })

  test('the same bits for the same seed and listener, others for others', async () => {
    expect(await simulation.listener('sim-01')).toEqual(runs)
    const again = await simulated(11, surface, table, [one])
    expect((await again.listener('sim-01'))[1].data).toEqual(runs[1].data)
    expect((await simulation.listener('sim-02'))[0].data).not.toEqual(runs[0].data)
    const other = await simulated(12, surface, table, [one])
    expect((await other.listener('sim-01'))[0].data).not.toEqual(runs[0].data)
  })

  test('exactly 0 outside every region, variance 1 or so elsewhere', () => {
    labels.forEach((label, v) => {
      if (v % 3 !== 0) return
      const values = course(v)
      if (label === 0) expect(values.every((value) => value === 0)).toBe(true)
      else {
        const variance = mean(values.map((value) => (value - mean(values)) ** 2))
        expect(variance).toBeGreaterThan(0.3)
        expect(variance).toBeLessThan(2)
      }
    })
  })

  test('the share of variance that is signal is the table’s: twice the noise with the same signal tells', async () => {
    // The same listener without noise: what is left is √s times a signal of variance 1.
    const silent = await simulated(11, surface, table, [one], async (count) => ({
      data: new Float32Array(count * labels.length),
      rows: count,
      cols: labels.length,
    }))
    const signal = await silent.listener('sim-01')
    for (const v of ['A1/A2', 'IFG'].flatMap((name) => verticesOf(name)).filter((_, i) => i % 9 === 0)) {
      const values = course(v, signal)
      const variance = mean(values.map((value) => value * value)) - mean(values) ** 2
      // float32
      expect(Math.abs(variance - simulation.plan.signal[v])).toBeLessThan(1e-5)
    }
  })

  test('two listeners share what was planted, as much as its share of variance and their likeness allow', async () => {
    const second = await simulation.listener('sim-02')
    const between = (name: string) =>
      mean(
        verticesOf(name)
          .filter((v) => v % 3 === 0)
          .map((v) => pearson(course(v), course(v, second))),
      )
    // Weights w + 0.4 e: listeners' signals correlate by about 1 / (1 + 0.16); times the signal's share
    const share = mean(verticesOf('A1/A2').map((v) => simulation.plan.signal[v]))
    expect(Math.abs(between('A1/A2') - share * 0.86)).toBeLessThan(0.1)
    expect(Math.abs(between('elsewhere'))).toBeLessThan(0.08)
  })

  test('listeners differ in their share of signal, by the logit’s SD', async () => {
    const varied = table.map((each) => ({ ...each, signal_sd: 1 }))
    const silent = await simulated(11, surface, varied, [one], async (count) => ({
      data: new Float32Array(count * labels.length),
      rows: count,
      cols: labels.length,
    }))
    const [v] = verticesOf('STG').filter((vertex) => simulation.plan.mixture[vertex] >= 0)
    const s = simulation.plan.signal[v]
    const shifts: number[] = []
    for (let i = 0; i < 12; i++) {
      const values = course(v, await silent.listener(`sim-${i}`))
      const share = mean(values.map((value) => value * value)) - mean(values) ** 2
      shifts.push(Math.log(share / (1 - share)) - Math.log(s / (1 - s)))
    }
    const sd = Math.sqrt(mean(shifts.map((shift) => shift * shift)))
    // 12 draws of SD 1: chi-square with 12 degrees of freedom puts 99 % of them between 0.51 and 1.54.
    expect(sd).toBeGreaterThan(0.51)
    expect(sd).toBeLessThan(1.54)
  })
})

/** Mean r over folds of vertices, ridge on each of the layers. */
async function scoresOf(designs: readonly (readonly Matrix32[])[], some: readonly number[], from = runs) {
  const y = new Float32Array(total * some.length)
  some.forEach((v, j) => course(v, from).forEach((value, t) => (y[t * some.length + j] = value)))
  const gemm = await createGemm()
  const scores: Float32Array[] = []
  for (const index of designs[0].keys()) {
    const { data, cols } = stackedRuns(designs.map((run) => run[index]))
    const x = { data: Float32Array.from(data), rows: total, cols }
    const problem = await prepareRidge(x, { folds: contiguousFolds(total, 10), alphas: logspace(0, 5, 11), gemm })
    const { r } = await problem.score({ data: y, rows: total, cols: some.length })
    scores.push(meanOverFolds(r, 10))
  }
  return scores
}

test('cross-validated ridge finds the planted layers', async () => {
  const { mixture, mixtures } = simulation.plan
  const some = [...mixture.keys()].filter((v) => mixture[v] >= 0 && v % 2 === 0)
  const layer = (v: number) => layerNames.indexOf(mixtures[mixture[v]].rows[0].layer)
  const scores = await scoresOf(one.designs, some)
  const best = some.map((_, j) => scores.reduce((top, map, l) => (map[j] > scores[top][j] ? l : top), 0))
  expect(
    spearman(
      Float64Array.from(some, (v) => layer(v)),
      Float64Array.from(best),
    ),
  ).toBeGreaterThan(0.7)
  const auditory = some.flatMap((v, j) => (labels[v] === labels[verticesOf('A1/A2')[0]] ? [j] : []))
  expect(mean(auditory.map((j) => scores[layer(some[j])][j]))).toBeGreaterThan(0.3)
})

test('of two models that are mixed, ridge on the one with the larger weight scores higher, in each hemisphere its own', async () => {
  const two = network('two', 4, volumes, layerNames)
  const mixed = (['left', 'right'] as const).flatMap((hemisphere) =>
    [one, two].map(({ model }) =>
      row({
        ...{ region: 'STG', model, layer: 'c', hemisphere },
        weight: (hemisphere === 'left') === (model === 'one') ? 4 : 1,
      }),
    ),
  )
  const mixture = await simulated(5, surface, mixed, [one, two])
  const listener = await mixture.listener('sim-01')
  const some = verticesOf('STG').filter((v) => mixture.plan.mixture[v] >= 0)
  const [a] = await scoresOf(
    one.designs.map((run) => [run[2]]),
    some,
    listener,
  )
  const [b] = await scoresOf(
    two.designs.map((run) => [run[2]]),
    some,
    listener,
  )
  const difference = (left: boolean) =>
    mean(some.flatMap((v, j) => (v < surface.left.labels.length === left ? [a[j] - b[j]] : [])))
  expect(difference(true)).toBeGreaterThan(0.05)
  expect(difference(false)).toBeLessThan(-0.05)
})

describe('odd designs', () => {
  const everywhere = (layers: readonly string[], designs: readonly (readonly Matrix32[])[]) =>
    simulated(1, surface, table, [{ model: 'one', layers, designs }])

  test('a unit that never changes, and layers that are all the same, do no harm', async () => {
    const odd = one.designs.map((run) =>
      run.map(() => ({ ...run[0], data: run[0].data.map((value, i) => (i % run[0].cols === 0 ? 5 : value)) })),
    )
    const { listener } = await everywhere(layerNames, odd)
    for (const { data } of await listener('x')) expect(data.every(Number.isFinite)).toBe(true)
  })

  test('layers that say nothing at all leave noise', async () => {
    const constant = one.designs.map((run) => run.map((layer) => ({ ...layer, data: layer.data.map(() => 3) })))
    const { listener } = await everywhere(layerNames, constant)
    for (const { data } of await listener('x')) expect(data.every(Number.isFinite)).toBe(true)
  })

  test('a single layer is planted everywhere', async () => {
    const { rows } = await everywhere(
      ['a'],
      one.designs.map(([first]) => [first]),
    )
    expect(rows.every(({ layer }) => layer === 'a')).toBe(true)
  })

  test('a surface without regions is refused', async () => {
    const none = (half: typeof surface.left) => ({ ...half, labels: half.labels.map(() => 0) })
    const bare = { ...surface, left: none(surface.left), right: none(surface.right) }
    await expect(simulated(1, bare, table, [one])).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })
})
