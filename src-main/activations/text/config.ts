/** GPT-2's architecture, as Hugging Face's `config.json` describes it. */
import { z } from 'zod'
import { HeschlError } from '../../errors.ts'
import { notDescribed, parseJsonObject } from '../jsonFile.ts'

const count = (most: number) => z.number().int().min(1).max(most)

/** What a block's activation is called, and ONNX's Gelu or Relu that computes it. */
export const activations = {
  /** OpenAI's: 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
  gelu_new: { op: 'Gelu', approximate: 'tanh' },
  gelu_pytorch_tanh: { op: 'Gelu', approximate: 'tanh' },
  gelu: { op: 'Gelu', approximate: 'none' },
  relu: { op: 'Relu', approximate: undefined },
} as const

/**
 * The keys that decide what is computed; one that is left out means the default of transformers' `GPT2Config`, which
 * is the smallest GPT-2. `reorder_and_upcast_attn` is not among them: in float32 it changes no product.
 */
const schema = z
  .object({
    model_type: z.literal('gpt2'),
    vocab_size: count(10_000_000).default(50_257),
    n_positions: count(1_000_000).default(1024),
    n_embd: count(65_536).default(768),
    n_layer: count(256).default(12),
    n_head: count(1024).default(12),
    n_inner: count(262_144).nullish(),
    activation_function: z.enum(['gelu_new', 'gelu_pytorch_tanh', 'gelu', 'relu']).default('gelu_new'),
    layer_norm_epsilon: z.number().positive().max(1).default(1e-5),
    scale_attn_weights: z.boolean().default(true),
    scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  })
  .refine((c) => c.n_embd % c.n_head === 0, { message: 'n_embd must be a multiple of n_head' })
  .transform((config) => ({ ...config, n_inner: config.n_inner ?? 4 * config.n_embd }))

/** Hugging Face's names, so that a reader can put this beside the file and the reference implementation. */
export type Gpt2Config = z.output<typeof schema>

/** Other names that transformers takes for the same keys (`GPT2Config.attribute_map`). */
const aliases: Readonly<Record<string, string>> = {
  hidden_size: 'n_embd',
  max_position_embeddings: 'n_positions',
  num_attention_heads: 'n_head',
  num_hidden_layers: 'n_layer',
}

/**
 * @param text config.json as written
 * @param file for messages
 * @throws HeschlError CHECKPOINT_INVALID (not JSON, or a value that makes no sense), CONFIG_UNSUPPORTED
 */
export function parseGpt2Config(text: string, file: string): Gpt2Config {
  const json = parseJsonObject(text, file)
  if (json.model_type !== 'gpt2') {
    throw new HeschlError('CONFIG_UNSUPPORTED', 'This is not a model that reads words', {
      expected: '"model_type": "gpt2"',
      found: `"model_type": ${String(JSON.stringify(json.model_type)).slice(0, 80)}`,
      where: { file },
      remedy: 'Use a GPT-2 model; one that hears speech takes audio instead',
    })
  }
  const { add_cross_attention: crossed = false, activation_function: activation = 'gelu_new' } = json
  if (crossed !== false) throw unsupported(file, 'attention to another model', 'add_cross_attention', crossed, 'false')
  if (typeof activation === 'string' && !Object.hasOwn(activations, activation)) {
    const known = Object.keys(activations).map((name) => JSON.stringify(name))
    throw unsupported(file, 'activation of the blocks', 'activation_function', activation, known.join(' or '))
  }
  const named = Object.entries(aliases).flatMap(([alias, name]) => (alias in json ? [[name, json[alias]]] : []))
  const parsed = schema.safeParse({ ...(Object.fromEntries(named) as object), ...json })
  if (parsed.success) return parsed.data
  throw notDescribed('a GPT-2', parsed.error.issues, file)
}

function unsupported(file: string, what: string, key: string, value: unknown, expected: string): HeschlError {
  return new HeschlError('CONFIG_UNSUPPORTED', `Heschl does not compute this ${what}`, {
    expected: `"${key}": ${expected}`,
    found: `"${key}": ${String(JSON.stringify(value)).slice(0, 80)}`,
    where: { file },
    remedy: 'Use a checkpoint without it',
  })
}
