/**
 * A Hugging Face folder: config.json, weights (see shards.ts) and, where there is one, preprocessor_config.json. Without the
 * last, audio is taken as it is.
 */
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HeschlError } from '../errors.ts'
import { parseConfig, type SpeechConfig } from './config.ts'
import { checkTensors } from './checkpointTensors.ts'
import { parseJsonObject, readText } from './jsonFile.ts'
import { isPickle, pickleRefused } from './pickles.ts'
import { readStoredTensors } from './shards.ts'
import type { Weights } from './weights.ts'

/** The small files, whether or not there are any. */
export const checkpointFiles = (folder: string) => ({
  config: join(folder, 'config.json'),
  preprocessor: join(folder, 'preprocessor_config.json'),
})

interface Checkpoint {
  readonly config: SpeechConfig
  readonly normalize: boolean
  readonly weights: Weights
  /** Whether wav2vec 2.0's quantizer is there as well. */
  readonly quantized: boolean
}

/**
 * Reads the small files and the headers of the large ones, and checks every tensor against the config.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID, CONFIG_UNSUPPORTED,
 *   PICKLE_REFUSED
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const files = checkpointFiles(folder)
  await checkFolder(folder)
  const config = parseConfig(readText(files.config), files.config)
  const normalize = existsSync(files.preprocessor) ? readNormalize(files.preprocessor) : false
  return { config, normalize, ...checkTensors(config, await readStoredTensors(folder)) }
}

/** @throws HeschlError FILE_MISSING, FILE_UNREADABLE, PICKLE_REFUSED */
export async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((thrown: unknown) => {
    throw HeschlError.from(thrown, { file: folder })
  })
  if (found.isDirectory()) return
  if (isPickle(folder)) throw pickleRefused(folder)
  throw new HeschlError('FILE_UNREADABLE', 'A checkpoint is a folder', {
    expected: 'a folder with config.json and model.safetensors',
    found: 'a file',
    where: { file: folder },
    remedy: 'Give the folder that the file is in',
  })
}

/**
 * `model_type` of a folder's config.json.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, CHECKPOINT_INVALID (not JSON), PICKLE_REFUSED
 */
export async function modelTypeOf(folder: string): Promise<unknown> {
  await checkFolder(folder)
  const { config } = checkpointFiles(folder)
  return parseJsonObject(readText(config), config).model_type
}

/** `do_normalize`, which is true where the file does not say (transformers' `Wav2Vec2FeatureExtractor`). */
function readNormalize(file: string): boolean {
  const { do_normalize: normalize = true, sampling_rate: rate = 16000 } = parseJsonObject(readText(file), file)
  if (rate !== 16000) {
    throw new HeschlError('CONFIG_UNSUPPORTED', 'The model was trained at another sample rate', {
      expected: '"sampling_rate": 16000',
      found: `"sampling_rate": ${String(JSON.stringify(rate)).slice(0, 80)}`,
      where: { file },
      remedy: 'Use a model trained at 16 kHz',
    })
  }
  if (typeof normalize === 'boolean') return normalize
  throw new HeschlError('CHECKPOINT_INVALID', 'do_normalize is not true or false', {
    expected: 'true or false',
    found: String(JSON.stringify(normalize)).slice(0, 80),
    where: { file },
    remedy: 'Restore the preprocessor_config.json that belongs to the weights',
  })
}
