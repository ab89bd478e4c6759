/**
 * Every weight of a wav2vec 2.0 encoder: name, shape, and what it is before training.
 *
 * Initial distributions: fairseq `wav2vec2.py` (`Wav2Vec2Model`, `ConvFeatureExtractionModel.make_conv`,
 * `TransformerEncoder`) and `transformer_sentence_encoder.init_bert_params`, which transformers'
 * `Wav2Vec2PreTrainedModel._init_weights` repeats:
 * - feature convolutions: Kaiming normal, N(0, 2 / (in · kernel)); their bias U(±1/√(in · kernel));
 * - projection: U(±1/√in), weight and bias;
 * - positional convolution: N(0, 4 / (kernel · hidden)), bias 0; weight norm starts with g = ‖v‖, so it changes nothing;
 * - linear layers of the blocks: N(0, initializer_range²), bias 0; 0.02 but in `wav2vec2-demo`;
 * - layer and group norms: weight 1, bias 0.
 */
import type { Wav2Vec2Config } from './config.ts'

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

/** In the order of computation. */
export function tensorsOf(config: Wav2Vec2Config): readonly TensorSpec[] {
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

function convolutions(config: Wav2Vec2Config): TensorSpec[] {
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

function projection(config: Wav2Vec2Config): TensorSpec[] {
  const inputs = config.conv_dim.at(-1)!
  const initial = { uniform: 1 / Math.sqrt(inputs) }
  return [
    ...norm('feature_projection.layer_norm', inputs),
    { name: 'feature_projection.projection.weight', shape: [config.hidden_size, inputs], initial },
    { name: 'feature_projection.projection.bias', shape: [config.hidden_size], initial },
  ]
}

function encoder(config: Wav2Vec2Config): TensorSpec[] {
  const hidden = config.hidden_size
  const kernel = config.num_conv_pos_embeddings
  const position = Math.sqrt(4 / (kernel * hidden))
  return [
    {
      name: positionalWeight,
      shape: [hidden, hidden / config.num_conv_pos_embedding_groups, kernel],
      initial: { normal: position },
    },
    { name: 'encoder.pos_conv_embed.conv.bias', shape: [hidden], initial: { constant: 0 } },
    ...norm('encoder.layer_norm', hidden),
    ...Array.from({ length: config.num_hidden_layers }, (_, i) => block(`encoder.layers.${i}`, config)).flat(),
  ]
}

function block(name: string, config: Wav2Vec2Config): TensorSpec[] {
  const { hidden_size: hidden, intermediate_size: intermediate, initializer_range: deviation } = config
  return [
    ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((part) =>
      linear(`${name}.attention.${part}`, hidden, hidden, deviation),
    ),
    ...norm(`${name}.layer_norm`, hidden),
    ...linear(`${name}.feed_forward.intermediate_dense`, hidden, intermediate, deviation),
    ...linear(`${name}.feed_forward.output_dense`, intermediate, hidden, deviation),
    ...norm(`${name}.final_layer_norm`, hidden),
  ]
}

/** Number of elements. */
export const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)
