/** What the hierarchy's analysis needs of a model's scores, read map by map. */
import { zeros32 } from '../../linalg/matrix.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { reliableTargets, shareOfCeiling, summarize } from '../../scoring/index.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext } from '../context.ts'
import type { FindingSpace, FindingSubject, Scores } from './input.ts'

export interface LayerScores {
  readonly space: FindingSpace
  readonly layers: readonly string[]
  readonly subjects: readonly FindingSubject[]
  /** [layers] maps [vertices]: the mean over subjects; NaN where one of them has no score. */
  readonly means: readonly Float32Array[]
  /** [subjects, vertices]: the mean over layers, less that of what is scored by chance (chance.ts). */
  readonly overLayers: Matrix32
  /** [subjects][layers]: the mean over vertices with a score. */
  readonly overVertices: readonly (readonly number[])[]
  /** [subjects][layers] the means over each region's vertices with a score, [regions]. */
  readonly byRegion: readonly (readonly Float32Array[])[]
  /** [layers]: share of the noise ceiling; NaN where none is stored. */
  readonly shares: readonly number[]
}

/**
 * Reads all maps once, one at a time.
 * @param regions vertices of each
 */
export async function layerScores(
  scores: Scores,
  space: FindingSpace,
  layers: readonly string[],
  subjects: readonly FindingSubject[],
  regions: readonly Uint32Array[],
  context: StepContext,
): Promise<LayerScores> {
  const { vertices } = scores
  const byRegion: Float32Array[][] = []
  const sums = layers.map(() => new Float64Array(vertices))
  const overLayers = zeros32(subjects.length, vertices)
  const overVertices: number[][] = []
  for (const [row, { id }] of subjects.entries()) {
    const own = new Float64Array(vertices)
    const means: number[] = []
    const regional: Float32Array[] = []
    for (const [l, layer] of layers.entries()) {
      throwIfCancelled(context)
      const map = await scores.map(space, layer, id)
      const total = sums[l]
      for (let v = 0; v < vertices; v++) total[v] += map[v]
      const above = await aboveChance(scores, space, layer, id, map)
      for (let v = 0; v < vertices; v++) own[v] += above[v]
      means.push(summarize(map).mean)
      regional.push(Float32Array.from(regions, (own) => summarize(Float32Array.from(own, (v) => map[v])).mean))
    }
    overVertices.push(means)
    byRegion.push(regional)
    for (let v = 0; v < vertices; v++) overLayers.data[row * vertices + v] = own[v] / layers.length
    context.progress({ fraction: (0.2 * (row + 1)) / subjects.length })
  }
  const means = sums.map((sum) => Float32Array.from(sum, (value) => value / subjects.length))
  return { space, layers, subjects, means, overLayers, overVertices, byRegion, shares: await sharesOf(scores, means) }
}

/** A subject's map less what is scored by chance, where that is not 0. */
async function aboveChance(
  scores: Scores,
  space: FindingSpace,
  layer: string,
  subject: string,
  map: Float32Array,
): Promise<Float32Array> {
  if (scores.chance === 'zero') return map
  const chance = await scores.map(space, layer, subject, 'chance')
  return map.map((value, v) => value - chance[v])
}

/** Of the first stored ceiling; targets whose ceiling is not reliable are left out of the share. */
async function sharesOf(scores: Scores, means: readonly Float32Array[]): Promise<readonly number[]> {
  const [ceiling] = scores.input.ceilings
  if (ceiling === undefined) return means.map(() => NaN)
  const reliable = reliableTargets(await scores.ceiling(ceiling.key, 'correlation'))
  const map = (await scores.ceiling(ceiling.key, 'ceiling')).map((value, v) => (reliable[v] ? value : 0))
  const measure = ({ r: 'r', 'r²': 'r-squared', 'R²': 'r2' } as const)[scores.input.measure.symbol]
  return means.map((mean) => (measure === undefined ? NaN : shareOfCeiling(mean, map, measure)))
}

/** [subjects, vertices]: every subject's score of the layer that the subjects' mean is best at, less chance. */
export async function bestLayerScores(
  scores: Scores,
  { space, layers, subjects }: LayerScores,
  best: Uint8Array,
  context: StepContext,
): Promise<Matrix32> {
  const { vertices } = scores
  const out = zeros32(subjects.length, vertices)
  out.data.fill(NaN)
  for (const [row, { id }] of subjects.entries()) {
    for (const [l, layer] of layers.entries()) {
      throwIfCancelled(context)
      const map = await aboveChance(scores, space, layer, id, await scores.map(space, layer, id))
      for (let v = 0; v < vertices; v++) if (best[v] === l) out.data[row * vertices + v] = map[v]
    }
  }
  return out
}

/** Values of [subjects][layers] that are held at a time: 256 MB. */
const heldValues = 2 ** 26

/**
 * Hands over all maps of some of the vertices after the other.
 * @param wanted the vertices, in ascending order
 * @param use [subjects][layers] values of the wanted vertices from `first` on
 */
export async function forEachStretch(
  scores: Scores,
  { space, layers, subjects }: LayerScores,
  wanted: Uint32Array,
  use: (maps: readonly (readonly Float32Array[])[], first: number) => void,
): Promise<void> {
  const width = Math.max(1, Math.floor(heldValues / (subjects.length * layers.length)))
  for (let first = 0; first < wanted.length; first += width) {
    const part = wanted.subarray(first, first + width)
    const maps: Float32Array[][] = []
    for (const { id } of subjects) {
      const own: Float32Array[] = []
      for (const layer of layers) {
        const map = await scores.map(space, layer, id)
        own.push(Float32Array.from(part, (v) => map[v]))
      }
      maps.push(own)
    }
    use(maps, first)
  }
}
