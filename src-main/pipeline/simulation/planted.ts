/** What was planted in simulated responses; recovery.ts holds it against what the analysis found. */
import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { HeschlError } from '../../errors.ts'
import type { CorticalSurface } from '../../surfaces/types.ts'
import { ownShare } from './mixtures.ts'
import { generatingHrfs } from './truthTable.ts'
import type { TruthRow } from './truthTable.ts'

const row = z.object({
  region: z.string(),
  hemisphere: z.enum(['both', 'left', 'right']),
  language: z.string(),
  model: z.string(),
  layer: z.string(),
  weight: z.number(),
  hrf: z.enum(generatingHrfs),
  delay: z.number(),
  signal: z.number(),
  signal_sd: z.number(),
  weight_sd: z.number(),
  individual: z.number(),
  autocorrelation: z.number(),
  smoothing: z.number(),
})

const group = z.object({
  /** Of the listeners; '' where the study says none. */
  language: z.string(),
  /** Ids of the listeners. */
  subjects: z.array(z.string()),
  /** The model whose layers have the largest weight in most regions; '' where the table has no row. */
  model: z.string(),
  /** Names of the layers that `layer` counts. */
  layers: z.array(z.string()),
  /** That model's planted layer of each vertex, left then right; −1 where none was planted. */
  layer: z.array(z.number().int()),
  /** Share of each vertex's variance that is signal. */
  signal: z.array(z.number()),
  /** Regions with that model's planted layer. */
  regions: z.array(z.object({ name: z.string(), layer: z.string() })),
})

const schema = z.object({
  /** In words: that listeners are simulated, and how. */
  note: z.string(),
  /** What the recordings were made from: they are made again when it changes. */
  key: z.string(),
  seed: z.number(),
  /** A file of noise that took the place of the table's; null where there was none. */
  noise: z.string().nullable(),
  rows: z.array(row),
  /** Listeners of one language who heard the same. */
  groups: z.array(group),
})

/** Of hundreds of listeners it has a few MB. */
const mostBytes = 64 * 1024 * 1024

/** The table stored beside the recordings of simulated listeners. */
export type Planted = z.infer<typeof schema>
export type PlantedGroup = Planted['groups'][number]

/** @throws HeschlError FILE_MISSING, FORMAT_INVALID */
export function readPlanted(path: string): Planted {
  try {
    const { size } = statSync(path)
    if (size > mostBytes)
      throw new HeschlError('FORMAT_INVALID', 'The table of what was planted is too large', {
        where: { file: path },
        expected: `at most ${mostBytes.toLocaleString('en')} bytes`,
        found: size.toLocaleString('en'),
      })
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

/** @param noise the name of a file of noise, if there was one */
export const plantedNote = (regions: readonly string[], noise: string | null): string =>
  `Simulated listeners, not recordings of people. In ${regions.join(', ')} each vertex's response is signal + noise. ` +
  'The signal is a random mixture, smooth over cortex and mostly shared by all listeners, of time courses of the layers ' +
  `in the table: ${ownShare * 100} % of a layer's part is from the components that ridge regression sees in this layer ` +
  'better than in the mean of the other layers of its model and of the other layers in the mixture (chosen so that they ' +
  `can be told apart at all), ${Math.round((1 - ownShare) * 100)} % from the layer's leading principal components. ` +
  (noise === null
    ? 'The noise is Gaussian, smooth over cortex, with an autocorrelation from volume to volume. '
    : `The noise is of ${noise}, without its trend, its phases turned at random for each listener and run. `) +
  'Other cortex is noise alone; outside every region responses are exactly 0.'

/**
 * What the layer analysis of listeners of one language is held against.
 * @param rows of that language, with names of layers
 * @param layersOf a model's layers, in order
 * @param signal share of the variance [vertices]
 */
export function plantedGroup(
  { left, right, regions }: CorticalSurface,
  rows: readonly TruthRow[],
  layersOf: (model: string) => readonly string[],
  signal: Float64Array,
  listeners: { readonly language: string; readonly subjects: readonly string[] },
): PlantedGroup {
  const sides = [...left.labels].map((label) => ({ label, side: 'left' }))
  sides.push(...[...right.labels].map((label) => ({ label, side: 'right' })))
  const main = (name: string, side: string) =>
    rows
      .filter(({ region, hemisphere }) => region === name && [side, 'both'].includes(hemisphere))
      .reduce<TruthRow | undefined>((most, each) => (most && most.weight >= each.weight ? most : each), undefined)
  const mains = regions.slice(1).flatMap(({ name }) => main(name, 'left') ?? main(name, 'right') ?? [])
  const counts = Map.groupBy(mains, ({ model }) => model)
  const [model = ''] = [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? []
  const layers = model === '' ? [] : layersOf(model)
  const found = new Map<string, number>()
  const layerAt = (label: number, side: string): number => {
    const key = `${label} ${side}`
    const known = found.get(key)
    if (known !== undefined) return known
    const top = main(regions[label].name, side)
    const index = top?.model === model ? layers.indexOf(top.layer) : -1
    found.set(key, index)
    return index
  }
  return {
    ...{ language: listeners.language, subjects: [...listeners.subjects], model, layers: [...layers] },
    layer: sides.map(({ label, side }, v) => (signal[v] > 0 ? layerAt(label, side) : -1)),
    signal: Array.from(signal, (share) => Number(share.toFixed(4))),
    regions: mains.filter((each) => each.model === model).map(({ region, layer }) => ({ name: region, layer })),
  }
}
