/**
 * Every weight of GPT-2: name, shape and what it is before training; found in a checkpoint and checked.
 *
 * Initial distributions: OpenAI's `gpt-2/src/model.py` (`model`, `conv1d`, `norm`) and section 2.3 of Radford et al. 2019:
 * - the tokens' embedding and linear layers: N(0, 0.02²), bias 0; the positions' embedding: N(0, 0.01²);
 * - linear layers whose output is added to the residual stream (`attn.c_proj`, `mlp.c_proj`): N(0, 0.02² / (2 · blocks)),
 *   as the paper says. The released code, which cannot train, leaves that factor out; transformers has it too;
 * - norms: weight 1, bias 0.
 * transformers 5.23 draws the positions with 0.02 (`_init_weights`; test/reference/initialisation). The original is followed.
 */
import { HeschlError } from '../../errors.ts'
import type { StoredTensors } from '../shards.ts'
import { checkTensor, findPrefix, placesOf, readTensor } from '../storedTensors.ts'
import type { TensorSpec } from '../tensors.ts'
import type { Weights } from '../weights.ts'
import type { Gpt2Config } from './config.ts'

const deviation = 0.02

/** In the order of computation; linear weights are [inputs, outputs] (transformers' Conv1D). */
export function gpt2Tensors(config: Gpt2Config): readonly TensorSpec[] {
  const { vocab_size: vocabulary, n_positions: positions, n_embd: units } = config
  return [
    { name: 'wte.weight', shape: [vocabulary, units], initial: { normal: deviation } },
    { name: 'wpe.weight', shape: [positions, units], initial: { normal: 0.01 } },
    ...Array.from({ length: config.n_layer }, (_, i) => block(`h.${i}`, config)).flat(),
    ...norm('ln_f', units),
  ]
}

function block(name: string, { n_embd: units, n_inner: inner, n_layer: blocks }: Gpt2Config): readonly TensorSpec[] {
  const residual = deviation / Math.sqrt(2 * blocks)
  return [
    ...norm(`${name}.ln_1`, units),
    ...linear(`${name}.attn.c_attn`, units, 3 * units, deviation),
    ...linear(`${name}.attn.c_proj`, units, units, residual),
    ...norm(`${name}.ln_2`, units),
    ...linear(`${name}.mlp.c_fc`, units, inner, deviation),
    ...linear(`${name}.mlp.c_proj`, inner, units, residual),
  ]
}

const norm = (name: string, units: number): TensorSpec[] => [
  { name: `${name}.weight`, shape: [units], initial: { constant: 1 } },
  { name: `${name}.bias`, shape: [units], initial: { constant: 0 } },
]

const linear = (name: string, inputs: number, outputs: number, normal: number): TensorSpec[] => [
  { name: `${name}.weight`, shape: [inputs, outputs], initial: { normal } },
  { name: `${name}.bias`, shape: [outputs], initial: { constant: 0 } },
]

/** Causal masks that older files store as buffers. */
const masks = /^h\.\d+\.attn\.(bias|masked_bias)$/

/**
 * Finds every tensor of the config among those stored, checks its shape and type, and that there is no other of the
 * same model. Heads (`lm_head` and the like) may stand beside it.
 * @throws HeschlError CHECKPOINT_INVALID, CONFIG_UNSUPPORTED
 */
export function checkGpt2Tensors(config: Gpt2Config, stored: StoredTensors): Weights {
  const prefix = findPrefix('wte.weight', 'GPT-2', stored)
  const entries = new Map(
    gpt2Tensors(config).map(({ name, shape }) => [name, checkTensor(prefix + name, shape, stored)]),
  )
  for (const [tensor, { shape, shown }] of stored.tensors) {
    const name = tensor.slice(prefix.length)
    if (!tensor.startsWith(prefix) || !/^(h|wte|wpe|ln_f)\./.test(name)) continue
    if (entries.has(name) || masks.test(name)) continue
    throw new HeschlError('CHECKPOINT_INVALID', 'A tensor has no place in the model that config.json describes', {
      expected: `the ${entries.size} tensors of that model, and heads beside it`,
      found: `${tensor} [${shape.join(', ')}]`,
      where: { file: shown, tensor },
      remedy: 'Check that config.json and the weights belong together; a shortened model has to be saved anew',
    })
  }
  return { place: placesOf(entries), read: (name) => readTensor(entries.get(name)!) }
}
