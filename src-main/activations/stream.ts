/**
 * A whole recording through a model, window by window (windows.ts).
 *
 * Frames are matched by the samples that they are computed from: every window starts at a multiple of every layer's
 * hop, so frame f of a window that starts at sample s is frame s / hop + f of the recording. A recording thus has as
 * many frames as the network would give in one piece. Norms over time (group norm, `do_normalize`) are over each
 * window's own samples, or over the recording (`Norm`).
 */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { OverlapMean } from './overlapMean.ts'
import type { Piece, SpeechModel } from './types.ts'
import { checkLength } from './window.ts'
import { planWindows } from './windows.ts'
import type { WindowProtocol } from './windows.ts'

export type StreamOptions = WindowProtocol & StreamCallbacks

interface StreamCallbacks {
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
  const windows = planWindows(samples.length, model.description, options)
  checkLength(samples, model.description)
  const computed = model.recording?.(samples)
  const causal = 'contextSeconds' in options
  const frames = new Map<string, number>()
  const means = new Map<string, OverlapMean>()
  for (const [i, { start, end }] of windows.entries()) {
    if (options.cancelled?.()) throw new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
    const pieces = computed ? await computed.window(start, end) : await alone(model, samples, start, end)
    const isLast = i + 1 === windows.length
    const final = isLast || causal ? end : windows[i + 1].start
    for (const [name, { firstFrame, activation, final: whole }] of pieces) {
      const { hop, nominal = false } = layers.find((candidate) => candidate.name === name)!
      const done = frames.get(name) ?? 0
      let block = activation
      if (causal && !whole) block = rowsAfter(activation, done - firstFrame)
      else if (!whole) {
        const mean = means.get(name) ?? new OverlapMean(activation.cols, nominal)
        means.set(name, mean)
        block = mean.add(firstFrame, activation, isLast ? firstFrame + activation.rows : final / hop)
      }
      frames.set(name, done + block.rows)
      if (block.rows > 0) await options.onBlock(name, done, block)
    }
    options.onProgress?.(final / sampleRate, samples.length / sampleRate)
  }
  return { frames }
}

async function alone(model: SpeechModel, samples: Float32Array, start: number, end: number) {
  const activations = await model.run(samples.subarray(start, end))
  return new Map(
    [...activations].map(([name, activation]): [string, Piece] => {
      const { hop } = model.description.layers.find((candidate) => candidate.name === name)!
      return [name, { firstFrame: start / hop, activation, final: false }]
    }),
  )
}

const rowsAfter = ({ data, rows, cols }: Matrix32, row: number): Matrix32 => ({
  data: data.subarray(row * cols),
  rows: rows - row,
  cols,
})
