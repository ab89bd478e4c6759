import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { CodePerplexity, framesIn, layersNamed, passBytes, describeModel, streamActivations } from '../activations/index.ts'
import type { ModelDescription, SpeechModel } from '../activations/index.ts'
import { HeschlError } from '../errors.ts'
import { safetensorsHeader } from '../formats/safetensors.ts'
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
  if (task.window === 'none') {
    const { seconds } = await audioInfo(task.audio)
    const bytes = await passBytes(task.source, layers, Math.round(seconds * sampleRate))
    checkMemory(`One pass over ${seconds.toFixed(1)} s of audio`, bytes, 'Use windows: --window 10/5')
  }
  const samples = await loadSpeech(task.audio, () => throwIfCancelled(context))
  throwIfCancelled(context)
  const model = await models.get(task.source, layers, task.provider ?? 'cpu')
  const began = performance.now()
  const file = await LayerFile.create(task.out, description, layers, samples.length)
  const perplexity = new CodePerplexity()
  const write = async (layer: string, firstFrame: number, block: Matrix32) => {
    if (description.layers.find(({ name }) => name === layer)!.nominal) perplexity.add(block)
    await file.write(layer, firstFrame, block)
  }
  try {
    if (task.window === 'none') {
      context.progress({ fraction: 0 })
      for (const [layer, activation] of await model.run(samples)) await write(layer, 0, activation)
    } else await extractWindows(task.window, model, samples, write, context)
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
      layers: file.layers,
      /** Of the codes chosen over the recording, where `quantizer.indices` is among the layers. */
      codePerplexity: perplexity.value(),
      seconds: (performance.now() - began) / 1000,
    },
  }
}

function extractWindows(
  window: Exclude<ExtractTask['window'], 'none'>,
  model: SpeechModel,
  samples: Float32Array,
  onBlock: (layer: string, firstFrame: number, block: Matrix32) => Promise<void>,
  context: StepContext,
) {
  const began = performance.now()
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

/** A safetensors file whose tensors are filled in any order. */
class LayerFile {
  readonly layers: readonly LayerEntry[]
  readonly #path: string
  readonly #handle: FileHandle
  /** Bytes from the start of the file. */
  readonly #offsets = new Map<string, number>()

  private constructor(path: string, handle: FileHandle, layers: readonly LayerEntry[], dataStart: number) {
    this.#path = path
    this.#handle = handle
    this.layers = layers
    let offset = dataStart
    for (const { name, shape } of layers) {
      this.#offsets.set(name, offset)
      offset += 4 * shape[0] * shape[1]
    }
  }

  static async create(
    path: string,
    description: ModelDescription,
    layers: readonly string[],
    samples: number,
  ): Promise<LayerFile> {
    const entries = description.layers
      .filter(({ name }) => layers.includes(name))
      .map((layer): LayerEntry => ({
        name: layer.name,
        shape: [framesIn(samples, layer), layer.units],
        hopSeconds: layer.hop / sampleRate,
        firstCentreSeconds: layer.firstCentre / sampleRate,
      }))
    const header = safetensorsHeader(entries)
    try {
      const handle = await open(path, 'w')
      await writeAll(handle, header, 0)
      return new LayerFile(path, handle, entries, header.length)
    } catch (error) {
      throw HeschlError.from(error, { file: path })
    }
  }

  /** @param block [frames, units] from frame `firstFrame` on */
  async write(layer: string, firstFrame: number, { data, cols }: Matrix32): Promise<void> {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    try {
      await writeAll(this.#handle, bytes, this.#offsets.get(layer)! + 4 * firstFrame * cols)
    } catch (error) {
      throw HeschlError.from(error, { file: this.#path })
    }
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/** A single write is kept below what any platform takes at once. */
const pieceBytes = 1 << 26

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const length = Math.min(pieceBytes, bytes.length - done)
    const { bytesWritten } = await handle.write(bytes, done, length, position + done)
    done += bytesWritten
  }
}
