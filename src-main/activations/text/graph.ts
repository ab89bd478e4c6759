/**
 * GPT-2 (Radford et al. 2019) as an ONNX graph that gives every requested layer, after transformers'
 * `modeling_gpt2.py`. `embedding` is hidden_states[0], the tokens' embeddings and positions; `transfI` is block I's
 * output, hidden_states[I + 1]; `transfN.norm` of the last block N is what comes after the norm at the end,
 * last_hidden_state, with which hidden_states ends: the last block's own output is not in that list.
 */
import { Graph, type EncodedModel } from '../graph.ts'
import { layerNorm } from '../linear.ts'
import type { Weights } from '../weights.ts'
import { activations, type Gpt2Config } from './config.ts'

/** The graph's inputs: int64 [tokens], int64 [tokens], and float32 [tokens, tokens] that is added to the scores. */
export const textInputs = { ids: 'ids', positions: 'positions', mask: 'mask' } as const

/** Every layer, in the order of computation. */
export function gpt2Layers({ n_layer: blocks, n_embd: units }: Gpt2Config): readonly { name: string; units: number }[] {
  const names = ['embedding', ...Array.from({ length: blocks }, (_, i) => `transf${i}`), `transf${blocks - 1}.norm`]
  return names.map((name) => ({ name, units }))
}

/**
 * @param layers names that `gpt2Layers(config)` has; what only later layers need is left out of the graph
 * @throws HeschlError when weights cannot be read
 */
export function emitGpt2(config: Gpt2Config, weights: Weights, layers: ReadonlySet<string>): EncodedModel {
  const graph = new Graph(weights)
  const { n_embd: units, n_layer: blocks } = config
  const tap = (name: string, value: string) => {
    if (layers.has(name)) graph.output(name, value, units)
  }
  const tokens = graph.node('Gather', [graph.weight('wte.weight', [config.vocab_size, units]), textInputs.ids])
  const places = graph.node('Gather', [graph.weight('wpe.weight', [config.n_positions, units]), textInputs.positions])
  let hidden = graph.node('Add', [tokens, places])
  tap('embedding', hidden)
  const last = `transf${blocks - 1}.norm`
  const deepest = gpt2Layers(config).findLastIndex(({ name }) => layers.has(name))
  for (let i = 0; i < Math.min(blocks, deepest); i++) {
    hidden = emitBlock(graph, config, i, hidden)
    tap(`transf${i}`, hidden)
  }
  if (layers.has(last)) tap(last, layerNorm(graph, 'ln_f', hidden, units, config.layer_norm_epsilon))
  return graph.encode(
    config.model_type,
    { name: textInputs.ids, shape: ['tokens'], type: 'int64' },
    { name: textInputs.positions, shape: ['tokens'], type: 'int64' },
    { name: textInputs.mask, shape: ['tokens', 'tokens'] },
  )
}

function emitBlock(graph: Graph, config: Gpt2Config, block: number, x: string): string {
  const { n_embd: units, n_inner: inner, layer_norm_epsilon: eps } = config
  const name = `h.${block}`
  const attended = graph.node('Add', [
    x,
    attention(graph, config, block, layerNorm(graph, `${name}.ln_1`, x, units, eps)),
  ])
  const normed = layerNorm(graph, `${name}.ln_2`, attended, units, eps)
  const widened = activation(graph, config, linear(graph, `${name}.mlp.c_fc`, normed, units, inner))
  return graph.node('Add', [attended, linear(graph, `${name}.mlp.c_proj`, widened, inner, units)])
}

/** x W + b on the weights as transformers' Conv1D stores them, [inputs, outputs]. */
function linear(graph: Graph, name: string, x: string, inputs: number, outputs: number): string {
  return graph.node('Gemm', [
    x,
    graph.weight(`${name}.weight`, [inputs, outputs]),
    graph.weight(`${name}.bias`, [outputs]),
  ])
}

function activation(graph: Graph, config: Gpt2Config, x: string): string {
  const { op, approximate } = activations[config.activation_function]
  return graph.node(op, [x], approximate === undefined ? {} : { approximate })
}

/** softmax(Q Kᵀ · scale + mask) V per head. */
function attention(graph: Graph, config: Gpt2Config, block: number, x: string): string {
  const { n_embd: units, n_head: heads } = config
  const size = units / heads
  const all = linear(graph, `h.${block}.attn.c_attn`, x, units, 3 * units)
  const part = (i: number, perm: readonly number[]) => {
    const range = [graph.integers(i * units), graph.integers((i + 1) * units), graph.integers(1)]
    const columns = graph.node('Slice', [all, ...range])
    return graph.node('Transpose', [graph.node('Reshape', [columns, graph.integers(0, heads, size)])], { perm })
  }
  const scale = scaleOf(config, block)
  const query = graph.node('Mul', [part(0, [1, 0, 2]), graph.float(scale)])
  const products = graph.node('MatMul', [query, part(1, [1, 2, 0])])
  const weights = graph.node('Softmax', [graph.node('Add', [products, textInputs.mask])], { axis: -1 })
  const mixed = graph.node('Transpose', [graph.node('MatMul', [weights, part(2, [1, 0, 2])])], { perm: [1, 0, 2] })
  const joined = graph.node('Reshape', [mixed, graph.integers(0, units)])
  return linear(graph, `h.${block}.attn.c_proj`, joined, units, units)
}

/** 1 / √(units of a head), and divided by the block's number, from 1 on, each where the config says so. */
function scaleOf(config: Gpt2Config, block: number): number {
  const scale = config.scale_attn_weights ? 1 / Math.sqrt(config.n_embd / config.n_head) : 1
  return config.scale_attn_by_inverse_layer_idx ? scale / (block + 1) : scale
}
