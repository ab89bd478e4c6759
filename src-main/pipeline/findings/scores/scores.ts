/** Brain scores by model, region and language group, against noise ceiling and baselines (Millet et al. 2022, Fig. 2). */
import { HeschlError } from '../../../errors.ts'
import type { FigureOptions } from '../../../study/figures.ts'
import type { StepContext } from '../../context.ts'
import { chanceWords } from '../chance.ts'
import type { Scores } from '../input.ts'
import type { FindingResult } from '../result.ts'
import { averageOver, ceilingOf, onReliable, vertexWeights } from './average.ts'
import { contrastsOf } from './contrasts.ts'
import { readSpaces } from './read.ts'
import type { SpaceScores } from './read.ts'
import { contrastTable, groupTable, layersText, regionTable, spaceTable, subjectTable } from './tables.ts'
import { scoresWords } from './words.ts'

const wholeCortex = 'whole cortex'

/**
 * A subject's score of a model is the mean over vertices, or over those of a region, of the layer that was asked for; then
 * subjects are averaged. Every space is compared with the baselines within subjects.
 * @throws HeschlError FILE_MISSING where nothing is scored; OPTION_INVALID for what the study does not have; CANCELLED
 */
export async function scoresFinding(
  scores: Scores,
  options: FigureOptions['scores'],
  context: StepContext,
): Promise<FindingResult> {
  const { measure, surface } = scores.input
  const ceiling = await ceilingOf(scores)
  if (options.weights === 'ceiling' && ceiling === null)
    throw new HeschlError('OPTION_INVALID', 'Vertices cannot be weighted by a noise ceiling that is not there', {
      found: 'a study without a noise ceiling',
      remedy: 'Use weights: equal or area, or a study whose subjects heard the same',
    })
  for (const id of [options.model, ...options.baselines].filter((each) => each !== 'auto')) scores.space(id)
  const names = surface.regions.slice(1).map(({ name }) => name)
  const { labels } = scores
  const weights = vertexWeights(options.weights, scores, ceiling)
  const average = averageOver(labels, names.length, weights)
  const averageReliable = ceiling && averageOver(labels, names.length, onReliable(weights, ceiling))
  const spaces = shownFirst(
    await readSpaces(scores, options.layer, names.length, average, averageReliable, context),
    options,
  )
  const regions = [wholeCortex, ...names]
  const contrasts = contrastsOf(spaces, baselinesOf(options.baselines, spaces), regions)
  const all = {
    chance: chanceWords(scores.input.study),
    ...{ spaces, regions, measure, ceilings: ceiling && averageReliable!(ceiling.score) },
    vertices: countsOf(labels, regions.length, () => true),
    reliable: countsOf(labels, regions.length, (v) => ceiling !== null && ceiling.correlation[v] > 0),
  }
  const spoken = spaces.some(({ subjects }) => subjects.some(({ language }) => language !== ''))
  return {
    ...scoresWords(all, contrasts, options),
    tables: [
      spaceTable(all),
      regionTable(all),
      subjectTable(all),
      ...(spoken ? [groupTable(all)] : []),
      ...(contrasts.rows.length > 0 ? [contrastTable(contrasts.rows, measure)] : []),
    ],
    maps: spaces.map((one) => ({
      name: one.space.id,
      label: `${measure.name}, ${layersText(one)}, mean of ${one.subjects.length} subjects`,
      values: one.map,
    })),
  }
}

/**
 * The model that is mapped, then the others in the study's order: the one that was asked for, or the first native one, or
 * else trained one.
 * @throws HeschlError FILE_MISSING where it, or everything, has no scores
 */
function shownFirst(
  spaces: readonly SpaceScores[],
  { model, layer }: FigureOptions['scores'],
): readonly [SpaceScores, ...SpaceScores[]] {
  const models = spaces.filter(({ space }) => space.kind === 'model')
  const first =
    model === 'auto'
      ? (models.find(({ space }) => space.regime === 'native') ??
        models.find(({ space }) => space.regime !== 'untrained') ??
        models[0] ??
        spaces[0])
      : spaces.find(({ space }) => space.id === model)
  if (first !== undefined) return [first, ...spaces.filter((one) => one !== first)]
  throw new HeschlError('FILE_MISSING', 'There are no scores to show', {
    expected: `scores${model === 'auto' ? '' : ` of ${model}`}, of layer: ${layer}`,
    found: 'none',
    remedy: 'Run the study first: heschl run',
  })
}

/** Those given, as far as they are scored; else the first other untrained model, and the first space. */
function baselinesOf(given: readonly string[], [shown, ...others]: readonly SpaceScores[]): readonly string[] {
  const ids = [shown, ...others].map(({ space }) => space.id)
  if (!given.includes('auto')) return [...new Set(given)].filter((id) => ids.includes(id))
  const untrained = others.find(({ space }) => space.regime === 'untrained')
  const acoustic = others.find(({ space }) => space.kind === 'space')
  return [untrained, acoustic].flatMap((one) => (one === undefined ? [] : [one.space.id]))
}

/** [1 + regions]: vertices that count, over the cortex and in each region. */
function countsOf(labels: Uint16Array, regions: number, counts: (vertex: number) => boolean): Float64Array {
  const sums = new Float64Array(regions)
  for (const [v, region] of labels.entries()) {
    if (!counts(v)) continue
    sums[0]++
    if (region > 0) sums[region]++
  }
  return sums
}
