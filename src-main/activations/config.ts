/** A wav2vec 2.0 architecture, as Hugging Face's `config.json` describes it. */
import { z } from 'zod'
import { HeschlError } from '../errors.ts'

const count = (most: number) => z.number().int().min(1).max(most)
const perConv = z.array(count(10_000)).min(1).max(32)

/**
 * The keys that decide what is computed. A key that is left out means the default of transformers'
 * `Wav2Vec2Config` (`configuration_wav2vec2.py`), which the format defines: its writers omit such keys.
 * Upper bounds keep a hostile file from asking for absurd work; no published model comes near them.
 */
const schema = z
  .object({
    hidden_size: count(65_536).default(768),
    num_hidden_layers: count(256).default(12),
    num_attention_heads: count(1024).default(12),
    intermediate_size: count(262_144).default(3072),
    layer_norm_eps: z.number().positive().max(1).default(1e-5),
    feat_extract_norm: z.enum(['group', 'layer']).default('group'),
    conv_dim: perConv.default([512, 512, 512, 512, 512, 512, 512]),
    conv_stride: perConv.default([5, 2, 2, 2, 2, 2, 2]),
    conv_kernel: perConv.default([10, 3, 3, 3, 3, 2, 2]),
    conv_bias: z.boolean().default(false),
    num_conv_pos_embeddings: count(10_000).default(128),
    num_conv_pos_embedding_groups: count(65_536).default(16),
    do_stable_layer_norm: z.boolean().default(false),
    /** SD of untrained linear weights; changes nothing in a checkpoint. fairseq's constant is the default. */
    initializer_range: z.number().positive().max(10).default(0.02),
  })
  .refine((c) => c.conv_dim.length === c.conv_stride.length && c.conv_dim.length === c.conv_kernel.length, {
    message: 'conv_dim, conv_stride and conv_kernel must have one entry a layer each',
  })
  .refine((c) => c.conv_stride.reduce((a, b) => a * b, 1) <= 160_000, {
    message: 'the strides multiply to more than ten seconds a frame',
  })
  .refine((c) => c.hidden_size % c.num_attention_heads === 0, {
    message: 'hidden_size must be a multiple of num_attention_heads',
  })
  .refine((c) => c.hidden_size % c.num_conv_pos_embedding_groups === 0, {
    message: 'hidden_size must be a multiple of num_conv_pos_embedding_groups',
  })

/** Hugging Face's names, so that a reader can put this beside the file and the reference implementation. */
export type Wav2Vec2Config = z.output<typeof schema>

/** What changes the computation in a way that Heschl does not follow. */
const fixed: Readonly<Record<string, { readonly supported: unknown; readonly what: string }>> = {
  hidden_act: { supported: 'gelu', what: 'activation of the blocks' },
  feat_extract_activation: { supported: 'gelu', what: 'activation of the convolutions' },
  add_adapter: { supported: false, what: 'convolutional adapter after the encoder' },
  adapter_attn_dim: { supported: null, what: 'adapters inside the blocks' },
}

/**
 * @param text config.json as written
 * @param file for messages
 * @throws HeschlError CHECKPOINT_INVALID (not JSON, or a value that makes no sense), CONFIG_UNSUPPORTED
 */
export function parseConfig(text: string, file: string): Wav2Vec2Config {
  const json = parseJsonObject(text, file)
  if (json.model_type !== 'wav2vec2') {
    throw new HeschlError('CONFIG_UNSUPPORTED', 'Heschl does not compute this kind of model', {
      expected: '"model_type": "wav2vec2"',
      found: json.model_type === undefined ? 'no model_type' : `"model_type": ${brief(json.model_type)}`,
      where: { file },
      remedy: 'Use a wav2vec 2.0 checkpoint',
    })
  }
  for (const [key, { supported, what }] of Object.entries(fixed)) {
    const value = json[key] ?? supported
    if (value === supported) continue
    throw new HeschlError('CONFIG_UNSUPPORTED', `Heschl does not compute this ${what}`, {
      expected: `"${key}": ${brief(supported)}`,
      found: `"${key}": ${brief(value)}`,
      where: { file },
      remedy: 'Use a checkpoint without it',
    })
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new HeschlError('CHECKPOINT_INVALID', 'config.json does not describe a wav2vec 2.0 model', {
    expected: "values as transformers' Wav2Vec2Config takes them",
    found: parsed.error.issues
      .map(({ path, message }) => (path.length ? `${path.join('.')}: ` : '') + message)
      .join('; '),
    where: { file },
    remedy: 'Restore the config.json that belongs to the weights',
  })
}

/** @throws HeschlError CHECKPOINT_INVALID */
export function parseJsonObject(text: string, file: string): Record<string, unknown> {
  let found = 'another JSON value'
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>
  } catch (thrown) {
    found = thrown instanceof Error ? thrown.message : String(thrown)
  }
  throw new HeschlError('CHECKPOINT_INVALID', 'A file of the checkpoint is not what it should be', {
    expected: 'a JSON object',
    found,
    where: { file },
    remedy: 'Copy or download the file again',
  })
}

const brief = (value: unknown) => String(JSON.stringify(value)).slice(0, 80)
