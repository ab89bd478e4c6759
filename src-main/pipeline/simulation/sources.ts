/** The layers that responses are made from: a model's, with a response and a delay of their own. */
import type { Gemm } from '../../linalg/gemm.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { ComparedLayers, stackedRuns } from './components.ts'
import type { TruthRow } from './truthTable.ts'

/** Names a source: layers of one model under one response. */
export const sourceOf = ({ model, hrf, delay }: Pick<TruthRow, 'model' | 'hrf' | 'delay'>): string =>
  `${model} ${hrf} ${delay}`

export interface SourceInput {
  readonly id: string
  readonly layers: readonly string[]
  /** Steps of the designs, one a run, whose arrays are the layers. */
  readonly designs: readonly string[]
}

interface Source {
  readonly layers: readonly string[]
  readonly compared: ComparedLayers
}

export type Sources = ReadonlyMap<string, Source>

/** A design matrix [volumes, units]. */
type ReadDesign = (step: string, layer: string) => Promise<Matrix32>

/** @param pause awaited now and then; may throw to stop */
export async function compareSources(
  inputs: readonly SourceInput[],
  read: ReadDesign,
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<Sources> {
  const sources = new Map<string, Source>()
  for (const { id, layers, designs } of inputs) {
    const stacked = layers.map(
      (layer) => async () => stackedRuns(await Promise.all(designs.map((step) => read(step, layer)))),
    )
    sources.set(id, { layers, compared: await ComparedLayers.of(stacked, gemm, pause) })
  }
  return sources
}

/** The rows with the names of the layers that are nearest to the places they give. */
export function namedLayers(rows: readonly TruthRow[], sources: Sources): readonly TruthRow[] {
  return rows.map((row) => {
    const { layers, compared } = sources.get(sourceOf(row))!
    return layers.includes(row.layer) ? row : { ...row, layer: layers[nearest(compared.places, Number(row.layer))] }
  })
}

function nearest(places: readonly number[], wanted: number): number {
  return places.reduce((best, place, i) => (Math.abs(place - wanted) < Math.abs(places[best] - wanted) ? i : best), 0)
}
