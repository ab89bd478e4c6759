/** Opens a model: description, files, and the ONNX Runtime session that computes its layers. */
import { existsSync } from 'node:fs'
import { checkpointFiles } from './checkpoint.ts'
import { layersNamed } from './layers.ts'
import { resolveNetwork } from './networks.ts'
import { onnxFiles } from './onnxFile.ts'
import { weightFiles } from './shards.ts'
import type { Provider } from './providers.ts'
import type { ModelDescription, ModelSource, SpeechModel } from './types.ts'
import { openSession } from './verified.ts'
import { takeOutputs } from './window.ts'

/**
 * Files whose bytes define the model; none for an architecture.
 * @throws HeschlError for an ONNX file that cannot be read
 */
export async function modelFiles(source: ModelSource): Promise<readonly string[]> {
  if ('onnx' in source) return onnxFiles(source.onnx)
  if (!('checkpoint' in source)) return []
  const { config, preprocessor } = checkpointFiles(source.checkpoint)
  return [config, ...weightFiles(source.checkpoint), ...(existsSync(preprocessor) ? [preprocessor] : [])]
}

/**
 * Reads config and headers only, and checks the one against the other.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID, CONFIG_UNSUPPORTED,
 *   PICKLE_REFUSED, OPTION_INVALID (architecture or seed)
 */
export async function describeModel(source: ModelSource): Promise<ModelDescription> {
  return (await resolveNetwork(source)).description
}

/**
 * Memory of one pass over so many samples, in bytes.
 * @throws HeschlError as `describeModel`
 */
export async function passBytes(source: ModelSource, layers: readonly string[], samples: number): Promise<number> {
  return (await resolveNetwork(source)).passBytes(layers, samples)
}

/**
 * Loads the weights that the layers need. Float32 weights of a checkpoint are mapped from its files, not copied.
 * @param options.layers names as `layersNamed` gives them
 * @param options.threads threads within one computation; left out, ONNX Runtime takes one a physical core
 * @param options.provider what computes; the CPU where it is left out
 * @throws HeschlError as `describeModel`, OPTION_INVALID for a layer that the model does not have, and
 *   PROVIDER_UNAVAILABLE
 */
export async function openModel(
  source: ModelSource,
  options: { readonly layers: readonly string[]; readonly threads?: number; readonly provider?: Provider },
): Promise<SpeechModel> {
  const network = await resolveNetwork(source)
  const { description } = network
  const layers = layersNamed(description, options.layers)
  const session = await openSession(network.emit(layers), options)
  return {
    description,
    provider: options.provider ?? 'cpu',
    differenceFromCpu: () => session.difference()?.largest,
    async run(samples) {
      const outputs = await session.run(network.inputs(samples))
      return network.take ? network.take(outputs, layers, samples.length) : takeOutputs(outputs, layers)
    },
    close: () => session.release(),
  }
}
