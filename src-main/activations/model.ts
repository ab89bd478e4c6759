/** Opens a model: description, files, and the ONNX Runtime session that computes its layers. */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { checkpointFiles, openCheckpoint } from './checkpoint.ts'
import { families, type SpeechConfig } from './config.ts'
import { layersNamed, layersOf } from './layers.ts'
import { weightFiles } from './shards.ts'
import { sizeOf, tensorsOf } from './tensors.ts'
import type { ModelDescription, ModelSource, SpeechModel } from './types.ts'
import { untrained } from './untrained.ts'
import { audioInput, emitSpeechModel } from './speechModel.ts'
import type { Weights } from './weights.ts'
import { prepareWindow, takeOutputs } from './window.ts'

/** Files whose bytes define the model; none for an architecture. */
export function modelFiles(source: ModelSource): readonly string[] {
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
  return (await resolve(source)).description
}

interface Resolved {
  readonly config: SpeechConfig
  readonly weights: Weights
  readonly description: ModelDescription
}

async function resolve(source: ModelSource): Promise<Resolved> {
  const isCheckpoint = 'checkpoint' in source
  const { config, normalize, weights } = isCheckpoint
    ? await openCheckpoint(source.checkpoint)
    : untrained(source.architecture, source.seed)
  const parameters = tensorsOf(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const what = isCheckpoint ? families[config.model_type] : source.architecture
  const from = isCheckpoint ? `from ${source.checkpoint}` : `random weights, seed ${source.seed}`
  const description: ModelDescription = {
    description: `${what}, ${config.num_hidden_layers} blocks of ${config.hidden_size} units, ${from}`,
    layers: layersOf(config),
    parameters,
    sampleRate: 16000,
    normalize,
  }
  return { config, weights, description }
}

/**
 * Loads the weights that the layers need. Float32 weights of a checkpoint are mapped from its files, not copied.
 * @param options.layers names as `layersNamed` gives them
 * @param options.threads threads within one computation; left out, ONNX Runtime takes one a physical core
 * @throws HeschlError as `describeModel`, and OPTION_INVALID for a layer that the model does not have
 */
export async function openModel(
  source: ModelSource,
  options: { readonly layers: readonly string[]; readonly threads?: number },
): Promise<SpeechModel> {
  const { config, weights, description } = await resolve(source)
  const layers = layersNamed(description, options.layers)
  const { model, memory } = emitSpeechModel(config, weights, new Set(layers))
  const file = weights.place(tensorsOf(config)[0].name)?.file
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    externalData: memory,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    extra: {
      session: {
        // Copies of the weights in another layout: 0.3 GB and 1.5 s to open a base model, and no faster to run.
        disable_prepacking: '1',
        ...(file === undefined ? {} : { model_external_initializers_file_folder_path: dirname(file) }),
      },
    },
  })
  return {
    description,
    provider: 'cpu',
    async run(samples) {
      const window = prepareWindow(samples, config, description)
      const input = new Tensor('float32', window, [window.length])
      return takeOutputs(await session.run({ [audioInput]: input }, [...layers]), layers)
    },
    close: () => session.release(),
  }
}
