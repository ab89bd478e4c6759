/**
 * Simulated listeners: responses in which a layer gradient is planted, so that an analysis can be held against what it
 * ought to find. Everything is a pure function of the designs, the surface and the seed.
 */
import { zeros32 } from '../linalg/matrix.ts'
import type { Matrix32, Matrix64 } from '../linalg/matrix.ts'
import { smooth } from '../surfaces/mesh.ts'
import { seededRandom } from '../linalg/random.ts'
import type { Random } from '../linalg/random.ts'
import type { CorticalSurface } from '../surfaces/types.ts'
import { compareLayers, stackedRuns } from './simulateComponents.ts'
import type { LayerComponents } from './simulateComponents.ts'
import { plantedPlan } from './simulatePlan.ts'
import type { PlantedPlan } from './simulatePlan.ts'

export interface SimulationInput {
  /** A whole number below 2^32. */
  readonly seed: number
  /** Per run, per layer in order: design matrices [volumes, units] of the planted model, as the fit will see them. */
  readonly designs: readonly (readonly Matrix32[])[]
  /** Names of the layers, in the designs' order. */
  readonly layerNames: readonly string[]
  readonly surface: CorticalSurface
  /** Awaited several times a second, so that others can run; may throw to stop. */
  readonly pause?: () => Promise<void>
}

/** What was planted, as it is written beside the recordings. */
export interface PlantedTruth {
  /** In words: that the listeners are simulated, and how. */
  readonly note: string
  readonly seed: number
  /** Names of the layers that `layer` counts. */
  readonly layers: readonly string[]
  /** Planted layer of each vertex, left then right; −1 where nothing was planted. */
  readonly layer: readonly number[]
  /** Share of each vertex's variance that is signal. */
  readonly signal: readonly number[]
  readonly regions: readonly { readonly name: string; readonly layer: string }[]
}

export interface Simulation {
  readonly truth: PlantedTruth
  /** One listener's responses, float32 [volumes, vertices left then right] a run; the same whenever it is asked for. */
  readonly responses: (subject: number) => readonly Matrix32[]
}

/** Share of the signal's variance that is the planted layer's own; the rest, neighbouring layers see as well. */
const OWN = 0.7
/** SD of a listener's own mixing weights, where the weights that all share have SD 1. */
const INDIVIDUAL = 0.4
/** Autocorrelation of the noise from one volume to the next. */
const AUTOCORRELATION = 0.4
/** Rounds of averaging with neighbours: noise and mixing weights vary smoothly over cortex. */
const NOISE_ROUNDS = 2
const WEIGHT_ROUNDS = 3

const note = (layers: number, names: string) =>
  `Simulated listeners, not recordings of people. In ${names} each vertex's response is signal + noise. The signal is a ` +
  `random mixture, smooth over cortex and mostly shared by all listeners (own part: SD ${INDIVIDUAL} of the shared ` +
  `part's), of time courses of the one layer planted there: ${OWN * 100} % of its variance from the components that ` +
  `ridge regression sees in this layer better than in the mean of the other ${layers - 1} (chosen so that layers can ` +
  `be told apart at all; regions take layers that are equally far apart by how their regression differs), ${Math.round((1 - OWN) * 100)} % from the layer's leading principal components. The noise is ` +
  `Gaussian, smooth over cortex, with an autocorrelation of ${AUTOCORRELATION} a volume. Other cortex is noise alone; ` +
  'outside every region responses are exactly 0.'

/**
 * @returns what was planted, and the responses of any listener
 * @throws HeschlError SHAPE_MISMATCH when the surface lacks the regions to plant in
 */
export async function simulate(input: SimulationInput): Promise<Simulation> {
  const { seed, designs, layerNames, surface } = input
  const stacked = layerNames.map((_, layer) => stackedRuns(designs.map((run) => run[layer])))
  const compared = await compareLayers(stacked, input.pause ?? (async () => {}))
  const plan = plantedPlan(surface, compared.places)
  const components = new Map<number, LayerComponents>()
  for (const { layer } of plan.regions) {
    if (!components.has(layer)) components.set(layer, await compared.componentsOf(layer))
  }
  const volumes = designs.map((run) => run[0].rows)
  const shared = weights(seededRandom(seed), plan)
  const truth: PlantedTruth = {
    note: note(layerNames.length, plan.regions.map(({ name }) => name).join(', ')),
    seed,
    layers: layerNames,
    layer: Array.from(plan.layer),
    signal: Array.from(plan.signal, (share) => Number(share.toFixed(4))),
    regions: plan.regions.map(({ name, layer }) => ({ name, layer: layerNames[layer] })),
  }
  return {
    truth,
    responses: (subject) => {
      const random = seededRandom((seed ^ Math.imul(subject + 1, 0x9e3779b1)) >>> 0)
      const own = weights(random, plan)
      const mixed = shared.map((weight, i) => weight + INDIVIDUAL * own[i])
      return listener(plan, components, mixed, volumes, random)
    },
  }
}

