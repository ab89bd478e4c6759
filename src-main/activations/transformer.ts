/** Transformer blocks on [frames, units]. */
import type { SpeechConfig } from './config.ts'
import type { Graph } from './graph.ts'
import { layerNorm, linear } from './linear.ts'
import { emitGated } from './relativePosition.ts'

/**
 * One block. Post-norm (base): norm after each sum. Pre-norm ("stable"): norm before attention and feed-forward.
 * @param positions WavLM's relative positions, [heads, frames, frames]; undefined in other families
 */
export function emitBlock(
  graph: Graph,
  config: SpeechConfig,
  name: string,
  x: string,
  positions: string | undefined,
): string {
  const norm = (part: string, y: string) =>
    layerNorm(graph, `${name}.${part}`, y, config.hidden_size, config.layer_norm_eps)
  const add = (a: string, b: string) => graph.node('Add', [a, b])
  if (config.do_stable_layer_norm) {
    const attended = add(x, attention(graph, config, name, norm('layer_norm', x), positions))
    return add(attended, feedForward(graph, config, name, norm('final_layer_norm', attended)))
  }
  const attended = norm('layer_norm', add(x, attention(graph, config, name, x, positions)))
  return norm('final_layer_norm', add(attended, feedForward(graph, config, name, attended)))
}

function feedForward(graph: Graph, config: SpeechConfig, name: string, x: string): string {
  const { hidden_size: hidden, intermediate_size: intermediate } = config
  const inner = graph.node('Gelu', [linear(graph, `${name}.feed_forward.intermediate_dense`, x, hidden, intermediate)])
  return linear(graph, `${name}.feed_forward.output_dense`, inner, intermediate, hidden)
}

/** softmax(Q Kᵀ / √d + bias) V per head, each frame attending to the whole window; only WavLM has a bias. */
function attention(graph: Graph, config: SpeechConfig, name: string, x: string, positions: string | undefined): string {
  const units = config.hidden_size
  const heads = config.num_attention_heads
  const project = (part: string) => linear(graph, `${name}.attention.${part}`, x, units, units)
  const split = (y: string, perm: readonly number[]) =>
    graph.node('Transpose', [graph.node('Reshape', [y, graph.integers(0, heads, units / heads)])], { perm })

  const scale = graph.float(1 / Math.sqrt(units / heads))
  const query = split(graph.node('Mul', [project('q_proj'), scale]), [1, 0, 2])
  const key = split(project('k_proj'), [1, 2, 0])
  const value = split(project('v_proj'), [1, 0, 2])
  const products = graph.node('MatMul', [query, key])
  const scores =
    config.model_type === 'wavlm' && positions !== undefined
      ? graph.node('Add', [products, emitGated(graph, config, `${name}.attention`, x, positions)])
      : products
  const weights = graph.node('Softmax', [scores], { axis: -1 })
  const mixed = graph.node('Transpose', [graph.node('MatMul', [weights, value])], { perm: [1, 0, 2] })
  const joined = graph.node('Reshape', [mixed, graph.integers(0, units)])
  return linear(graph, `${name}.attention.out_proj`, joined, units, units)
}
