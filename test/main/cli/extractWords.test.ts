/** `heschl extract --words`: transformers' numbers through the real command; see test/reference/text/README.md. */
import { openSync, readSync, closeSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSafetensorsHeader } from '../../../src-main/formats/safetensors.ts'
import { folderOf, largestDifference, readTensors } from '../activations/reference.ts'
import { readTextReference, readTexts, textFolder } from '../activations/text/reference.ts'
import { heschl as heschlIn } from './heschl.ts'

const { words } = readTexts()
let folder: string
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)

/** A word every 0.4 s, and a pause that has a row without a word. */
const rows = (list: readonly string[]) => {
  const lines = list.map((word, i) => `${(0.25 + 0.4 * i).toFixed(2)}\t0.3\t${word}`)
  return ['onset\tduration\ttext', ...lines, `${0.25 + 0.4 * list.length}\t1\t`].join('\n')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-extract-words-'))
  await writeFile(join(folder, 'short.tsv'), rows(words.short))
  await writeFile(join(folder, 'medium.tsv'), rows(words.medium))
  await writeFile(join(folder, 'silent.tsv'), rows([]))
})
afterAll(() => rm(folder, { recursive: true }))

async function readTimes(file: string, name: string): Promise<number[]> {
  const { dtype, shape, offset, bytes } = (await readSafetensorsHeader(file)).get(name)!
  expect(dtype).toBe('F64')
  const data = new Float64Array(bytes / 8)
  const handle = openSync(file, 'r')
  readSync(handle, data, 0, bytes, offset)
  closeSync(handle)
  expect(shape).toEqual([data.length])
  return [...data]
}

test.each([
  ['gpt2-lm', [], 'full', 'mean'],
  ['gpt2-float16', ['--context', '3', '--tokens', 'last'], 3, 'last'],
] as const)('words of %s %j agree with transformers in every layer', async (name, more, context, tokens) => {
  const args = ['--words', 'medium.tsv', '--layers', 'all', ...more, '--out', 'words.safetensors', '--json']
  const { code, stdout } = await heschl('extract', '--model', textFolder(name), ...args)
  expect(code).toBe(0)
  const file = join(folder, 'words.safetensors')
  const way = context === 'full' ? 'full' : 'context3'
  const { tensors, stories } = await readTextReference(name)
  const expected = [...tensors].filter(([key]) => key.startsWith(`medium/${way}/`))
  const found = await readTensors(file)
  expect(new Set(found.keys())).toEqual(
    new Set(['onset', 'offset', ...expected.map(([key]) => key.slice(`medium/${way}/`.length))]),
  )
  for (const [key, { shape, data }] of expected) {
    const own = found.get(key.slice(`medium/${way}/`.length))!
    expect(own.shape).toEqual(shape)
    expect(largestDifference(own.data, data), key).toBeLessThan(1e-4)
  }
  const onsets = words.medium.map((_, i) => Number((0.25 + 0.4 * i).toFixed(2)))
  expect(await readTimes(file, 'onset')).toEqual(onsets)
  for (const [i, offset] of (await readTimes(file, 'offset')).entries()) expect(offset).toBeCloseTo(onsets[i] + 0.3, 10)
  expect(JSON.parse(stdout)).toMatchObject({
    context,
    wordTokens: tokens,
    files: [{ out: file, words: 20, tokens: stories.medium.ids.length, windows: stories.medium[way].length }],
  })
})

test('several stories go to a folder, and what was done is said', async () => {
  const args = ['--words', 'short.tsv', 'medium.tsv', '--layers', 'transf0', '--out', 'several']
  const { code, stdout } = await heschl('extract', '--model', textFolder('gpt2-1'), ...args)
  expect(code).toBe(0)
  expect(await readdir(join(folder, 'several'))).toEqual(['medium.safetensors', 'short.safetensors'])
  expect(stdout).toMatch(/transf0 +5 +24\n.*short\.safetensors: 1 layer of 5 words \(8 tokens\) in /)
})

test('random weights of a seed, with a tokenizer', async () => {
  const gpt2 = (seed: string, out: string) =>
    heschl(
      ...['extract', '--model', 'gpt2', '--seed', seed, '--tokenizer', textFolder('gpt2-1'), '--words', 'short.tsv'],
      ...['--layers', 'embedding,transf0', '--out', out],
    )
  expect((await gpt2('1', 'one.safetensors')).code).toBe(0)
  expect((await gpt2('2', 'two.safetensors')).code).toBe(0)
  const [one, two] = await Promise.all(['one', 'two'].map((name) => readTensors(join(folder, `${name}.safetensors`))))
  for (const layer of ['embedding', 'transf0']) {
    expect(one.get(layer)!.shape).toEqual([5, 768])
    expect(one.get(layer)!.data).not.toEqual(two.get(layer)!.data)
  }
}, 60_000)

describe('failures leave nothing behind', () => {
  const rest = ['--layers', 'all', '--out', 'a.safetensors', '--json']
  const extract = (model: string, ...args: readonly string[]) => ['extract', '--model', model, ...args, ...rest]
  const gpt2 = textFolder('gpt2-1')
  test.each([
    [extract(gpt2, '--words', 'nowhere.tsv'), 1, 'FILE_MISSING'],
    [extract(gpt2, '--words', 'silent.tsv'), 1, 'FORMAT_INVALID'],
    [extract(gpt2, '--words', 'short.tsv', '--audio', 'short.tsv'), 2, 'OPTION_INVALID'],
    [extract(gpt2, '--words', 'short.tsv', '--window', '10/5'), 2, 'OPTION_INVALID'],
    [extract(gpt2, '--words', 'short.tsv', '--context', '-1'), 2, 'OPTION_INVALID'],
    [extract(gpt2, '--words', 'short.tsv', '--tokens', 'first'), 2, 'OPTION_INVALID'],
    [['extract', '--model', gpt2, '--words', 'short.tsv', '--out', 'a', '--json'], 2, 'OPTION_INVALID'],
    [extract(folderOf('wav2vec2-1'), '--words', 'short.tsv'), 1, 'CONFIG_UNSUPPORTED'],
    [extract(gpt2, '--audio', 'short.tsv', '--window', 'none'), 1, 'CONFIG_UNSUPPORTED'],
    [extract('gpt2', '--seed', '1', '--words', 'short.tsv'), 2, 'OPTION_INVALID'],
    [extract('gpt2', '--seed', '1', '--tokenizer', 'nowhere', '--words', 'short.tsv'), 1, 'FILE_MISSING'],
    [extract(gpt2, '--tokenizer', gpt2, '--words', 'short.tsv'), 2, 'OPTION_INVALID'],
    [
      extract('wav2vec2-base', '--seed', '1', '--audio', 'short.tsv', '--tokenizer', gpt2, '--window', 'none'),
      2,
      'OPTION_INVALID',
    ],
  ])('%j', async (args, exit, expected) => {
    const before = await readdir(folder)
    const { code, stdout } = await heschl(...args)
    expect([code, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([exit, expected])
    expect(await readdir(folder)).toEqual(before)
  })
})
