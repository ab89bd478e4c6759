/** A speech model's architecture, as Hugging Face's `config.json` describes it. */
import { z } from 'zod'
import { HeschlError } from '../errors.ts'
import { notDescribed, parseJsonObject } from './jsonFile.ts'

const count = (most: number) => z.number().int().min(1).max(most)
const perConv = z.array(count(10_000)).min(1).max(32)

/**
 * The keys that decide what is computed. A key that is left out means the default of transformers' config class
 * (`configuration_wav2vec2.py` and its likes), which the format defines: its writers omit such keys. The four classes
 * have the same defaults for the keys that they share, but for the positional ones of data2vec-audio.
 * Upper bounds keep a hostile file from asking for absurd work; no published model comes near them.
 */
const shared = {
  hidden_size: count(65_536).default(768),
  num_hidden_layers: count(256).default(12),
  num_attention_heads: count(1024).default(12),
  intermediate_size: count(262_144).default(3072),
  layer_norm_eps: z.number().positive().max(1).default(1e-5),
  conv_dim: perConv.default([512, 512, 512, 512, 512, 512, 512]),
  conv_stride: perConv.default([5, 2, 2, 2, 2, 2, 2]),
  conv_kernel: perConv.default([10, 3, 3, 3, 3, 2, 2]),
  conv_bias: z.boolean().default(false),
  num_conv_pos_embedding_groups: count(65_536).default(16),
  /** SD of untrained linear weights; changes nothing in a checkpoint. fairseq's constant is the default. */
  initializer_range: z.number().positive().max(10).default(0.02),
}

/** What data2vec-audio has no choice of, or says in another way. */
const chosen = {
  feat_extract_norm: z.enum(['group', 'layer']).default('group'),
  do_stable_layer_norm: z.boolean().default(false),
  /** The kernel of the positional convolution. */
  num_conv_pos_embeddings: count(10_000).default(128),
}

function checkShared(config: z.output<z.ZodObject<typeof shared>>, context: z.RefinementCtx): void {
  const problem = (message: string) => context.addIssue({ code: 'custom', message })
  const { conv_dim: dims, conv_stride: strides, conv_kernel: kernels, hidden_size: hidden } = config
  if (dims.length !== strides.length || dims.length !== kernels.length) {
    problem('conv_dim, conv_stride and conv_kernel must have one entry a layer each')
  }
  // The norm that is folded into it takes time and memory by its square (channelNorm.ts); published ones are 10 long.
  if (kernels[0] > 400) problem('the first kernel is longer than 400 samples')
  if (strides.reduce((a, b) => a * b, 1) > 160_000) problem('the strides multiply to more than ten seconds a frame')
  if (hidden % config.num_attention_heads !== 0) problem('hidden_size must be a multiple of num_attention_heads')
  if (hidden % config.num_conv_pos_embedding_groups !== 0) {
    problem('hidden_size must be a multiple of num_conv_pos_embedding_groups')
  }
}

const schemas = {
  wav2vec2: z
    .object({
      model_type: z.literal('wav2vec2'),
      ...shared,
      ...chosen,
      // Of the quantizer, which pre-training checkpoints have.
      num_codevectors_per_group: count(65_536).default(320),
      num_codevector_groups: count(64).default(2),
      codevector_dim: count(65_536).default(256),
      proj_codevector_dim: count(65_536).default(256),
    })
    .superRefine(checkShared),
  hubert: z
    .object({
      model_type: z.literal('hubert'),
      ...shared,
      ...chosen,
      feat_proj_layer_norm: z.boolean().default(true),
      conv_pos_batch_norm: z.boolean().default(false),
    })
    .superRefine(checkShared),
  wavlm: z
    .object({
      model_type: z.literal('wavlm'),
      ...shared,
      ...chosen,
      num_buckets: count(65_536).min(4).default(320),
      max_bucket_distance: count(100_000).default(800),
    })
    .superRefine(checkShared)
    .refine((c) => c.max_bucket_distance > c.num_buckets / 4, {
      message: 'max_bucket_distance must be more than a quarter of num_buckets',
    }),
  'data2vec-audio': z
    .object({
      model_type: z.literal('data2vec-audio'),
      ...shared,
      /** The number of positional convolutions, not a kernel as elsewhere. */
      num_conv_pos_embeddings: count(64).default(5),
      conv_pos_kernel_size: count(10_000).default(19),
    })
    .superRefine(checkShared)
    // Its classes look at neither key: convolutions have layer norms, blocks are post-norm.
    .transform((config) => ({ ...config, feat_extract_norm: 'layer' as const, do_stable_layer_norm: false })),
}

type ModelType = keyof typeof schemas

/** The families that Heschl computes, by `model_type`, with their names in words. */
export const families: Readonly<Record<ModelType, string>> = {
  wav2vec2: 'wav2vec 2.0',
  hubert: 'HuBERT',
  wavlm: 'WavLM',
  'data2vec-audio': 'data2vec-audio',
}

/** Hugging Face's names, so that a reader can put this beside the file and the reference implementation. */
export type SpeechConfig = z.output<(typeof schemas)[ModelType]>

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
export function parseConfig(text: string, file: string): SpeechConfig {
  const json = parseJsonObject(text, file)
  const type = json.model_type
  if (!isModelType(type)) {
    throw new HeschlError('CONFIG_UNSUPPORTED', 'Heschl does not compute this kind of model', {
      expected: `"model_type": ${[...Object.keys(families), 'whisper'].map(brief).join(' or ')}`,
      found: type === undefined ? 'no model_type' : `"model_type": ${brief(type)}`,
      where: { file },
      remedy:
        type === 'gpt2'
          ? 'This model reads: give it words instead of audio'
          : `Use a checkpoint of one of these: ${Object.values(families).join(', ')}, Whisper`,
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
  const parsed = schemas[type].safeParse(json)
  if (parsed.success) return parsed.data
  throw notDescribed(`a ${families[type]}`, parsed.error.issues, file)
}

const isModelType = (type: unknown): type is ModelType => typeof type === 'string' && Object.hasOwn(schemas, type)

const brief = (value: unknown) => String(JSON.stringify(value)).slice(0, 80)
