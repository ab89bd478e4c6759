/** Where simulated listeners respond, to which layer, and how strongly. */
import { HeschlError } from '../errors.ts'
import { adjacencyOf, smooth } from '../surfaces/mesh.ts'
import type { Adjacency } from '../surfaces/mesh.ts'
import type { CorticalSurface } from '../surfaces/types.ts'

/**
 * The planted hierarchy, along the path that Millet et al. 2022 (figures 3C and 4C) describe: auditory cortex early
 * in the model, then outwards to the frontal lobe, with less and less signal. `place` is on the way from the first layer
 * to the last (`ComparedLayers`), `signal` the share of variance in the middle of the region.
 */
const hierarchy = [
  { name: 'A1/A2', place: 0.1, signal: 0.42 },
  { name: 'STG', place: 0.3, signal: 0.4 },
  { name: 'STS', place: 0.5, signal: 0.38 },
  { name: 'MTG', place: 0.7, signal: 0.36 },
  { name: 'IFG', place: 0.9, signal: 0.36 },
] as const

/** Below this share of variance nothing is planted. */
const LEAST_SIGNAL = 0.1

export interface PlantedPlan {
  /** int16 [vertices], left then right: index of the planted layer, −1 for none. */
  readonly layer: Int16Array
  /** float64 [vertices]: share of the variance that is signal; 0 where nothing is planted. */
  readonly signal: Float64Array
  /** Vertices outside every region: their responses are exactly 0. */
  readonly silent: readonly boolean[]
  readonly regions: readonly { readonly name: string; readonly layer: number }[]
  /** Left and right together, as one mesh of two parts. */
  readonly adjacency: Adjacency
}

/**
 * @param places place of each layer, 0 to 1 in ascending order; a region gets the layer nearest to its own place
 * @throws HeschlError SHAPE_MISMATCH when the surface has none of the regions
 */
export function plantedPlan(surface: CorticalSurface, places: readonly number[]): PlantedPlan {
  const adjacency = bothHemispheres(surface)
  const labels = [...surface.left.labels, ...surface.right.labels]
  const regions = hierarchy
    .map(({ name, place, signal }) => ({
      name,
      signal,
      layer: nearest(places, place),
      label: surface.regions.findIndex((region) => region.name === name),
    }))
    .filter(({ label }) => label > 0)
  if (regions.length === 0) {
    throw new HeschlError('SHAPE_MISMATCH', 'Listeners cannot be simulated on this surface', {
      expected: `a parcellation with ${hierarchy.map(({ name }) => name).join(', ')}`,
      found: `${surface.regions.length - 1} regions, none of these`,
      remedy: 'Write `surface: schematic`',
    })
  }
  const byLabel = new Map(regions.map((region) => [region.label, region]))
  const flat = Float64Array.from(labels, (label) => byLabel.get(label)?.signal ?? 0)
  const smoothed = smooth(flat, adjacency, 2)
  const layer = new Int16Array(labels.length).fill(-1)
  const signal = new Float64Array(labels.length)
  labels.forEach((label, v) => {
    const region = byLabel.get(label)
    if (!region || smoothed[v] < LEAST_SIGNAL) return
    layer[v] = region.layer
    signal[v] = smoothed[v]
  })
  return {
    layer,
    signal,
    silent: labels.map((label) => label === 0),
    regions: regions.map(({ name, layer: index }) => ({ name, layer: index })),
    adjacency,
  }
}

function nearest(places: readonly number[], wanted: number): number {
  return places.reduce((best, place, i) => (Math.abs(place - wanted) < Math.abs(places[best] - wanted) ? i : best), 0)
}

function bothHemispheres({ left, right }: CorticalSurface): Adjacency {
  const first = left.labels.length
  const triangles = new Uint32Array(left.triangles.length + right.triangles.length)
  triangles.set(left.triangles)
  triangles.set(
    right.triangles.map((v) => v + first),
    left.triangles.length,
  )
  return adjacencyOf(triangles, first + right.labels.length)
}
