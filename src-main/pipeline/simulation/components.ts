/** What a layer says that others do not: the time courses from which simulated responses are mixed. */
import type { Gemm } from '../../linalg/gemm.ts'
import { invertPositiveDefinite } from '../../linalg/inverse.ts'
import { leadingEigen } from '../../linalg/leadingEigen.ts'
import { zeros64 } from '../../linalg/matrix.ts'
import type { Matrix32, Matrix64 } from '../../linalg/matrix.ts'

/** Effective degrees of freedom of the smoothers, as a share of the volumes. */
const freedom = 0.14
/** Components of each kind. */
const distinctCount = 5
const commonCount = 4

/** Columns are time courses over all runs [volumes, components], scaled by how much they stand for. */
export interface LayerComponents {
  /** Where ridge on this layer sees more than ridge on the others does. */
  readonly distinct: Matrix64
  /** The layer's leading principal components, which neighbouring layers largely share. */
  readonly common: Matrix64
}

/**
 * The layers of one model with one response. With S_l = K_l (K_l + aI)⁻¹, K_l = X_l X_lᵀ, ridge's smoother at a fixed
 * number of effective degrees of freedom; no more than three smoothers [volumes, volumes] are there at a time.
 */
export class ComparedLayers {
  /**
   * Place of each layer on the way from the first (0) to the last (1), where a step is as long as the two layers'
   * smoothers differ (Frobenius norm): layers that say the same lie in the same place.
   */
  readonly places: readonly number[]
  /** Sum of the layers' smoothers. */
  readonly #sum: Matrix64
  readonly #grams: (layer: number) => Promise<Matrix64>
  readonly #penalties: readonly number[]
  readonly #gemm: Gemm
  readonly #pause: () => Promise<void>

  private constructor(parts: {
    readonly places: readonly number[]
    readonly sum: Matrix64
    readonly grams: (layer: number) => Promise<Matrix64>
    readonly penalties: readonly number[]
    readonly gemm: Gemm
    readonly pause: () => Promise<void>
  }) {
    this.places = parts.places
    this.#sum = parts.sum
    this.#grams = parts.grams
    this.#penalties = parts.penalties
    this.#gemm = parts.gemm
    this.#pause = parts.pause
  }

  /**
   * @param layers X of each layer over all runs, z-scored per run [volumes, units]; read when it is needed
   * @param pause awaited now and then; may throw to stop
   */
  static async of(
    layers: readonly (() => Promise<Matrix64>)[],
    gemm: Gemm,
    pause: () => Promise<void>,
  ): Promise<ComparedLayers> {
    const units: number[] = []
    const grams = async (layer: number) => {
      const x = await layers[layer]()
      units[layer] = x.cols
      const gram = await gemm.multiply(x, x, { transposeB: true })
      const mean = traceOf(gram) / x.rows
      // Layers of different scale have penalties of one scale.
      if (mean > 0) for (let i = 0; i < gram.data.length; i++) gram.data[i] /= mean
      return gram
    }
    const penalties: number[] = []
    const lengths: number[] = [0]
    let sum: Matrix64 | undefined
    let before: Matrix64 | undefined
    for (const layer of layers.keys()) {
      await pause()
      const gram = await grams(layer)
      const penalty = await penaltyOf(gram, freedomOf(gram.rows, units[layer]), gemm, pause)
      penalties.push(penalty)
      const smoother = await smootherOf(gram, penalty, gemm, pause)
      if (before) lengths.push(lengths.at(-1)! + distance(before, smoother))
      sum ??= zeros64(gram.rows, gram.rows)
      addTo(sum, 1, smoother)
      before = smoother
    }
    const whole = lengths.at(-1)! || 1
    const places = lengths.map((length) => length / whole)
    return new ComparedLayers({ places, sum: sum!, grams, penalties, gemm, pause })
  }

