/** The hierarchy's finding on scores with a planted gradient, on a sphere whose hemispheres have spheres of their own. */
import { expect, test } from 'vitest'
import type { Finding } from '../../../../src-main/contract/findings.ts'
import { seededRandom } from '../../../../src-main/linalg/random.ts'
import { spearman } from '../../../../src-main/linalg/series.ts'
import { distancesFrom, distanceTrends } from '../../../../src-main/pipeline/findings/distanceTrend.ts'
import { hierarchy } from '../../../../src-main/pipeline/findings/hierarchy.ts'
import { Scores } from '../../../../src-main/pipeline/findings/input.ts'
import { figureOptions, figuresSchema } from '../../../../src-main/study/figures.ts'
import type { Study } from '../../../../src-main/study/schema.ts'
import { icosphere } from '../../../../src-main/surfaces/icosphere.ts'
import type { CorticalSurface } from '../../../../src-main/surfaces/types.ts'

const ball = icosphere(3)
const perSide = ball.points.length / 3
const layers = ['transf0', 'transf1', 'transf2', 'transf3', 'transf4']

/** Radians from (0, 0, 1), where the source region is. */
const polar = Float64Array.from({ length: perSide }, (_, v) =>
  Math.acos(Math.max(-1, Math.min(1, ball.points[v * 3 + 2]))),
)

function surface(withSphere = true): CorticalSurface {
  const points = Float32Array.from(ball.points)
  const mirrored = points.map((value, i) => (i % 3 === 0 ? -value : value))
  const labels = Uint16Array.from(polar, (angle) => (angle < 0.3 ? 1 : angle < 1.5 ? 2 : angle < 2.9 ? 3 : 0))
  const side = (own: Float32Array) => ({
    ...{ folded: own, inflated: own, triangles: ball.triangles, sulc: new Float32Array(perSide), labels },
    ...(withSphere ? { sphere: own } : {}),
  })
  return {
    ...{ name: 'ball', schematic: false, left: side(points), right: side(mirrored), notes: [] },
    regions: ['outside', 'core', 'belt', 'far'].map((name) => ({ name, colour: [0, 0, 0] as const })),
  }
}

/**
 * @param preferred the planted layer of each vertex of a hemisphere; NaN: nothing is predicted
 * @param noise SD of every score
 */
function scoresOf(
  preferred: (vertex: number, side: number) => number,
  subjects: number,
  noise: number,
  cortex = surface(),
  encoding: Study['encoding'] = { preset: 'standard', chance: 'zero' },
): Scores {
  const { normal } = seededRandom(5)
  const maps = new Map<string, Float32Array>()
  const scores: { member: string; layer: string; subject: string; key: string }[] = []
  for (let s = 0; s < subjects; s++) {
    layers.forEach((layer, l) => {
      const key = `${s} ${layer}`
      scores.push({ member: 'w2v', layer, subject: `sub-${s}`, key })
      const value = (v: number) => {
        const planted = preferred(v % perSide, Math.floor(v / perSide))
        return (Number.isNaN(planted) ? 0 : Math.max(0, 0.2 - 0.03 * (l - planted) ** 2)) + noise * normal()
      }
      maps.set(
        key,
        Float32Array.from({ length: 2 * perSide }, (_, v) => value(v)),
      )
    })
  }
  const input = {
    study: { regions: undefined, encoding } as unknown as Study,
    measure: { name: 'Pearson r', symbol: 'r' },
    spaces: [
      {
        ...{ id: 'w2v', kind: 'model' as const, regime: 'native', language: '', layers, axis: null },
        members: [{ id: 'w2v', at: null }],
      },
    ],
    subjects: Array.from({ length: subjects }, (_, s) => ({ id: `sub-${s}`, language: '' })),
    ...{ scores, ceilings: [], surface: cortex, behaviour: null },
  }
  return new Scores(input, async (key) => ({ name: 'r', shape: [2 * perSide], data: maps.get(key)! }))
}

const context = { progress: () => undefined, cancelled: () => false }
const options = (given: Readonly<Record<string, unknown>> = {}) =>
  figureOptions(figuresSchema.parse({}), 'hierarchy', { spins: 199, resamples: 50, ...given }).hierarchy
