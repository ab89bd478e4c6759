/** Designs of made-up networks, and listeners simulated from them, without a study. */
import { createGemm } from '../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../src-main/linalg/matrix.ts'
import { seededRandom } from '../../src-main/linalg/random.ts'
import { usual } from '../../src-main/pipeline/simulation/defaultTruth.ts'
import { simulateAudience } from '../../src-main/pipeline/simulation/listeners.ts'
import type { NoiseRun } from '../../src-main/pipeline/simulation/listeners.ts'
import { coursesOf } from '../../src-main/pipeline/simulation/mixtures.ts'
import { plantedPlan } from '../../src-main/pipeline/simulation/plantedPlan.ts'
import { compareSources, namedLayers, sourceOf } from '../../src-main/pipeline/simulation/sources.ts'
import type { TruthRow } from '../../src-main/pipeline/simulation/truthTable.ts'
import { icosphere } from '../../src-main/surfaces/icosphere.ts'
import type { CorticalSurface } from '../../src-main/surfaces/types.ts'

/**
 * Two spheres whose regions are bands, from a pole that is no region to the other.
 * @param level of the icosphere: 162 vertices a hemisphere at 2, 642 at 3
 */
export function bandedCortex(level = 3): CorticalSurface {
  const { points, triangles } = icosphere(level)
  const names = ['none', 'A1/A2', 'STG', 'STS', 'MTG', 'IFG', 'elsewhere']
  const labels = Uint16Array.from({ length: points.length / 3 }, (_, v) =>
    Math.min(6, Math.floor(((points[3 * v + 2] + 1) / 2) * 7)),
  )
  const folded = Float32Array.from(points)
  const half = { folded, inflated: folded, triangles, sulc: new Float32Array(labels.length), labels }
  const regions = names.map((name, i) => ({ name, colour: [i, i, i] as const }))
  return { name: 'bands', schematic: false, left: half, right: half, regions, notes: [] }
}

/** A network: [run][layer] designs [volumes, units]. */
export interface Network {
  readonly model: string
  readonly layers: readonly string[]
  readonly designs: readonly (readonly Matrix32[])[]
}

/** Layers as a network's are: each a mixture of the one before and something new, smooth in time. */
export function network(
  model: string,
  seed: number,
  volumes: readonly number[],
  layers: readonly string[],
  units = 12,
): Network {
  const random = seededRandom(seed)
  const designs = volumes.map((rows) => {
    let before: Float32Array | undefined
    return layers.map(() => {
      const data = new Float32Array(rows * units)
      for (let i = 0; i < data.length; i++) data[i] = 0.8 * (i >= units ? data[i - units] : 0) + random.normal()
      if (before) for (let i = 0; i < data.length; i++) data[i] = 0.7 * before[i] + 0.7 * data[i]
      before = data
      return { data, rows, cols: units }
    })
  })
  return { model, layers, designs }
}

/** A row with the usual values for what is left out. */
export const row = (given: Partial<TruthRow> & Pick<TruthRow, 'region' | 'model' | 'layer'>): TruthRow => ({
  ...{ ...usual, signal_sd: 0, weight_sd: 0 },
  hrf: 'glover',
  ...given,
})

export interface Simulated {
  readonly rows: readonly TruthRow[]
  readonly plan: ReturnType<typeof plantedPlan>
  readonly listener: (id: string) => Promise<readonly Matrix32[]>
}

/** All but the seed. @param networks whose designs hold for whatever response a row asks for */
export async function prepared(surface: CorticalSurface, table: readonly TruthRow[], networks: readonly Network[]) {
  const gemm = await createGemm()
  const pause = () => Promise.resolve()
  const inputs = [...new Map(table.map((each) => [sourceOf(each), each.model]))].map(([id, model]) => {
    const { layers, designs } = networks.find((one) => one.model === model)!
    return { id, layers, designs: designs.map((_, run) => `${model} ${run}`) }
  })
  const read = async (step: string, layer: string) => {
    const [model, run] = step.split(' ')
    const { layers, designs } = networks.find((one) => one.model === model)!
    return designs[Number(run)][layers.indexOf(layer)]
  }
  const sources = await compareSources(inputs, read, gemm, pause)
  const rows = namedLayers(table, sources)
  const plan = plantedPlan(surface, rows)
  const courses = await coursesOf(plan, sources)
  const volumes = networks[0].designs.map(([{ rows: count }]) => count)
  return {
    ...{ rows, plan },
    draw: (seed: number, noise?: NoiseRun) => {
      const { listener } = simulateAudience({ ...{ seed, plan, courses, volumes, pause }, ...(noise && { noise }) })
      return async (id: string): Promise<readonly Matrix32[]> => Array.fromAsync(listener(id))
    },
  }
}

export async function simulated(
  seed: number,
  surface: CorticalSurface,
  table: readonly TruthRow[],
  networks: readonly Network[],
  noise?: NoiseRun,
): Promise<Simulated> {
  const { rows, plan, draw } = await prepared(surface, table, networks)
  return { rows, plan, listener: draw(seed, noise) }
}

export const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** A vertex over all runs. */
export const courseOf = (runs: readonly Matrix32[], vertex: number) =>
  runs.flatMap(({ data, rows, cols }) => Array.from({ length: rows }, (_, t) => data[t * cols + vertex]))
