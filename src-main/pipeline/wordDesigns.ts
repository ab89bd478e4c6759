import { openTextModel, streamWords } from '../activations/index.ts'
import type { ModelSource, TextModel } from '../activations/index.ts'
import { framesOf, hopSeconds } from '../features/frames.ts'
import { WordFrames } from '../features/wordFrames.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'
import { readWords } from '../stimuli/index.ts'
import type { TimedToken } from '../stimuli/index.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { named, regressorsFor } from './designRegressors.ts'
import type { FrameSink } from './designRegressors.ts'
import type { DesignTask } from './tasks.ts'
import { VectorTable } from './vectorTable.ts'
import type { WordSpace } from './wordSpace.ts'

/** What the next run of a study is likely to ask for again: the text model opened last, the words found last. */
export class WordSources {
  readonly #threads: number
  readonly #vectors = new VectorTable()
  #key = ''
  #model: TextModel | undefined

  constructor(threads: number) {
    this.#threads = threads
  }

  async model(source: ModelSource, layers: readonly string[]): Promise<TextModel> {
    const key = JSON.stringify([source, layers])
    if (this.#model && key === this.#key) return this.#model
    await this.close()
    this.#model = await openTextModel(source, { layers, threads: this.#threads })
    this.#key = key
    return this.#model
  }

  get vectors(): VectorTable {
    return this.#vectors
  }

  async close(): Promise<void> {
    const model = this.#model
    this.#model = undefined
    await model?.close()
  }
}

/** The design matrices of one run: words -> vectors -> frames from onset to offset -> min–max -> HRF -> volumes. */
export async function computeWordDesign(
  task: DesignTask,
  space: WordSpace,
  samples: number,
  sources: WordSources,
  context: StepContext,
): Promise<StepResult> {
  const words = await readWords(space.transcript)
  if (space.kind === 'text') return designOfText(task, space, words, samples, sources, context)
  return designOfVectors(task, space, words, samples, sources, context)
}

async function designOfText(
  task: DesignTask,
  space: Extract<WordSpace, { kind: 'text' }>,
  words: readonly TimedToken[],
  samples: number,
  sources: WordSources,
  context: StepContext,
): Promise<StepResult> {
  const { layers } = space
  const model = await sources.model(space.source, layers)
  const { description } = model
  const designs = new Map(
    layers.map((layer) => {
      const { units } = description.layers.find(({ name }) => name === layer)!
      return [layer, new WordRegressors(task, words, units, samples)]
    }),
  )
  const began = performance.now()
  const counts = await streamWords(
    model,
    words.map(({ text }) => text),
    {
      context: space.context,
      tokens: space.tokens,
      onBlock: (layer, firstWord, block) => designs.get(layer)!.add(firstWord, block),
      onProgress: (done, total) => {
        const rate = done / ((performance.now() - began) / 1000)
        context.progress({ fraction: done / total, rate: `${rate.toFixed(1)} words/s` })
      },
      cancelled: context.cancelled,
    },
  )
  return {
    arrays: [...designs].map(([layer, { regressors }]) => named(layer, regressors)),
    provenance: {
      model: description.description,
      provider: model.provider,
      words: words.length,
      ...counts,
      context: space.context,
      wordTokens: space.tokens,
      audioSeconds: samples / 16_000,
      volumes: task.run.volumes,
    },
  }
}

/** Words whose vectors are filled in at a time. */
const wordsAtOnce = 1000
/** Of missing words, that are told by name. */
const mostNamed = 20

async function designOfVectors(
  task: DesignTask,
  { file, units, transcripts, layer }: Extract<WordSpace, { kind: 'vectors' }>,
  words: readonly TimedToken[],
  samples: number,
  sources: WordSources,
  context: StepContext,
): Promise<StepResult> {
  const table = await sources.vectors.get(file, transcripts, context)
  const design = new WordRegressors(task, words, units, samples)
  const missing = new Map<string, number>()
  for (let first = 0; first < words.length; first += wordsAtOnce) {
    throwIfCancelled(context)
    const block = zeros32(Math.min(wordsAtOnce, words.length - first), units)
    for (let row = 0; row < block.rows; row++) {
      const { text } = words[first + row]
      const vector = table.vectorOf(text)
      if (vector) block.data.set(vector, row * units)
      else missing.set(text, (missing.get(text) ?? 0) + 1)
    }
    design.add(first, block)
  }
  const spoken = [...missing].sort(([, a], [, b]) => b - a)
  return {
    arrays: [named(layer, design.regressors)],
    provenance: {
      space: 'vectors',
      vectors: table.words,
      words: words.length,
      missingWords: spoken.reduce((sum, [, count]) => sum + count, 0),
      missingTypes: spoken.length,
      missing: spoken.slice(0, mostNamed).map(([text]) => text),
      audioSeconds: samples / 16_000,
      volumes: task.run.volumes,
    },
  }
}

/** One layer's regressors, fed with vectors of words. */
class WordRegressors {
  readonly regressors: FrameSink
  readonly #frames: WordFrames

  constructor(task: DesignTask, words: readonly TimedToken[], units: number, samples: number) {
    const frames = framesOf(samples)
    this.regressors = regressorsFor(task, units, hopSeconds, frames)
    this.#frames = new WordFrames(words, frames, units)
  }

  add(firstWord: number, block: Matrix32): void {
    for (const { firstFrame, block: frames } of this.#frames.add(firstWord, block))
      this.regressors.add(firstFrame, frames)
  }
}
