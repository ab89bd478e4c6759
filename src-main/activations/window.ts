/** One window's way in and out: checked and normalised samples, checked activations. */
import type { Tensor } from 'onnxruntime-node'
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import type { SpeechConfig } from './config.ts'
import type { LayerInfo, ModelDescription } from './types.ts'

/** Attention's scores of one block may take this much. */
const mostScoreBytes = 4 * 1024 ** 3

/** Samples that one frame needs, besides those that the model pads with. */
export const fieldOf = ({ receptiveField, padding = 0 }: LayerInfo) => receptiveField - padding

/** The most that a frame of any of a model's layers needs, in samples: the shortest audio it can take. */
export const receptiveFieldOf = (layers: readonly LayerInfo[]) =>
  layers.reduce((most, layer) => Math.max(most, fieldOf(layer)), 0)

/** The largest hop among a model's layers, in samples. */
export const hopOf = (layers: readonly LayerInfo[]) => layers.reduce((most, { hop }) => Math.max(most, hop), 0)

/** Number of frames that a layer gives for so many samples. */
export const framesIn = (samples: number, layer: LayerInfo) =>
  samples < fieldOf(layer) ? 0 : Math.floor((samples - fieldOf(layer)) / layer.hop) + 1

/** @throws HeschlError AUDIO_INVALID (too short), OPTION_INVALID (too long) */
export function checkWindow(samples: { readonly length: number }, config: SpeechConfig, model: ModelDescription): void {
  checkLength(samples, model)
  const frames = framesIn(samples.length, model.layers.at(-1)!)
  // heads x frames x frames float32; in WavLM as much again for the positions.
  const pairBytes = 4 * config.num_attention_heads * (config.model_type === 'wavlm' ? 2 : 1)
  if (pairBytes * frames * frames <= mostScoreBytes) return
  const longest = Math.floor(Math.sqrt(mostScoreBytes / pairBytes)) * hopOf(model.layers)
  throw new HeschlError('OPTION_INVALID', 'The window is too long: memory grows with its square', {
    expected: `a window of at most ${Math.floor(longest / model.sampleRate)} s for this model`,
    found: `${(samples.length / model.sampleRate).toFixed(1)} s`,
    remedy: 'Set a shorter window; the published analyses use 10 s',
  })
}

/** @throws HeschlError AUDIO_INVALID for less than one frame of the model */
export function checkLength({ length }: { readonly length: number }, { layers }: ModelDescription): void {
  const shortest = receptiveFieldOf(layers)
  if (length >= shortest) return
  throw new HeschlError('AUDIO_INVALID', 'The audio is shorter than one frame of the model', {
    expected: `${shortest} samples (${milliseconds(shortest)}) or more`,
    found: `${length} samples (${milliseconds(length)})`,
    remedy: 'Leave this recording out, or use a longer one',
  })
}

/**
 * The samples as the model was trained on them.
 * @throws HeschlError AUDIO_INVALID for a sample that is not finite
 */
export const normalised = (samples: Float32Array, { normalize }: Pick<ModelDescription, 'normalize'>): Float32Array =>
  normalize ? applied(samples, affineOf(samples, normalize)) : checkFinite(samples)

const milliseconds = (samples: number) => `${samples / 16} ms`

function checkFinite(samples: Float32Array): Float32Array {
  const bad = samples.findIndex((sample) => !Number.isFinite(sample))
  if (bad === -1) return samples
  throw new HeschlError('AUDIO_INVALID', 'The audio has a value that is not a number', {
    expected: 'finite samples',
    found: `${samples[bad]} at sample ${bad} of the window`,
    remedy: 'Write the audio file again; decoding or resampling went wrong',
  })
}

/** What brings samples to what the model takes: (x − mean) · scale. */
export interface Affine {
  readonly mean: number
  readonly scale: number
}

/**
 * Zero mean, unit variance where the model asks for it: (x − mean) / √(variance + 1e-7), transformers'
 * `zero_mean_unit_var_norm`, in float64.
 * @throws HeschlError AUDIO_INVALID for a sample that is not finite
 */
export function affineOf(samples: Float32Array, normalize: boolean): Affine {
  checkFinite(samples)
  if (!normalize) return { mean: 0, scale: 1 }
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length
  const variance = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples.length
  return { mean, scale: 1 / Math.sqrt(variance + 1e-7) }
}

export const applied = (samples: Float32Array, { mean, scale }: Affine): Float32Array =>
  samples.map((x) => (x - mean) * scale)

/**
 * ONNX Runtime's outputs as matrices. The deepest layer shows whether anything before it went wrong: NaN and
 * infinity do not go away on their way through the network.
 * @throws HeschlError NUMERICAL
 */
export function takeOutputs(
  outputs: Readonly<Record<string, Tensor>>,
  layers: readonly string[],
): ReadonlyMap<string, Matrix32> {
  const matrices = new Map<string, Matrix32>()
  for (const layer of layers) {
    const { data, dims } = outputs[layer]
    matrices.set(layer, { data: data as Float32Array, rows: dims[0], cols: dims[1] })
  }
  const deepest = layers.at(-1)!
  if (!matrices.get(deepest)!.data.every(Number.isFinite)) {
    throw new HeschlError('NUMERICAL', 'The model gives values that are not numbers', {
      expected: 'finite activations',
      found: `NaN or infinity in layer ${deepest}`,
      remedy: 'Check the weights: a checkpoint saved from a run that diverged has NaN in it',
    })
  }
  return matrices
}

/** @throws HeschlError OPTION_INVALID for a window longer than what the model pads it to */
export function checkPadded(
  samples: number,
  { paddedTo = Infinity, sampleRate }: Pick<ModelDescription, 'paddedTo' | 'sampleRate'>,
): void {
  if (samples <= paddedTo) return
  throw new HeschlError('OPTION_INVALID', 'The window is longer than what the model takes', {
    expected: `a window of at most ${paddedTo / sampleRate} s for this model`,
    found: `${(samples / sampleRate).toFixed(1)} s`,
    remedy: 'Set a shorter window, not the whole recording at once; the published analyses use 10 s',
  })
}
