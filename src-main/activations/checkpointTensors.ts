/** A speech model's weights inside a checkpoint: found by name, checked against the config. */
import { HeschlError } from '../errors.ts'
import type { SpeechConfig } from './config.ts'
import { hasQuantizer, quantizerTensors } from './quantizer.ts'
import type { StoredTensor, StoredTensors } from './shards.ts'
import { checkTensor, findPrefix, placesOf, readTensor } from './storedTensors.ts'
import { positionalWeight, tensorsOf } from './tensors.ts'
import type { Weights } from './weights.ts'

const positional = positionalWeight.slice(0, -'.weight'.length)

/** Weight norm's length g and direction v, under torch's present names. */
export const weightNormNames = {
  g: `${positional}.parametrizations.weight.original0`,
  v: `${positional}.parametrizations.weight.original1`,
} as const

/** With the names of torch before 2.1, which most published checkpoints have. */
const splitNames = [weightNormNames, { g: `${positional}.weight_g`, v: `${positional}.weight_v` }] as const

/**
 * Finds every tensor of the config among those stored and checks its shape and type.
 * @returns the weights, and whether a quantizer's are among them
 */
export function checkTensors(
  config: SpeechConfig,
  stored: StoredTensors,
): { readonly weights: Weights; readonly quantized: boolean } {
  const prefix = findPrefix('feature_extractor.conv_layers.0.conv.weight', 'speech', stored)
  const entry = ({ name, shape }: { name: string; shape: readonly number[] }) =>
    checkTensor(prefix + name, shape, stored)
  const split = splitNames.find(({ v }) => stored.tensors.has(prefix + v))
  const entries = new Map<string, StoredTensor>()
  for (const spec of tensorsOf(config)) {
    if (spec.name !== positionalWeight || !split) entries.set(spec.name, entry(spec))
    else {
      entries.set(split.v, entry({ name: split.v, shape: spec.shape }))
      entries.set(split.g, entry({ name: split.g, shape: [1, 1, spec.shape[2]] }))
    }
  }
  checkNothingElse(prefix, entries, stored)
  const root = prefix.replace(/wav2vec2\.$/, '')
  const quantized = hasQuantizer(config, root, stored)
  if (quantized && config.model_type === 'wav2vec2') {
    for (const tensor of quantizerTensors(config)) {
      entries.set(tensor.name, checkTensor(root + tensor.stored, tensor.shape, stored))
    }
  }
  const placeOf = placesOf(entries)
  const load = (name: string) => readTensor(entries.get(name)!)
  const weights: Weights = {
    place: placeOf,
    read: (name) => (name === positionalWeight && split ? joinWeightNorm(load(split.v), load(split.g)) : load(name)),
  }
  return { weights, quantized }
}

/** What training counts; it changes no activation. */
const counters = /\.num_batches_tracked$/

/** A tensor of the encoder that is not computed with would mean another model than the one that was trained. */
function checkNothingElse(prefix: string, used: ReadonlyMap<string, StoredTensor>, { tensors }: StoredTensors): void {
  for (const [tensor, { shape, shown }] of tensors) {
    const name = tensor.slice(prefix.length)
    if (!tensor.startsWith(prefix) || !/^(feature_extractor|feature_projection|encoder)\./.test(name)) continue
    if (used.has(name) || counters.test(name)) continue
    throw new HeschlError('CHECKPOINT_INVALID', 'A tensor has no place in the model that config.json describes', {
      expected: `the ${used.size} tensors of that model, and heads beside it`,
      found: `${tensor} [${shape.join(', ')}]`,
      where: { file: shown, tensor },
      remedy: 'Check that config.json and the weights belong together; a shortened model has to be saved anew',
    })
  }
}

/** torch's weight norm over dims 0 and 1: w[:, :, k] = g[k] · v[:, :, k] / ‖v[:, :, k]‖, in float64. */
function joinWeightNorm(v: Float32Array, g: Float32Array): Float32Array {
  const kernel = g.length
  const squares = new Float64Array(kernel)
  for (let i = 0; i < v.length; i++) squares[i % kernel] += v[i] * v[i]
  const scale = squares.map((square, k) => g[k] / Math.sqrt(square))
  return v.map((value, i) => value * scale[i % kernel])
}
