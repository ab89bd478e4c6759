/**
 * Where an ONNX model's layers are in time, found by running it: nothing in the file says it.
 *
 * A layer's axis of frames is the one that grows with the audio. With N(L) frames for L samples, models of convolutions
 * have N(L) = ⌊(L − r) / h⌋ + 1. The hop h is the samples between two lengths over the frames between them; r follows
 * from the length at which one frame more appears, which is searched for by halving. Every length that was run is then
 * held against the formula. A model that pads its input has r of about 0: its last frames hold more padding than audio,
 * and those that would need samples after the end are left out of every window, so that r is at least one hop and at
 * least the shortest audio that the model takes.
 */
import type { InferenceSession } from 'onnxruntime-node'
import { HeschlError } from '../errors.ts'
import type { OnnxFeed } from './onnxInputs.ts'
import type { LayerInfo } from './types.ts'

export interface ProbedLayer extends LayerInfo {
  readonly rank: number
  readonly framesAxis: number
}

/** Samples: the first of two lengths, and a difference that the usual hops divide (5 to 640 samples). */
const short = 16_000
const difference = 64_000

/** Dimensions of each layer's value by length of audio. */
type Trial = (samples: number) => Promise<readonly (readonly number[])[]>

/**
 * @param layers names, and the session's outputs that are their values, as they are
 * @throws HeschlError CONFIG_UNSUPPORTED (no frames, or frames that do not follow the formula), CHECKPOINT_INVALID (what
 *   ONNX Runtime does not run)
 */
export async function probeLayers(
  session: InferenceSession,
  feed: OnnxFeed,
  layers: readonly { readonly name: string; readonly output: string }[],
  file: string,
): Promise<readonly ProbedLayer[]> {
  const known = new Map<number, readonly (readonly number[])[]>()
  const trial: Trial = async (samples) => {
    const outputs = await session.run(feed(noise(samples)))
    const dims = layers.map(({ output }) => outputs[output].dims)
    known.set(samples, dims)
    return dims
  }
  const run = (samples: number) => trial(samples).catch((error: unknown) => Promise.reject(notRun(error, file)))
  const [first, second] = [await run(short), await run(short + difference)]
  const axes = layers.map(({ name }, i) => framesAxis(first[i], second[i], name, file))
  const frames = (dims: readonly (readonly number[])[], i: number) => dims[i][axes[i]]
  const hops = layers.map(({ name }, i) => {
    const hop = difference / (frames(second, i) - frames(first, i))
    if (Number.isInteger(hop)) return hop
    throw notFrames(file, name, 'a whole number of samples between frames', hop.toFixed(3))
  })
  // The shortest length with a frame more than `short` has, of each layer: within (low, high].
  const low = layers.map(() => short)
  const high = hops.map((hop) => short + hop)
  for (;;) {
    const widest = layers.reduce((most, _, i) => (high[i] - low[i] > high[most] - low[most] ? i : most), 0)
    if (high[widest] - low[widest] <= 1) break
    const samples = Math.floor((low[widest] + high[widest]) / 2)
    const dims = await run(samples)
    for (const i of layers.keys()) {
      if (frames(dims, i) > frames(first, i)) high[i] = Math.min(high[i], samples)
      else low[i] = Math.max(low[i], samples)
    }
  }
  const offsets = hops.map((hop, i) => high[i] - hop * frames(first, i))
  const needed = await shortest(trial, hops, offsets)
  for (const [samples, dims] of known) {
    for (const [i, { name }] of layers.entries()) {
      const expected = Math.floor((samples - offsets[i]) / hops[i]) + 1
      if (samples >= offsets[i] && frames(dims, i) !== expected)
        throw notFrames(file, name, `${expected} frames of ${samples} samples`, `${frames(dims, i)}`)
    }
  }
  return layers.map(({ name }, i): ProbedLayer => {
    const [hop, offset] = [hops[i], offsets[i]]
    // What a frame is computed from begins where it would without padding.
    const receptiveField = offset + hop * Math.max(0, Math.ceil((needed[i] - offset) / hop))
    return {
      name,
      units: first[i].reduce((product, size) => product * size, 1) / frames(first, i),
      hop,
      receptiveField,
      firstCentre: (offset - 1) / 2,
      rank: first[i].length,
      framesAxis: axes[i],
    }
  })
}

/**
 * What each layer's receptive field has to be at least, so that windows of the longest of them can be run: models that
 * pad by reflection, or that pool, take no audio of one frame alone.
 */
async function shortest(trial: Trial, hops: readonly number[], offsets: readonly number[]): Promise<readonly number[]> {
  const least = hops.map((hop, i) => (offsets[i] >= 1 ? Math.max(offsets[i], 1) : hop))
  let samples = Math.max(...least)
  while (samples < short) {
    const dims = await trial(samples).catch(() => undefined)
    if (dims?.every((sizes) => sizes.every((size) => size > 0))) break
    samples = Math.min(short, samples * 2)
  }
  const coarsest = Math.max(...hops)
  return least.map((own, i) => (hops[i] === coarsest ? Math.max(own, samples) : own))
}

function framesAxis(first: readonly number[], second: readonly number[], layer: string, file: string): number {
  const changed = first.flatMap((size, axis) => (size === second[axis] ? [] : [axis]))
  const grows = changed.length === 1 && first.length === second.length && first[changed[0]] > 0
  if (grows && second[changed[0]] > first[changed[0]]) return changed[0]
  const times = [short, short + difference].map((samples) => `${samples / 16_000} s`)
  throw notFrames(
    file,
    layer,
    'one dimension that grows with the audio, its frames',
    `[${first.join(', ')}] for ${times[0]} and [${second.join(', ')}] for ${times[1]}`,
  )
}

/** White noise, the same in every run. */
function noise(samples: number): Float32Array {
  let state = 1
  return Float32Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state / 2 ** 31) * 0.1
  })
}

function notFrames(file: string, tensor: string, expected: string, found: string): HeschlError {
  return new HeschlError('CONFIG_UNSUPPORTED', 'A tapped value of this ONNX model is not a layer in time', {
    expected,
    found,
    where: { file, tensor: tensor.slice(0, 200) },
    remedy: 'Tap another value: heschl extract --model FILE.onnx --list-taps shows their shapes',
  })
}

/** What ONNX Runtime says of a model that it does not take or run. */
export function notRun(error: unknown, file: string): HeschlError {
  if (error instanceof HeschlError) return error
  return new HeschlError('CHECKPOINT_INVALID', 'ONNX Runtime does not run this model', {
    expected: 'a model that it runs on a second of audio',
    found: (error instanceof Error ? error.message : String(error)).slice(0, 500),
    where: { file },
    remedy: 'Export the model again, and run it once with onnxruntime in Python to see what it lacks',
    cause: error,
  })
}
