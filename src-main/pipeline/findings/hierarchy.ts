/**
 * Which layer of a model predicts each vertex best (Millet et al. 2022, figure 3), and whether it rises with the distance
 * along the cortex from primary auditory cortex.
 */
import { HeschlError } from '../../errors.ts'
import { layerPreference } from '../../scoring/index.ts'
import { layerPreferenceIntervals } from '../../statistics/layerPreference.ts'
import type { PreferenceOptions } from '../../statistics/layerPreference.ts'
import type { FigureOptions } from '../../study/figures.ts'
import { regionsOf } from '../../study/regions.ts'
import { similar } from '../../study/similar.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext } from '../context.ts'
import { chanceWords } from './chance.ts'
import { distancesFrom, distanceTrends } from './distanceTrend.ts'
import { leastScore, significance } from './hierarchyMask.ts'
import { bestLayerScores, forEachStretch, layerScores } from './hierarchyScores.ts'
import type { LayerScores } from './hierarchyScores.ts'
import { distanceTable, histogramTable, layerTable, regionTable, subjectTable, trendTable } from './hierarchyTables.ts'
import type { Preferred, RegionVertices } from './hierarchyTables.ts'
import { hierarchyWords } from './hierarchyWords.ts'
import type { HierarchyFacts } from './hierarchyWords.ts'
import type { FindingSpace, Scores } from './input.ts'
import type { FindingResult } from './result.ts'

type Options = FigureOptions['hierarchy']

/**
 * @throws HeschlError OPTION_INVALID: no such model or source region, a model of one layer; FILE_MISSING before it was run;
 *   CANCELLED
 */
export async function hierarchy(scores: Scores, options: Options, context: StepContext): Promise<FindingResult> {
  const check = () => throwIfCancelled(context)
  const space = chosenModel(scores, options.model)
  const layers = scores.scoredLayers(space)
  const subjects = scores.subjectsWith([{ space, layers }])
  if (subjects.length === 0) throw incomplete(space)
  const { regions, from: regionsFrom } = regionVertices(scores)
  const source = sourceRegion(scores, options.source, regions)
  const inside = regions.map(({ vertices }) => vertices)
  const read = await layerScores(scores, space, layers, subjects, inside, context)
  const first = layerPreference(read.means)
  const tested = options.significance === 'mean' ? 'the mean score over layers' : 'the score of the best layer'
  const values =
    options.significance === 'mean' ? read.overLayers : await bestLayerScores(scores, read, first.argmax, context)
  const chance = chanceWords(scores.input.study)
  const mask = await significance(values, { what: tested, chance: chance.short }, options, context)
  const least = leastScore(read.means, options, mask.test !== null)
  const wanted = Uint32Array.from(first.argmax.keys()).filter((v) => {
    if (mask.test !== null && !(mask.p[v] <= options.level)) return false
    return read.means.every((map) => Number.isFinite(map[v])) && read.means[first.argmax[v]][v] >= least.value
  })
  context.progress({ fraction: 0.3 })
  const preferred = await preferences(scores, read, wanted, options, context)
  const ofRegions = layerPreferenceIntervals(read.byRegion, intervalOptions(options), check)
  const isSource = new Uint8Array(scores.vertices)
  for (const v of source.vertices) isSource[v] = 1
  const measured = distances(scores, isSource, check)
  context.progress({ fraction: 0.7 })
  const { surface } = scores.input
  const border = surface.left.labels.length
  const against = options.preference === 'best' ? preferred.best : preferred.centre
  const { alternative, spins, seed } = options
  let spun = 0
  const trends = distanceTrends(surface, measured.distance, against, { alternative, spins, seed }, () => {
    check()
    context.progress({ fraction: 0.7 + (0.3 * Math.min(3 * spins, ++spun)) / (3 * spins) })
  })
  const facts: HierarchyFacts = {
    ...{
      options,
      measure: scores.input.measure.name,
      scores: read,
      mask,
      tested,
      chance,
      least: least.words,
      kept: wanted.length,
    },
    left: scores.input.subjects.filter(({ id }) => !subjects.some((own) => own.id === id)).map(({ id }) => id),
    vertices: scores.vertices,
    agreement: meanFinite(preferred.agreement),
    interval: ofRegions.words,
    ...{ regionsFrom, source: source.name, trends, distanceReason: measured.reason },
  }
  const map = (name: string, label: string, own: ArrayLike<number>) => ({ name, label, values: Float32Array.from(own) })
  return {
    ...hierarchyWords(facts),
    tables: [
      layerTable(read, preferred.best),
      subjectTable(read),
      histogramTable(layers, regions, preferred.best),
      regionTable(layers, regions, preferred, measured.distance, ofRegions),
      distanceTable(against, measured.distance, border),
      trendTable(trends, source.name, alternative, seed),
    ],
    maps: [
      map('best layer', `layer with the highest mean score, from 0 (${layers[0]})`, preferred.best),
      map('centre of mass', 'centre of mass of the layers’ mean scores, from 0', preferred.centre),
      map('agreement', 'share of resamples of subjects with the same best layer', preferred.agreement),
      map('best score', `highest mean ${scores.input.measure.name} of a layer`, bestScores(read, first.argmax)),
      ...(mask.test === null ? [] : [map('p', `p of ${tested}, corrected`, mask.p)]),
      map('distance', `distance along the cortex from ${source.name}, mm`, measured.distance),
    ],
  }
}

