/**
 * Every weight of a speech model's encoder: name, shape, and what it is before training.
 *
 * Initial distributions: fairseq `wav2vec2.py` (`Wav2Vec2Model`, `ConvFeatureExtractionModel.make_conv`,
 * `TransformerEncoder`) and `transformer_sentence_encoder.init_bert_params`:
 * - feature convolutions: Kaiming normal, N(0, 2 / (in · kernel)); their bias U(±1/√(in · kernel));
 * - projection: U(±1/√in), weight and bias;
 * - positional convolution: N(0, 4 / (kernel · hidden)), bias 0; weight norm starts with g = ‖v‖, so it changes nothing;
 * - linear layers of the blocks: N(0, initializer_range²), bias 0; 0.02 but in `wav2vec2-demo`;
 * - layer, group and batch norms: weight 1, bias 0; a batch norm's running mean 0, variance 1.
 * HuBERT is drawn alike (fairseq `hubert.py` builds the same modules), and so is WavLM (unilm `wavlm/WavLM.py`), whose
 * relative embedding and gates are N(0, 0.02²) as its linear layers, bias 0, the gates' constants 1. data2vec-audio (fairseq `data2vec_audio.py`)
 * differs in its positional convolutions alone (`TransformerEncoder`, `make_conv_block`): torch's default of a
 * convolution, weight and bias U(±1/√(in · kernel)).
 *
 * transformers 5.23 draws some of them otherwise (`_init_weights`; test/reference/initialisation has the moments): the
 * positional convolution stays at torch's default U(±1/√(in · kernel)), since what it writes there goes into the product
 * of the weight norm, which is computed anew; HuBERT's projection is N(0, 0.02²), bias 0; data2vec-audio's positional
 * convolutions are Kaiming normal, bias 0. The original is followed.
 */
import type { SpeechConfig } from './config.ts'

type Initial =
  | { readonly constant: number }
  | { readonly uniform: number }
  /** Standard deviation, zero mean. */
  | { readonly normal: number }

export interface TensorSpec {
  /** Without the prefix that a head's class puts before it (`wav2vec2.`). */
  readonly name: string
  readonly shape: readonly number[]
  readonly initial: Initial
}

/** The positional convolution's weight as it is used; a checkpoint may hold it split by weight norm. */
export const positionalWeight = 'encoder.pos_conv_embed.conv.weight'

/** The batch norm before it, which some HuBERT models have. */
export const batchNorm = 'encoder.pos_conv_embed.batch_norm'

/** One of data2vec-audio's positional convolutions. */
export const positionalLayer = (i: number) => `encoder.pos_conv_embed.layers.${i}.conv`

/** WavLM's bias of each bucket of distances for each head, [buckets, heads]. */
export const relativeEmbedding = 'encoder.layers.0.attention.rel_attn_embed.weight'

/** The kernel of the positional convolution, or of each. */
export const positionalKernel = (config: SpeechConfig) =>
  config.model_type === 'data2vec-audio' ? config.conv_pos_kernel_size : config.num_conv_pos_embeddings

/** Whether a layer norm stands before the projection; in some HuBERT models none does. */
export const projectionNormed = (config: SpeechConfig) => config.model_type !== 'hubert' || config.feat_proj_layer_norm

/** In the order of computation. */
export function tensorsOf(config: SpeechConfig): readonly TensorSpec[] {
  return [...convolutions(config), ...projection(config), ...encoder(config)]
}

const norm = (name: string, units: number): TensorSpec[] => [
  { name: `${name}.weight`, shape: [units], initial: { constant: 1 } },
  { name: `${name}.bias`, shape: [units], initial: { constant: 0 } },
]

const linear = (name: string, inputs: number, outputs: number, deviation: number): TensorSpec[] => [
  { name: `${name}.weight`, shape: [outputs, inputs], initial: { normal: deviation } },
  { name: `${name}.bias`, shape: [outputs], initial: { constant: 0 } },
]

