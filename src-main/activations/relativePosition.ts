/**
 * WavLM's gated relative position bias (Chen et al. 2022, section III-B), added to the scores of attention.
 * Follows transformers' `modeling_wavlm.py`, `WavLMAttention`: the bias of a distance is a row of block 0's
 * `rel_attn_embed`, chosen by the distance's bucket, and is the same for every block; each block scales it by a gate
 * for each frame and head, computed from the attention's input.
 */
import type { SpeechConfig } from './config.ts'
import type { Graph } from './graph.ts'
import { linear } from './linear.ts'
import { relativeEmbedding } from './tensors.ts'

type WavLMConfig = Extract<SpeechConfig, { model_type: 'wavlm' }>

/**
 * The bucket of every distance from −maxDistance to maxDistance frames, from the frame that attends to the one that is
 * attended to; whatever is further has the last one's. Half of the buckets are for frames before, half for frames
 * after; half of each are a distance each, the others grow logarithmically.
 * @param buckets at least 4
 * @param maxDistance more than a quarter of `buckets`
 */
export function relativeBuckets(buckets: number, maxDistance: number): Int32Array {
  const half = Math.floor(buckets / 2)
  const exact = Math.floor(half / 2)
  const far = (distance: number) => {
    const ratio = Math.log(distance / exact) / Math.log(maxDistance / exact)
    return Math.min(Math.trunc(exact + ratio * (half - exact)), half - 1)
  }
  return Int32Array.from({ length: 2 * maxDistance + 1 }, (_, i) => {
    const distance = Math.abs(i - maxDistance)
    return (i > maxDistance ? half : 0) + (distance < exact ? distance : far(distance))
  })
}

/**
 * The bias of every pair of frames, before the gates.
 * @param x [frames, units]; only its number of frames counts
 * @returns [heads, frames, frames]
 */
export function emitRelativePositions(graph: Graph, config: WavLMConfig, x: string): string {
  const heads = config.num_attention_heads
  const furthest = config.max_bucket_distance
  const rows = relativeBuckets(config.num_buckets, furthest)
  const byDistance = graph.derived('relative_positions', [heads, rows.length], relativeEmbedding, (embedding) =>
    Float32Array.from({ length: heads * rows.length }, (_, i) => {
      const head = Math.floor(i / rows.length)
      return embedding[rows[i % rows.length] * heads + head]
    }),
  )
  const frames = graph.node('Squeeze', [graph.node('Shape', [x], { start: 0, end: 1 })])
  const order = graph.node('Range', [scalar(graph, 0), frames, scalar(graph, 1)])
  const attending = graph.node('Unsqueeze', [order, graph.integers(1)])
  const attended = graph.node('Unsqueeze', [order, graph.integers(0)])
  const distance = graph.node('Sub', [attended, attending])
  const bounded = graph.node('Min', [
    graph.node('Max', [distance, graph.integers(-furthest)]),
    graph.integers(furthest),
  ])
  return graph.node('Gather', [byDistance, graph.node('Add', [bounded, graph.integers(furthest)])], { axis: 1 })
}

/**
 * The bias scaled by a block's gates: a (b c − 1) + 2 with a and b sigmoids of the frame, c a constant for each head.
 * @param name the block's attention
 * @param x the attention's input, [frames, units]
 * @param positions [heads, frames, frames]
 * @returns [heads, frames, frames]
 */
export function emitGated(graph: Graph, config: WavLMConfig, name: string, x: string, positions: string): string {
  const heads = config.num_attention_heads
  const size = config.hidden_size / heads
  const perHead = graph.node('Reshape', [x, graph.integers(-1, size)])
  const eight = linear(graph, `${name}.gru_rel_pos_linear`, perHead, size, 8)
  const twoOfFour = graph.node('Reshape', [eight, graph.integers(-1, heads, 2, 4)])
  const sums = graph.node('ReduceSum', [twoOfFour, graph.integers(3)], { keepdims: 1 })
  const gates = graph.node('Transpose', [graph.node('Sigmoid', [sums])], { perm: [2, 1, 0, 3] })
  const gate = (i: number) => graph.node('Gather', [gates, scalar(graph, i)], { axis: 0 })
  const constant = graph.weight(`${name}.gru_rel_pos_const`, [heads, 1, 1])
  const inner = graph.node('Sub', [graph.node('Mul', [gate(1), constant]), graph.float(1)])
  const scale = graph.node('Add', [graph.node('Mul', [gate(0), inner]), graph.float(2)])
  return graph.node('Mul', [scale, positions])
}

const scalar = (graph: Graph, value: number) => graph.node('Squeeze', [graph.integers(value)])
