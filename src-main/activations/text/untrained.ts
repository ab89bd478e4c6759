/** GPT-2 before training: random weights of a named size, with the vocabulary of a tokenizer. */
import { HeschlError } from '../../errors.ts'
import { checkSeed, drawn } from '../draw.ts'
import type { Weights } from '../weights.ts'
import type { Tokenizer } from './bytePairs.ts'
import { parseGpt2Config, type Gpt2Config } from './config.ts'
import { gpt2Tensors } from './tensors.ts'
import { readTokenizer } from './tokenizerFiles.ts'

/** What is left out is the format's default, the smallest GPT-2: 12 blocks of 768 units, 12 heads, 1024 positions. */
export const textArchitectures: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { gpt2: {} }

/** A row of the embedding is drawn for each: five times GPT-2's own, 768 MB. */
const mostTokens = 250_000

export interface RandomText {
  readonly architecture: string
  readonly seed: number
  /** Folder with tokenizer.json, or vocab.json and merges.txt. */
  readonly tokenizer?: string
}

/**
 * @throws HeschlError OPTION_INVALID (architecture, seed, no tokenizer); FILE_MISSING, FILE_UNREADABLE,
 *   CHECKPOINT_INVALID, CONFIG_UNSUPPORTED of the tokenizer
 */
export function untrainedText({ architecture, seed, tokenizer: folder }: RandomText): {
  readonly config: Gpt2Config
  readonly tokenizer: Tokenizer
  readonly weights: Weights
} {
  if (!Object.hasOwn(textArchitectures, architecture)) {
    throw new HeschlError('OPTION_INVALID', 'This is no architecture that reads words', {
      expected: Object.keys(textArchitectures).join(', '),
      found: architecture,
      remedy: 'Name one of these; an architecture that hears speech takes audio instead',
    })
  }
  checkSeed(seed)
  if (folder === undefined) {
    throw new HeschlError(
      'OPTION_INVALID',
      'A model that reads words needs a tokenizer, also when its weights are random',
      {
        expected: 'a folder with tokenizer.json, or vocab.json and merges.txt, as `tokenizer`',
        found: 'none',
        remedy: 'Give the folder of the trained model that it is compared with',
      },
    )
  }
  const tokenizer = readTokenizer(folder, mostTokens, 'that random weights are drawn for')
  const values = { model_type: 'gpt2', ...textArchitectures[architecture], vocab_size: tokenizer.size }
  const config = parseGpt2Config(JSON.stringify(values), architecture)
  return { config, tokenizer, weights: drawn(gpt2Tensors(config), seed) }
}
