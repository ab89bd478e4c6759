/** Averages of a map over the cortex and over regions, and the noise ceiling that they are held against. */
import { HeschlError } from '../../../errors.ts'
import { reliableTargets } from '../../../scoring/index.ts'
import type { Scores } from '../input.ts'

/** A noise ceiling in the unit of the scores. */
export interface ScoreCeiling {
  /** float32 [vertices]: as a correlation; 0 where responses are too noisy for one. */
  readonly correlation: Float32Array
  /** float32 [vertices]: what a perfect model would score. */
  readonly score: Float32Array
}

/** Of all subjects who have one, by their number; null where none is stored. */
export async function ceilingOf(scores: Scores): Promise<ScoreCeiling | null> {
  const { ceilings, measure } = scores.input
  if (ceilings.length === 0) return null
  const sum = new Float64Array(scores.vertices)
  let whole = 0
  for (const { key, subjects } of ceilings) {
    const reliable = reliableTargets(await scores.ceiling(key, 'correlation'))
    const ceiling = await scores.ceiling(key, 'ceiling')
    for (let v = 0; v < sum.length; v++) if (reliable[v]) sum[v] += ceiling[v] * subjects.length
    whole += subjects.length
  }
  const correlation = Float32Array.from(sum, (value) => value / whole)
  return {
    correlation,
    // The other measures are shares of variance.
    score: measure.symbol === 'r' ? correlation : correlation.map((value) => value * value),
  }
}

/**
 * How much a vertex counts in a mean: alike; by the area around it on the folded cortex, mm²; by its noise ceiling.
 * @returns float64 [vertices]
 * @throws HeschlError OPTION_INVALID: areas of voxels
 */
export function vertexWeights(
  kind: 'equal' | 'area' | 'ceiling',
  scores: Scores,
  ceiling: ScoreCeiling | null,
): Float64Array {
  if (kind === 'equal') return new Float64Array(scores.vertices).fill(1)
  if (kind === 'ceiling') return Float64Array.from(ceiling?.correlation ?? [])
  const { left, right, voxels } = scores.input.surface
  if (voxels)
    throw new HeschlError('OPTION_INVALID', 'Voxels cannot be weighted by area: they have none', {
      expected: 'weights: equal or ceiling',
      found: 'weights: area',
      remedy: 'Correct `figures.scores.weights`',
    })
  return Float64Array.from([left, right].flatMap(({ folded, triangles }) => [...vertexAreas(folded, triangles)]))
}

/** A third of each triangle that a vertex belongs to. @param positions [vertices, 3] @param triangles [triangles, 3] */
function vertexAreas(positions: Float32Array, triangles: Uint32Array): Float64Array {
  const areas = new Float64Array(positions.length / 3)
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [triangles[t] * 3, triangles[t + 1] * 3, triangles[t + 2] * 3]
    const side = (to: number, axis: number) => positions[to + axis] - positions[a + axis]
    const area =
      Math.hypot(
        side(b, 1) * side(c, 2) - side(b, 2) * side(c, 1),
        side(b, 2) * side(c, 0) - side(b, 0) * side(c, 2),
        side(b, 0) * side(c, 1) - side(b, 1) * side(c, 0),
      ) / 2
    for (const corner of [a, b, c]) areas[corner / 3] += area / 3
  }
  return areas
}

/** Of vertices that have a noise ceiling alone. */
export const onReliable = (weights: Float64Array, { correlation }: ScoreCeiling): Float64Array =>
  weights.map((weight, v) => (correlation[v] > 0 ? weight : 0))

/** [1 + regions]: over the whole cortex, then over each region; NaN where no vertex with weight has a value. */
export type Average = (map: Float32Array) => Float64Array

/** @param labels [vertices]: a region, from 1; 0 is outside all */
export function averageOver(labels: Uint16Array, regions: number, weights: Float64Array): Average {
  return (map) => {
    const sums = new Float64Array(regions + 1)
    const whole = new Float64Array(regions + 1)
    for (let v = 0; v < map.length; v++) {
      const weight = weights[v]
      if (!(weight > 0 && Number.isFinite(map[v]))) continue
      sums[0] += weight * map[v]
      whole[0] += weight
      const region = labels[v]
      if (region === 0 || region > regions) continue
      sums[region] += weight * map[v]
      whole[region] += weight
    }
    return sums.map((sum, i) => (whole[i] > 0 ? sum / whole[i] : NaN))
  }
}
