/**
 * Threshold-free cluster enhancement: each vertex's integral, over heights h below its own, of e(h)^E h^H, where e(h)
 * is how many vertices its cluster has at that height.
 * Source: Smith and Nichols (2009), NeuroImage 44:83–98. The integral is taken exactly, in one sweep from the highest
 * vertex down: clusters are a forest (union–find, Tarjan 1975), a cluster's integral is brought up to date only when
 * it grows, and a vertex keeps what its own differs from its cluster's.
 */
import { HeschlError } from '../errors.ts'
import type { Adjacency } from '../linalg/adjacency.ts'
import { sortDescending, SortBuffers } from './sortHeights.ts'

export interface TfceOptions {
  /** E: 0.5 in the paper. */
  readonly extentPower: number
  /** H: 2 in the paper. */
  readonly heightPower: number
  /** `exact`, or a sum over heights start, start + step, … as MNE takes it (the first weighs `start`, the others `step`). */
  readonly integration: 'exact' | { readonly start: number; readonly step: number }
}

/** Smith and Nichols' exponents, the integral exact. */
export const tfceDefaults: TfceOptions = { extentPower: 0.5, heightPower: 2, integration: 'exact' }

/** Heights a sum over steps may have. */
const mostSteps = 1_000_000

/** Enhances one map after another over one mesh, in the same memory: 40 bytes a vertex. */
export class Tfce {
  private readonly adjacency: Adjacency
  private readonly parent: Int32Array
  private readonly size: Uint32Array
  /** Integral of a root up to where it was brought up to date; below a root, the difference to the parent's. */
  private readonly integral: Float64Array
  /** ∫₀^h h^H of the height where a root was brought up to date. */
  private readonly reached: Float64Array
  private readonly sizePower: Float64Array
  private readonly buffers: SortBuffers
  private readonly below: (height: number) => number

  constructor(adjacency: Adjacency, { extentPower, heightPower, integration }: TfceOptions) {
    const vertices = adjacency.offsets.length - 1
    this.adjacency = adjacency
    this.parent = new Int32Array(vertices)
    this.size = new Uint32Array(vertices)
    this.integral = new Float64Array(vertices)
    this.reached = new Float64Array(vertices)
    this.sizePower = Float64Array.from({ length: vertices + 1 }, (_, size) => size ** extentPower)
    this.buffers = new SortBuffers(vertices)
    if (!(heightPower > 0 && extentPower >= 0)) {
      throw new HeschlError('OPTION_INVALID', 'An exponent of the cluster enhancement is out of range', {
        expected: 'E at least 0, H above 0',
        found: `E = ${extentPower}, H = ${heightPower}`,
      })
    }
    this.below =
      integration !== 'exact'
        ? stepSum(integration, heightPower)
        : heightPower === 2
          ? (h) => (h * h * h) / 3
          : (h) => h ** (heightPower + 1) / (heightPower + 1)
  }

  /**
   * Enhances the values above 0.
   * @param map [vertices]; values that are not finite take no part
   * @param sign -1 enhances what is below 0, as positive numbers
   * @param out [vertices]: only vertices with a positive value (after the sign) are written
   */
  enhance(map: ArrayLike<number>, sign: 1 | -1, out: Float64Array): void {
    const { adjacency, parent, size, integral, reached, sizePower, below } = this
    const { offsets, neighbours } = adjacency
    const { order, heights, count } = sortDescending(map, sign, this.buffers)
    parent.fill(-1)
    for (let k = 0; k < count; k++) {
      const vertex = order[k]
      const now = below(heights[k])
      parent[vertex] = vertex
      size[vertex] = 1
      integral[vertex] = 0
      reached[vertex] = now
      let root = vertex
      for (let at = offsets[vertex]; at < offsets[vertex + 1]; at++) {
        const neighbour = neighbours[at]
        if (parent[neighbour] < 0) continue
        const other = this.rootOf(neighbour)
        if (other === root) continue
        integral[other] += sizePower[size[other]] * (reached[other] - now)
        reached[other] = now
        const [large, small] = size[other] > size[root] ? [other, root] : [root, other]
        parent[small] = large
        integral[small] -= integral[large]
        size[large] += size[small]
        root = large
      }
    }
    // The rest of every cluster, down to 0.
    for (let k = 0; k < count; k++) {
      const vertex = order[k]
      if (parent[vertex] !== vertex) continue
      integral[vertex] += sizePower[size[vertex]] * reached[vertex]
    }
    for (let k = 0; k < count; k++) {
      let at = order[k]
      let value = integral[at]
      while (parent[at] !== at) {
        at = parent[at]
        value += integral[at]
      }
      out[order[k]] = value
    }
  }

  /** Halves the path on its way: every other vertex then hangs from its grandparent, and differs from that. */
  private rootOf(vertex: number): number {
    const { parent, integral } = this
    let at = vertex
    let above = parent[at]
    for (;;) {
      const next = parent[above]
      if (next === above) return above
      integral[at] += integral[above]
      parent[at] = next
      at = next
      above = parent[at]
    }
  }
}

/** F(h) = Σ of weight times t^H over thresholds t below h. */
function stepSum({ start, step }: { start: number; step: number }, heightPower: number): (height: number) => number {
  if (!(start >= 0 && step > 0 && Number.isFinite(start) && Number.isFinite(step))) {
    throw new HeschlError('OPTION_INVALID', 'The heights of the cluster enhancement are out of range', {
      expected: 'a start of at least 0 and a step above 0',
      found: `start ${start}, step ${step}`,
    })
  }
  const sums = [0]
  return (height) => {
    const thresholds = Math.max(0, Math.ceil((height - start) / step))
    if (!(thresholds <= mostSteps)) {
      throw new HeschlError('NUMERICAL', 'A map is too high for the steps of its cluster enhancement', {
        expected: `at most ${mostSteps} steps`,
        found: `${height} in steps of ${step}`,
        remedy: 'Take larger steps, or the exact integral',
      })
    }
    while (sums.length <= thresholds) {
      const k = sums.length - 1
      sums.push(sums[k] + (k === 0 ? start : step) * (start + k * step) ** heightPower)
    }
    return sums[thresholds]
  }
}
