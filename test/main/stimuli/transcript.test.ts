import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audioInfo, readTokens } from '../../../src-main/stimuli/index.ts'

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-transcript-'))
  path = join(folder, 'made')
})
afterAll(() => rm(folder, { recursive: true }))

const tokens = [
  { text: 'the', start: 0.5, end: 0.75 },
  { text: 'naïve “fox”', start: 0.75, end: 1.25 },
]
const grid = (names: readonly string[]) =>
  [
    `"ooTextFile" "TextGrid" 0 2 <exists> ${names.length}`,
    ...names.map((name) => `"IntervalTier" "${name}" 0 2 3 0 0.5 " " 0.5 0.75 "the" 0.75 1.25 "naïve “fox”"`),
  ].join('\n')

describe('tables', () => {
  test.each([
    ['onset, duration, word', 'onset\tduration\tword\n0.5\t0.25\tthe\n0.75\t0.5\tnaïve “fox”\n'],
    ['onset, offset, text; Windows', '\uFEFFonset\toffset\ttext\r\n0.5\t0.75\tthe\r\n0.75\t1.25\tnaïve “fox”\r\n\r\n'],
    ['other columns, another order', 'word\tspeaker\tEnd\tStart\nthe\tn/a\t0.75\t0.5\nnaïve “fox”\tb\t1.25\t.75'],
    ['commas, quotes', 'onset,duration,word\n0.5,0.25,the\n0.75,0.5,"naïve “fox”"\n'],
    ["gentle's, without a header", 'the,the,0.5,0.75\nQuick,,,\nnaïve “fox”,<unk>,0.75,1.25\n'],
    ["gentle's, the first word not found", 'Uh,,,\nthe,the,0.5,0.75\nnaïve “fox”,<unk>,0.75,1.25'],
    ['its own column first', 'text\tonset\tduration\twords\nx\t0.5\t0.25\tthe\ny\t0.75\t0.5\tnaïve “fox”'],
  ])('%s', async (_, table) => {
    await writeFile(path, table)
    expect(await readTokens(path, 'words')).toEqual(tokens)
  })
  test.each([
    ['empty', '', 1, 'an empty file'],
    ['a column missing', 'onset\ttext\n0\ta', 1, '"onset", "text"'],
    ['a column twice', 'onset\tonset\ttext\n0\t1\ta', 1, '"onset" twice'],
    ['a value missing', 'onset\tduration\ttext\n0\t1', 2, '2'],
    ['commas, a value missing', 'onset,duration,text\n0,1', 2, '2'],
    ["gentle's, rows out of order", 'a,a,3,4\nb,b,2,3', 2, '2'],
    ["gentle's, an end before its start", 'a,a,3,2', 1, '2'],
    ['n/a for a time', 'onset\tduration\ttext\n0\tn/a\ta', 2, 'n/a'],
    ['nothing for a time', 'onset\tduration\ttext\n0\t\ta', 2, '""'],
    ['a negative duration', 'onset\tduration\ttext\n0\t-1\ta', 2, '-1'],
    ['an end before its start', 'onset\toffset\ttext\n\n3\t2\ta', 3, '2'],
    ['rows out of order', 'onset\tduration\ttext\n3\t1\ta\n2\t1\tb', 3, '2'],
    ['infinity', 'onset\tduration\ttext\nInfinity\t1\ta', 2, 'Infinity'],
  ])('%s', async (_, table, line, found) => {
    await writeFile(path, table)
    await expect(readTokens(path, 'words')).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
      parts: { where: { file: path, line }, found: expect.stringContaining(found) as string },
    })
  })
  test.each([1, 2, 3])('run %i of the demo study: phones lie within words, all within the audio', async (run) => {
    const file = (end: string) =>
      fileURLToPath(new URL(`../../../resources/demo/stimuli/run-${run}.${end}`, import.meta.url))
    const [words, phones] = [
      await readTokens(file('words.tsv'), 'words'),
      await readTokens(file('phones.tsv'), 'phones'),
    ]
    const { seconds } = await audioInfo(file('flac'))
    expect(words.length).toBeGreaterThan(100)
    for (const phone of phones) {
      const middle = (phone.start + phone.end) / 2
      expect(words.some(({ start, end }) => start <= middle && middle <= end)).toBe(true)
      expect(phone.end).toBeLessThanOrEqual(seconds)
    }
  })
})

describe('TextGrids', () => {
  test.each([
    ['named', ['phones', 'Words']],
    ['named in the singular', ['word', 'phone']],
    ['of a speaker', ['anna - words', 'anna - phones']],
    ['the only one', ['transcript']],
  ])('the tier is %s', async (_, names) => {
    await writeFile(path, grid(names))
    expect(await readTokens(path, 'words')).toEqual(tokens)
  })
  test.each(['utf8', 'utf16le', 'utf16be'] as const)('in %s', async (encoding) => {
    const bytes = Buffer.from(`\uFEFF${grid(['words'])}`, encoding === 'utf8' ? 'utf8' : 'utf16le')
    await writeFile(path, encoding === 'utf16be' ? bytes.swap16() : bytes)
    expect(await readTokens(path, 'words')).toEqual(tokens)
  })
  test.each([
    [[], 'no interval tiers'],
    [['a', 'b'], '"a", "b"'],
    [['anna - words', 'ben - words'], '"anna - words", "ben - words"'],
    [['swords', 'keywords '], '"swords", "keywords "'],
  ])('tiers %j: which one is not clear', async (names, found) => {
    await writeFile(path, grid(names))
    await expect(readTokens(path, 'words')).rejects.toMatchObject({ code: 'FORMAT_INVALID', parts: { found } })
  })
})

test('missing files, and bytes that are not text, are refused', async () => {
  await expect(readTokens(join(folder, 'none'), 'words')).rejects.toMatchObject({ code: 'FILE_MISSING' })
  for (const bytes of [
    [0xff, 0x00, 0x41],
    [0x61, 0xe9, 0x62],
    [0xff, 0xfe, 0x00, 0xd8],
  ]) {
    await writeFile(path, Uint8Array.from(bytes))
    await expect(readTokens(path, 'words')).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  }
  await writeFile(path, Buffer.alloc(16 * 1024 * 1024 + 1, 'a'))
  await expect(readTokens(path, 'words')).rejects.toThrow(/at most 16,777,216 bytes/)
})
