import { openCheckpoint } from './checkpoint.ts'
import { layersOf } from './layers.ts'
import { sizeOf, tensorsOf } from './tensors.ts'
import type { ModelSource } from './types.ts'
import { untrained } from './untrained.ts'
import { framesIn } from './window.ts'

/** Copies of the largest layer that are held at a time: a convolution's input and output, its norm's and GELU's. */
const copies = 4
/** Of a process that has ONNX Runtime loaded and does nothing, bytes. */
const processBytes = 0.15e9

/**
 * Memory of one pass over so many samples, bytes: the weights, the layers asked for, the largest layer as often as ONNX
 * Runtime holds it, and attention's scores before and after the softmax. Of 30 s through wav2vec2-base it is 1.99 GB
 * for all layers and 1.54 GB for the last; the process's peak was 1.78 and 1.48 GB.
 * @throws HeschlError as `describeModel`
 */
export async function passBytes(source: ModelSource, layers: readonly string[], samples: number): Promise<number> {
  const { config } =
    'checkpoint' in source ? await openCheckpoint(source.checkpoint) : untrained(source.architecture, source.seed)
  const weights = tensorsOf(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const described = layersOf(config)
  const sizes = new Map(described.map((layer) => [layer.name, framesIn(samples, layer) * layer.units]))
  const kept = layers.reduce((sum, name) => sum + sizes.get(name)!, 0)
  const largest = [...sizes.values()].reduce((most, size) => Math.max(most, size), 0)
  const scores = config.num_attention_heads * framesIn(samples, described.at(-1)!) ** 2
  // WavLM's gated positions and their bias are as large as the scores.
  const scoreCopies = config.model_type === 'wavlm' ? 4 : 2
  return processBytes + 4 * (weights + samples + kept + copies * largest + scoreCopies * scores)
}
