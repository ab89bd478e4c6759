import { describeTextModel, layersNamed, streamWords } from '../activations/index.ts'
import { HeschlError } from '../errors.ts'
import { TensorFile } from '../formats/tensorFile.ts'
import { readWords } from '../stimuli/index.ts'
import type { ExtractWordsTask } from './arrayTasks.ts'
import type { StepContext, StepResult } from './context.ts'
import type { WordSources } from './wordDesigns.ts'

/**
 * The activations of a story's words as a safetensors file: `onset` and `offset`, float64 [words], in seconds as the
 * transcript has them, and float32 [words, units] a layer. Rows of the transcript without a word are left out.
 *
 * @throws HeschlError as `describeTextModel`, `readWords` and `streamWords`; FORMAT_INVALID of a transcript without
 *   words; DISK_FULL
 */
export async function extractWords(
  task: ExtractWordsTask,
  sources: WordSources,
  context: StepContext,
): Promise<StepResult> {
  const description = await describeTextModel(task.source)
  const layers = layersNamed(description, task.layers)
  const words = await readWords(task.words)
  if (words.length === 0) {
    throw new HeschlError('FORMAT_INVALID', 'There are no words', {
      where: { file: task.words },
      expected: 'one word or more',
      found: 'none',
      remedy: 'Give the transcript of the story',
    })
  }
  const model = await sources.model(task.source, layers)
  const began = performance.now()
  const times = (['onset', 'offset'] as const).map((name) => ({ name, shape: [words.length], dtype: 'F64' as const }))
  const entries = layers.map((name) => {
    const { units } = description.layers.find((layer) => layer.name === name)!
    return { name, shape: [words.length, units] }
  })
  const file = await TensorFile.create(task.out, [...times, ...entries])
  try {
    await file.write(
      'onset',
      0,
      Float64Array.from(words, ({ start }) => start),
    )
    await file.write(
      'offset',
      0,
      Float64Array.from(words, ({ end }) => end),
    )
    const counts = await streamWords(
      model,
      words.map(({ text }) => text),
      {
        context: task.context,
        tokens: task.tokens,
        onBlock: (layer, firstWord, { data, cols }) => file.write(layer, firstWord * cols, data),
        onProgress: (done, total) => {
          const rate = done / ((performance.now() - began) / 1000)
          context.progress({ fraction: done / total, rate: `${rate.toFixed(1)} words/s` })
        },
        cancelled: context.cancelled,
      },
    )
    return {
      arrays: [],
      provenance: {
        model: description.description,
        provider: model.provider,
        transcript: task.words,
        words: words.length,
        ...counts,
        layers: entries,
        seconds: (performance.now() - began) / 1000,
      },
    }
  } finally {
    await file.close()
  }
}
