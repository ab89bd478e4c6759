/** Tensors of a checkpoint, whatever the model: found by name, checked, read or pointed at. */
import { closeSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { HeschlError } from '../errors.ts'
import { decodeFloats, isFloat } from './floats.ts'
import type { StoredTensor, StoredTensors } from './shards.ts'
import { sizeOf } from './tensors.ts'
import type { Weights } from './weights.ts'

/**
 * Heads for training put a prefix before a model's names (`wav2vec2.`); it is whatever stands before a known one.
 * @param what the kind of model, for messages
 * @throws HeschlError CHECKPOINT_INVALID
 */
export function findPrefix(known: string, what: string, { tensors, shown: file }: StoredTensors): string {
  const prefixes = [...tensors.keys()]
    .filter((name) => name.endsWith(known))
    .map((name) => name.slice(0, -known.length))
  if (prefixes.length === 1) return prefixes[0]
  throw new HeschlError('CHECKPOINT_INVALID', `The file does not hold one ${what} model`, {
    expected: `one tensor named ${known}, with or without a prefix`,
    found: prefixes.length === 0 ? `none among ${tensors.size} tensors` : `${prefixes.length} of them`,
    where: { file, tensor: known },
    remedy: 'Check that config.json and model.safetensors belong together',
  })
}

/**
 * Where tensors lie, for those that can be used as they are. One half-precision tensor and all are read: ONNX Runtime
 * takes weights from files or from memory, not from both, and files from one folder.
 */
export function placesOf(entries: ReadonlyMap<string, StoredTensor>): Weights['place'] {
  const all = [...entries.values()]
  const inPlace = all.every(({ dtype, file }) => dtype === 'F32' && dirname(file) === dirname(all[0].file))
  return (name) => {
    const found = inPlace ? entries.get(name) : undefined
    return found ? { file: found.file, offset: found.offset, bytes: found.bytes } : null
  }
}

/**
 * @param name with its prefix
 * @throws HeschlError CHECKPOINT_INVALID (missing, of another shape), CONFIG_UNSUPPORTED (of another type)
 */
export function checkTensor(name: string, shape: readonly number[], { tensors, shown }: StoredTensors): StoredTensor {
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

/** A tensor's values, row-major. @throws HeschlError when the file changed since its header was read */
export function readTensor({ file, dtype, offset, bytes, shape }: StoredTensor): Float32Array {
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