/** Mixing weights a vertex: enough for the distinct and the common components of any layer. */
const WEIGHTS = 9

/** Random at each vertex, smooth over cortex [vertices, WEIGHTS]. */
function weights(random: Random, plan: PlantedPlan): Float64Array {
  return smoothField(random, plan, WEIGHTS, WEIGHT_ROUNDS)
}

/** White noise [vertices, width] averaged over neighbours; what uses it brings it back to variance 1. */
function smoothField(random: Random, { adjacency, layer }: PlantedPlan, width: number, rounds: number): Float64Array {
  const white = Float64Array.from({ length: layer.length * width }, random.normal)
  return smooth(white, adjacency, rounds)
}

function listener(
  plan: PlantedPlan,
  components: ReadonlyMap<number, LayerComponents>,
  mixing: Float64Array,
  volumes: readonly number[],
  random: Random,
): Matrix32[] {
  const vertices = plan.layer.length
  const total = volumes.reduce((sum, count) => sum + count, 0)
  const all = noise(plan, volumes, random)
  const course = new Float64Array(total)
  for (let v = 0; v < vertices; v++) {
    if (plan.silent[v]) {
      for (let t = 0; t < total; t++) all.data[t * vertices + v] = 0
    } else if (plan.layer[v] >= 0) {
      signalOf(components.get(plan.layer[v])!, mixing.subarray(v * WEIGHTS, (v + 1) * WEIGHTS), course)
      const [ofSignal, ofNoise] = [Math.sqrt(plan.signal[v]), Math.sqrt(1 - plan.signal[v])]
      for (let t = 0; t < total; t++) {
        const i = t * vertices + v
        all.data[i] = ofSignal * course[t] + ofNoise * all.data[i]
      }
    }
  }
  let row = 0
  return volumes.map((rows) => {
    const data = all.data.slice(row * vertices, (row + rows) * vertices)
    row += rows
    return { data, rows, cols: vertices }
  })
}

/** One vertex's noiseless response, mean 0 and variance 1 over all volumes. */
function signalOf({ distinct, common }: LayerComponents, mixing: Float64Array, course: Float64Array): void {
  const own = standardized(product(distinct, mixing.subarray(0, distinct.cols)))
  const rest = standardized(product(common, mixing.subarray(distinct.cols, distinct.cols + common.cols)))
  for (let t = 0; t < course.length; t++) course[t] = Math.sqrt(OWN) * own[t] + Math.sqrt(1 - OWN) * rest[t]
  course.set(standardized(course))
}

function product({ data, rows, cols }: Matrix64, vector: Float64Array): Float64Array {
  const result = new Float64Array(rows)
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) result[i] += data[i * cols + j] * vector[j]
  return result
}

function standardized(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return values.map((value) => (variance > 0 ? (value - mean) / Math.sqrt(variance) : 0))
}

/** AR(1) in time, smooth over cortex, variance 1 at each vertex over all volumes; runs are independent. */
function noise(plan: PlantedPlan, volumes: readonly number[], random: Random): Matrix32 {
  const vertices = plan.layer.length
  const all = zeros32(
    volumes.reduce((sum, count) => sum + count, 0),
    vertices,
  )
  const innovation = Math.sqrt(1 - AUTOCORRELATION ** 2)
  let t = 0
  for (const count of volumes) {
    let state = smoothField(random, plan, 1, NOISE_ROUNDS)
    for (let volume = 0; volume < count; volume++, t++) {
      all.data.set(state, t * vertices)
      const fresh = smoothField(random, plan, 1, NOISE_ROUNDS)
      state = state.map((value, v) => AUTOCORRELATION * value + innovation * fresh[v])
    }
  }
  for (let v = 0; v < vertices; v++) {
    const course = standardized(Float64Array.from({ length: all.rows }, (_, i) => all.data[i * vertices + v]))
    for (let i = 0; i < all.rows; i++) all.data[i * vertices + v] = course[i]
  }
  return all
}
