/**
 * A whole recording through a model, window by window.
 *
 * Windows start at 0, S, 2S, … (S the stride) and are W long as long as they fit. What is left after the last of them
 * is run by itself, from the next multiple of S to the end of the recording: shorter than W, and not padded. Nothing is
 * left when the last window ends at the end of the recording. Where what is left is shorter than the model's receptive
 * field (25 ms; only when W − S is that short), it starts earlier, by as many hops as it needs. A recording shorter
 * than W is one window.
 *
 * Frames are matched by the samples that they are computed from: every window starts at a multiple of every layer's
 * hop, so frame f of a window that starts at sample s is frame s / hop + f of the recording. A frame in several windows
 * is the mean of its values (where they are names of codes, the first window's). A recording thus has as many frames as the network would give in one piece.
 *
 * Source of the scheme: Millet et al. 2022, released code (10 s windows, 5 s stride). Norms over a window (group norm,
 * `do_normalize`) are over each window's own samples.
 */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { OverlapMean } from './overlapMean.ts'
import type { LayerInfo, SpeechModel } from './types.ts'
import { fieldOf, framesIn, hopOf, receptiveFieldOf } from './window.ts'

export interface StreamOptions {
  /** Rounded to whole samples. */
  readonly windowSeconds: number
  /** A multiple of the model's largest hop (20 ms), and short enough that every frame lies whole in some window. */
  readonly strideSeconds: number
  /** Frames firstFrame … firstFrame + block.rows − 1 of a layer, final. The block is the callee's own. */
  onBlock(layer: string, firstFrame: number, block: Matrix32): void | Promise<void>
  /** After each window: seconds of audio whose frames are final, of how many. */
  onProgress?(doneSeconds: number, totalSeconds: number): void
  /** Looked at before each window. */
  cancelled?(): boolean
}

/**
 * Blocks come in order and without gaps for each layer, in the model's order of layers for each window. Memory is
 * bounded by one window's activations and the overlap of the one before.
 * @param samples the recording: 16 kHz mono
 * @returns number of frames per layer
 * @throws HeschlError AUDIO_INVALID (shorter than one receptive field, or not finite), OPTION_INVALID, CANCELLED,
 *   NUMERICAL
 */
export async function streamActivations(
  model: SpeechModel,
  samples: Float32Array,
  options: StreamOptions,
): Promise<{ readonly frames: ReadonlyMap<string, number> }> {
  const { layers, sampleRate } = model.description
  const windows = planWindows(samples.length, layers, sampleRate, options)
  const means = new Map<string, OverlapMean>()
  for (const [i, { start, end }] of windows.entries()) {
    if (options.cancelled?.()) throw new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
    const activations = await model.run(samples.subarray(start, end))
    const final = windows[i + 1]?.start ?? samples.length
    for (const [name, activation] of activations) {
      const layer = layers.find((candidate) => candidate.name === name)!
      const mean = means.get(name) ?? new OverlapMean(activation.cols, layer.nominal ?? false)
      means.set(name, mean)
      const first = start / layer.hop
      const block = mean.add(first, activation, i + 1 < windows.length ? final / layer.hop : first + activation.rows)
      if (block.rows > 0) await options.onBlock(name, first, block)
    }
    options.onProgress?.(final / sampleRate, samples.length / sampleRate)
  }
  return { frames: new Map([...means].map(([name, { frames }]) => [name, frames])) }
}

interface Window {
  /** Samples. */
  readonly start: number
  /** Samples, exclusive. */
  readonly end: number
}

/** @throws HeschlError AUDIO_INVALID, OPTION_INVALID */
function planWindows(
  total: number,
  layers: readonly LayerInfo[],
  sampleRate: number,
  { windowSeconds, strideSeconds }: StreamOptions,
): readonly Window[] {
  const hop = hopOf(layers)
  const shortest = receptiveFieldOf(layers)
  const window = Math.round(windowSeconds * sampleRate)
  const stride = Math.round(strideSeconds * sampleRate)
  checkOptions(window, stride, layers, sampleRate)
  if (total <= window) return [{ start: 0, end: total }]
  const windows: Window[] = []
  let start = 0
  for (; start + window <= total; start += stride) windows.push({ start, end: start + window })
  const last = windows.at(-1)!
  if (last.end === total) return windows
  // Not before the last window: it is longer than a receptive field, or its frames would not have reached this far.
  const latest = Math.floor((total - shortest) / hop) * hop
  return [...windows, { start: Math.min(start, latest), end: total }]
}

function checkOptions(window: number, stride: number, layers: readonly LayerInfo[], sampleRate: number): void {
  const invalid = (expected: string, found: string) =>
    new HeschlError('OPTION_INVALID', 'These windows do not give every frame', {
      expected,
      found,
      remedy: 'Set another window or stride; the published analyses use 10 s and 5 s',
    })
  const hop = hopOf(layers)
  if (!Number.isSafeInteger(stride) || stride < hop || stride % hop !== 0) {
    throw invalid(`a stride that is a multiple of ${hop / sampleRate} s`, `${stride / sampleRate} s`)
  }
  const gap = layers.find((layer) => framesIn(window, layer) * layer.hop < stride)
  if (!Number.isSafeInteger(window) || gap) {
    const shortest = layers.reduce((most, l) => Math.max(most, stride - l.hop + fieldOf(l)), 0)
    throw invalid(`a window of at least ${shortest / sampleRate} s for this stride`, `${window / sampleRate} s`)
  }
}
