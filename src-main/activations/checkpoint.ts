/**
 * A Hugging Face folder: config.json, model.safetensors and, where there is one, preprocessor_config.json. Without the
 * last, audio is taken as it is.
 */
import { existsSync } from 'node:fs'
import { readFile, readdir, realpath, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { HeschlError } from '../errors.ts'
import { readSafetensorsHeader } from '../formats/safetensors.ts'
import { parseConfig, parseJsonObject, type SpeechConfig } from './config.ts'
import { checkTensors } from './checkpointTensors.ts'
import type { Weights } from './weights.ts'

const largestJson = 1024 * 1024
const pickles = ['.bin', '.pt', '.pth', '.ckpt', '.pkl']

/** Every name's file, whether or not it exists. */
export const checkpointFiles = (folder: string) => ({
  config: join(folder, 'config.json'),
  weights: join(folder, 'model.safetensors'),
  preprocessor: join(folder, 'preprocessor_config.json'),
})

interface Checkpoint {
  readonly config: SpeechConfig
  readonly normalize: boolean
  readonly weights: Weights
}

/**
 * Reads the small files and the header of the large one, and checks every tensor against the config.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID, CONFIG_UNSUPPORTED,
 *   PICKLE_REFUSED
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const files = checkpointFiles(folder)
  await checkFolder(folder)
  const config = parseConfig(await readText(files.config), files.config)
  const normalize = existsSync(files.preprocessor) ? await readNormalize(files.preprocessor) : false
  const file = await weightsFile(folder)
  const header = await readSafetensorsHeader(files.weights)
  return { config, normalize, weights: checkTensors(config, header, files.weights, file) }
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((thrown: unknown) => {
    throw HeschlError.from(thrown, { file: folder })
  })
  if (found.isDirectory()) return
  if (pickles.includes(extname(folder).toLowerCase())) throw pickleRefused(folder)
  throw new HeschlError('FILE_UNREADABLE', 'A checkpoint is a folder', {
    expected: 'a folder with config.json and model.safetensors',
    found: 'a file',
    where: { file: folder },
    remedy: 'Give the folder that the file is in',
  })
}

/** The real path of the weights: ONNX Runtime follows no link out of a folder, and Hugging Face's cache is links. */
async function weightsFile(folder: string): Promise<string> {
  const { weights } = checkpointFiles(folder)
  try {
    return await realpath(weights)
  } catch (thrown) {
    const others = await readdir(folder).catch((): string[] => [])
    const pickle = others.find((name) => pickles.includes(extname(name).toLowerCase()))
    if (pickle !== undefined) throw pickleRefused(join(folder, pickle))
    if (others.includes('model.safetensors.index.json')) {
      throw new HeschlError('CONFIG_UNSUPPORTED', 'The weights are split over several files', {
        expected: 'one model.safetensors',
        found: 'model.safetensors.index.json',
        where: { file: folder },
        remedy: "In Python, save it as one file: model.save_pretrained(folder, max_shard_size='50GB')",
      })
    }
    throw HeschlError.from(thrown, { file: weights })
  }
}

function pickleRefused(file: string): HeschlError {
  return new HeschlError(
    'PICKLE_REFUSED',
    'Heschl does not read pickled weights: they can run code when they are read',
    {
      expected: 'model.safetensors',
      found: file,
      where: { file },
      remedy:
        'If you trust its source, convert it in Python: ' +
        'transformers.AutoModel.from_pretrained(folder).save_pretrained(new_folder, safe_serialization=True)',
    },
  )
}

async function readText(file: string): Promise<string> {
  try {
    const found = await stat(file)
    if (found.isFile() && found.size <= largestJson) return await readFile(file, 'utf8')
    throw new HeschlError(
      found.isFile() ? 'CHECKPOINT_INVALID' : 'FILE_UNREADABLE',
      'This is not a JSON file to read',
      {
        expected: `a file of at most ${largestJson} bytes`,
        found: found.isFile() ? `${found.size} bytes` : 'a folder or a device',
        where: { file },
        remedy: 'Copy or download the checkpoint again',
      },
    )
  } catch (thrown) {
    throw HeschlError.from(thrown, { file })
  }
}

/** `do_normalize`, which is true where the file does not say (transformers' `Wav2Vec2FeatureExtractor`). */
async function readNormalize(file: string): Promise<boolean> {
  const { do_normalize: normalize = true, sampling_rate: rate = 16000 } = parseJsonObject(await readText(file), file)
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
