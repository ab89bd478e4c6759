/** GPT-2 before training: its vocabulary is a tokenizer's, its weights a seed's. test/main/activations/initialisation has the distributions. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  describeModel,
  describeTextModel,
  openTextModel,
  readsText,
  textModelFiles,
} from '../../../../src-main/activations/index.ts'
import type { ModelSource } from '../../../../src-main/activations/index.ts'
import { untrainedText } from '../../../../src-main/activations/text/untrained.ts'
import { textFolder } from './reference.ts'

const tokenizer = textFolder('gpt2-1')
const random = (seed: number, more: object = { tokenizer }): ModelSource => ({ architecture: 'gpt2', seed, ...more })

let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'heschl-untrained-'))
})
afterAll(() => rm(scratch, { recursive: true }))

async function read(seed: number, layers: readonly string[]) {
  const model = await openTextModel(random(seed), { layers, threads: 1 })
  try {
    const tokens = model.tokenize(['It', 'was', 'so']).flat()
    return { tokens, found: await model.run([tokens]) }
  } finally {
    await model.close()
  }
}

test('has the published size but for the vocabulary, which is the tokenizer’s', async () => {
  const source = random(1)
  const { vocab_size: vocabulary } = JSON.parse(await readFile(join(tokenizer, 'config.json'), 'utf8')) as {
    readonly vocab_size: number
  }
  const { config } = untrainedText({ architecture: 'gpt2', seed: 1, tokenizer })
  expect(config.vocab_size).toBeLessThanOrEqual(vocabulary)
  const { parameters, layers, longest, description } = await describeTextModel(source)
  // transformers' GPT2Model counts 124,439,808 with its own 50,257 tokens of 768 units.
  expect(parameters).toBe(124_439_808 - (50_257 - config.vocab_size) * 768)
  expect({ layers: layers.length, longest }).toEqual({ layers: 14, longest: 1024 })
  expect(description).toBe('GPT-2, 12 blocks of 768 units, random weights, seed 1')
  expect(readsText(source) && textModelFiles(source).length).toBeGreaterThan(0)
})

test('every token has a row of the embedding, and the last is the last', async () => {
  const { tokenizer: read, config } = untrainedText({ architecture: 'gpt2', seed: 1, tokenizer })
  const ids = Array.from({ length: 1000 }, (_, i) => read.encode(String.fromCharCode(i + 1))).flat()
  expect(Math.max(...ids)).toBeLessThan(config.vocab_size)
})

test('what the embedding gives is the tokens’ weights and the positions’, and a seed’s alone', async () => {
  const { tokens, found } = await read(3, ['embedding', 'transf0'])
  const { weights } = untrainedText({ architecture: 'gpt2', seed: 3, tokenizer })
  const [words, places] = [weights.read('wte.weight'), weights.read('wpe.weight')]
  const expected = tokens.flatMap((token, place) =>
    Array.from({ length: 768 }, (_, unit) => Math.fround(words[token * 768 + unit] + places[place * 768 + unit])),
  )
  expect([...found.get('embedding')!.data]).toEqual(expected)
  const again = await read(3, ['embedding', 'transf0'])
  expect(again.found.get('transf0')!.data).toEqual(found.get('transf0')!.data)
  const other = await read(4, ['embedding', 'transf0'])
  expect(other.found.get('transf0')!.data).not.toEqual(found.get('transf0')!.data)
}, 60_000)

test('a tokenizer that is missing, or given to a model that hears, is told', async () => {
  const failure = async (run: () => Promise<unknown>) => (await run().catch((error: unknown) => error)) as object
  const invalid = (found: string) => ({ code: 'OPTION_INVALID', parts: { found } })
  expect(await failure(() => describeTextModel(random(1, {})))).toMatchObject(invalid('none'))
  expect(await failure(() => describeTextModel({ architecture: 'wav2vec2-base', seed: 1 }))).toMatchObject(
    invalid('wav2vec2-base'),
  )
  expect(await failure(() => describeTextModel({ architecture: 'gpt2', seed: -1, tokenizer }))).toMatchObject(
    invalid('-1'),
  )
  expect(await failure(() => describeModel({ architecture: 'whisper-tiny', seed: 1, tokenizer }))).toMatchObject(
    invalid('whisper-tiny'),
  )
  expect(await failure(() => describeModel(random(1)))).toMatchObject(invalid('gpt2'))
  const empty = join(scratch, 'empty')
  await mkdir(empty)
  expect(await failure(() => describeTextModel(random(1, { tokenizer: empty })))).toMatchObject({
    code: 'FILE_MISSING',
  })
})

test('an id beyond any vocabulary makes no embedding of that size', async () => {
  const folder = join(scratch, 'far')
  await cp(tokenizer, folder, { recursive: true })
  const file = join(folder, 'vocab.json')
  const ids = JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, number>>
  await writeFile(file, JSON.stringify({ ...ids, farthest: 4_000_000_000 }))
  await expect(describeTextModel(random(1, { tokenizer: folder }))).rejects.toMatchObject({
    code: 'CHECKPOINT_INVALID',
    parts: { found: '4000000000', expected: 'ids below the 250000 tokens that random weights are drawn for' },
  })
})
