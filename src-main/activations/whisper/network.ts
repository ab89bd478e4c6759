/** Whisper's encoder, from a Hugging Face folder or as an untrained architecture. */
import { existsSync } from 'node:fs'
import { Tensor } from 'onnxruntime-node'
import { checkpointFiles } from '../checkpoint.ts'
import { readText } from '../jsonFile.ts'
import type { Network } from '../network.ts'
import { readStoredTensors } from '../shards.ts'
import { sizeOf } from '../tensors.ts'
import type { ModelDescription } from '../types.ts'
import type { Weights } from '../weights.ts'
import { checkLength, checkPadded, framesIn, normalised } from '../window.ts'
import { checkFrontEnd, framesPerSecond, parseWhisperConfig, type WhisperConfig } from './config.ts'
import { emitWhisper, whisperInputs, whisperLayers } from './graph.ts'
import { logMelSpectrogram } from './logMel.ts'
import { checkWhisperTensors, whisperTensors } from './tensors.ts'
import { untrainedWhisper } from './untrained.ts'

/**
 * The folder's encoder; a decoder and heads beside it are not looked at.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID, CONFIG_UNSUPPORTED,
 *   PICKLE_REFUSED
 */
export async function whisperCheckpoint(folder: string): Promise<Network> {
  const files = checkpointFiles(folder)
  const config = parseWhisperConfig(readText(files.config), files.config)
  if (existsSync(files.preprocessor)) checkFrontEnd(readText(files.preprocessor), files.preprocessor, config)
  const weights = checkWhisperTensors(config, await readStoredTensors(folder))
  return whisperNetwork(config, weights, 'Whisper encoder', `from ${folder}`)
}

/**
 * @param architecture a name in `whisperArchitectures`
 * @throws HeschlError OPTION_INVALID (seed)
 */
export function randomWhisper(architecture: string, seed: number): Network {
  const { config, weights } = untrainedWhisper(architecture, seed)
  return whisperNetwork(config, weights, `${architecture}'s encoder`, `random weights, seed ${seed}`)
}

/**
 * @param what the model, in words
 * @param from where its weights come from, in words
 */
function whisperNetwork(config: WhisperConfig, weights: Weights, what: string, from: string): Network {
  const layers = whisperLayers(config)
  const description: ModelDescription = {
    description: `${what}, ${config.encoder_layers} blocks of ${config.d_model} units, ${from}`,
    layers,
    parameters: whisperTensors(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    sampleRate: 16000,
    normalize: false,
    paddedTo: (config.max_source_positions / framesPerSecond) * 16_000,
  }
  const [fine] = layers
  const coarse = layers.at(-1)!
  const frames = 2 * config.max_source_positions
  return {
    description,
    emit: (names) => emitWhisper(config, weights, new Set(names)),
    inputs(samples) {
      checkLength(samples, description)
      checkPadded(samples.length, description)
      const mel = logMelSpectrogram(normalised(samples, description), config.num_mel_bins, frames)
      const kept = (layer: typeof fine) => new Tensor('int64', [BigInt(framesIn(samples.length, layer))], [1])
      return {
        [whisperInputs.mel]: new Tensor('float32', mel, [1, config.num_mel_bins, 1, frames]),
        [whisperInputs.fine]: kept(fine),
        [whisperInputs.coarse]: kept(coarse),
      }
    },
    passBytes: (names) => passBytes(config, description, names),
  }
}

/** Of a process that has ONNX Runtime loaded and does nothing, bytes. */
const processBytes = 0.15e9
/** Copies of the largest layer, and of attention's scores, that are held at a time. */
const copies = { layer: 4, scores: 2 }

/** Of any window, for all are padded to the same length. */
function passBytes(config: WhisperConfig, { parameters }: ModelDescription, names: readonly string[]): number {
  const { d_model: units, max_source_positions: frames, encoder_attention_heads: heads } = config
  const kept = names.reduce((sum, name) => sum + (name === 'conv0' ? 2 : 1) * frames * units, 0)
  const largest = frames * Math.max(2 * units, config.encoder_ffn_dim)
  return processBytes + 4 * (parameters + kept + copies.layer * largest + copies.scores * heads * frames ** 2)
}
