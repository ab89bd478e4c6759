/** What a layer says that the other layers do not: the time courses from which simulated responses are mixed. */
import { orthogonalizeColumns } from '../linalg/jacobi.ts'
import { zeros64 } from '../linalg/matrix.ts'
import type { Matrix32, Matrix64 } from '../linalg/matrix.ts'

/** Effective degrees of freedom of the smoothers, as a share of the volumes. */
const FREEDOM = 0.14
const DISTINCT = 5
const COMMON = 4

/** Columns are time courses over all runs [volumes, components], scaled by how much they stand for. */
export interface LayerComponents {
  /** Where ridge on this layer sees more than ridge on the others does. */
  readonly distinct: Matrix64
  /** The layer's leading principal components, which neighbouring layers largely share. */
  readonly common: Matrix64
}

interface ComparedLayers {
  /**
   * Place of each layer on the way from the first (0) to the last (1), where a step is as long as the two layers'
   * smoothers differ (Frobenius norm): layers that say the same lie in the same place.
   */
  readonly places: readonly number[]
  readonly componentsOf: (layer: number) => Promise<LayerComponents>
}

/**
 * With S_l = K_l (K_l + aI)⁻¹, K_l = X_l X_lᵀ, ridge's smoother at a fixed number of effective degrees of freedom,
 * `distinct` holds the leading eigenvectors of S_l minus the mean S of all other layers, times the root of their
 * eigenvalues; `common` those of K_l, times the root of the singular values.
 * @param layers X of each layer over all runs, z-scored per run [volumes, units]
 * @param pause awaited now and then
 */
export async function compareLayers(layers: readonly Matrix64[], pause: () => Promise<void>): Promise<ComparedLayers> {
  const smoothers: Matrix64[] = []
  const common: Matrix64[] = []
  for (const x of layers) {
    const principal = await principalComponents(x, pause)
    smoothers.push(smoother(principal))
    common.push(leading(principal, COMMON, Math.sqrt))
  }
  return {
    places: placesOf(smoothers),
    componentsOf: async (layer) => {
      const eigen = await principalComponents(difference(smoothers, layer), pause)
      const distinct = leading(eigen, DISTINCT, (value) => Math.sqrt(Math.max(0, value - 1)))
      return { distinct, common: common[layer] }
    },
  }
}

/** S of one layer minus the mean of the others', plus I: eigenvalues in [0, 2], so that they are singular values. */
function difference(smoothers: readonly Matrix64[], layer: number): Matrix64 {
  const n = smoothers[layer].rows
  const result = zeros64(n, n)
  smoothers.forEach((s, other) => {
    const share = other === layer ? 1 : -1 / (smoothers.length - 1)
    for (let i = 0; i < n * n; i++) result.data[i] += share * s.data[i]
  })
  for (let i = 0; i < n; i++) result.data[i * n + i] += 1
  return result
}

function placesOf(smoothers: readonly Matrix64[]): number[] {
  const places = [0]
  for (let layer = 1; layer < smoothers.length; layer++) {
    const [a, b] = [smoothers[layer - 1].data, smoothers[layer].data]
    let squared = 0
    for (let i = 0; i < a.length; i++) squared += (a[i] - b[i]) ** 2
    places.push(places[layer - 1] + Math.sqrt(squared))
  }
  const length = places.at(-1)! || 1
  return places.map((place) => place / length)
}

interface Component {
  readonly value: number
  /** Unit length [volumes]. */
  readonly vector: Float64Array
}

/** Left singular vectors of `x` with their singular values, largest first. */
async function principalComponents(x: Matrix64, pause: () => Promise<void>): Promise<Component[]> {
  const columns = Array.from({ length: x.cols }, (_, j) =>
    Float64Array.from({ length: x.rows }, (_, i) => x.data[i * x.cols + j]),
  )
  await orthogonalizeColumns(columns, x.rows, pause)
  return columns
    .map((column) => {
      const value = Math.sqrt(column.reduce((sum, entry) => sum + entry * entry, 0))
      return { value, vector: value > 0 ? column.map((entry) => entry / value) : column }
    })
    .sort((a, b) => b.value - a.value)
    .slice(0, x.rows)
}

function smoother(components: readonly Component[]): Matrix64 {
  const n = components[0].vector.length
  const alpha = penalty(
    components.map(({ value }) => value * value),
    FREEDOM * n,
  )
  const result = zeros64(n, n)
  for (const { value, vector } of components) {
    const share = (value * value) / (value * value + alpha)
    for (let i = 0; i < n; i++) {
      const scaled = share * vector[i]
      for (let j = 0; j < n; j++) result.data[i * n + j] += scaled * vector[j]
    }
  }
  return result
}

/** The penalty a with Σ λ / (λ + a) = `freedom`, by bisection of its logarithm. */
function penalty(eigenvalues: readonly number[], freedom: number): number {
  const [largest] = eigenvalues
  let [low, high] = [Math.log(largest * 1e-12), Math.log(largest * 1e6)]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    const reached = eigenvalues.reduce((sum, value) => sum + value / (value + Math.exp(middle)), 0)
    if (reached > freedom) low = middle
    else high = middle
  }
  return Math.exp(high)
}

function leading(components: readonly Component[], count: number, scale: (value: number) => number): Matrix64 {
  const kept = components.slice(0, count)
  const matrix = zeros64(components[0].vector.length, kept.length)
  kept.forEach(({ value, vector }, j) => {
    for (let i = 0; i < matrix.rows; i++) matrix.data[i * matrix.cols + j] = scale(value) * vector[i]
  })
  return matrix
}

/** All runs under one another, each unit z-scored within each run; a unit that is constant in a run is 0 there. */
export function stackedRuns(runs: readonly Matrix32[]): Matrix64 {
  const { cols } = runs[0]
  const rows = runs.reduce((sum, run) => sum + run.rows, 0)
  const stacked = zeros64(rows, cols)
  let offset = 0
  for (const run of runs) {
    for (let j = 0; j < cols; j++) {
      let mean = 0
      for (let i = 0; i < run.rows; i++) mean += run.data[i * cols + j] / run.rows
      let variance = 0
      for (let i = 0; i < run.rows; i++) variance += (run.data[i * cols + j] - mean) ** 2 / run.rows
      const scale = variance > 1e-12 * mean * mean ? 1 / Math.sqrt(variance) : 0
      for (let i = 0; i < run.rows; i++) {
        stacked.data[(offset + i) * cols + j] = scale === 0 ? 0 : (run.data[i * cols + j] - mean) * scale
      }
    }
    offset += run.rows
  }
  return stacked
}
