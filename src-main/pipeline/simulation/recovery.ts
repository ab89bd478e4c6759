/** What was planted in simulated listeners against what the analysis of their recordings found. */
import type { PlantedRecovery } from '../../contract/study.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { layerPreference, spearman, summarize } from '../../scoring/index.ts'
import { adjust, wilcoxon } from '../../statistics/index.ts'
import type { Planted, PlantedGroup } from './planted.ts'
import type { TruthRow } from './truthTable.ts'

/** Of the tests of single vertices. */
const level = 0.05

export interface RecoveredScores {
  /** Layers of the planted model that are fitted, and one map [vertices] of mean scores a layer. */
  readonly layers: readonly string[]
  readonly maps: readonly Float32Array[]
  /** [listeners, vertices]: the mean over those layers, less what is scored by chance. */
  readonly listeners: Matrix32
  /** Of every planted model that has scores: the map [vertices] of its mean over layers and listeners. */
  readonly models: ReadonlyMap<string, Float32Array>
}

export interface Parcels {
  /** [vertices] region of each vertex. */
  readonly labels: Uint16Array
  readonly regions: readonly string[]
}

/** @param hrf that the analysis assumes */
export function plantedRecovery(
  { rows }: Pick<Planted, 'rows'>,
  group: PlantedGroup,
  scores: RecoveredScores,
  parcels: Parcels,
  hrf: string,
): PlantedRecovery {
  const own = rows.filter(({ language }) => language === (group.language || '*'))
  return {
    language: group.language,
    subjects: group.subjects.length,
    ...layerRecovery(group, scores, parcels),
    signal: signalRecovery(group, scores.listeners),
    found: detection(group, scores.listeners),
    order: orderRecovery(own, scores.models, parcels),
    responses: responsesOf(own, group, scores.maps, parcels, hrf),
  }
}

function layerRecovery(
  planted: PlantedGroup,
  { layers, maps }: RecoveredScores,
  { labels, regions }: Parcels,
): Pick<PlantedRecovery, 'model' | 'regions' | 'spearman'> {
  const { argmax, centre } = layerPreference(maps)
  const responsive: number[] = []
  for (let v = 0; v < planted.layer.length; v++)
    if (planted.layer[v] >= 0 && argmax[v] !== 255 && layers.includes(planted.layers[planted.layer[v]]))
      responsive.push(v)
  const indexOf = (v: number) => layers.indexOf(planted.layers[planted.layer[v]])
  const found = planted.regions.flatMap(({ name, layer }): PlantedRecovery['regions'][number][] => {
    const region = regions.indexOf(name)
    if (region < 0) return []
    const scores = maps.map((map) => summarize(map, labels, regions.length).byRegion[region])
    const inside = responsive.filter((v) => labels[v] === region)
    const centres = inside.map((v) => centre[v]).filter(Number.isFinite)
    const best = scores.reduce((top, score, i) => (score > scores[top] ? i : top), 0)
    return [
      {
        name,
        plantedLayer: layer,
        recoveredLayer: layers[best],
        recoveredCentre: centres.reduce((a, b) => a + b, 0) / centres.length,
        plantedIndex: layers.indexOf(layer),
      },
    ]
  })
  return {
    model: planted.model,
    regions: found,
    spearman: spearman(
      Float64Array.from(responsive, indexOf),
      Float64Array.from(responsive, (v) => argmax[v]),
    ),
  }
}

/** Rank correlation of the share of signal with the mean score, where something is planted and where nothing is. */
function signalRecovery({ signal }: PlantedGroup, { data, rows, cols }: Matrix32): PlantedRecovery['signal'] {
  const mean = Float64Array.from({ length: cols }, (_, v) => {
    let sum = 0
    for (let row = 0; row < rows; row++) sum += data[row * cols + v]
    return sum / rows
  })
  const correlated = (wanted: (share: number) => boolean) => {
    const vertices = [...signal.keys()].filter((v) => wanted(signal[v]) && Number.isFinite(mean[v]))
    return {
      rho: spearman(
        Float64Array.from(vertices, (v) => signal[v]),
        Float64Array.from(vertices, (v) => mean[v]),
      ),
      vertices: vertices.length,
    }
  }
  return { all: correlated(() => true), planted: correlated((share) => share > 0) }
}