const found = (scores: Scores, given: Readonly<Record<string, unknown>> = {}) =>
  hierarchy(scores, options(given), context)

const rows = ({ tables }: Pick<Finding, 'tables'>, name: string) => {
  const { columns } = tables.find((table) => table.name === name)!
  return Array.from({ length: columns[0].values.length }, (_, row) =>
    Object.fromEntries(columns.map((column) => [column.name, column.values[row]])),
  )
}
const mapOf = ({ maps }: Pick<Finding, 'maps'>, name: string) => maps.find((map) => map.name === name)!.values

/** Rises with the angle from the source. */
const gradient = (v: number) => Math.min(4, Math.floor((polar[v] / Math.PI) * 5))

test('a planted gradient is found: its layers, its regions, its rise with distance', async () => {
  const finding = await found(scoresOf(gradient, 12, 0.01))
  const best = mapOf(finding, 'best layer')
  expect([...best].filter((layer, v) => layer === gradient(v % perSide)).length).toBeGreaterThan(0.99 * best.length)
  const distance = mapOf(finding, 'distance')
  // Along the ball from the edge of the source region, which is at 0.
  const far = polar.indexOf(Math.max(...polar))
  expect(distance[far]).toBeGreaterThan(Math.PI - 0.3 - 0.15)
  expect(distance[far]).toBeLessThan(Math.PI - 0.2)
  const trends = rows(finding, 'trend')
  expect(trends.map(({ hemisphere }) => hemisphere)).toEqual(['left', 'right', 'both'])
  for (const { rho, p_spin } of trends) {
    expect(rho).toBeGreaterThan(0.9)
    expect(p_spin).toBeLessThan(0.05)
  }
  expect(trends[0]['rho']).toBeCloseTo(spearman(distance.subarray(0, perSide), best.subarray(0, perSide)), 6)
  const regions = rows(finding, 'regions')
  expect(regions.map(({ region }) => region)).toEqual(['core', 'belt', 'far'])
  expect(regions[0]['most_preferred']).toBe('transf0')
  const centres = regions.map(({ centre }) => Number(centre))
  expect(centres).toEqual(centres.toSorted((a, b) => a - b))
  expect(regions.every((row) => Number(row['centre_low']) <= Number(row['centre']))).toBe(true)
  const histograms = rows(finding, 'histograms').filter(({ region }) => region === 'belt')
  expect(histograms.reduce((sum, { share }) => sum + Number(share), 0)).toBeCloseTo(1, 12)
  expect(finding.caption).toContain('12 subjects')
  expect(finding.tests.join()).toMatch(/Wilcoxon.*Benjamini–Hochberg/)
})

test('means and standard errors by layer are those of the maps', async () => {
  const scores = scoresOf(gradient, 6, 0.05)
  const table = rows(await found(scores), 'layers')
  const space = scores.space('w2v')
  for (const { layer, mean, sem, n } of table) {
    const own: number[] = []
    for (const { id } of scores.input.subjects) {
      const map = await scores.map(space, String(layer), id)
      own.push(map.reduce((sum, value) => sum + value, 0) / map.length)
    }
    const average = own.reduce((a, b) => a + b, 0) / own.length
    expect(mean).toBeCloseTo(average, 7)
    const variance = own.reduce((sum, value) => sum + (value - average) ** 2, 0) / (own.length - 1)
    expect(sem).toBeCloseTo(Math.sqrt(variance / own.length), 7)
    expect(n).toBe(6)
  }
})

test('what is not predicted is masked, whichever test says so', async () => {
  const half = (v: number) => (ball.points[v * 3] > 0 ? gradient(v) : NaN)
  const scores = scoresOf(half, 12, 0.02)
  for (const mask of ['wilcoxon', 'sign-flip']) {
    const best = mapOf(await found(scores, { mask, permutations: 500 }), 'best layer')
    const wrong = [...best].filter((layer, v) => Number.isNaN(half(v % perSide)) !== Number.isNaN(layer)).length
    expect(wrong / best.length).toBeLessThan(0.05)
  }
  const all = await found(scores, { mask: 'none', least: -1 })
  expect(mapOf(all, 'best layer').every(Number.isFinite)).toBe(true)
})

