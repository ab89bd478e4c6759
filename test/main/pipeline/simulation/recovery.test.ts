/** The report of what was recovered, on scores made by hand: what is counted is known beforehand. */
import { describe, expect, test } from 'vitest'
import { usual } from '../../../../src-main/pipeline/simulation/defaultTruth.ts'
import type { PlantedGroup } from '../../../../src-main/pipeline/simulation/planted.ts'
import { plantedRecovery } from '../../../../src-main/pipeline/simulation/recovery.ts'
import type { RecoveredScores } from '../../../../src-main/pipeline/simulation/recovery.ts'
import type { TruthRow } from '../../../../src-main/pipeline/simulation/truthTable.ts'

const labels = Uint16Array.from([1, 1, 1, 2, 2, 2, 0, 0])
const parcels = { labels, regions: ['', 'one', 'two'] }
const planted = (region: string, model: string, weight: number, given: Partial<TruthRow> = {}): TruthRow => ({
  ...{ ...usual, region, model, layer: 'a', weight, hrf: 'glover', language: 'english' },
  ...given,
})
const group: PlantedGroup = {
  ...{ language: 'english', subjects: ['1', '2', '3', '4', '5', '6'], model: 'm', layers: ['a', 'b'] },
  layer: [0, 0, 0, 1, 1, 1, -1, -1],
  signal: [0.4, 0.3, 0.2, 0.5, 0.45, 0.41, 0, 0],
  regions: [
    { name: 'one', layer: 'a' },
    { name: 'two', layer: 'b' },
  ],
}

/** Six listeners; vertices score their share of signal, but for one planted one that scores nothing. */
function scores(): RecoveredScores {
  const rows = 6
  const data = Float32Array.from({ length: rows * 8 }, (_, k) => {
    const [listener, v] = [Math.floor(k / 8), k % 8]
    const lost = v === 2 || group.signal[v] === 0
    return lost ? (listener % 2 === 0 ? 0.01 : -0.01) * (1 + listener) : group.signal[v] + 0.001 * listener
  })
  const map = (one: number, two: number) => Float32Array.from([one, one, one, two, two, two, 0, 0])
  return {
    ...{ layers: ['a', 'b'], maps: [map(0.3, 0.1), map(0.2, 0.4)], listeners: { data, rows, cols: 8 } },
    models: new Map([
      ['m', map(0.3, 0.1)],
      ['n', map(0.2, 0.2)],
      ['o', map(0.1, 0.3)],
    ]),
  }
}

const rows = [
  ...[planted('one', 'm', 4), planted('one', 'n', 2), planted('one', 'o', 1)],
  ...[planted('two', 'm', 4, { delay: 2 }), planted('two', 'n', 2), planted('two', 'o', 2)],
  planted('one', 'n', 9, { language: 'french' }),
  planted('one', 'never fitted', 3),
]
const found = plantedRecovery({ rows }, group, scores(), parcels, 'glover')

describe('what was recovered', () => {
  test('layers, region by region and over vertices', () => {
    expect(found.regions.map(({ name, plantedLayer, recoveredLayer }) => [name, plantedLayer, recoveredLayer])).toEqual(
      [
        ['one', 'a', 'a'],
        ['two', 'b', 'b'],
      ],
    )
    expect(found.spearman).toBeCloseTo(1, 12)
  })

  test('signal against score, over all vertices and the planted ones', () => {
    expect([found.signal.all.vertices, found.signal.planted.vertices]).toEqual([8, 6])
    // Of the planted ones the weakest scores the least: the ranks agree.
    expect(found.signal.planted.rho).toBeCloseTo(1, 12)
  })

  test('vertices above chance, of those with a signal and of the others', () => {
    expect(found.found).toEqual({
      ...{ level: 0.05, planted: { found: 5, vertices: 6 }, others: { found: 0, vertices: 2 } },
    })
    const few = { ...scores(), listeners: { data: new Float32Array(32), rows: 4, cols: 8 } }
    expect(plantedRecovery({ rows }, group, few, parcels, 'glover').found).toBeNull()
  })

  test('the order of models: pairs of different weights, of this language, as far as they have scores', () => {
    expect(found.order).toEqual([
      { region: 'one', planted: ['m', 'n', 'o'], recovered: ['m', 'n', 'o'], right: 3, pairs: 3 },
      { region: 'two', planted: ['m', 'n', 'o'], recovered: ['o', 'n', 'm'], right: 0, pairs: 2 },
    ])
  })

  test('responses beside what the analysis assumes, and what is scored of what is possible', () => {
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const roots = group.signal.map(Math.sqrt)
    const [all, late] = found.responses
    expect(all).toMatchObject({ hrf: 'glover', delay: 0, regions: 2, assumed: 'glover' })
    expect(late).toMatchObject({ hrf: 'glover', delay: 2, regions: 1, assumed: 'glover' })
    // At the best layer: 0.3 in the first region and 0.4 in the second; the last two vertices have no signal.
    expect([all.score, late.score]).toEqual([expect.closeTo(0.35, 6), expect.closeTo(0.4, 6)])
    expect([all.possible, late.possible]).toEqual([
      expect.closeTo(mean(roots.slice(0, 6)), 12),
      expect.closeTo(mean(roots.slice(3, 6)), 12),
    ])
  })
})
