/** Checkpoints of text models that are broken, or that Heschl does not compute. */
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeTextModel, openTextModel, readsText, textModelFiles } from '../../../../src-main/activations/index.ts'
import { readTokenizer } from '../../../../src-main/activations/text/tokenizerFiles.ts'
import { HeschlError } from '../../../../src-main/errors.ts'
import { readSafetensorsHeader, writeSafetensors } from '../../../../src-main/formats/safetensors.ts'
import { folderOf, readTensors } from '../reference.ts'
import { textFolder } from './reference.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-text-'))
})
afterAll(() => rm(folder, { recursive: true }))

let copies = 0
async function copyOf(name: string): Promise<string> {
  const copy = join(folder, String(copies++))
  await cp(textFolder(name), copy, { recursive: true })
  return copy
}

async function changed(name: string, file: string, change: (text: string) => string): Promise<string> {
  const copy = await copyOf(name)
  const path = join(copy, file)
  await writeFile(path, change(await readFile(path, 'utf8')))
  return copy
}

type Values = Record<string, unknown>
const merged = (values: Values) => (text: string) => JSON.stringify({ ...(JSON.parse(text) as Values), ...values })

test('a whole checkpoint is described, with the files that define it', async () => {
  const checkpoint = textFolder('gpt2-1')
  const { layers, parameters, longest } = await describeTextModel({ checkpoint })
  expect(layers.map(({ name }) => name)).toEqual(['embedding', 'transf0', 'transf1', 'transf2', 'transf2.norm'])
  expect(layers.every(({ units }) => units === 24)).toBe(true)
  expect(longest).toBe(64)
  const sizes = [...(await readSafetensorsHeader(join(checkpoint, 'model.safetensors')))]
    .filter(([name]) => !/\.attn\.(masked_)?bias$/.test(name))
    .map(([, { shape }]) => shape.reduce((product, size) => product * size, 1))
  expect(parameters).toBe(sizes.reduce((sum, size) => sum + size, 0))
  const names = ['config.json', 'model.safetensors', 'vocab.json', 'merges.txt']
  expect(textModelFiles({ checkpoint })).toEqual(names.map((name) => join(checkpoint, name)))
})

test('a model reads words when its config says so', () => {
  expect(readsText({ checkpoint: textFolder('gpt2-lm') })).toBe(true)
  expect(readsText({ checkpoint: folderOf('wav2vec2-1') })).toBe(false)
  expect(readsText({ checkpoint: join(folder, 'nowhere') })).toBe(false)
  expect(readsText({ architecture: 'wav2vec2-base', seed: 1 })).toBe(false)
})

describe('config.json', () => {
  test.each([
    [{ add_cross_attention: true }, 'CONFIG_UNSUPPORTED', 'add_cross_attention'],
    [{ activation_function: 'silu' }, 'CONFIG_UNSUPPORTED', 'activation_function'],
    [{ n_head: 5 }, 'CHECKPOINT_INVALID', 'n_head'],
    [{ n_layer: 0 }, 'CHECKPOINT_INVALID', 'n_layer'],
    [{ n_layer: 1e9 }, 'CHECKPOINT_INVALID', 'n_layer'],
    [{ layer_norm_epsilon: 'small' }, 'CHECKPOINT_INVALID', 'layer_norm_epsilon'],
    [{ model_type: 'gpt_neo' }, 'CONFIG_UNSUPPORTED', 'model_type'],
    [{ scale_attn_weights: 1 }, 'CHECKPOINT_INVALID', 'scale_attn_weights'],
  ])('%j is refused', async (values, code, key) => {
    const checkpoint = await changed('gpt2-1', 'config.json', merged(values))
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({
      code,
      parts: { found: expect.stringContaining(key), where: { file: join(checkpoint, 'config.json') } },
    })
  })

  test('keys under their other names are the same keys', async () => {
    const checkpoint = await changed('gpt2-1', 'config.json', (text) =>
      text.replace('"n_embd"', '"hidden_size"').replace('"n_layer"', '"num_hidden_layers"'),
    )
    expect((await describeTextModel({ checkpoint })).layers).toEqual(
      (await describeTextModel({ checkpoint: textFolder('gpt2-1') })).layers,
    )
  })

  test.each([
    [{ n_layer: 2 }, 'h.2.attn.c_attn.bias'],
    [{ n_layer: 4 }, 'h.3.ln_1.weight'],
    [{ n_positions: 65 }, 'wpe.weight'],
    [{ n_inner: 95 }, 'h.0.mlp.c_fc.weight'],
    [{ vocab_size: 351 }, 'wte.weight'],
  ])('%j does not match the weights', async (values, tensor) => {
    const checkpoint = await changed('gpt2-1', 'config.json', merged(values))
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { where: { tensor } },
    })
  })
})

