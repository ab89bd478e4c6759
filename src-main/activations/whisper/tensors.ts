/**
 * Every weight of Whisper's encoder: name, shape, and what it is before training.
 *
 * Initial distributions: OpenAI published no training code; its module (openai/whisper, `model.py`) starts from torch's
 * defaults, which are followed: linear and convolutional weights and biases U(±1/√(in · kernel)), norms 1 and 0. Positions are
 * not trained: sinusoids of wavelengths from 2π to 10,000 · 2π frames, sines in the first half of the units and
 * cosines in the second (`sinusoids`). transformers draws weights otherwise: N(0, 0.02²), biases 0.
 */
import { HeschlError } from '../../errors.ts'
import type { StoredTensors } from '../shards.ts'
import { checkTensor, findPrefix, placesOf, readTensor } from '../storedTensors.ts'
import { sizeOf, type TensorSpec } from '../tensors.ts'
import type { Weights } from '../weights.ts'
import type { WhisperConfig } from './config.ts'

/** What transformers calls the convolutions' kernel, fixed in its class. */
export const kernel = 3

/** Sinusoids, which the file holds as any other tensor. */
export const positions = 'encoder.embed_positions.weight'

/** In the order of computation. */
export function whisperTensors(config: WhisperConfig): readonly TensorSpec[] {
  const { d_model: units, num_mel_bins: bands } = config
  return [
    ...weighted('encoder.conv1', [units, bands, kernel]),
    ...weighted('encoder.conv2', [units, units, kernel]),
    { name: positions, shape: [config.max_source_positions, units], initial: { constant: 0 } },
    ...Array.from({ length: config.encoder_layers }, (_, i) => block(`encoder.layers.${i}`, config)).flat(),
    ...norm('encoder.layer_norm', units),
  ]
}

function block(name: string, { d_model: units, encoder_ffn_dim: inner }: WhisperConfig) {
  const square = [units, units]
  return [
    ...norm(`${name}.self_attn_layer_norm`, units),
    ...weighted(`${name}.self_attn.q_proj`, square),
    // The key alone has no bias: the softmax would not see it.
    weighted(`${name}.self_attn.k_proj`, square)[0],
    ...weighted(`${name}.self_attn.v_proj`, square),
    ...weighted(`${name}.self_attn.out_proj`, square),
    ...norm(`${name}.final_layer_norm`, units),
    ...weighted(`${name}.fc1`, [inner, units]),
    ...weighted(`${name}.fc2`, [units, inner]),
  ]
}

function weighted(name: string, shape: readonly number[]): TensorSpec[] {
  const initial = { uniform: 1 / Math.sqrt(sizeOf(shape.slice(1))) }
  return [
    { name: `${name}.weight`, shape, initial },
    { name: `${name}.bias`, shape: [shape[0]], initial },
  ]
}

const norm = (name: string, units: number): TensorSpec[] => [
  { name: `${name}.weight`, shape: [units], initial: { constant: 1 } },
  { name: `${name}.bias`, shape: [units], initial: { constant: 0 } },
]

/**
 * Finds every tensor of the encoder among those stored, checks its shape and type, and that the encoder has no other.
 * The decoder and heads may stand beside it.
 * @throws HeschlError CHECKPOINT_INVALID, CONFIG_UNSUPPORTED
 */
export function checkWhisperTensors(config: WhisperConfig, stored: StoredTensors): Weights {
  const prefix = findPrefix('encoder.conv1.weight', 'Whisper', stored)
  const entries = new Map(
    whisperTensors(config).map(({ name, shape }) => [name, checkTensor(prefix + name, shape, stored)]),
  )
  for (const [tensor, { shape, shown }] of stored.tensors) {
    const name = tensor.slice(prefix.length)
    if (!tensor.startsWith(`${prefix}encoder.`) || entries.has(name)) continue
    throw new HeschlError('CHECKPOINT_INVALID', 'A tensor has no place in the model that config.json describes', {
      expected: `the ${entries.size} tensors of that encoder, and a decoder or heads beside it`,
      found: `${tensor} [${shape.join(', ')}]`,
      where: { file: shown, tensor },
      remedy: 'Check that config.json and the weights belong together; a shortened model has to be saved anew',
    })
  }
  return { place: placesOf(entries), read: (name) => readTensor(entries.get(name)!) }
}