/** Vertices whose scores are above chance over listeners: of those with a planted signal, and of the others. */
function detection({ signal }: PlantedGroup, listeners: Matrix32): PlantedRecovery['found'] {
  // All signs alike: the least p that there can be.
  if (2 ** -listeners.rows > level) return null
  const options = { alternative: 'greater', zeros: 'wilcox', method: 'auto', continuity: false } as const
  const p = adjust(wilcoxon(listeners, options).p, 'benjamini-hochberg')
  const counted = (planted: boolean) => {
    const tested = [...signal.keys()].filter((v) => signal[v] > 0 === planted && Number.isFinite(p[v]))
    return { found: tested.filter((v) => p[v] <= level).length, vertices: tested.length }
  }
  return { level, planted: counted(true), others: counted(false) }
}

/** Regions of several models: which of each two has the larger weight, and which the higher score. */
function orderRecovery(
  rows: readonly TruthRow[],
  models: ReadonlyMap<string, Float32Array>,
  { labels, regions }: Parcels,
): PlantedRecovery['order'] {
  const means = new Map(
    [...models].map(([model, map]) => [model, summarize(map, labels, regions.length).byRegion] as const),
  )
  return [...Map.groupBy(rows, ({ region }) => region)].flatMap(([region, own]) => {
    const at = regions.indexOf(region)
    const weights = new Map<string, number>()
    for (const { model, weight } of own) weights.set(model, (weights.get(model) ?? 0) + weight)
    const known = [...weights].filter(([model]) => Number.isFinite(means.get(model)?.[at]))
    if (at < 0 || known.length < 2) return []
    const score = (model: string) => means.get(model)![at]
    let [right, pairs] = [0, 0]
    for (const [i, [a, weightA]] of known.entries())
      for (const [b, weightB] of known.slice(i + 1)) {
        if (weightA === weightB) continue
        pairs++
        if (weightA > weightB === score(a) > score(b)) right++
      }
    const names = (order: readonly (readonly [string, number])[]) => order.map(([model]) => model)
    return [
      {
        region,
        planted: names(known.toSorted(([, a], [, b]) => b - a)),
        recovered: names(known.toSorted(([a], [b]) => score(b) - score(a))),
        ...{ right, pairs },
      },
    ]
  })
}

/**
 * The responses that recordings were made with beside the one that the analysis assumes, how many regions have each, and
 * what is scored there of what a signal of that share can score: a prediction of the signal itself would correlate with the
 * response by the square root of the share.
 */
function responsesOf(
  rows: readonly TruthRow[],
  { signal }: PlantedGroup,
  maps: readonly Float32Array[],
  { labels, regions }: Parcels,
  assumed: string,
): PlantedRecovery['responses'] {
  const kinds = Map.groupBy(rows, ({ hrf, delay }) => `${hrf} ${delay}`)
  return [...kinds.values()].map((own) => {
    const names = new Set(own.map(({ region }) => region))
    const inside = new Set([...names].map((name) => regions.indexOf(name)))
    let [score, possible, count] = [0, 0, 0]
    for (const [v, share] of signal.entries()) {
      const best = Math.max(...maps.map((map) => map[v]))
      if (!(share > 0 && inside.has(labels[v]) && Number.isFinite(best))) continue
      score += best
      possible += Math.sqrt(share)
      count++
    }
    return {
      ...{ hrf: own[0].hrf, delay: own[0].delay, regions: names.size, assumed },
      ...{ score: score / count, possible: possible / count },
    }
  })
}