describe('weights', () => {
  test('that are missing, pickled, cut short or of another model are told', async () => {
    const checkpoint = await copyOf('gpt2-1')
    await truncate(join(checkpoint, 'model.safetensors'), 40_000)
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
    await rm(join(checkpoint, 'model.safetensors'))
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({ code: 'FILE_MISSING' })
    await writeFile(join(checkpoint, 'pytorch_model.bin'), '')
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({ code: 'PICKLE_REFUSED' })
    await cp(join(folderOf('wav2vec2-1'), 'model.safetensors'), join(checkpoint, 'model.safetensors'))
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { where: { tensor: 'wte.weight' } },
    })
    await expect(describeTextModel({ checkpoint: join(folder, 'nowhere') })).rejects.toMatchObject({
      code: 'FILE_MISSING',
    })
  })

  test('that are not numbers are told when they are used', async () => {
    const checkpoint = await copyOf('gpt2-1')
    const file = join(checkpoint, 'model.safetensors')
    const tensors = [...(await readTensors(file))].filter(([name]) => !name.endsWith('masked_bias'))
    const poisoned = tensors.map(([name, { shape, data }]) => ({
      name,
      shape,
      read: () => (name === 'h.1.mlp.c_fc.bias' ? data.map(() => NaN) : data),
    }))
    await writeSafetensors(file, poisoned)
    const model = await openTextModel({ checkpoint }, { layers: ['transf1'], threads: 1 })
    await expect(model.run([[1, 2, 3]])).rejects.toMatchObject({ code: 'NUMERICAL' })
    await model.close()
  })

  test('are only opened for layers that there are', async () => {
    const source = { checkpoint: textFolder('gpt2-1') }
    await expect(openTextModel(source, { layers: ['transf3'] })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    const seeded = { architecture: 'wav2vec2-base', seed: 1 }
    await expect(openTextModel(seeded, { layers: ['transf0'] })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})

describe('the tokenizer', () => {
  const vocabulary = (change: (values: Values) => void) => (text: string) => {
    const values = JSON.parse(text) as Values
    change(values)
    return JSON.stringify(values)
  }
  test.each([
    ['gpt2-1', 'vocab.json', () => '[]', 'JSON object'],
    ['gpt2-1', 'vocab.json', () => '{"a": 0.5}', 'byte-level'],
    ['gpt2-1', 'vocab.json', vocabulary((values) => (values['q'] = 350)), 'below the 350 tokens'],
    ['gpt2-1', 'vocab.json', vocabulary((values) => delete values['Ġ']), 'two tokens of the vocabulary'],
    ['gpt2-1', 'merges.txt', () => 'Ġ\n', 'two tokens of the vocabulary'],
    ['gpt2-1', 'merges.txt', () => 'q q\n', 'two tokens of the vocabulary'],
    ['gpt2-1', 'merges.txt', (text: string) => `${text}a b c\n`, 'two tokens of the vocabulary'],
    ['gpt2-bfloat16', 'tokenizer_config.json', () => '{"add_prefix_space": "yes"}', 'byte-level'],
  ] as const)('of %s with another %s is refused (%#)', async (name, file, change, expected) => {
    const checkpoint = await changed(name, file, change)
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { expected: expect.stringContaining(expected) },
    })
  })

  test('without a token for every byte is refused', async () => {
    const checkpoint = await changed(
      'gpt2-1',
      'vocab.json',
      vocabulary((values) => delete values['\u0143']),
    )
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { found: 'none for byte 173' },
    })
  })

  test.each([
    ['normalizer', { normalizer: { type: 'NFC' } }],
    ['pre_tokenizer', { pre_tokenizer: { type: 'Whitespace' } }],
    ['pre_tokenizer', { pre_tokenizer: { type: 'ByteLevel', use_regex: false } }],
    ['model', { model: { type: 'WordPiece', vocab: {}, merges: [] } }],
    ['model', { model: { type: 'BPE', vocab: {}, merges: [], dropout: 0.1 } }],
    ['added_tokens', { added_tokens: [{ id: 1, content: 'x', lstrip: true }] }],
  ])('whose %s is of another kind is refused', async (key, values) => {
    const checkpoint = await changed('gpt2-lm', 'tokenizer.json', merged(values))
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({
      code: 'CONFIG_UNSUPPORTED',
      parts: { found: expect.stringContaining(key) },
    })
  })

  test('that is missing is told, and a merge that makes nothing with its line', async () => {
    const checkpoint = await changed('gpt2-1', 'merges.txt', (text) => text.replace('\n', '\nq q\n'))
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({
      parts: { where: { file: join(checkpoint, 'merges.txt'), line: 2 } },
    })
    await rm(join(checkpoint, 'vocab.json'))
    await expect(describeTextModel({ checkpoint })).rejects.toMatchObject({
      code: 'FILE_MISSING',
      parts: { where: { file: join(checkpoint, 'vocab.json') } },
    })
  })

  test('with any bytes changed is read, or refused with the file', async () => {
    for (const [name, file] of [
      ['gpt2-1', 'vocab.json'],
      ['gpt2-1', 'merges.txt'],
      ['gpt2-lm', 'tokenizer.json'],
    ] as const) {
      const checkpoint = await copyOf(name)
      const whole = await readFile(join(checkpoint, file))
      const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }))
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { minLength: 1, maxLength: 3 }),
          fc.nat(whole.length),
          async (changes, cut) => {
            const bytes = Uint8Array.from(whole)
            for (const [at, value] of changes) bytes[at] = value
            await writeFile(join(checkpoint, file), cut % 4 === 0 ? bytes.subarray(0, cut) : bytes)
            try {
              expect(readTokenizer(checkpoint, 1000).encode('It is naïve 大象').length).toBeGreaterThan(0)
            } catch (error) {
              if (!(error instanceof HeschlError)) throw error
              expect(['CHECKPOINT_INVALID', 'CONFIG_UNSUPPORTED']).toContain(error.code)
              expect(error.parts.where?.file).toContain(checkpoint)
            }
          },
        ),
        { numRuns: 150 },
      )
    }
  })

  test('refuses what is not a word, and is not slowed by it', async () => {
    const model = await openTextModel({ checkpoint: textFolder('gpt2-1') }, { layers: ['embedding'], threads: 1 })
    for (const word of ['', ' \u0085 ', 'a'.repeat(1025), 'a'.repeat(1e7), `a${' '.repeat(1e6)}b`])
      expect(() => model.tokenize(['one', word])).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(model.tokenize(['é'.repeat(512)])[0].length).toBeGreaterThan(0)
    await model.close()
  })
})