test('too few subjects to test: said, and masked by the least score alone', async () => {
  const few = await found(scoresOf(gradient, 4, 0.01))
  expect(few.notes.join()).toContain('4 subjects: no p below 0.063 is possible')
  // The lowest of the layers is predicted worst where it is four layers from the planted one.
  expect(few.caption).toMatch(/vertices whose best layer has a mean score below 0\.\d+, as far above 0 as/)
  expect((await found(scoresOf(gradient, 4, 0.01), { least: 0.01 })).caption).toContain('a mean score below 0.01;')
  const one = await found(scoresOf(gradient, 1, 0.01))
  expect(one.notes.join()).toContain('one subject')
  expect(rows(one, 'layers')[0]['sem']).toBeNaN()
  expect(mapOf(one, 'agreement').every(Number.isNaN)).toBe(true)
  expect(mapOf(one, 'best layer').some(Number.isFinite)).toBe(true)
})

test('without spheres there is rho, and how to come by a p', async () => {
  const finding = await found(scoresOf(gradient, 12, 0.01, surface(false)))
  for (const { rho, p_spin, spins } of rows(finding, 'trend')) {
    expect(rho).toBeGreaterThan(0.9)
    expect(p_spin).toBeNaN()
    expect(spins).toBe(0)
  }
  expect(finding.notes.join()).toMatch(/No spin p: the surface has no sphere .*`surface` as `sphere`/)
  expect(finding.caption).toContain('no spin p')
})

test('distances are from the region that is asked for, which has to be there', async () => {
  const scores = scoresOf(gradient, 5, 0.01)
  const from = await found(scores, { source: 'far' })
  for (const { rho, source } of rows(from, 'trend')) {
    expect(rho).toBeLessThan(0)
    expect(source).toBe('far')
  }
  await expect(found(scores, { source: 'cor' })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('did you mean "core"?') as string,
  })
  await expect(found(scores, { model: 'w2w' })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('maps that lie smoothly but anyhow rise with distance no more often than chance has it', () => {
  const { normal } = seededRandom(9)
  const small = icosphere(2)
  const points = Float32Array.from(small.points)
  const count = points.length / 3
  const side = { folded: points, inflated: points, triangles: small.triangles, sphere: points }
  const one = { ...side, sulc: new Float32Array(count), labels: new Uint16Array(count) }
  const cortex: CorticalSurface = {
    ...{ name: 'ball', schematic: false, left: one, right: one, regions: [], notes: [] },
  }
  const isSource = Uint8Array.from({ length: 2 * count }, (_, v) => (v % count === 0 ? 1 : 0))
  const distance = distancesFrom(cortex, isSource, () => undefined)
  let [spin, plain] = [0, 0]
  const studies = 40
  for (let study = 0; study < studies; study++) {
    const [x, y, z] = [normal(), normal(), normal()]
    const map = Float64Array.from({ length: 2 * count }, (_, v) => {
      const at = (v % count) * 3
      return Math.round(x * points[at] + y * points[at + 1] + z * points[at + 2])
    })
    const [left] = distanceTrends(
      cortex,
      distance,
      map,
      { alternative: 'greater', spins: 99, seed: study },
      () => undefined,
    )
    if (left.p <= 0.1) spin++
    // As if vertices were independent: rho's normal approximation at 0.1.
    if (left.rho * Math.sqrt(count - 1) > 1.282) plain++
  }
  // Binomial(40, 0.1) is above 10 in 1 of 700.
  expect(spin).toBeLessThanOrEqual(10)
  expect(spin).toBeGreaterThanOrEqual(1)
  expect(plain).toBeGreaterThan(10)
})

test('it stops when it is cancelled', async () => {
  const stopped = { progress: () => undefined, cancelled: () => true }
  await expect(hierarchy(scoresOf(gradient, 3, 0.01), options(), stopped)).rejects.toMatchObject({ code: 'CANCELLED' })
})
