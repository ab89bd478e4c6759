/**
 * Positions by convolution: what the embedding adds to the projection, [frames, units].
 *
 * wav2vec 2.0, HuBERT and WavLM have one wide grouped convolution and a GELU (transformers' `modeling_wav2vec2.py`,
 * `Wav2Vec2PositionalConvEmbedding`), before which some HuBERT models have a batch norm in place of the weight norm
 * (`modeling_hubert.py`, `HubertPositionalConvEmbedding`). data2vec-audio has several narrow ones, each followed by a
 * layer norm without weights and a GELU (`modeling_data2vec_audio.py`, `Data2VecAudioPositionalConvLayer`).
 */
import type { SpeechConfig } from './config.ts'
import type { Graph } from './graph.ts'
import { framesOf, imageOf } from './layouts.ts'
import { batchNorm, positionalKernel, positionalLayer, positionalWeight } from './tensors.ts'

/** torch's default, which these norms use whatever `layer_norm_eps` says. */
const normEps = 1e-5

export function emitPosition(graph: Graph, config: SpeechConfig, x: string): string {
  if (config.model_type !== 'data2vec-audio') {
    const image = imageOf(graph, x)
    const input = config.model_type === 'hubert' && config.conv_pos_batch_norm ? normed(graph, config, image) : image
    return graph.node('Gelu', [convolve(graph, config, positionalWeight, input)])
  }
  let hidden = x
  for (let i = 0; i < config.num_conv_pos_embeddings; i++) {
    const convolved = convolve(graph, config, `${positionalLayer(i)}.weight`, imageOf(graph, hidden))
    const ones = graph.node('Expand', [graph.float(1), graph.integers(config.hidden_size)])
    const scaled = graph.node('LayerNormalization', [convolved, ones], { axis: -1, epsilon: { float: normEps } })
    hidden = graph.node('Gelu', [scaled])
  }
  return hidden
}

/**
 * A grouped convolution over time, as many frames out as in. torch pads kernel / 2 on both sides and drops the last
 * frame of an even kernel: here the end is padded by one frame less.
 * @param image [1, units, 1, frames]
 * @returns [frames, units]
 */
function convolve(graph: Graph, config: SpeechConfig, weightName: string, image: string): string {
  const units = config.hidden_size
  const groups = config.num_conv_pos_embedding_groups
  const kernel = positionalKernel(config)
  const before = Math.floor(kernel / 2)
  const weight = graph.weight(weightName, [units, units / groups, 1, kernel])
  const bias = graph.weight(weightName.replace(/weight$/, 'bias'), [units])
  const convolved = graph.node('Conv', [image, weight, bias], {
    group: groups,
    kernel_shape: [1, kernel],
    pads: [0, before, 0, kernel - 1 - before],
  })
  return framesOf(graph, convolved)
}

/** Batch norm with the means and variances of training. */
function normed(graph: Graph, config: SpeechConfig, image: string): string {
  const parts = ['weight', 'bias', 'running_mean', 'running_var']
  const inputs = parts.map((part) => graph.weight(`${batchNorm}.${part}`, [config.hidden_size]))
  return graph.node('BatchNormalization', [image, ...inputs], { epsilon: { float: normEps } })
}
