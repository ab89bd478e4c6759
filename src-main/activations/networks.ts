/** From where a model comes from to its network: reads config and headers only, and checks the one against the other. */
import { openCheckpoint } from './checkpoint.ts'
import { families } from './config.ts'
import type { Network } from './network.ts'
import type { ModelSource } from './types.ts'
import { untrained } from './untrained.ts'
import { waveformNetwork } from './waveformNetwork.ts'

/**
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID, CONFIG_UNSUPPORTED,
 *   PICKLE_REFUSED, OPTION_INVALID (architecture or seed)
 */
export async function resolveNetwork(source: ModelSource): Promise<Network> {
  if ('checkpoint' in source) {
    const checkpoint = await openCheckpoint(source.checkpoint)
    return waveformNetwork(checkpoint, families[checkpoint.config.model_type], `from ${source.checkpoint}`)
  }
  const { architecture, seed } = source
  return waveformNetwork(untrained(architecture, seed), architecture, `random weights, seed ${seed}`)
}
