/**
 * Which layer predicts each vertex best, and how sure that is: subjects are drawn with replacement, their scores
 * averaged, and the best layer and the centre of mass taken again.
 * Source: Millet et al. (2022), figure 3, for the preference; Efron and Tibshirani, An Introduction to the Bootstrap
 * (1993), 13.3 and 14.3, for the intervals.
 */
import { HeschlError } from '../errors.ts'
import { seededRandom } from '../linalg/random.ts'
import { bootstrapWords, checkBootstrap, draw, intervalOf } from './bootstrap.ts'
import type { BootstrapOptions } from './bootstrap.ts'

/** No layer: masked. */
const noLayer = 255

export interface PreferenceOptions extends BootstrapOptions {
  /**
   * Least mean score that the best layer of a vertex must have: vertices below are masked, as are those where a score of
   * some subject is not finite.
   */
  readonly least: number
}

export interface LayerPreference {
  /** [n_vertices]: index of the layer with the best mean score, the first of equals; 255 where masked. */
  readonly best: Uint8Array
  /** [n_vertices]: centre of mass of the layers' positive mean scores, in layer indices; NaN where masked. */
  readonly centre: Float32Array
  /**
   * Of each vertex, NaN where masked: the share of resamples with the same best layer; percentiles of the resamples' best
   * layer; the interval of the centre, NaN where some resample has no positive score. Or why there are none: one subject.
   */
  readonly intervals:
    | {
        readonly testable: true
        readonly agreement: Float32Array
        readonly best: readonly [low: Float32Array, high: Float32Array]
        readonly centre: readonly [low: Float32Array, high: Float32Array]
      }
    | { readonly testable: false; readonly reason: 'one value' }
  /** Number of subjects, and the intervals in words. */
  readonly subjects: number
  readonly words: string
}

/**
 * A vertex after the other: the resamples are the same for all of them, whatever part of the cortex is given.
 * @param maps [subjects][layers] a map [n_vertices]; 1 to 255 layers
 * @param check called between vertices; may throw
 * @throws HeschlError SHAPE_MISMATCH, OPTION_INVALID
 */
export function layerPreferenceIntervals(
  maps: readonly (readonly Float32Array[])[],
  options: PreferenceOptions,
  check: () => void = () => undefined,
): LayerPreference {
  checkBootstrap(options)
  const [subjects, layers, vertices] = [maps.length, maps[0]?.length ?? 0, maps[0]?.[0]?.length ?? 0]
  checkMaps(maps, layers, vertices)
  const best = new Uint8Array(vertices).fill(noLayer)
  const map = () => new Float32Array(vertices).fill(NaN)
  const centre = map()
  const testable = { testable: true, agreement: map(), best: [map(), map()], centre: [map(), map()] } as const
  const counts = resampleCounts(subjects, options)
  const scores = new Float64Array(subjects * layers)
  const everyone = new Uint16Array(subjects).fill(1)
  const bests = new Float64Array(options.resamples)
  const centres = new Float64Array(options.resamples)
  for (let v = 0; v < vertices; v++) {
    if (v % 64 === 0) check()
    for (const [s, own] of maps.entries()) for (let l = 0; l < layers; l++) scores[s * layers + l] = own[l][v]
    if (!scores.every(Number.isFinite)) continue
    const observed = preferred(scores, layers, everyone, 0)
    if (!(observed.score >= options.least)) continue
    best[v] = observed.best
    centre[v] = observed.centre
    if (subjects < 2) continue
    let same = 0
    for (let b = 0; b < options.resamples; b++) {
      const again = preferred(scores, layers, counts, b * subjects)
      bests[b] = again.best
      centres[b] = again.centre
      if (again.best === observed.best) same++
    }
    testable.agreement[v] = same / options.resamples
    const none = { estimate: NaN, acceleration: 0 }
    place(testable.best, v, intervalOf(bests.sort(), none, { ...options, method: 'percentile' }))
    centres.sort()
    // NaN is sorted last.
    if (Number.isNaN(centres[centres.length - 1])) continue
    const acceleration = options.method === 'bca' ? accelerationOf(scores, layers, subjects) : 0
    const certain = centres[0] === centres[centres.length - 1]
    const { centre: estimate } = observed
    place(testable.centre, v, certain ? [estimate, estimate] : intervalOf(centres, { estimate, acceleration }, options))
  }
  const intervals = subjects < 2 ? ({ testable: false, reason: 'one value' } as const) : testable
  return { best, centre, intervals, subjects, words: bootstrapWords(options) }
}

const place = ([low, high]: readonly [Float32Array, Float32Array], v: number, interval: readonly [number, number]) => {
  low[v] = interval[0]
  high[v] = interval[1]
}

/** [resamples, subjects]: how often each subject was drawn. */
function resampleCounts(subjects: number, { resamples, seed }: BootstrapOptions): Uint16Array {
  const counts = new Uint16Array(resamples * subjects)
  const drawn = new Uint32Array(subjects)
  const { uniform } = seededRandom(seed)
  for (let b = 0; b < resamples; b++) {
    draw(drawn, uniform)
    for (const subject of drawn) counts[b * subjects + subject]++
  }
  return counts
}

/**
 * @param scores [subjects, layers]
 * @param counts from `at`: how often each subject counts
 */
function preferred(
  scores: Float64Array,
  layers: number,
  counts: Uint16Array,
  at: number,
): { readonly best: number; readonly centre: number; readonly score: number } {
  const subjects = scores.length / layers
  let [best, top, mass, moment, total] = [0, -Infinity, 0, 0, 0]
  for (let s = 0; s < subjects; s++) total += counts[at + s]
  for (let l = 0; l < layers; l++) {
    let sum = 0
    for (let s = 0; s < subjects; s++) sum += counts[at + s] * scores[s * layers + l]
    if (sum > top) {
      top = sum
      best = l
    }
    if (sum > 0) {
      mass += sum
      moment += l * sum
    }
  }
  return { best, centre: moment / mass, score: top / total }
}

/** Of the centre of mass, from the centres without each subject in turn. */
function accelerationOf(scores: Float64Array, layers: number, subjects: number): number {
  const counts = new Uint16Array(subjects).fill(1)
  const without = Float64Array.from({ length: subjects }, (_, left) => {
    counts[left] = 0
    const { centre } = preferred(scores, layers, counts, 0)
    counts[left] = 1
    return centre
  })
  const mean = without.reduce((sum, value) => sum + value, 0) / subjects
  let [cubes, squares] = [0, 0]
  for (const value of without) {
    cubes += (mean - value) ** 3
    squares += (mean - value) ** 2
  }
  return cubes / (6 * squares ** 1.5)
}

function checkMaps(maps: readonly (readonly Float32Array[])[], layers: number, vertices: number): void {
  const alike = maps.every((own) => own.length === layers && own.every((map) => map.length === vertices))
  if (alike && layers >= 1 && layers < noLayer) return
  throw new HeschlError('SHAPE_MISMATCH', 'The maps of the layers do not fit together', {
    expected: `of every subject the same 1 to ${noLayer - 1} layers, of as many vertices`,
    found: `${maps.map((own) => `${own.length} x ${own[0]?.length ?? 0}`).join(', ')}`.slice(0, 200) || 'no subject',
  })
}
