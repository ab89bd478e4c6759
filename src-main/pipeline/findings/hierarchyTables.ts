/** The data behind the panels of the hierarchy's figure. */
import type { FindingColumn, FindingTable } from '../../contract/findings.ts'
import type { LayerPreference } from '../../statistics/layerPreference.ts'
import type { Trend } from './distanceTrend.ts'
import type { LayerScores } from './hierarchyScores.ts'

export interface RegionVertices {
  readonly name: string
  readonly labels: readonly string[]
  readonly vertices: Uint32Array
}

/** [vertices]; NaN where masked. */
export interface Preferred {
  /** Index of the layer. */
  readonly best: Float64Array
  /** In layer indices. */
  readonly centre: Float64Array
  /** Share of resamples with the same best layer. */
  readonly agreement: Float64Array
}

const words = (name: string, title: string, values: readonly string[]): FindingColumn => ({ name, title, values })
const counts = (name: string, title: string, values: readonly number[]): FindingColumn => ({
  ...{ name, title, values: Int32Array.from(values) },
})
const numbers = (name: string, title: string, values: readonly number[]): FindingColumn => ({
  ...{ name, title, values: Float64Array.from(values) },
})

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
const finiteAt = (map: Float64Array, at: Uint32Array) => Array.from(at, (v) => map[v]).filter(Number.isFinite)

/** B: the score of each layer. */
export function layerTable({ layers, overVertices, shares }: LayerScores, best: Float64Array): FindingTable {
  const means = layers.map((_, l) => meanOf(overVertices.map((own) => own[l])))
  const n = overVertices.length
  const sems = layers.map((_, l) => {
    const squares = overVertices.reduce((sum, own) => sum + (own[l] - means[l]) ** 2, 0)
    return n < 2 ? NaN : Math.sqrt(squares / (n - 1) / n)
  })
  const preferring = histogram(best, layers.length)
  return {
    name: 'layers',
    title: 'Score by layer',
    columns: [
      words('layer', 'layer', layers),
      counts('index', 'place of the layer, from 0', [...layers.keys()]),
      numbers('mean', 'mean over vertices and subjects', means),
      numbers('sem', 'standard error over subjects', sems),
      counts(
        'n',
        'subjects',
        layers.map(() => n),
      ),
      numbers('share_of_ceiling', 'share of the noise ceiling', shares),
      counts('vertices', 'vertices that prefer it', preferring),
    ],
  }
}

export function subjectTable({ layers, subjects, overVertices }: LayerScores): FindingTable {
  const rows = subjects.flatMap(({ id }, row) => layers.map((layer, l) => ({ id, layer, mean: overVertices[row][l] })))
  return {
    name: 'subjects',
    title: 'Score by subject and layer',
    columns: [
      words(
        'subject',
        'subject',
        rows.map(({ id }) => id),
      ),
      words(
        'layer',
        'layer',
        rows.map(({ layer }) => layer),
      ),
      numbers(
        'mean',
        'mean over vertices',
        rows.map(({ mean }) => mean),
      ),
    ],
  }
}

/** C: how many of a region's vertices prefer each layer. */
export function histogramTable(
  layers: readonly string[],
  regions: readonly RegionVertices[],
  best: Float64Array,
): FindingTable {
  const rows = regions.flatMap(({ name, vertices }) => {
    const own = histogram(finiteAt(best, vertices), layers.length)
    const total = own.reduce((a, b) => a + b, 0)
    return layers.map((layer, l) => ({ region: name, layer, count: own[l], share: own[l] / total }))
  })
  return {
    name: 'histograms',
    title: 'Preferred layers of each region',
    columns: [
      words(
        'region',
        'region',
        rows.map(({ region }) => region),
      ),
      words(
        'layer',
        'layer',
        rows.map(({ layer }) => layer),
      ),
      counts(
        'vertices',
        'vertices that prefer it',
        rows.map(({ count }) => count),
      ),
      numbers(
        'share',
        'share of the region’s vertices that are not masked',
        rows.map(({ share }) => share),
      ),
    ],
  }
}

/**
 * @param ofMeans preference of the regions' mean scores, which no mask has selected
 */
