/** Against numpy on the same files: see test/reference/wordVectors/README.md. */
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { readWordVectors, vectorUnits } from '../../../src-main/formats/wordVectors.ts'

const reference = (name: string) => fileURLToPath(new URL(`../../reference/wordVectors/${name}`, import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-vectors-'))
})
afterAll(() => rm(folder, { recursive: true }))

let files = 0
async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `${files++}.txt`)
  await writeFile(path, content)
  return path
}

test.each([
  ['glove.txt', 'glove.npy'],
  ['fasttext.vec', 'fasttext.npy'],
])('%s has the numbers that numpy reads', async (file, array) => {
  const words = (await readFile(reference('words.txt'), 'utf8')).split('\n')
  const { shape, data } = await readNpy(reference(array))
  expect(shape).toEqual([words.length, 25])
  expect(await vectorUnits(reference(file))).toBe(25)
  const found = await readWordVectors(reference(file), new Set([...words, 'never said']))
  expect(found).toMatchObject({ units: 25, words: words.length + 1 })
  expect([...found.vectors.keys()]).toEqual(words)
  expect([...found.vectors.values()].flatMap((vector) => [...vector])).toEqual([...data])
  const some = await readWordVectors(reference(file), new Set(['. . .', 'boa', 'Boa']))
  expect([...some.vectors.keys()]).toEqual(['. . .', 'boa'])
})

const word = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((text) => !/[ \n\r]/.test(text) && !/^[-+.\d]/.test(text))

test('what is written is read, whatever the words, the numbers and the pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }).chain((units) =>
        fc.record({
          units: fc.constant(units),
          rows: fc.uniqueArray(
            fc.tuple(
              word,
              fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: units, maxLength: units }),
            ),
            { selector: ([text]) => text, minLength: 1, maxLength: 30 },
          ),
          header: fc.boolean(),
          ending: fc.constantFrom('\n', ' \n', '\r\n'),
        }),
      ),
      async ({ units, rows, header, ending }) => {
        const lines = rows.map(([text, numbers]) => `${text} ${numbers.map(String).join(' ')}${ending}`)
        const path = await fileOf((header ? `${rows.length} ${units}\n` : '') + lines.join(''))
        const found = await readWordVectors(path, new Set(rows.map(([text]) => text)))
        expect([...found.vectors].map(([text, vector]) => [text, [...vector].map((x) => x + 0)])).toEqual(
          rows.map(([text, numbers]) => [text, numbers.map((x) => x + 0)]),
        )
        expect(found.units).toBe(units)
      },
    ),
    { numRuns: 60 },
  )
})

test('a file of many pieces is read whole, with its progress', async () => {
  const path = join(folder, 'large.txt')
  const file = await open(path, 'w')
  const numbers = Array.from({ length: 50 }, (_, i) => (i / 7).toFixed(6)).join(' ')
  for (let block = 0; block < 20; block++)
    await file.write(Array.from({ length: 500 }, (_, i) => `w${block * 500 + i} ${numbers}\n`).join(''))
  await file.close()
  const fractions: number[] = []
  const { vectors, words } = await readWordVectors(path, new Set(['w0', 'w2500', 'w9999']), {
    onProgress: (fraction) => fractions.push(fraction),
  })
  expect(words).toBe(10_000)
  expect([...vectors.keys()]).toEqual(['w0', 'w2500', 'w9999'])
  expect(vectors.get('w9999')![7]).toBe(1)
  expect(fractions.length).toBeGreaterThan(3)
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
  expect(fractions.at(-1)).toBe(1)
  let asked = 0
  const cancelled = () => ++asked > 2
  await expect(readWordVectors(path, new Set(), { cancelled })).rejects.toMatchObject({ code: 'CANCELLED' })
})

describe('a file that is broken is told with the line', () => {
  test.each([
    ['nothing in it', '', 1, 'an empty file'],
    ['no numbers', 'word\n', 1, '"word"'],
    ['a first line that is not numbers', 'a 0.1 b\n', 1, '"b"'],
    ['a number missing', 'a 0.1 0.2\nb 0.1\n', 2, '1 values'],
    ['a number too many', 'a 0.1 0.2\nb 0.1 0.2 0.3\n', 2, '3 values'],
    ['a word missing', 'a 0.1 0.2\n 0.1 0.2\n', 2, '2 values'],
    ['an empty line', 'a 0.1 0.2\n\nb 0.1 0.2\n', 2, '0 values'],
    ['two spaces', 'a 0.1 0.2\nb  0.1 0.2\n', 2, '3 values'],
    ['NaN', 'a 0.1 0.2\nb 0.1 nan\n', 2, '"nan"'],
    ['infinity', 'a 0.1 0.2\nb inf 0.2\n', 2, '"inf"'],
    ['a number beyond float32', 'a 0.1 0.2\nb 1e39 0.2\n', 2, '"1e39"'],
    ['something that is no number', 'a 0.1 0.2\nb 0x1 0.2\n', 2, '"0x1"'],
    ['tabs', 'a\t0.1\t0.2\n', 1, String.raw`"a\t0.1\t0.2"`],
    ['fewer words than it says', '3 2\na 0.1 0.2\nb 0.1 0.2\n', 1, '2 words'],
    ['more words than it says', '1 2\na 0.1 0.2\nb 0.1 0.2\n', 1, '2 words'],
    ['a header that asks for the absurd', '1 999999999\na 0.1\n', 1, '"1 999999999"'],
  ])('%s', async (_, content, line, found) => {
    const path = await fileOf(content)
    await expect(readWordVectors(path, new Set(['a', 'b']))).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
      parts: { where: { file: path, line }, found: expect.stringContaining(found) },
    })
  })

  test('numbers of words that are not asked for are not looked at', async () => {
    const path = await fileOf('a 0.1 0.2\nb 0.1 nan\n')
    expect((await readWordVectors(path, new Set(['a']))).words).toBe(2)
  })

  test('a binary file, and a line without an end, take no more memory than a line may have', async () => {
    for (const fill of [0, 0x20, 0x41]) {
      const path = await fileOf(new Uint8Array(5_000_000).fill(fill))
      await expect(vectorUnits(path)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
      await expect(readWordVectors(path, new Set())).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    }
  })

  test('any bytes at all give vectors or a HeschlError', async () => {
    const start = Buffer.from('2 3\nab 0.1 0.2 0.3\ncd 0.4 0.5 0.6\n')
    const change = fc.tuple(fc.nat(start.length - 1), fc.integer({ min: 0, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(start.length), async (changes, end) => {
        const bytes = Uint8Array.from(start)
        for (const [at, value] of changes) bytes[at] = value
        const path = join(folder, 'mutated.txt')
        await writeFile(path, bytes.subarray(0, end))
        await readWordVectors(path, new Set(['ab', 'cd'])).then(
          ({ vectors, units }) => expect([...vectors.values()].every(({ length }) => length === units)).toBe(true),
          (error: unknown) => expect(error).toMatchObject({ name: 'HeschlError', code: 'FORMAT_INVALID' }),
        )
      }),
      { numRuns: 500 },
    )
  })

  test('a folder, and a file that is not there', async () => {
    await expect(vectorUnits(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    await expect(vectorUnits(join(folder, 'no'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
  })
})
