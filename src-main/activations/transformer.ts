/** Transformer blocks on [frames, units]. */
import type { SpeechConfig } from './config.ts'
import type { Graph } from './graph.ts'

export function layerNorm(graph: Graph, name: string, x: string, units: number, eps: number): string {
  const inputs = [x, graph.weight(`${name}.weight`, [units]), graph.weight(`${name}.bias`, [units])]
  return graph.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: eps } })
}

/** x Wᵀ + b on the weights as torch stores them, [outputs, inputs]. */
export function linear(graph: Graph, name: string, x: string, inputs: number, outputs: number): string {
  const weights = [graph.weight(`${name}.weight`, [outputs, inputs]), graph.weight(`${name}.bias`, [outputs])]
  return graph.node('Gemm', [x, ...weights], { transB: 1 })
}

/** One block. Post-norm (base): norm after each sum. Pre-norm ("stable"): norm before attention and feed-forward. */
export function emitBlock(graph: Graph, config: SpeechConfig, name: string, x: string): string {
  const norm = (part: string, y: string) =>
    layerNorm(graph, `${name}.${part}`, y, config.hidden_size, config.layer_norm_eps)
  const add = (a: string, b: string) => graph.node('Add', [a, b])
  if (config.do_stable_layer_norm) {
    const attended = add(x, attention(graph, config, name, norm('layer_norm', x)))
    return add(attended, feedForward(graph, config, name, norm('final_layer_norm', attended)))
  }
  const attended = norm('layer_norm', add(x, attention(graph, config, name, x)))
  return norm('final_layer_norm', add(attended, feedForward(graph, config, name, attended)))
}

function feedForward(graph: Graph, config: SpeechConfig, name: string, x: string): string {
  const { hidden_size: hidden, intermediate_size: intermediate } = config
  const inner = graph.node('Gelu', [linear(graph, `${name}.feed_forward.intermediate_dense`, x, hidden, intermediate)])
  return linear(graph, `${name}.feed_forward.output_dense`, inner, intermediate, hidden)
}

/** softmax(Q Kᵀ / √d) V per head, each frame attending to the whole window. */
function attention(graph: Graph, config: SpeechConfig, name: string, x: string): string {
  const units = config.hidden_size
  const heads = config.num_attention_heads
  const project = (part: string) => linear(graph, `${name}.attention.${part}`, x, units, units)
  const split = (y: string, perm: readonly number[]) =>
    graph.node('Transpose', [graph.node('Reshape', [y, graph.integers(0, heads, units / heads)])], { perm })

  const scale = graph.float(1 / Math.sqrt(units / heads))
  const query = split(graph.node('Mul', [project('q_proj'), scale]), [1, 0, 2])
  const key = split(project('k_proj'), [1, 2, 0])
  const value = split(project('v_proj'), [1, 0, 2])
  const weights = graph.node('Softmax', [graph.node('MatMul', [query, key])], { axis: -1 })
  const mixed = graph.node('Transpose', [graph.node('MatMul', [weights, value])], { perm: [1, 0, 2] })
  const joined = graph.node('Reshape', [mixed, graph.integers(0, units)])
  return linear(graph, `${name}.attention.out_proj`, joined, units, units)
}