  /** S of one layer [volumes, volumes]. */
  async smoother(layer: number): Promise<Matrix64> {
    return smootherOf(await this.#grams(layer), this.#penalties[layer], this.#gemm, this.#pause)
  }

  /**
   * `distinct` holds the leading eigenvectors of S of the layer minus what it is held against, times the root of their
   * eigenvalues: the mean S of the model's other layers, and that of `rivals`, each half where there are both. `common`
   * holds those of K, times the root of its singular values.
   * @param rivals smoothers of what else the response is mixed from
   */
  async components(layer: number, rivals: readonly Matrix64[]): Promise<LayerComponents> {
    const gram = await this.#grams(layer)
    const eigen = await leadingEigen(gram, commonCount, this.#gemm, this.#pause)
    const common = scaled(eigen, (value) => Math.max(0, value) ** 0.25)
    const smoother = await smootherOf(gram, this.#penalties[layer], this.#gemm, this.#pause)
    const others = this.#penalties.length - 1
    const own = others === 0 ? 0 : rivals.length === 0 ? 1 : 0.5
    const n = gram.rows
    const difference = zeros64(n, n)
    addTo(difference, 1, smoother)
    if (others > 0) {
      addTo(difference, -own / others, this.#sum)
      addTo(difference, own / others, smoother)
    }
    for (const rival of rivals) addTo(difference, (own - 1) / rivals.length, rival)
    // Plus I: eigenvalues from 0 to 2, as leadingEigen needs them.
    for (let i = 0; i < n; i++) difference.data[i * n + i] += 1
    const found = await leadingEigen(difference, distinctCount, this.#gemm, this.#pause)
    return { distinct: scaled(found, (value) => Math.sqrt(Math.max(0, value - 1))), common }
  }
}

/** No more than half of what the layer has: with fewer units than volumes, no penalty gives more than their number. */
const freedomOf = (volumes: number, units: number): number => Math.min(freedom * volumes, units / 2)

function traceOf({ data, rows }: Matrix64): number {
  let trace = 0
  for (let i = 0; i < rows; i++) trace += data[i * rows + i]
  return trace
}

function addTo(into: Matrix64, factor: number, { data }: Matrix64): void {
  for (let i = 0; i < data.length; i++) into.data[i] += factor * data[i]
}

function distance(a: Matrix64, b: Matrix64): number {
  let squared = 0
  for (let i = 0; i < a.data.length; i++) squared += (a.data[i] - b.data[i]) ** 2
  return Math.sqrt(squared)
}

/** K (K + aI)⁻¹ = I - a (K + aI)⁻¹. */
async function smootherOf(gram: Matrix64, penalty: number, gemm: Gemm, pause: () => Promise<void>): Promise<Matrix64> {
  const n = gram.rows
  const inverse = await invertPositiveDefinite(gram, gemm, { pause, diagonal: penalty })
  for (let i = 0; i < inverse.data.length; i++) inverse.data[i] *= -penalty
  for (let i = 0; i < n; i++) inverse.data[i * n + i] += 1
  return inverse
}

/**
 * The penalty a at which tr K (K + aI)⁻¹, the effective degrees of freedom, is `wanted` to 1 %, by halving an interval of
 * its logarithm and the secant (Illinois) within it. A layer that never changes has no such penalty; any serves.
 */
async function penaltyOf(gram: Matrix64, wanted: number, gemm: Gemm, pause: () => Promise<void>): Promise<number> {
  const n = gram.rows
  if (traceOf(gram) === 0) return 1
  const excess = async (logarithm: number) => {
    const penalty = Math.exp(logarithm)
    const inverse = await invertPositiveDefinite(gram, gemm, { pause, diagonal: penalty })
    return n - penalty * traceOf(inverse) - wanted
  }
  // The Gram matrix has a mean diagonal of 1, and a largest eigenvalue of at most n.
  let [low, high] = [Math.log(1e-9), Math.log(100 * n)]
  let [above, below] = [await excess(low), await excess(high)]
  // So few dimensions that even hardly any penalty leaves fewer degrees of freedom.
  if (above <= 0) return Math.exp(low)
  for (let step = 0; step < 60; step++) {
    const middle = low + ((high - low) * above) / (above - below)
    const found = await excess(middle)
    if (Math.abs(found) <= 0.01 * wanted) return Math.exp(middle)
    if (found > 0) {
      ;[low, above] = [middle, found]
      below /= 2
    } else {
      ;[high, below] = [middle, found]
      above /= 2
    }
  }
  return Math.exp((low + high) / 2)
}

/** Eigenvectors as columns. */
function scaled(
  { values, vectors }: { readonly values: Float64Array; readonly vectors: Matrix64 },
  scale: (value: number) => number,
): Matrix64 {
  const matrix = zeros64(vectors.cols, values.length)
  values.forEach((value, j) => {
    const factor = scale(value)
    for (let i = 0; i < matrix.rows; i++) matrix.data[i * matrix.cols + j] = factor * vectors.data[j * vectors.cols + i]
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
