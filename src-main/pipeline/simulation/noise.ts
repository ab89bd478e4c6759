/** Noise of simulated recordings: autocorrelated in time, smooth over cortex, of variance 1 at every vertex. */
import type { Matrix32 } from '../../linalg/matrix.ts'
import type { RandomStream } from '../../linalg/randomStream.ts'
import { smooth } from '../../surfaces/mesh.ts'
import type { Adjacency } from '../../surfaces/mesh.ts'

/** What noise is like, vertex by vertex. */
export interface NoiseMaps {
  /** Correlation of a volume with the next, from 0 to below 1 [vertices]. */
  readonly autocorrelation: Float64Array
  /** Rounds of averaging with neighbours [vertices]. */
  readonly rounds: Uint8Array
  readonly adjacency: Adjacency
}

export class SurfaceNoise {
  readonly #maps: NoiseMaps
  /** The different numbers of rounds, ascending. */
  readonly #levels: readonly number[]
  /** 1 / SD of white noise after the vertex's rounds. */
  readonly #scale: Float64Array

  constructor(maps: NoiseMaps) {
    this.#maps = maps
    this.#levels = [...new Set(maps.rounds)].sort((a, b) => a - b)
    this.#scale = scaleAfter(maps.adjacency, maps.rounds)
  }

  /**
   * y_t = a y_(t-1) + √(1 - a²) e_t at every vertex, begun in its stationary state; e_t is white in time.
   * @param pause awaited now and then
   * @returns [volumes, vertices], mean 0 and variance 1 in expectation
   */
  async run(volumes: number, random: RandomStream, pause: () => Promise<void>): Promise<Matrix32> {
    const { autocorrelation } = this.#maps
    const vertices = autocorrelation.length
    const data = new Float32Array(volumes * vertices)
    const fresh = autocorrelation.map((a) => Math.sqrt(1 - a * a))
    const state = new Float64Array(vertices)
    for (let t = 0; t < volumes; t++) {
      if (t % 16 === 0) await pause()
      const e = this.#field(random)
      for (let v = 0; v < vertices; v++) {
        state[v] = t === 0 ? e[v] : autocorrelation[v] * state[v] + fresh[v] * e[v]
        data[t * vertices + v] = state[v]
      }
    }
    return { data, rows: volumes, cols: vertices }
  }

  /** Normal at each vertex, smoothed as often as its map says. */
  #field(random: RandomStream): Float64Array {
    const { adjacency, rounds } = this.#maps
    let now = random.normals(new Float64Array(rounds.length))
    const out = new Float64Array(rounds.length)
    let done = 0
    for (const level of this.#levels) {
      now = smooth(now, adjacency, level - done)
      done = level
      for (let v = 0; v < out.length; v++) if (rounds[v] === level) out[v] = now[v] * this.#scale[v]
    }
    return out
  }
}

/**
 * 1 / SD that white noise of variance 1 has at each vertex after so many rounds of `smooth` there: the norm of the
 * smoother's row, found by walking it back from the vertex.
 */
function scaleAfter({ offsets, neighbours }: Adjacency, rounds: Uint8Array): Float64Array {
  const vertices = rounds.length
  let row = new Float64Array(vertices)
  let next = new Float64Array(vertices)
  const scale = new Float64Array(vertices)
  for (let v = 0; v < vertices; v++) {
    let touched = [v]
    row[v] = 1
    for (let round = 0; round < rounds[v]; round++) {
      const reached: number[] = []
      const add = (u: number, value: number) => {
        if (next[u] === 0) reached.push(u)
        next[u] += value
      }
      for (const u of touched) {
        const degree = offsets[u + 1] - offsets[u]
        // Row times smoother: half of a vertex's weight stays, half is its neighbours'.
        add(u, degree > 0 ? row[u] / 2 : row[u])
        for (let k = offsets[u]; k < offsets[u + 1]; k++) add(neighbours[k], row[u] / 2 / degree)
      }
      for (const u of touched) row[u] = 0
      ;[row, next] = [next, row]
      touched = reached
    }
    let squared = 0
    for (const u of touched) {
      squared += row[u] * row[u]
      row[u] = 0
    }
    scale[v] = 1 / Math.sqrt(squared)
  }
  return scale
}