export function regionTable(
  layers: readonly string[],
  regions: readonly RegionVertices[],
  { best, agreement }: Preferred,
  distance: Float64Array,
  ofMeans: LayerPreference,
): FindingTable {
  const { intervals } = ofMeans
  const each = (value: (region: RegionVertices, index: number) => number) => regions.map(value)
  const at = (map: Float32Array | null, index: number) => map?.[index] ?? NaN
  const layer = (index: number) => layers[index] ?? 'n/a'
  return {
    name: 'regions',
    title: 'Preferred layer of each region',
    columns: [
      words(
        'region',
        'region',
        regions.map(({ name }) => name),
      ),
      words(
        'labels',
        'labels of the parcellation',
        regions.map(({ labels }) => labels.join(' + ')),
      ),
      counts(
        'vertices',
        'vertices',
        each(({ vertices }) => vertices.length),
      ),
      counts(
        'kept',
        'vertices that are not masked',
        each(({ vertices }) => finiteAt(best, vertices).length),
      ),
      words(
        'most_preferred',
        'layer that most vertices prefer',
        regions.map(({ vertices }) => layer(largest(histogram(finiteAt(best, vertices), layers.length)))),
      ),
      numbers(
        'agreement',
        'share of resamples with the same best layer, mean over vertices',
        each(({ vertices }) => meanOf(finiteAt(agreement, vertices))),
      ),
      words(
        'best_of_mean',
        'layer that predicts the mean over the region’s vertices best',
        regions.map((_, i) => layer(ofMeans.best[i])),
      ),
      numbers(
        'agreement_of_mean',
        'share of resamples with that layer',
        each((_, i) => at(intervals.testable ? intervals.agreement : null, i)),
      ),
      numbers(
        'centre',
        'centre of mass of the layers of that mean, from 0',
        each((_, i) => ofMeans.centre[i]),
      ),
      numbers(
        'centre_low',
        'its 95 % interval over subjects, from',
        each((_, i) => at(intervals.testable ? intervals.centre[0] : null, i)),
      ),
      numbers(
        'centre_high',
        'to',
        each((_, i) => at(intervals.testable ? intervals.centre[1] : null, i)),
      ),
      numbers(
        'distance_mm',
        'mean distance of its vertices from the source, mm',
        each(({ vertices }) => meanOf(finiteAt(distance, vertices))),
      ),
    ],
  }
}

/** Millimetres of a bin. */
const binWidth = 10

/** D: what is preferred at each distance. */
export function distanceTable(preferred: Float64Array, distance: Float64Array, border: number): FindingTable {
  const rows = (['left', 'right', 'both'] as const).flatMap((hemisphere) => {
    const bins = new Map<number, number[]>()
    preferred.forEach((value, v) => {
      if (hemisphere !== 'both' && hemisphere !== (v < border ? 'left' : 'right')) return
      if (!Number.isFinite(value) || !Number.isFinite(distance[v])) return
      const bin = Math.floor(distance[v] / binWidth)
      const own = bins.get(bin)
      if (own) own.push(value)
      else bins.set(bin, [value])
    })
    return [...bins]
      .toSorted(([a], [b]) => a - b)
      .map(([bin, values]) => {
        values.sort((a, b) => a - b)
        return { hemisphere, bin, n: values.length, mean: meanOf(values), ...quartiles(values) }
      })
  })
  const number = (name: string, title: string, value: (row: (typeof rows)[number]) => number) =>
    numbers(name, title, rows.map(value))
  return {
    name: 'distance',
    title: 'Preferred layer by distance along the cortex',
    columns: [
      words(
        'hemisphere',
        'hemisphere',
        rows.map(({ hemisphere }) => hemisphere),
      ),
      number('from_mm', 'distance from, mm', ({ bin }) => bin * binWidth),
      number('to_mm', 'to, mm', ({ bin }) => (bin + 1) * binWidth),
      counts(
        'vertices',
        'vertices',
        rows.map(({ n }) => n),
      ),
      number('mean', 'mean preferred layer, from 0', ({ mean }) => mean),
      number('quarter', 'a quarter of the vertices are below', ({ low }) => low),
      number('three_quarters', 'three quarters are below', ({ high }) => high),
    ],
  }
}

export function trendTable(trends: readonly Trend[], source: string, alternative: string, seed: number): FindingTable {
  return {
    name: 'trend',
    title: 'Preferred layer against distance',
    columns: [
      words(
        'hemisphere',
        'hemisphere',
        trends.map(({ hemisphere }) => hemisphere),
      ),
      words(
        'source',
        'region that distances are from',
        trends.map(() => source),
      ),
      numbers(
        'rho',
        'Spearman’s rho',
        trends.map(({ rho }) => rho),
      ),
      counts(
        'n',
        'vertices',
        trends.map(({ n }) => n),
      ),
      numbers(
        'p_spin',
        'p of the spin test',
        trends.map(({ p }) => p),
      ),
      words(
        'alternative',
        'alternative',
        trends.map(() => alternative),
      ),
      counts(
        'spins',
        'random rotations',
        trends.map(({ spins }) => spins),
      ),
      counts(
        'seed',
        'seed of the rotations',
        trends.map(() => seed),
      ),
    ],
  }
}

function histogram(best: Iterable<number>, layers: number): number[] {
  const out = new Array<number>(layers).fill(0)
  for (const layer of best) if (Number.isFinite(layer)) out[layer]++
  return out
}

/** −1 where all are 0. */
function largest(values: readonly number[]): number {
  const most = Math.max(...values)
  return most > 0 ? values.indexOf(most) : -1
}

/** @param sorted in ascending order, not empty; linearly interpolated as numpy's default */
function quartiles(sorted: readonly number[]): { low: number; high: number } {
  const at = (share: number) => {
    const position = share * (sorted.length - 1)
    const below = Math.floor(position)
    return sorted[below] + (position - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below])
  }
  return { low: at(0.25), high: at(0.75) }
}
