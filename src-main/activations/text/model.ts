/** GPT-2 from a Hugging Face folder, or before training: description, files, and the ONNX Runtime session that computes its layers. */
import { Tensor } from 'onnxruntime-node'
import { HeschlError } from '../../errors.ts'
import { checkFolder, checkpointFiles } from '../checkpoint.ts'
import { parseJsonObject, readText } from '../jsonFile.ts'
import { layersNamed } from '../layers.ts'
import { createSession } from '../session.ts'
import { readStoredTensors, weightFiles } from '../shards.ts'
import { sizeOf } from '../tensors.ts'
import type { ModelSource, OnnxSource } from '../types.ts'
import type { Weights } from '../weights.ts'
import { takeOutputs } from '../window.ts'
import type { Tokenizer } from './bytePairs.ts'
import { parseGpt2Config, type Gpt2Config } from './config.ts'
import { emitGpt2, gpt2Layers, textInputs } from './graph.ts'
import { checkGpt2Tensors, gpt2Tensors } from './tensors.ts'
import { readTokenizer, tokenizerFiles } from './tokenizerFiles.ts'
import type { TextDescription, TextModel } from './types.ts'
import { textArchitectures, untrainedText } from './untrained.ts'

type TextSource = Exclude<ModelSource, OnnxSource>

/** Whether a model reads words, by its architecture or the `model_type` of its config.json; of a folder that cannot be read, false. */
export function readsText(source: ModelSource): source is TextSource {
  if ('onnx' in source) return false
  if ('architecture' in source) return Object.hasOwn(textArchitectures, source.architecture)
  const { config } = checkpointFiles(source.checkpoint)
  try {
    return parseJsonObject(readText(config), config).model_type === 'gpt2'
  } catch (thrown) {
    if (thrown instanceof HeschlError) return false
    throw thrown
  }
}

/** Files whose bytes define the model; of random weights the tokenizer's. */
export function textModelFiles(source: TextSource): readonly string[] {
  if ('architecture' in source) return source.tokenizer === undefined ? [] : tokenizerFiles(source.tokenizer)
  const { checkpoint } = source
  return [checkpointFiles(checkpoint).config, ...weightFiles(checkpoint), ...tokenizerFiles(checkpoint)]
}

interface Gpt2 {
  readonly config: Gpt2Config
  readonly weights: Weights
  readonly tokenizer: Tokenizer
  readonly description: TextDescription
}

/** Reads config, tokenizer and headers, and checks them against each other. */
async function resolve(source: ModelSource): Promise<Gpt2> {
  if ('onnx' in source) {
    throw new HeschlError('OPTION_INVALID', 'No ONNX file reads words', {
      expected: 'a Hugging Face folder, or an architecture with a seed',
      found: 'another kind of model',
      remedy: 'Give the folder of a GPT-2 model',
    })
  }
  if ('architecture' in source) {
    const random = untrainedText(source)
    return { ...random, description: describe(random.config, `random weights, seed ${source.seed}`) }
  }
  const { checkpoint } = source
  await checkFolder(checkpoint)
  const { config: file } = checkpointFiles(checkpoint)
  const config = parseGpt2Config(readText(file), file)
  const weights = checkGpt2Tensors(config, await readStoredTensors(checkpoint))
  const tokenizer = readTokenizer(checkpoint, config.vocab_size)
  return { config, weights, tokenizer, description: describe(config, `from ${checkpoint}`) }
}

function describe(config: Gpt2Config, origin: string): TextDescription {
  return {
    description: `GPT-2, ${config.n_layer} blocks of ${config.n_embd} units, ${origin}`,
    layers: gpt2Layers(config),
    parameters: gpt2Tensors(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    longest: config.n_positions,
    reads: 'words',
  }
}

/**
 * Reads config, tokenizer and headers only, and checks them against each other.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID, CONFIG_UNSUPPORTED,
 *   PICKLE_REFUSED, OPTION_INVALID (architecture, seed, no tokenizer)
 */
export async function describeTextModel(source: ModelSource): Promise<TextDescription> {
  return (await resolve(source)).description
}

/**
 * Loads the weights that the layers need.
 * @param options.layers names as `layersNamed` gives them
 * @param options.threads threads within one computation; left out, ONNX Runtime takes one a physical core
 * @throws HeschlError as `describeTextModel`, and OPTION_INVALID for a layer that the model does not have
 */
export async function openTextModel(
  source: ModelSource,
  options: { readonly layers: readonly string[]; readonly threads?: number },
): Promise<TextModel> {
  const { config, weights, tokenizer, description } = await resolve(source)
  const layers = layersNamed(description, options.layers)
  const session = await createSession(emitGpt2(config, weights, new Set(layers)), options)
  return {
    description,
    provider: 'cpu',
    tokenize: (words) => words.map((word, i) => tokensOf(tokenizer, word, i)),
    run: async (stretches) => takeOutputs(await session.run(inputsOf(config, stretches), [...layers]), layers),
    close: () => session.release(),
  }
}

/** UTF-8 bytes; a joined pair is looked for at every byte after every other, so that time grows with the square. */
const mostWordBytes = 1024

function tokensOf(tokenizer: Tokenizer, word: string, i: number): readonly number[] {
  const bytes = Buffer.byteLength(word)
  const text = bytes > mostWordBytes ? '' : word.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, '')
  if (text !== '') return tokenizer.encode(i === 0 ? text : ` ${text}`)
  throw new HeschlError('OPTION_INVALID', 'This is not one word', {
    expected: `1 to ${mostWordBytes} bytes, and not spaces alone`,
    found: `${bytes} bytes in word ${i + 1}`,
    remedy: 'Check the transcript: a row of its table should hold one word',
  })
}

/** Attention's scores of one block may take this much, in bytes. */
const mostScoreBytes = 4 * 1024 ** 3

function inputsOf({ n_head: heads }: Gpt2Config, stretches: readonly (readonly number[])[]): Record<string, Tensor> {
  const tokens = stretches.reduce((sum, stretch) => sum + stretch.length, 0)
  if (4 * heads * tokens ** 2 > mostScoreBytes) {
    throw new HeschlError('OPTION_INVALID', 'The context is too long: memory grows with its square', {
      expected: `at most ${Math.floor(Math.sqrt(mostScoreBytes / 4 / heads))} tokens for this model`,
      found: `${tokens} tokens`,
      remedy: 'Set a shorter context, as a number of words',
    })
  }
  const positions = stretches.flatMap((stretch) => stretch.map((_, i) => BigInt(i)))
  const mask = new Float32Array(tokens * tokens).fill(-Infinity)
  let row = 0
  for (const { length } of stretches) {
    const from = row
    for (; row < from + length; row++) mask.fill(0, row * tokens + from, row * tokens + row + 1)
  }
  const int64 = (values: readonly bigint[]) => new Tensor('int64', BigInt64Array.from(values), [tokens])
  return {
    [textInputs.ids]: int64(stretches.flat().map(BigInt)),
    [textInputs.positions]: int64(positions),
    [textInputs.mask]: new Tensor('float32', mask, [tokens, tokens]),
  }
}
