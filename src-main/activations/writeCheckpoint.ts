/** Saves an untrained model as a Hugging Face folder, so that other toolkits can run the very same weights. */
import { mkdir, writeFile } from 'node:fs/promises'
import { HeschlError } from '../errors.ts'
import { writeSafetensors, type TensorSource } from '../formats/safetensors.ts'
import { checkpointFiles } from './checkpoint.ts'
import { weightNormNames } from './checkpointTensors.ts'
import { weightNames } from './shards.ts'
import { positionalWeight, tensorsOf } from './tensors.ts'
import { untrained } from './untrained.ts'

/**
 * Writes config.json, model.safetensors (float32, bare names, weight norm under torch's newer names) and
 * preprocessor_config.json.
 * @throws HeschlError OPTION_INVALID (architecture or seed), DISK_FULL, FILE_UNREADABLE
 */
export async function writeCheckpoint(architecture: string, seed: number, folder: string): Promise<void> {
  const { config, normalize, weights } = untrained(architecture, seed)
  const tensors = tensorsOf(config).flatMap(({ name, shape }): readonly TensorSource[] => {
    const read = () => weights.read(name)
    if (name !== positionalWeight) return [{ name, shape, read }]
    const { g, v } = weightNormNames
    return [
      { name: g, shape: [1, 1, shape[2]], read: () => lengths(read(), shape[2]) },
      { name: v, shape, read },
    ]
  })
  const files = checkpointFiles(folder)
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(files.config, json(config))
    await writeFile(files.preprocessor, json({ do_normalize: normalize, sampling_rate: 16000, feature_size: 1 }))
  } catch (thrown) {
    throw HeschlError.from(thrown, { file: folder })
  }
  await writeSafetensors(weightNames(folder).single, tensors)
}

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`

/** ‖v[:, :, k]‖ for each k: the g with which weight norm changes nothing. */
function lengths(v: Float32Array, kernel: number): Float32Array {
  const squares = new Float64Array(kernel)
  for (let i = 0; i < v.length; i++) squares[i % kernel] += v[i] * v[i]
  return Float32Array.from(squares, Math.sqrt)
}
