/** The weights inside a checkpoint: found by name, checked against the config, read or pointed at. */
import { closeSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { HeschlError } from '../errors.ts'
import type { SpeechConfig } from './config.ts'
import { decodeFloats, isFloat } from './floats.ts'
import type { StoredTensor, StoredTensors } from './shards.ts'
import { positionalWeight, sizeOf, tensorsOf, type TensorSpec } from './tensors.ts'
import type { Weights } from './weights.ts'

const positional = positionalWeight.slice(0, -'.weight'.length)

/** Weight norm's length g and direction v, under torch's present names. */
export const weightNormNames = {
  g: `${positional}.parametrizations.weight.original0`,
  v: `${positional}.parametrizations.weight.original1`,
} as const

/** With the names of torch before 2.1, which most published checkpoints have. */
const splitNames = [weightNormNames, { g: `${positional}.weight_g`, v: `${positional}.weight_v` }] as const

/** Finds every tensor of the config among those stored and checks its shape and type. */
export function checkTensors(config: SpeechConfig, stored: StoredTensors): Weights {
  const prefix = findPrefix(stored)
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
  // One half-precision tensor and all are read: ONNX Runtime takes weights from files or from memory, not from both,
  // and files from one folder.
  const all = [...entries.values()]
  const inPlace = all.every(({ dtype, file }) => dtype === 'F32' && dirname(file) === dirname(all[0].file))
  const load = (name: string) => readTensor(entries.get(name)!)
  return {
    place(name) {
      const found = inPlace ? entries.get(name) : undefined
      return found ? { file: found.file, offset: found.offset, bytes: found.bytes } : null
    },
    read: (name) => (name === positionalWeight && split ? joinWeightNorm(load(split.v), load(split.g)) : load(name)),
  }
}

/** Heads for training put a prefix before the encoder's names (`wav2vec2.`); it is whatever stands before a known one. */
function findPrefix({ tensors, shown: file }: StoredTensors): string {
  const known = 'feature_extractor.conv_layers.0.conv.weight'
  const prefixes = [...tensors.keys()]
    .filter((name) => name.endsWith(known))
    .map((name) => name.slice(0, -known.length))
  if (prefixes.length === 1) return prefixes[0]
  throw new HeschlError('CHECKPOINT_INVALID', 'The file does not hold one speech model', {
    expected: `one tensor named ${known}, with or without a prefix`,
    found: prefixes.length === 0 ? `none among ${tensors.size} tensors` : `${prefixes.length} of them`,
    where: { file, tensor: known },
    remedy: 'Check that config.json and model.safetensors belong together',
  })
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

function checkTensor(name: string, shape: TensorSpec['shape'], { tensors, shown }: StoredTensors): StoredTensor {
  const found = tensors.get(name)
  const where = { file: found?.shown ?? shown, tensor: name }
  if (!found) {
    throw new HeschlError('CHECKPOINT_INVALID', 'A tensor is missing', {
      expected: `${name} [${shape.join(', ')}]`,
      found: `${tensors.size} tensors, not this one`,
      where,
      remedy: 'Check that config.json and model.safetensors belong together',
    })
  }
  if (found.shape.length !== shape.length || found.shape.some((size, i) => size !== shape[i])) {
    throw new HeschlError('CHECKPOINT_INVALID', "A tensor's shape does not match config.json", {
      expected: `[${shape.join(', ')}]`,
      found: `[${found.shape.join(', ')}]`,
      where,
      remedy: 'Check that config.json and model.safetensors belong together',
    })
  }
  if (!isFloat(found.dtype)) {
    throw new HeschlError('CONFIG_UNSUPPORTED', "A tensor's type is not one that Heschl computes with", {
      expected: 'F32, F16 or BF16',
      found: found.dtype,
      where,
      remedy: 'In Python, save the model as float32: model.float().save_pretrained(folder)',
    })
  }
  return found
}

/** torch's weight norm over dims 0 and 1: w[:, :, k] = g[k] · v[:, :, k] / ‖v[:, :, k]‖, in float64. */
function joinWeightNorm(v: Float32Array, g: Float32Array): Float32Array {
  const kernel = g.length
  const squares = new Float64Array(kernel)
  for (let i = 0; i < v.length; i++) squares[i % kernel] += v[i] * v[i]
  const scale = squares.map((square, k) => g[k] / Math.sqrt(square))
  return v.map((value, i) => value * scale[i % kernel])
}

/** @throws HeschlError when the file changed since its header was read */
function readTensor({ file, dtype, offset, bytes, shape }: StoredTensor): Float32Array {
  try {
    const handle = openSync(file, 'r')
    try {
      const raw = new Uint8Array(bytes)
      let done = 0
      while (done < bytes) {
        const read = readSync(handle, raw, done, bytes - done, offset + done)
        if (read === 0) break
        done += read
      }
      if (done === bytes) return decodeFloats(raw, dtype, sizeOf(shape))
    } finally {
      closeSync(handle)
    }
  } catch (thrown) {
    throw HeschlError.from(thrown, { file })
  }
  throw new HeschlError('CHECKPOINT_INVALID', 'The weights changed while they were read', {
    expected: `${offset + bytes} bytes or more`,
    found: 'a shorter file',
    where: { file },
    remedy: 'Wait until the file is complete and run again',
  })
}
