/**
 * Whisper's encoder (Radford et al. 2022) as an ONNX graph that gives every requested layer, after transformers'
 * `modeling_whisper.py`. `conv0` and `conv1` are the convolutions after their GELU, `embedding` the second with
 * positions, `transfI` block I's output, and `transfN.norm` of the last block N what comes after the norm at the end,
 * the reference's last_hidden_state.
 *
 * Every frame attends to the whole of the padded window, as the model was trained; frames beyond the audio are computed
 * and then left out.
 */
import { Graph, type EncodedModel } from '../graph.ts'
import { framesOf } from '../layouts.ts'
import { layerNorm, linear } from '../linear.ts'
import type { LayerInfo } from '../types.ts'
import type { Weights } from '../weights.ts'
import type { WhisperConfig } from './config.ts'
import { kernel, positions } from './tensors.ts'

/** torch's default, which every norm uses. */
const eps = 1e-5

/** The graph's inputs: float32 [1, bands, 1, mel frames], and int64 [1] each: how many frames to keep. */
export const whisperInputs = { mel: 'mel', fine: 'fine_frames', coarse: 'coarse_frames' } as const

/** Samples that a mel frame is computed from: 400, of which the first has weight 0. */
const melField = 399
const melHop = 160

/** Every layer, in the order of computation. Frame f is centred on sample f · hop. */
export function whisperLayers({ d_model: units, encoder_layers: blocks }: WhisperConfig): readonly LayerInfo[] {
  const fine = melField + (kernel - 1) * melHop
  const coarse = fine + (kernel - 1) * melHop
  const at = (name: string, hop: number, receptiveField: number): LayerInfo => ({
    name,
    units,
    hop,
    receptiveField,
    firstCentre: 0,
    padding: receptiveField - 1,
  })
  const rest = ['conv1', 'embedding', ...Array.from({ length: blocks }, (_, i) => `transf${i}`)]
  return [
    at('conv0', melHop, fine),
    ...[...rest, `transf${blocks - 1}.norm`].map((name) => at(name, 2 * melHop, coarse)),
  ]
}

/**
 * @param layers names that `whisperLayers(config)` has; what only later layers need is left out of the graph
 * @throws HeschlError when weights cannot be read
 */
export function emitWhisper(config: WhisperConfig, weights: Weights, layers: ReadonlySet<string>): EncodedModel {
  const graph = new Graph(weights)
  const { d_model: units, encoder_layers: blocks, max_source_positions: frames } = config
  const tap = (name: string, value: () => string, kept: string = whisperInputs.coarse) => {
    if (layers.has(name)) graph.output(name, graph.node('Slice', [value(), graph.integers(0), kept]), units)
  }
  const deepest = whisperLayers(config).findLastIndex(({ name }) => layers.has(name))
  const fine = convolution(graph, 'encoder.conv1', whisperInputs.mel, config.num_mel_bins, units, 1)
  tap('conv0', () => framesOf(graph, fine), whisperInputs.fine)
  if (deepest > 0) {
    const coarse = framesOf(graph, convolution(graph, 'encoder.conv2', fine, units, units, 2))
    tap('conv1', () => coarse)
    let hidden = graph.node('Add', [coarse, graph.weight(positions, [frames, units])])
    tap('embedding', () => hidden)
    // conv0, conv1 and embedding come before the blocks.
    for (let i = 0; i < Math.min(blocks, deepest - 2); i++) {
      hidden = emitBlock(graph, config, `encoder.layers.${i}`, hidden)
      tap(`transf${i}`, () => hidden)
    }
    tap(`transf${blocks - 1}.norm`, () => layerNorm(graph, 'encoder.layer_norm', hidden, units, eps))
  }
  return graph.encode(
    config.model_type,
    { name: whisperInputs.mel, shape: [1, config.num_mel_bins, 1, 2 * frames] },
    ...[whisperInputs.fine, whisperInputs.coarse].map((name) => ({ name, shape: [1], type: 'int64' as const })),
  )
}

/** Convolution with a frame of zeros on either side, GELU; on images. */
function convolution(graph: Graph, name: string, image: string, inputs: number, units: number, stride: number): string {
  const weights = [graph.weight(`${name}.weight`, [units, inputs, 1, kernel]), graph.weight(`${name}.bias`, [units])]
  const attributes = { kernel_shape: [1, kernel], strides: [1, stride], pads: [0, 1, 0, 1] }
  return graph.node('Gelu', [graph.node('Conv', [image, ...weights], attributes)])
}

/** Pre-norm: norm, attention, sum; norm, feed-forward, sum. */
function emitBlock(graph: Graph, config: WhisperConfig, name: string, x: string): string {
  const { d_model: units, encoder_ffn_dim: inner } = config
  const norm = (part: string, y: string) => layerNorm(graph, `${name}.${part}`, y, units, eps)
  const attended = graph.node('Add', [
    x,
    attention(graph, config, `${name}.self_attn`, norm('self_attn_layer_norm', x)),
  ])
  const widened = graph.node('Gelu', [linear(graph, `${name}.fc1`, norm('final_layer_norm', attended), units, inner)])
  return graph.node('Add', [attended, linear(graph, `${name}.fc2`, widened, inner, units)])
}

/** softmax(Q Kᵀ / √d) V per head, over all frames of the padded window. */
function attention(graph: Graph, config: WhisperConfig, name: string, x: string): string {
  const { d_model: units, encoder_attention_heads: heads } = config
  const size = units / heads
  const split = (y: string, perm: readonly number[]) =>
    graph.node('Transpose', [graph.node('Reshape', [y, graph.integers(0, heads, size)])], { perm })
  const scaled = graph.node('Mul', [linear(graph, `${name}.q_proj`, x, units, units), graph.float(1 / Math.sqrt(size))])
  const key = graph.node('Gemm', [x, graph.weight(`${name}.k_proj.weight`, [units, units])], { transB: 1 })
  const products = graph.node('MatMul', [split(scaled, [1, 0, 2]), split(key, [1, 2, 0])])
  const value = split(linear(graph, `${name}.v_proj`, x, units, units), [1, 0, 2])
  const mixed = graph.node('MatMul', [graph.node('Softmax', [products], { axis: -1 }), value])
  const joined = graph.node('Reshape', [
    graph.node('Transpose', [mixed], { perm: [1, 0, 2] }),
    graph.integers(0, units),
  ])
  return linear(graph, `${name}.out_proj`, joined, units, units)
}
