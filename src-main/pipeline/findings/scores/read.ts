/** Scores of every model and space, a map at a time. */
import { zeros64 } from '../../../linalg/matrix.ts'
import type { Matrix64 } from '../../../linalg/matrix.ts'
import { throwIfCancelled } from '../../context.ts'
import type { StepContext } from '../../context.ts'
import type { FindingSpace, FindingSubject, Scores } from '../input.ts'
import type { Average } from './average.ts'

export interface SpaceScores {
  readonly space: FindingSpace
  /** Those for whom all its layers that are used are scored. */
  readonly subjects: readonly FindingSubject[]
  /** What layers the scores are of, a subject each: one name, or "mean of 11 layers". */
  readonly layers: readonly string[]
  /** [subjects, 1 + regions]: the whole cortex, then regions. */
  readonly means: Matrix64
  /** The same of what of the scores is above chance (findings/chance.ts): what is compared. */
  readonly above: Matrix64
  /** The same of vertices that have a noise ceiling; null where there is none. */
  readonly reliable: Matrix64 | null
  /** float32 [vertices]: the mean over subjects, each vertex over those that have a score there. */
  readonly map: Float32Array
}

/**
 * @param layer a name; `mean`: over all layers of a model; `best`: for each subject the layer that is best on average over
 * the other subjects, so that no subject's own scores choose it
 */
export async function readSpaces(
  scores: Scores,
  layer: string,
  regions: number,
  average: Average,
  averageReliable: Average | null,
  context: StepContext,
): Promise<readonly SpaceScores[]> {
  const plans = scores.input.spaces.flatMap((space) => {
    const scored = scores.scoredLayers(space)
    // A space has one layer, named as it is.
    const layers =
      layer === 'mean' || layer === 'best' || space.kind === 'space' ? scored : scored.filter((name) => name === layer)
    const subjects = layers.length === 0 ? [] : scores.subjectsWith([{ space, layers }])
    return subjects.length === 0 ? [] : [{ space, layers, subjects }]
  })
  const reads = (one: (typeof plans)[number]) =>
    one.subjects.length * (layer === 'best' && one.layers.length > 1 ? 2 : 1)
  const total = plans.reduce((sum, one) => sum + reads(one), 0)
  let done = 0
  const step = () => {
    throwIfCancelled(context)
    context.progress({ fraction: done++ / total })
  }
  const read: SpaceScores[] = []
  for (const { space, layers, subjects } of plans) {
    const chosen =
      layer === 'best' && layers.length > 1 ? await bestOfOthers(scores, space, layers, subjects, average, step) : null
    const means = zeros64(subjects.length, regions + 1)
    const above = scores.chance === 'zero' ? means : zeros64(subjects.length, regions + 1)
    const reliable = averageReliable && zeros64(subjects.length, regions + 1)
    const sum = new Float64Array(scores.vertices)
    const count = new Uint32Array(scores.vertices)
    for (const [row, { id }] of subjects.entries()) {
      step()
      const own = chosen ? [chosen[row]] : layers
      const map = await scores.meanOverLayers(space, own, id)
      means.data.set(average(map), row * means.cols)
      if (above !== means) {
        const chance = await scores.meanOverLayers(space, own, id, 'chance')
        above.data.set(average(map.map((value, v) => value - chance[v])), row * means.cols)
      }
      if (averageReliable) reliable!.data.set(averageReliable(map), row * means.cols)
      for (let v = 0; v < map.length; v++)
        if (Number.isFinite(map[v])) {
          sum[v] += map[v]
          count[v]++
        }
    }
    const words = layers.length === 1 ? layers[0] : `mean of ${layers.length} layers`
    read.push({
      ...{ space, subjects, means, above, reliable, layers: chosen ?? subjects.map(() => words) },
      map: Float32Array.from(sum, (value, v) => (count[v] > 0 ? value / count[v] : NaN)),
    })
  }
  return read
}

/** For each subject the layer with the highest mean over the cortex and the other subjects; of equal ones the first. */
async function bestOfOthers(
  scores: Scores,
  space: FindingSpace,
  layers: readonly string[],
  subjects: readonly FindingSubject[],
  average: Average,
  step: () => void,
): Promise<readonly string[]> {
  const byLayer = layers.map(() => new Float64Array(subjects.length))
  for (const [s, { id }] of subjects.entries()) {
    step()
    for (const [l, layer] of layers.entries()) byLayer[l][s] = average(await scores.map(space, layer, id))[0]
  }
  return subjects.map((_, left) => {
    const sums = byLayer.map((own) => own.reduce((sum, value, s) => (s === left ? sum : sum + (value || 0)), 0))
    return layers[sums.indexOf(Math.max(...sums))]
  })
}
