/** Whisper's encoder before training. */
import { checkSeed, drawn } from '../draw.ts'
import type { Weights } from '../weights.ts'
import { parseWhisperConfig, type WhisperConfig } from './config.ts'
import { positions, whisperTensors } from './tensors.ts'

/** Radford et al. 2022, table 1: blocks, units and heads; 80 bands. What is left out is the format's default, `tiny`. */
export const whisperArchitectures: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'whisper-tiny': {},
  'whisper-base': { d_model: 512, encoder_layers: 6, encoder_attention_heads: 8, encoder_ffn_dim: 2048 },
  'whisper-small': { d_model: 768, encoder_layers: 12, encoder_attention_heads: 12, encoder_ffn_dim: 3072 },
}

/**
 * @param architecture a name in `whisperArchitectures`
 * @throws HeschlError OPTION_INVALID (seed)
 */
export function untrainedWhisper(
  architecture: string,
  seed: number,
): { readonly config: WhisperConfig; readonly weights: Weights } {
  checkSeed(seed)
  const json = JSON.stringify({ model_type: 'whisper', ...whisperArchitectures[architecture] })
  const config = parseWhisperConfig(json, architecture)
  const random = drawn(whisperTensors(config), seed)
  return {
    config,
    weights: { ...random, read: (name) => (name === positions ? sinusoids(config) : random.read(name)) },
  }
}

/** [frames, units]: sin(f ωᵢ), then cos(f ωᵢ), with ωᵢ from 1 to 1/10,000, evenly spaced in their logarithms. */
function sinusoids({ max_source_positions: frames, d_model: units }: WhisperConfig): Float32Array {
  const half = units / 2
  return Float32Array.from({ length: frames * units }, (_, i) => {
    const [frame, unit] = [Math.floor(i / units), i % units]
    const angle = frame * 10_000 ** (-(unit % half) / (half - 1))
    return unit < half ? Math.sin(angle) : Math.cos(angle)
  })
}
