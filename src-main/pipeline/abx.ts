import { describeModel, framesIn, layersNamed, receptiveFieldOf, streamActivations } from '../activations/index.ts'
import type { ModelDescription, SpeechModel, WindowProtocol } from '../activations/index.ts'
import { abxDeltas, accuracies, contrastOf, type AbxDeltas } from '../behaviour/abx.ts'
import type { PairThreads } from '../behaviour/pairThreads.ts'
import type { Triplet } from '../behaviour/triplets.ts'
import { HeschlError } from '../errors.ts'
import { writeFileAtomic } from '../formats/atomic.ts'
import { zeros32, type Matrix32 } from '../linalg/matrix.ts'
import { loadSpeech } from '../stimuli/index.ts'
import type { AbxTask } from './behaviourTasks.ts'
import { throwIfCancelled } from './context.ts'
import type { NamedArray, StepContext, StepResult } from './context.ts'
import type { OpenModel } from './designs.ts'
import { readExperiment, type Stretch } from './experiment.ts'
import { checkMemory } from './memory.ts'

const sampleRate = 16_000
/** Share of the progress that the activations take. */
const hearing = 0.9

/**
 * Distances of every triplet in every layer, as a table or as arrays, with accuracies by language, contrast and phone in
 * the report.
 * @throws HeschlError as `readExperiment`, `loadSpeech`, `openModel` and `abxDeltas`; AUDIO_INVALID for an item beyond its recording's end or too short for the model
 */
export async function computeAbx(
  task: AbxTask,
  models: OpenModel,
  comparing: PairThreads,
  context: StepContext,
): Promise<StepResult> {
  const { triplets, recordings, items, seconds } = await readExperiment(task)
  const description = await describeModel(task.source)
  const layers = layersNamed(description, task.layers)
  checkMemory('The activations of all items', bytesOf(description, layers, seconds), 'Choose fewer layers')
  const began = performance.now()
  const model = await models.get(task.source, layers, task.provider ?? 'cpu', 'window')
  const frames = new Map(layers.map((layer) => [layer, new Map<string, Matrix32>()]))
  for (const [i, { file, own }] of recordings.entries()) {
    throwIfCancelled(context)
    context.progress({ fraction: (hearing * i) / recordings.length })
    const samples = await loadSpeech(file, () => throwIfCancelled(context), task.clipping)
    for (const item of own) checkEnd(item, samples.length, file)
    if (task.hears === 'item') await hearItems(model, samples, own, file, frames, context)
    else await hearRecording(model, samples, own, task.window, frames, context)
  }
  const heard = performance.now()
  const found = new Map<string, AbxDeltas>()
  for (const [at, layer] of layers.entries()) {
    const deltas = await abxDeltas(triplets, frames.get(layer)!, {
      distance: task.distance,
      dtw: task.dtw,
      threads: comparing,
      pause: () => {
        throwIfCancelled(context)
        return new Promise((resolve) => {
          setImmediate(resolve)
        })
      },
      onProgress: (share) => context.progress({ fraction: hearing + ((1 - hearing) * (at + share)) / layers.length }),
    })
    found.set(layer, deltas)
  }
  if (task.out !== undefined) await writeFileAtomic(task.out, tableOf(triplets, found))
  return {
    arrays: task.out === undefined ? [...found].map(arrayOf) : [],
    provenance: {
      model: description.description,
      provider: model.provider,
      triplets: triplets.length,
      items,
      distance: task.distance,
      dtw: task.dtw,
      hears: task.hears,
      layers: layers.map((layer) => ({ name: layer, ...summaryOf(triplets, found.get(layer)!.delta) })),
      seconds: { activations: (heard - began) / 1000, distances: (performance.now() - heard) / 1000 },
    },
  }
}

function bytesOf({ layers }: ModelDescription, names: readonly string[], seconds: number): number {
  const chosen = layers.filter(({ name }) => names.includes(name))
  // All layers in float32, and what distances are taken of at a time, which has a limit of its own.
  const perSecond = chosen.map(({ hop, units }) => (units * sampleRate) / hop)
  return 4 * seconds * perSecond.reduce((a, b) => a + b, 0)
}

function checkEnd({ id, offset, line }: Stretch, samples: number, file: string): void {
  if (Math.round(offset * sampleRate) <= samples) return
  throw new HeschlError('AUDIO_INVALID', `The item "${id}" goes beyond the end of its recording`, {
    where: { file, line },
    expected: `an offset of at most ${(samples / sampleRate).toFixed(3)} s`,
    found: `${offset} s`,
  })
}

const sampleAt = (seconds: number) => Math.round(seconds * sampleRate)

