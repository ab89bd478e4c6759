/**
 * A checkpoint's weights: model.safetensors, or where there is none, the files (shards) that
 * model.safetensors.index.json names: `weight_map` has every tensor's shard. Source of the layout: transformers'
 * `modeling_utils.py`, `save_pretrained` with `max_shard_size`.
 */
import { existsSync } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { HeschlError } from '../errors.ts'
import { readSafetensorsHeader, type TensorEntry } from '../formats/safetensors.ts'
import { parseJsonObject, readText } from './jsonFile.ts'
import { beginsAsPickle, isPickle, pickleRefused } from './pickles.ts'

export interface StoredTensor extends TensorEntry {
  /** The real path: ONNX Runtime follows no link out of a folder, and Hugging Face's cache is links. */
  readonly file: string
  /** The path for messages. */
  readonly shown: string
}

export interface StoredTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  /** The file that names them all, for messages. */
  readonly shown: string
}

const mostShards = 1000

/** Both places for weights, whether or not there is a file. */
export const weightNames = (folder: string) => ({
  single: join(folder, 'model.safetensors'),
  index: join(folder, 'model.safetensors.index.json'),
})

/** Every file that defines the weights; of an index that cannot be read, itself alone. */
export function weightFiles(folder: string): readonly string[] {
  const { single, index } = weightNames(folder)
  if (existsSync(single) || !existsSync(index)) return [single]
  try {
    return [index, ...new Set([...readIndex(index).values()].map((shard) => join(folder, shard)))]
  } catch (thrown) {
    if (thrown instanceof HeschlError) return [index]
    throw thrown
  }
}

/**
 * Where every tensor lies.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID, PICKLE_REFUSED
 */
export async function readStoredTensors(folder: string): Promise<StoredTensors> {
  const { single, index } = weightNames(folder)
  if (existsSync(single)) return { tensors: await readHeader(single), shown: single }
  if (existsSync(index)) return { tensors: await readShards(folder, index), shown: index }
  const others = await readdir(folder).catch((): string[] => [])
  const pickle = others.find(isPickle)
  if (pickle !== undefined) throw pickleRefused(join(folder, pickle))
  return { tensors: await readHeader(single), shown: single }
}

async function readHeader(shown: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const file = await realpath(shown).catch((thrown: unknown) => {
    throw HeschlError.from(thrown, { file: shown })
  })
  const header = await readSafetensorsHeader(shown).catch(async (thrown: unknown) => {
    const other = thrown instanceof HeschlError && thrown.code === 'FORMAT_INVALID'
    throw other && (await beginsAsPickle(file)) ? pickleRefused(shown, false) : thrown
  })
  return new Map([...header].map(([name, entry]) => [name, { ...entry, file, shown }]))
}

async function readShards(folder: string, index: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const headers = new Map<string, ReadonlyMap<string, StoredTensor>>()
  const tensors = new Map<string, StoredTensor>()
  for (const [tensor, shard] of readIndex(index)) {
    const header = headers.get(shard) ?? (await readHeader(join(folder, shard)))
    headers.set(shard, header)
    const found = header.get(tensor)
    if (!found) {
      throw new HeschlError('CHECKPOINT_INVALID', 'A tensor is not in the file that the index names', {
        expected: `${tensor} in ${shard}`,
        found: `${header.size} tensors, not this one`,
        where: { file: index, tensor },
        remedy: 'Copy or download all files of the checkpoint again',
      })
    }
    tensors.set(tensor, found)
  }
  return tensors
}

/**
 * Each tensor's shard, a file's name within the folder.
 * @throws HeschlError FILE_UNREADABLE, CHECKPOINT_INVALID
 */
function readIndex(index: string): ReadonlyMap<string, string> {
  const { weight_map: map } = parseJsonObject(readText(index), index)
  const bad = (expected: string, found: unknown) =>
    new HeschlError('CHECKPOINT_INVALID', 'The index of the weights is not valid', {
      expected,
      found: String(JSON.stringify(found)).slice(0, 200),
      where: { file: index },
      remedy: 'Copy or download the file again',
    })
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw bad('an object "weight_map"', map)
  const shards = new Map<string, string>()
  for (const [tensor, shard] of Object.entries(map as Record<string, unknown>)) {
    // Nothing outside the folder: an index is no reason to open any other file.
    if (typeof shard !== 'string' || !/^[^/\\:]+\.safetensors$/.test(shard)) {
      throw bad('names of safetensors files in the same folder', shard)
    }
    shards.set(tensor, shard)
  }
  const count = new Set(shards.values()).size
  if (count > mostShards) throw bad(`at most ${mostShards} files`, count)
  return shards
}
