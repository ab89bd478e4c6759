/** Where simulated listeners respond, to which layer, and how strongly. */
import { HeschlError } from '../errors.ts'
import { adjacencyOf, smooth } from '../surfaces/mesh.ts'
import type { Adjacency } from '../surfaces/mesh.ts'
import type { CorticalSurface } from '../surfaces/types.ts'

/**
 * The planted hierarchy, along the path that Millet et al. 2022 (figures 3C and 4C) describe: auditory cortex early
 * in the model, then outwards to the frontal lobe, with less and less signal. `depth` is a share of the layers' order,
 * `signal` the share of variance in the middle of the region.
 */
const hierarchy = [
  { name: 'A1/A2', depth: 0.1, signal: 0.42 },
  { name: 'STG', depth: 0.3, signal: 0.4 },
  { name: 'STS', depth: 0.5, signal: 0.38 },
  { name: 'MTG', depth: 0.7, signal: 0.36 },
  { name: 'IFG', depth: 0.9, signal: 0.36 },
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

/** @throws HeschlError SHAPE_MISMATCH when the surface has none of the regions */
export function plantedPlan(surface: CorticalSurface, layers: number): PlantedPlan {
  const adjacency = bothHemispheres(surface)
  const labels = [...surface.left.labels, ...surface.right.labels]
  const regions = hierarchy
    .map(({ name, depth, signal }) => ({
      name,
      signal,
      layer: Math.round(depth * (layers - 1)),
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
