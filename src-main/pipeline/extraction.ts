import {
  CodePerplexity,
  framesIn,
  layersNamed,
  passBytes,
  describeModel,
  streamActivations,
  windowCost,
} from '../activations/index.ts'
import type { ModelDescription, SpeechModel, WindowProtocol } from '../activations/index.ts'
import { TensorFile } from '../formats/tensorFile.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { audioInfo, loadSpeech } from '../stimuli/index.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import type { OpenModel } from './designs.ts'
import { checkMemory } from './memory.ts'
import type { ExtractTask } from './arrayTasks.ts'

const sampleRate = 16_000

/**
 * The activations of one recording as a safetensors file, float32 [frames, units] a layer. Blocks go to their place in
 * the file as they come, so that memory does not grow with the recording, unless it is run in one pass.
 *
 * @throws HeschlError as `describeModel`, `loadSpeech` and `streamActivations`; OPTION_INVALID where one pass would
 *   need too much memory; DISK_FULL
 */
export async function extractActivations(
  task: ExtractTask,
  models: OpenModel,
  context: StepContext,
): Promise<StepResult> {
  const description = await describeModel(task.source)
  const layers = layersNamed(description, task.layers)
  if ('whole' in task.window) {
    const { seconds } = await audioInfo(task.audio)
    const bytes = await passBytes(task.source, layers, Math.round(seconds * sampleRate))
    checkMemory(`One pass over ${seconds.toFixed(1)} s of audio`, bytes, 'Use windows: --window 10/5')
  }
  const samples = await loadSpeech(task.audio, () => throwIfCancelled(context), task.clipping)
  throwIfCancelled(context)
  const model = await models.get(task.source, layers, task.provider ?? 'cpu', task.norm)
  const began = performance.now()
  const entries = entriesOf(description, layers, samples.length)
  const file = await TensorFile.create(task.out, entries)
  const perplexity = new CodePerplexity()
  const write = async (layer: string, firstFrame: number, block: Matrix32) => {
    if (description.layers.find(({ name }) => name === layer)!.nominal) perplexity.add(block)
    await file.write(layer, firstFrame * block.cols, block.data)
  }
  try {
    await extractWindows(task.window, model, samples, write, context)
  } finally {
    await file.close()
  }
  return {
    arrays: [],
    provenance: {
      model: description.description,
      provider: model.provider,
      differenceFromCpu: model.differenceFromCpu(),
      audio: task.audio,
      audioSeconds: samples.length / sampleRate,
      normalized: description.normalize,
      norm: task.norm,
      windows: windowCost(samples.length, description, task.window),
      layers: entries,
      /** Of the codes chosen over the recording, where `quantizer.indices` is among the layers. */
      codePerplexity: perplexity.value(),
      seconds: (performance.now() - began) / 1000,
    },
  }
}

function extractWindows(
  window: WindowProtocol,
  model: SpeechModel,
  samples: Float32Array,
  onBlock: (layer: string, firstFrame: number, block: Matrix32) => Promise<void>,
  context: StepContext,
) {
  const began = performance.now()
  context.progress({ fraction: 0 })
  return streamActivations(model, samples, {
    ...window,
    onBlock,
    onProgress: (done, total) => {
      const rate = done / ((performance.now() - began) / 1000)
      context.progress({ fraction: done / total, rate: `${rate.toFixed(1)} s of audio/s` })
    },
    cancelled: context.cancelled,
  })
}

/** A layer in the file, and its place in time: frame f is centred on firstCentreSeconds + f · hopSeconds. */
interface LayerEntry {
  readonly name: string
  readonly shape: readonly [frames: number, units: number]
  readonly hopSeconds: number
  readonly firstCentreSeconds: number
}

/** The layers as they are written, in the order of computation. */
function entriesOf(description: ModelDescription, layers: readonly string[], samples: number): readonly LayerEntry[] {
  return description.layers
    .filter(({ name }) => layers.includes(name))
    .map((layer) => ({
      name: layer.name,
      shape: [framesIn(samples, layer), layer.units],
      hopSeconds: layer.hop / sampleRate,
      firstCentreSeconds: layer.firstCentre / sampleRate,
    }))
}
