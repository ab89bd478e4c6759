/** The untrained regime: random weights of a named architecture. */
import { HeschlError } from '../errors.ts'
import { parseConfig, type SpeechConfig } from './config.ts'
import { checkSeed, drawn } from './draw.ts'
import { didYouMean } from './names.ts'
import { tensorsOf } from './tensors.ts'
import { textArchitectures } from './text/untrained.ts'
import { whisperArchitectures } from './whisper/untrained.ts'

interface Architecture {
  /** As config.json would have it; what is left out is the format's default, which is the base model. */
  readonly config: Readonly<Record<string, unknown>> & { readonly model_type: SpeechConfig['model_type'] }
  readonly normalize: boolean
}

const table: Readonly<Record<string, Architecture>> = {
  /** fairseq's `wav2vec2_base_librispeech`: group norm, post-norm blocks, audio as it is. */
  'wav2vec2-base': { config: { model_type: 'wav2vec2' }, normalize: false },
  /** fairseq's `wav2vec2_large_librivox`, as LV-60 and XLSR: layer norm, pre-norm blocks, normalised audio. */
  'wav2vec2-large': {
    config: {
      model_type: 'wav2vec2',
      hidden_size: 1024,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      intermediate_size: 4096,
      feat_extract_norm: 'layer',
      conv_bias: true,
      do_stable_layer_norm: true,
    },
    normalize: true,
  },
  /** fairseq's `hubert_base_librispeech`: wav2vec 2.0's base under another training. */
  'hubert-base': { config: { model_type: 'hubert' }, normalize: false },
  /** unilm's `WavLM-Base`, as transformers' `WavLMConfig` has it: relative positions in 320 buckets up to 800 frames. */
  'wavlm-base': { config: { model_type: 'wavlm' }, normalize: false },
  /** fairseq's `data2vec/config/audio/pretraining/base_librispeech`: layer norm, post-norm blocks, normalised audio. */
  'data2vec-audio-base': { config: { model_type: 'data2vec-audio' }, normalize: true },
  /**
   * The base model's shape in time at a size that runs the demo study in seconds. Heschl's own; not published. Its
   * linear weights are drawn wider than the base model's: at this size an SD of 0.02 leaves the residual stream almost
   * as it was (ridge predicts the last block from the first at r = 0.99), and no analysis could tell the blocks apart.
   */
  'wav2vec2-demo': {
    config: {
      model_type: 'wav2vec2',
      hidden_size: 160,
      num_hidden_layers: 8,
      num_attention_heads: 4,
      intermediate_size: 640,
      conv_dim: [96, 96, 96, 96, 96, 96, 96],
      initializer_range: 0.1,
    },
    normalize: false,
  },
}

export const architectures: readonly string[] = [...Object.keys(table), ...Object.keys(whisperArchitectures)]

/** @throws HeschlError OPTION_INVALID for a name of no model that takes the waveform, or a seed out of range */
export function untrained(architecture: string, seed: number) {
  if (!Object.hasOwn(table, architecture)) {
    const all = [...architectures, ...Object.keys(textArchitectures)]
    throw new HeschlError('OPTION_INVALID', `There is no architecture "${architecture}"`, {
      expected: all.join(', '),
      found: architecture,
      remedy: didYouMean(architecture, all) ?? 'Name one of these',
    })
  }
  checkSeed(seed)
  const { config: values, normalize } = table[architecture]
  const config = parseConfig(JSON.stringify(values), architecture)
  return { config, normalize, weights: drawn(tensorsOf(config), seed) }
}
