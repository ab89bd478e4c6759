/**
 * Which parts of a recording a model hears at once.
 *
 * Sliding: windows start at 0, S, 2S, … (S the stride) and are W long as long as they fit. What is left after the last of
 * them is run by itself, from the next multiple of S to the end of the recording: shorter than W, and not padded. Nothing
 * is left when the last window ends at the end of the recording. Where what is left is shorter than the model's receptive
 * field (25 ms; only when W − S is that short), it starts earlier, by as many hops as it needs. A recording shorter
 * than W is one window. Frames in several windows are averaged.
 * Source: Millet et al. 2022, released code (10 s windows, 5 s stride).
 *
 * Whole: one window.
 *
 * Causal: windows end at S, 2S, … (S the step) and at the end of the recording, and start C (the context) before their
 * end, or at the beginning of the recording. Of each, those frames are kept that no window before it had whole: a
 * frame thus knows at most C seconds of the past, at least C − S where the recording has them, and of what comes after
 * it less than S. Nothing is averaged.
 */
import { HeschlError } from '../errors.ts'
import type { LayerInfo, ModelDescription } from './types.ts'
import { checkPadded, fieldOf, framesIn, hopOf, receptiveFieldOf } from './window.ts'

export interface SlidingWindows {
  /** Rounded to whole samples. */
  readonly windowSeconds: number
  /** A multiple of the model's largest hop (20 ms), and short enough that every frame lies whole in some window. */
  readonly strideSeconds: number
}

export interface CausalWindows {
  /** A multiple of the largest hop, and longer than the step by a receptive field and a hop at least. */
  readonly contextSeconds: number
  /** A multiple of the largest hop. */
  readonly stepSeconds: number
}

export type WindowProtocol = SlidingWindows | CausalWindows | { readonly whole: true }

type Timing = Pick<ModelDescription, 'layers' | 'sampleRate' | 'paddedTo'>

/** What windows ask for, before anything is computed. */
export interface WindowCost {
  readonly windows: number
  /** Seconds of audio that are computed for a second of the recording, padding with them. */
  readonly repetition: number
  /** Samples of the longest window. */
  readonly longest: number
}

/** @throws HeschlError AUDIO_INVALID, OPTION_INVALID as `planWindows` */
export function windowCost(samples: number, timing: Timing, protocol: WindowProtocol): WindowCost {
  const windows = planWindows(samples, timing, protocol)
  const { paddedTo = 0 } = timing
  const lengths = windows.map(({ start, end }) => end - start)
  if (paddedTo > 0) for (const length of lengths) checkPadded(length, timing)
  return {
    windows: windows.length,
    repetition: lengths.reduce((sum, length) => sum + Math.max(length, paddedTo), 0) / Math.max(1, samples),
    longest: lengths.reduce((most, length) => Math.max(most, length), 0),
  }
}

export interface Window {
  /** Samples. */
  readonly start: number
  /** Samples, exclusive. */
  readonly end: number
}

/**
 * In order; every frame of every layer lies whole in one of them, and each starts at a multiple of every hop.
 * @throws HeschlError OPTION_INVALID for windows that the model's frames do not fit
 */
export function planWindows(samples: number, timing: Timing, protocol: WindowProtocol): readonly Window[] {
  if ('whole' in protocol) return [{ start: 0, end: samples }]
  return 'contextSeconds' in protocol ? causal(samples, timing, protocol) : sliding(samples, timing, protocol)
}

function sliding(
  total: number,
  { layers, sampleRate }: Timing,
  { windowSeconds, strideSeconds }: SlidingWindows,
): readonly Window[] {
  const hop = hopOf(layers)
  const shortest = receptiveFieldOf(layers)
  const window = Math.round(windowSeconds * sampleRate)
  const stride = Math.round(strideSeconds * sampleRate)
  checkSliding(window, stride, layers, sampleRate)
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

function causal(
  total: number,
  { layers, sampleRate }: Timing,
  { contextSeconds, stepSeconds }: CausalWindows,
): readonly Window[] {
  const hop = hopOf(layers)
  const shortest = receptiveFieldOf(layers)
  const context = Math.round(contextSeconds * sampleRate)
  const step = Math.round(stepSeconds * sampleRate)
  checkCausal(context, step, hop, shortest, sampleRate)
  const windows: Window[] = []
  for (let before = 0; before < total; before += step) {
    const end = Math.min(before + step, total)
    // The last window may end anywhere; its context is shorter by less than a hop.
    const start = Math.max(0, Math.ceil((end - context) / hop) * hop)
    // At the beginning there may be no frame yet.
    if (end >= shortest || end === total) windows.push({ start, end })
  }
  return windows
}

function checkCausal(context: number, step: number, hop: number, shortest: number, sampleRate: number): void {
  const invalid = (expected: string, found: string) =>
    new HeschlError('OPTION_INVALID', 'This causal context does not give every frame', {
      expected,
      found,
      remedy: 'Set another context or step, for example 10 s and 0.5 s',
    })
  const multiple = (samples: number) => Number.isSafeInteger(samples) && samples >= hop && samples % hop === 0
  if (!multiple(step)) throw invalid(`a step that is a multiple of ${hop / sampleRate} s`, `${step / sampleRate} s`)
  if (!multiple(context)) {
    throw invalid(`a context that is a multiple of ${hop / sampleRate} s`, `${context / sampleRate} s`)
  }
  const least = Math.ceil((step + shortest) / hop + 1) * hop
  if (context < least) {
    throw invalid(`a context of at least ${least / sampleRate} s for this step`, `${context / sampleRate} s`)
  }
}

function checkSliding(window: number, stride: number, layers: readonly LayerInfo[], sampleRate: number): void {
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