/** Of a model that was asked for; else the first native one of several layers, or the first of any regime. */
function chosenModel(scores: Scores, asked: string | undefined): FindingSpace {
  if (asked !== undefined) {
    const space = scores.space(asked)
    if (scores.scoredLayers(space).length >= 2) return space
    throw new HeschlError('OPTION_INVALID', `"${asked}" has no hierarchy`, {
      expected: 'a model with scores of two layers or more',
      found: `${scores.scoredLayers(space).length} layers with scores`,
      remedy: 'Run the study first, or name another model',
    })
  }
  const several = scores.input.spaces.filter(
    (space) => space.kind === 'model' && scores.scoredLayers(space).length >= 2,
  )
  const found = several.find(({ regime }) => regime === 'native') ?? several[0]
  if (found !== undefined) return found
  throw new HeschlError('FILE_MISSING', 'No model has scores of several layers', {
    remedy: 'Run the study first: heschl run',
  })
}

const incomplete = (space: FindingSpace) =>
  new HeschlError('FILE_MISSING', `No subject has scores of all layers of ${space.id}`, {
    remedy: 'Run the study to its end: heschl run',
  })

function regionVertices(scores: Scores): { regions: RegionVertices[]; from: string } {
  const names = scores.input.surface.regions.map(({ name }) => name)
  const { groups, from } = regionsOf(scores.input.study.regions, names)
  return { regions: groups.map(({ name, labels }) => ({ name, labels, vertices: verticesOf(scores, labels) })), from }
}

function verticesOf(scores: Scores, wanted: readonly string[]): Uint32Array {
  const inside = scores.input.surface.regions.map(({ name }, i) => i > 0 && wanted.includes(name))
  const { labels } = scores
  return Uint32Array.from(labels.keys()).filter((v) => inside[labels[v]])
}

/** @throws HeschlError OPTION_INVALID, also on a surface without regions */
function sourceRegion(
  scores: Scores,
  asked: string | undefined,
  regions: readonly RegionVertices[],
): { readonly name: string; readonly vertices: Uint32Array } {
  if (asked === undefined) return regions[0] ?? { name: 'none', vertices: new Uint32Array() }
  const region = regions.find(({ name }) => name === asked)
  if (region) return region
  const labels = scores.input.surface.regions.slice(1).map(({ name }) => name)
  if (labels.includes(asked)) return { name: asked, vertices: verticesOf(scores, [asked]) }
  const known = [...new Set([...regions.map(({ name }) => name), ...labels])]
  const meant = similar(asked, known)
  throw new HeschlError('OPTION_INVALID', `There is no region "${asked}" to measure distances from`, {
    expected: `one of ${known.join(', ')}`,
    found: meant === undefined ? asked : `${asked}; did you mean "${meant}"?`,
  })
}

const intervalOptions = ({ resamples, seed }: Options): PreferenceOptions => ({
  ...{ level: 0.95, method: 'percentile', least: -Infinity, resamples, seed },
})

async function preferences(
  scores: Scores,
  read: LayerScores,
  wanted: Uint32Array,
  options: Options,
  context: StepContext,
): Promise<Preferred> {
  const empty = () => new Float64Array(scores.vertices).fill(NaN)
  const out = { best: empty(), centre: empty(), agreement: empty() }
  let done = 0
  await forEachStretch(scores, read, wanted, (maps, first) => {
    const found = layerPreferenceIntervals(maps, intervalOptions(options), () => {
      throwIfCancelled(context)
      done += 64
      context.progress({ fraction: 0.3 + 0.35 * Math.min(1, done / wanted.length) })
    })
    const { intervals } = found
    found.best.forEach((layer, i) => {
      const v = wanted[first + i]
      out.best[v] = layer
      out.centre[v] = found.centre[i]
      if (intervals.testable) out.agreement[v] = intervals.agreement[i]
    })
  })
  return out
}

/** A surface that cannot be measured costs the distances alone. */
function distances(
  scores: Scores,
  isSource: Uint8Array,
  check: () => void,
): { readonly distance: Float64Array; readonly reason: string | null } {
  const none = () => new Float64Array(isSource.length).fill(NaN)
  if (scores.input.surface.voxels)
    return { distance: none(), reason: 'scores are of voxels, and distances are along a cortex' }
  if (!isSource.includes(1)) return { distance: none(), reason: 'no vertex is of the region that distances are from' }
  try {
    return { distance: distancesFrom(scores.input.surface, isSource, check), reason: null }
  } catch (error) {
    const { code, summary, parts } = HeschlError.from(error)
    if (code !== 'NUMERICAL') throw error
    return { distance: none(), reason: `${summary} (${parts.found})` }
  }
}

function bestScores({ means }: LayerScores, best: Uint8Array): Float32Array {
  return Float32Array.from(best, (layer, v) => means[layer]?.[v] ?? NaN)
}

function meanFinite(values: Float64Array): number {
  const finite = values.filter(Number.isFinite)
  return finite.reduce((a, b) => a + b, 0) / finite.length
}