function convolutions(config: SpeechConfig): TensorSpec[] {
  return config.conv_dim.flatMap((units, i) => {
    const name = `feature_extractor.conv_layers.${i}`
    const inputs = i === 0 ? 1 : config.conv_dim[i - 1]
    const kernel = config.conv_kernel[i]
    const fanIn = inputs * kernel
    const weight = {
      name: `${name}.conv.weight`,
      shape: [units, inputs, kernel],
      initial: { normal: Math.sqrt(2 / fanIn) },
    }
    const bias = { name: `${name}.conv.bias`, shape: [units], initial: { uniform: 1 / Math.sqrt(fanIn) } }
    const normed = config.feat_extract_norm === 'layer' || i === 0
    return [weight, ...(config.conv_bias ? [bias] : []), ...(normed ? norm(`${name}.layer_norm`, units) : [])]
  })
}

function projection(config: SpeechConfig): TensorSpec[] {
  const inputs = config.conv_dim.at(-1)!
  const initial = { uniform: 1 / Math.sqrt(inputs) }
  return [
    ...(projectionNormed(config) ? norm('feature_projection.layer_norm', inputs) : []),
    { name: 'feature_projection.projection.weight', shape: [config.hidden_size, inputs], initial },
    { name: 'feature_projection.projection.bias', shape: [config.hidden_size], initial },
  ]
}

function encoder(config: SpeechConfig): TensorSpec[] {
  return [
    ...position(config),
    ...norm('encoder.layer_norm', config.hidden_size),
    ...(config.model_type === 'wavlm' ? [relative(config)] : []),
    ...Array.from({ length: config.num_hidden_layers }, (_, i) => block(`encoder.layers.${i}`, config)).flat(),
  ]
}

function position(config: SpeechConfig): TensorSpec[] {
  const hidden = config.hidden_size
  const inputs = hidden / config.num_conv_pos_embedding_groups
  const kernel = positionalKernel(config)
  if (config.model_type === 'data2vec-audio') {
    const initial = { uniform: 1 / Math.sqrt(inputs * kernel) }
    return Array.from({ length: config.num_conv_pos_embeddings }, (_, i) => [
      { name: `${positionalLayer(i)}.weight`, shape: [hidden, inputs, kernel], initial },
      { name: `${positionalLayer(i)}.bias`, shape: [hidden], initial },
    ]).flat()
  }
  const deviation = Math.sqrt(4 / (kernel * hidden))
  const normed = config.model_type === 'hubert' && config.conv_pos_batch_norm
  return [
    { name: positionalWeight, shape: [hidden, inputs, kernel], initial: { normal: deviation } },
    { name: 'encoder.pos_conv_embed.conv.bias', shape: [hidden], initial: { constant: 0 } },
    ...(normed ? batchNormed(hidden) : []),
  ]
}

const batchNormed = (units: number): TensorSpec[] => [
  ...norm(batchNorm, units),
  { name: `${batchNorm}.running_mean`, shape: [units], initial: { constant: 0 } },
  { name: `${batchNorm}.running_var`, shape: [units], initial: { constant: 1 } },
]

const relative = (config: Extract<SpeechConfig, { model_type: 'wavlm' }>): TensorSpec => ({
  name: relativeEmbedding,
  shape: [config.num_buckets, config.num_attention_heads],
  initial: { normal: config.initializer_range },
})

function block(name: string, config: SpeechConfig): TensorSpec[] {
  const { hidden_size: hidden, intermediate_size: intermediate, initializer_range: deviation } = config
  return [
    ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((part) =>
      linear(`${name}.attention.${part}`, hidden, hidden, deviation),
    ),
    ...(config.model_type === 'wavlm' ? gates(`${name}.attention`, config) : []),
    ...norm(`${name}.layer_norm`, hidden),
    ...linear(`${name}.feed_forward.intermediate_dense`, hidden, intermediate, deviation),
    ...linear(`${name}.feed_forward.output_dense`, intermediate, hidden, deviation),
    ...norm(`${name}.final_layer_norm`, hidden),
  ]
}

function gates(name: string, config: SpeechConfig): TensorSpec[] {
  const heads = config.num_attention_heads
  return [
    { name: `${name}.gru_rel_pos_const`, shape: [1, heads, 1, 1], initial: { constant: 1 } },
    ...linear(`${name}.gru_rel_pos_linear`, config.hidden_size / heads, 8, config.initializer_range),
  ]
}

/** Number of elements. */
export const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)
