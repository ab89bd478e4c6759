import { framesIn, openModel, passBytes, streamActivations } from '../activations/index.ts'
import type { ModelSource, Norm, SpeechModel } from '../activations/index.ts'
import type { Provider } from '../activations/providers.ts'
import { acousticSpaces } from '../features/acoustic.ts'
import { framesOf, hopSeconds, inBlocks } from '../features/frames.ts'
import type { FrameWriter } from '../features/frames.ts'
import { transcribedSpaces } from '../features/transcribed.ts'
import { loadSpeech, readTokens } from '../stimuli/index.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { named, regressorsFor } from './designRegressors.ts'
import type { FrameSink } from './designRegressors.ts'
import { checkMemory } from './memory.ts'
import type { DesignTask } from './tasks.ts'
import { onePass, protocolOf, wholeRemedy } from './windowProtocol.ts'
import { computeWordDesign, WordSources } from './wordDesigns.ts'

const sampleRate = 16_000

/** The model opened last, since the runs of a study ask for the same one, one after the other. */
export class OpenModel {
  readonly words: WordSources
  #key = ''
  #model: SpeechModel | undefined
  readonly #threads: number

  constructor(threads: number) {
    this.words = new WordSources(threads)
    this.#threads = threads
  }

  async get(source: ModelSource, layers: readonly string[], provider: Provider, norm: Norm): Promise<SpeechModel> {
    const key = JSON.stringify([source, layers, provider, norm])
    if (this.#model && key === this.#key) return this.#model
    await this.close()
    this.#model = await openModel(source, { layers, threads: this.#threads, provider, norm })
    this.#key = key
    return this.#model
  }

  async close(): Promise<void> {
    await Promise.all([this.closeSpeech(), this.words.close()])
  }

  async closeSpeech(): Promise<void> {
    const model = this.#model
    this.#model = undefined
    this.#key = ''
    await model?.close()
  }
}

/** The design matrices of one run: audio -> activations -> min–max -> HRF -> volumes, streamed (DESIGN: idea 1). */
export async function computeDesign(task: DesignTask, models: OpenModel, context: StepContext): Promise<StepResult> {
  const samples = await loadSpeech(task.audio, () => throwIfCancelled(context), task.clipping)
  throwIfCancelled(context)
  const { space } = task
  if (space.kind === 'model') return designOfModel(task, space, samples, models, context)
  if (space.kind === 'text' || space.kind === 'vectors') {
    await models.closeSpeech()
    return computeWordDesign(task, space, samples.length, models.words, context)
  }
  if (space.kind === 'acoustic') {
    const { units, frames } = acousticSpaces[space.acoustic]
    const writer = frames(samples, (fraction) => {
      context.progress({ fraction })
      throwIfCancelled(context)
    })
    return designOfFrames(task, { ...space, name: space.acoustic, units }, writer, samples.length, context)
  }
  const { transcript, units, frames } = transcribedSpaces[space.name]
  const writer = frames(await readTokens(space.transcript, transcript), space.inventory)
  return designOfFrames(task, { ...space, units: units(space.inventory) }, writer, samples.length, context)
}

async function designOfModel(
  task: DesignTask,
  { source, layers, provider }: Extract<DesignTask['space'], { kind: 'model' }>,
  samples: Float32Array,
  models: OpenModel,
  context: StepContext,
): Promise<StepResult> {
  const protocol = protocolOf(task.encoding)
  if ('whole' in protocol) {
    const bytes = await passBytes(source, layers, samples.length)
    checkMemory(onePass(samples.length / sampleRate), bytes, wholeRemedy)
  }
  const model = await models.get(source, layers, provider, task.encoding.norm)
  const regressors = new Map<string, FrameSink>()
  for (const layer of layers) {
    const info = model.description.layers.find(({ name }) => name === layer)!
    // As many frames as the network gives in one piece (activations/stream.ts).
    const frames = framesIn(samples.length, info)
    regressors.set(layer, regressorsFor(task, info.units, info.hop / sampleRate, Math.max(1, frames)))
  }
  const began = performance.now()
  await streamActivations(model, samples, {
    ...protocol,
    onBlock: (layer, firstFrame, block) => regressors.get(layer)!.add(firstFrame, block),
    onProgress: (done, total) => {
      const rate = done / ((performance.now() - began) / 1000)
      context.progress({ fraction: done / total, rate: `${rate.toFixed(1)} s of audio/s` })
    },
    cancelled: context.cancelled,
  })
  return {
    arrays: [...regressors].map(([layer, regressor]) => named(layer, regressor)),
    provenance: {
      model: model.description.description,
      provider: model.provider,
      differenceFromCpu: model.differenceFromCpu(),
      audioSeconds: samples.length / sampleRate,
      volumes: task.run.volumes,
    },
  }
}

function designOfFrames(
  task: DesignTask,
  { name, layer, units }: { readonly name: string; readonly layer: string; readonly units: number },
  writer: FrameWriter,
  samples: number,
  context: StepContext,
): StepResult {
  const frames = framesOf(samples)
  const regressors = regressorsFor(task, units, hopSeconds, frames)
  for (const { firstFrame, block } of inBlocks(frames, units, writer)) {
    regressors.add(firstFrame, block)
    context.progress({ fraction: (firstFrame + block.rows) / frames })
    throwIfCancelled(context)
  }
  return {
    arrays: [named(layer, regressors)],
    provenance: { space: name, audioSeconds: samples / sampleRate, volumes: task.run.volumes },
  }
}
