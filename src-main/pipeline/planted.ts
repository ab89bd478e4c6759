/** What was planted in simulated responses, and how much of it the analysis found. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { HeschlError } from '../errors.ts'
import { layerPreference, spearman, summarize } from '../scoring/index.ts'

const schema = z.object({
  /** In words: that listeners are simulated, and how. */
  note: z.string(),
  /** What the recordings were made from: they are made again when it changes. */
  key: z.string(),
  seed: z.number(),
  /** The model whose layers were planted. */
  model: z.string(),
  /** Names of the layers that `layer` counts. */
  layers: z.array(z.string()),
  /** Planted layer of each vertex, left then right; −1 where nothing was planted. */
  layer: z.array(z.number().int()),
  /** Share of each vertex's variance that is signal. */
  signal: z.array(z.number()),
  /** Regions with their planted layer. */
  regions: z.array(z.object({ name: z.string(), layer: z.string() })),
})

/** The table stored beside the recordings of simulated listeners. */
export type Planted = z.infer<typeof schema>

/** @throws HeschlError FILE_MISSING, FORMAT_INVALID */
export function readPlanted(path: string): Planted {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    const known = HeschlError.from(error, { file: path })
    if (known.code !== 'INTERNAL') throw known
    throw new HeschlError('FORMAT_INVALID', 'The table of what was planted cannot be read', {
      where: { file: path },
      found: error instanceof z.ZodError ? z.prettifyError(error) : String(error),
      remedy: 'Remove it and simulate the listeners again',
      cause: error,
    })
  }
}

export interface PlantedRegion {
  readonly name: string
  readonly plantedLayer: string
  readonly recoveredLayer: string
  /** Mean over the region's vertices of the centre of mass of their layer scores, in indices of the fitted layers. */
  readonly recoveredCentre: number
  readonly plantedIndex: number
}

/**
 * Planted against recovered layers.
 * @param maps one map [vertices] of mean scores a fitted layer
 * @param layers names of the fitted layers
 * @param labels [vertices] region of each vertex
 * @param regions names of the regions
 */
export function plantedRecovery(
  planted: Planted,
  maps: readonly Float32Array[],
  layers: readonly string[],
  labels: Uint16Array,
  regions: readonly string[],
): { readonly model: string; readonly regions: readonly PlantedRegion[]; readonly spearman: number } {
  const { argmax, centre } = layerPreference(maps)
  const responsive: number[] = []
  for (let v = 0; v < planted.layer.length; v++)
    if (planted.layer[v] >= 0 && argmax[v] !== 255 && layers.includes(planted.layers[planted.layer[v]]))
      responsive.push(v)
  const indexOf = (v: number) => layers.indexOf(planted.layers[planted.layer[v]])
  const found = planted.regions.flatMap(({ name, layer }): PlantedRegion[] => {
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