/** Every item by itself, in one pass. */
async function hearItems(
  model: SpeechModel,
  samples: Float32Array,
  own: readonly Stretch[],
  file: string,
  frames: ReadonlyMap<string, Map<string, Matrix32>>,
  context: StepContext,
): Promise<void> {
  for (const { id, onset, offset } of own) {
    throwIfCancelled(context)
    const part = samples.subarray(sampleAt(onset), sampleAt(offset))
    const least = receptiveFieldOf(model.description.layers)
    if (part.length < least) throw tooShort(id, file, part.length, least)
    for (const [layer, activation] of await model.run(part)) frames.get(layer)!.set(id, activation)
  }
}

/** Frames of the whole recording whose centres lie within an item. */
async function hearRecording(
  model: SpeechModel,
  samples: Float32Array,
  own: readonly Stretch[],
  window: WindowProtocol,
  frames: ReadonlyMap<string, Map<string, Matrix32>>,
  context: StepContext,
): Promise<void> {
  const { layers } = model.description
  const stretches = layers
    .filter(({ name }) => frames.has(name))
    .flatMap((layer) =>
      own.map(({ id, onset, offset }) => {
        const count = framesIn(samples.length, layer)
        const frameAt = (seconds: number) =>
          Math.min(count, Math.max(0, Math.ceil((seconds * sampleRate - layer.firstCentre) / layer.hop)))
        const first = frameAt(onset)
        const last = frameAt(offset)
        if (last <= first) throw tooShort(id, '', sampleAt(offset) - sampleAt(onset), layer.hop)
        const into = zeros32(last - first, layer.units)
        frames.get(layer.name)!.set(id, into)
        return { layer: layer.name, first, last, into }
      }),
    )
  await streamActivations(model, samples, {
    ...window,
    cancelled: context.cancelled,
    onBlock: async (layer, firstFrame, block) => {
      for (const { first, last, into, layer: name } of stretches) {
        if (name !== layer) continue
        const from = Math.max(first, firstFrame)
        const to = Math.min(last, firstFrame + block.rows)
        if (to <= from) continue
        const part = block.data.subarray((from - firstFrame) * block.cols, (to - firstFrame) * block.cols)
        into.data.set(part, (from - first) * block.cols)
      }
      return Promise.resolve()
    },
  })
}

function tooShort(id: string, file: string, samples: number, least: number): HeschlError {
  return new HeschlError('AUDIO_INVALID', `The item "${id}" is too short for the model`, {
    ...(file === '' ? {} : { where: { file } }),
    expected: `at least ${((1000 * least) / sampleRate).toFixed(1)} ms`,
    found: `${((1000 * samples) / sampleRate).toFixed(1)} ms`,
    remedy: 'Leave its triplets out, or let the model hear the whole recording: --hears recording',
  })
}

/** [triplets, 2]: distances of target and X, and of other and X. */
function arrayOf([name, { targetX, otherX }]: readonly [string, AbxDeltas]): NamedArray {
  const data = Float64Array.from({ length: 2 * targetX.length }, (_, k) => (k % 2 === 0 ? targetX : otherX)[k >> 1])
  return { name, shape: [targetX.length, 2], data }
}

function tableOf(triplets: readonly Triplet[], found: ReadonlyMap<string, AbxDeltas>): string {
  const layers = [...found.keys()]
  const columns = layers.flatMap((layer) => [`TGTX_${layer}`, `OTHX_${layer}`, `delta_${layer}`])
  const header = ['triplet_id', 'phone_TGT', 'phone_OTH', 'context', 'language', 'dataset', ...columns]
  const rows = triplets.map(({ id, targetPhone, otherPhone, context, language, dataset }, i) => [
    ...[id, targetPhone, otherPhone, context, language, dataset],
    ...layers.flatMap((layer) => {
      const { targetX, otherX, delta } = found.get(layer)!
      return [targetX[i], otherX[i], delta[i]].map(String)
    }),
  ])
  return [header, ...rows].map((row) => `${row.join('\t')}\n`).join('')
}

function summaryOf(triplets: readonly Triplet[], delta: Float64Array) {
  const by = (groupOf: (triplet: Triplet) => string) => Object.fromEntries(accuracies(triplets, delta, groupOf))
  const contrasts = by(contrastOf)
  const means = Object.values(contrasts).filter(({ triplets }) => triplets > 0)
  return {
    ...accuracies(triplets, delta, () => 'all').get('all'),
    /** Each contrast counted once, however many triplets it has. */
    meanOverContrasts: means.reduce((sum, { accuracy }) => sum + accuracy, 0) / means.length,
    languages: by(({ language }) => language),
    phones: by(({ targetPhone, language }) => `${targetPhone} ${language}`.trim()),
    contrasts,
  }
}
