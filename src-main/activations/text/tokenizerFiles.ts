/** A checkpoint's tokenizer: tokenizer.json, or where there is none, vocab.json and merges.txt. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { HeschlError } from '../../errors.ts'
import { parseJsonObject, readText } from '../jsonFile.ts'
import { byteCharacters, Tokenizer, type BytePairs } from './bytePairs.ts'

/** Some 20 times GPT-2's own. */
const mostBytes = 32 * 1024 * 1024

const names = (folder: string) => ({
  whole: join(folder, 'tokenizer.json'),
  vocabulary: join(folder, 'vocab.json'),
  merges: join(folder, 'merges.txt'),
  options: join(folder, 'tokenizer_config.json'),
})

/** Every file that decides how text is split; those that have to be there, where they are not. */
export function tokenizerFiles(folder: string): readonly string[] {
  const { whole, vocabulary, merges, options } = names(folder)
  const needed = existsSync(whole) ? [whole] : [vocabulary, merges]
  return existsSync(options) ? [...needed, options] : needed
}

const id = z.number().int().min(0).max(0xffffffff)
const vocabularySchema = z.record(z.string(), id)
const optionsSchema = z.object({ add_prefix_space: z.boolean().nullish() })
const added = z.object({
  id,
  content: z.string().min(1),
  lstrip: z.literal(false).default(false),
  rstrip: z.literal(false).default(false),
  single_word: z.literal(false).default(false),
})
/** What of a tokenizer.json is byte-level byte-pair encoding as GPT-2 has it. */
const wholeSchema = z.object({
  added_tokens: z.array(added).default([]),
  normalizer: z.null().optional(),
  pre_tokenizer: z.object({
    type: z.literal('ByteLevel'),
    add_prefix_space: z.boolean().default(false),
    use_regex: z.literal(true).default(true),
  }),
  model: z.object({
    type: z.literal('BPE'),
    dropout: z.literal([null, 0]).optional(),
    continuing_subword_prefix: z.literal([null, '']).optional(),
    end_of_word_suffix: z.literal([null, '']).optional(),
    byte_fallback: z.literal(false).default(false),
    ignore_merges: z.literal(false).default(false),
    vocab: vocabularySchema,
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
})

/** The token that GPT-2's own vocabulary has for the end of a text. */
const endOfText = '<|endoftext|>'

/**
 * @param mostTokens ids are below this: the rows of the model's embedding
 * @param whose in words, what says so
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, CHECKPOINT_INVALID, CONFIG_UNSUPPORTED
 */
export function readTokenizer(folder: string, mostTokens: number, whose = '(vocab_size) of config.json'): Tokenizer {
  const { whole, vocabulary, options } = names(folder)
  const pairs = existsSync(whole) ? readWhole(whole, options) : readParts(folder)
  const file = existsSync(whole) ? whole : vocabulary
  const ids = [...pairs.vocabulary.values(), ...pairs.special.values()]
  const largest = ids.reduce((most, value) => Math.max(most, value), 0)
  if (largest >= mostTokens) {
    throw invalid(file, `ids below the ${mostTokens} tokens ${whose}`, String(largest))
  }
  const missing = byteCharacters.findIndex((character) => !pairs.vocabulary.has(character))
  if (missing !== -1) throw invalid(file, 'a token for each of the 256 bytes', `none for byte ${missing}`)
  return new Tokenizer(pairs)
}

function readParts(folder: string): BytePairs {
  const { vocabulary: file, merges, options } = names(folder)
  const vocabulary = new Map(Object.entries(parsed(vocabularySchema, file)))
  const lines = readText(merges, mostBytes)
    .split('\n')
    .map((text, i) => ({ pair: text.replace(/\r$/, '').split(' '), place: { file: merges, line: i + 1 } }))
    .filter(({ pair }) => pair[0] !== '' && !pair[0].startsWith('#version'))
  const end = vocabulary.get(endOfText)
  return {
    vocabulary,
    ranks: ranksOf(lines, vocabulary),
    special: new Map(end === undefined ? [] : [[endOfText, end]]),
    prefixSpace: readPrefixSpace(options) ?? false,
  }
}

function readWhole(file: string, options: string): BytePairs {
  const { model, pre_tokenizer: split, added_tokens: special } = parsed(wholeSchema, file, 'CONFIG_UNSUPPORTED')
  const vocabulary = new Map(Object.entries(model.vocab))
  const merges = model.merges.map((pair) => ({
    pair: typeof pair === 'string' ? pair.split(' ') : pair,
    place: { file },
  }))
  return {
    vocabulary,
    ranks: ranksOf(merges, vocabulary),
    special: new Map(special.map(({ content, id: value }) => [content, value])),
    prefixSpace: readPrefixSpace(options) ?? split.add_prefix_space,
  }
}

/** As transformers' `GPT2Tokenizer` takes it, whatever tokenizer.json says; undefined where it is not said. */
function readPrefixSpace(file: string): boolean | undefined {
  return existsSync(file) ? (parsed(optionsSchema, file).add_prefix_space ?? undefined) : undefined
}

interface Merge {
  readonly pair: readonly string[]
  readonly place: { readonly file: string; readonly line?: number }
}

function ranksOf(merges: readonly Merge[], vocabulary: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>()
  for (const [rank, { pair, place }] of merges.entries()) {
    const [left = '', right = '', more] = pair
    if (right === '' || more !== undefined || ![left, right, left + right].every((token) => vocabulary.has(token))) {
      throw new HeschlError('CHECKPOINT_INVALID', 'A merge does not make a token', {
        expected: 'two tokens of the vocabulary that make a third',
        found: JSON.stringify(pair.join(' ').slice(0, 80)),
        where: place,
        remedy: 'Restore the tokenizer that belongs to the weights',
      })
    }
    ranks.set(`${left} ${right}`, rank)
  }
  return ranks
}

/** @param otherwise the code where the file is JSON but not of this shape */
function parsed<Schema extends z.ZodType>(
  schema: Schema,
  file: string,
  otherwise: 'CHECKPOINT_INVALID' | 'CONFIG_UNSUPPORTED' = 'CHECKPOINT_INVALID',
): z.output<Schema> {
  const result = schema.safeParse(parseJsonObject(readText(file, mostBytes), file))
  if (result.success) return result.data
  const [{ path, message }] = result.error.issues
  throw new HeschlError(otherwise, "Heschl does not split text as this model's tokenizer does", {
    expected: "byte-level byte-pair encoding, as GPT-2's",
    found: `${path.join('.').slice(0, 80)}: ${message.slice(0, 200)}`,
    where: { file },
    remedy: 'Use a checkpoint with the tokenizer of GPT-2, or restore the one that belongs to the weights',
  })
}

function invalid(file: string, expected: string, found: string): HeschlError {
  return new HeschlError('CHECKPOINT_INVALID', 'The tokenizer and the model do not fit', {
    expected,
    found,
    where: { file },
    remedy: 'Restore the tokenizer that belongs to the weights',
  })
}
