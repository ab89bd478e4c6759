/** Opens a model: description, files, and the ONNX Runtime session that computes its layers. */
import { existsSync } from 'node:fs'
import { HeschlError } from '../errors.ts'
import { checkpointFiles } from './checkpoint.ts'
import { layersNamed } from './layers.ts'
import type { Stages } from './network.ts'
import { resolveNetwork } from './networks.ts'
import { onnxFiles } from './onnxFile.ts'
import { weightFiles } from './shards.ts'
import type { Provider } from './providers.ts'
import { stagedRecording } from './staged.ts'
import type { ModelDescription, ModelSource, Norm, SpeechModel } from './types.ts'
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
 * @param options.norm over what norms over time are; each window where it is left out
 * @throws HeschlError as `describeModel`, OPTION_INVALID for a layer or a norm that the model does not have, and
 *   PROVIDER_UNAVAILABLE
 */
export async function openModel(
  source: ModelSource,
  options: {
    readonly layers: readonly string[]
    readonly threads?: number
    readonly provider?: Provider
    readonly norm?: Norm
  },
): Promise<SpeechModel> {
  const network = await resolveNetwork(source)
  const { description } = network
  const layers = layersNamed(description, options.layers)
  const { norm = 'window', provider = 'cpu' } = options
  if (norm === 'recording' && !network.stages) throw noSuchNorm(description)
  const stages = network.stages?.(layers, norm)
  if (stages) return openStages(stages, description, layers, { ...options, provider })
  const session = await openSession(network.emit(layers), options)
  return {
    description,
    provider,
    differenceFromCpu: () => session.difference()?.largest,
    async run(samples) {
      const outputs = await session.run(network.inputs(samples))
      return network.take ? network.take(outputs, layers, samples.length) : takeOutputs(outputs, layers)
    },
    close: () => session.release(),
  }
}

async function openStages(
  stages: Stages,
  description: ModelDescription,
  names: readonly string[],
  options: { readonly threads?: number; readonly provider: Provider },
): Promise<SpeechModel> {
  const front = await openSession(stages.front, options)
  const encoder = stages.encoder && (await openSession(stages.encoder, options))
  const runs = { front: front.run, encoder: encoder?.run }
  const layers = description.layers.filter(({ name }) => names.includes(name))
  const recording = (samples: Float32Array) => stagedRecording(stages, runs, samples, layers)
  return {
    description,
    provider: options.provider,
    differenceFromCpu() {
      const differences = [front, encoder].flatMap((session) => session?.difference()?.largest ?? [])
      return differences.length > 0 ? Math.max(...differences) : undefined
    },
    async run(samples) {
      stages.check(samples)
      const pieces = await recording(samples).window(0, samples.length)
      return new Map([...pieces].map(([name, { activation }]) => [name, activation]))
    },
    recording,
    async close() {
      await Promise.all([front.release(), encoder?.release()])
    },
  }
}

const noSuchNorm = ({ description }: ModelDescription) =>
  new HeschlError('OPTION_INVALID', 'The norms of this model are not over a whole recording', {
    expected: '`norm: recording` with wav2vec 2.0, HuBERT, WavLM or data2vec-audio',
    found: description,
    remedy: 'Set `norm: window`',
  })
