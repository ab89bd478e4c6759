/** Whisper's encoder, as Hugging Face's `config.json` and `preprocessor_config.json` describe it. */
import { z } from 'zod'
import { HeschlError } from '../../errors.ts'
import { notDescribed, parseJsonObject } from '../jsonFile.ts'

const count = (most: number) => z.number().int().min(1).max(most)

/** Embedded frames a second: 16 kHz, one mel frame in 160 samples, one embedded frame in two of those. */
export const framesPerSecond = 50

/**
 * The keys of the encoder that decide what is computed; one that is left out means the default of transformers'
 * `WhisperConfig`. `scale_embedding` is not among them: the encoder does not look at it.
 */
const schema = z
  .object({
    model_type: z.literal('whisper'),
    num_mel_bins: count(512).default(80),
    d_model: count(65_536).min(4).multipleOf(2).default(384),
    encoder_layers: count(256).default(4),
    encoder_attention_heads: count(1024).default(6),
    encoder_ffn_dim: count(262_144).default(1536),
    /** Frames that are embedded, always all of them: 1500, which is 30 s, in every published model. */
    max_source_positions: count(15_000).default(1500),
  })
  .refine((c) => c.d_model % c.encoder_attention_heads === 0, {
    message: 'd_model must be a multiple of encoder_attention_heads',
  })

/** Hugging Face's names, so that a reader can put this beside the file and the reference implementation. */
export type WhisperConfig = z.output<typeof schema>

/**
 * @param text config.json as written
 * @param file for messages
 * @throws HeschlError CHECKPOINT_INVALID (not JSON, or a value that makes no sense), CONFIG_UNSUPPORTED
 */
export function parseWhisperConfig(text: string, file: string): WhisperConfig {
  const json = parseJsonObject(text, file)
  const { activation_function: activation = 'gelu' } = json
  if (activation !== 'gelu') {
    throw new HeschlError('CONFIG_UNSUPPORTED', 'Heschl does not compute this activation of the blocks', {
      expected: '"activation_function": "gelu"',
      found: `"activation_function": ${brief(activation)}`,
      where: { file },
      remedy: 'Use a checkpoint without it',
    })
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw notDescribed('a Whisper', parsed.error.issues, file)
}

/**
 * Holds the front end that a file describes against the one that is computed; a key that is left out means the
 * default of transformers' `WhisperFeatureExtractor`.
 * @param text preprocessor_config.json as written
 * @param file for messages
 * @throws HeschlError CHECKPOINT_INVALID (not JSON), CONFIG_UNSUPPORTED
 */
export function checkFrontEnd(text: string, file: string, config: WhisperConfig): void {
  const json = parseJsonObject(text, file)
  const computed = {
    feature_size: [80, config.num_mel_bins],
    sampling_rate: [16_000, 16_000],
    hop_length: [160, 160],
    n_fft: [400, 400],
    chunk_length: [30, config.max_source_positions / framesPerSecond],
    dither: [0, 0],
    padding_value: [0, 0],
  } as const
  for (const [key, [normal, expected]] of Object.entries(computed)) {
    const found = json[key] ?? normal
    if (found === expected) continue
    throw new HeschlError('CONFIG_UNSUPPORTED', 'The log-mel spectrogram is not one that Heschl computes', {
      expected: `"${key}": ${expected}`,
      found: `"${key}": ${brief(found)}`,
      where: { file },
      remedy: 'Restore the preprocessor_config.json that belongs to the weights',
    })
  }
}

const brief = (value: unknown) => String(JSON.stringify(value)).slice(0, 80)
