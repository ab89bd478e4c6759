/** From where a model comes from to its network: reads config and headers only, and checks the one against the other. */
import { modelTypeOf, openCheckpoint } from './checkpoint.ts'
import { families } from './config.ts'
import { HeschlError } from '../errors.ts'
import type { Network } from './network.ts'
import { onnxNetwork } from './onnxNetwork.ts'
import { textArchitectures } from './text/untrained.ts'
import type { ModelSource } from './types.ts'
import { architectures, untrained } from './untrained.ts'
import { waveformNetwork } from './waveformNetwork.ts'
import { randomWhisper, whisperCheckpoint } from './whisper/network.ts'
import { whisperArchitectures } from './whisper/untrained.ts'

/**
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID, CONFIG_UNSUPPORTED,
 *   PICKLE_REFUSED, OPTION_INVALID (architecture, seed or tokenizer)
 */
export async function resolveNetwork(source: ModelSource): Promise<Network> {
  if ('checkpoint' in source) {
    const folder = source.checkpoint
    if ((await modelTypeOf(folder)) === 'whisper') return whisperCheckpoint(folder)
    const checkpoint = await openCheckpoint(folder)
    return waveformNetwork(checkpoint, families[checkpoint.config.model_type], `from ${folder}`)
  }
  if ('onnx' in source) return onnxNetwork(source)
  const { architecture, seed } = source
  if (Object.hasOwn(textArchitectures, architecture)) {
    throw new HeschlError('OPTION_INVALID', 'This architecture reads words', {
      expected: 'one that hears speech',
      found: architecture,
      remedy: 'Give it words and a tokenizer instead of audio',
    })
  }
  if (source.tokenizer !== undefined && architectures.includes(architecture)) {
    throw new HeschlError('OPTION_INVALID', 'A model that hears speech takes no tokenizer', {
      expected: `a tokenizer with ${Object.keys(textArchitectures).join(', ')} alone`,
      found: architecture,
      remedy: 'Remove the tokenizer',
    })
  }
  if (Object.hasOwn(whisperArchitectures, architecture)) return randomWhisper(architecture, seed)
  return waveformNetwork(untrained(architecture, seed), architecture, `random weights, seed ${seed}`)
}
