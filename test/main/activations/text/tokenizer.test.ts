/** Tokens against transformers' GPT2Tokenizer: see test/reference/text/README.md. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteCharacters } from '../../../../src-main/activations/text/bytePairs.ts'
import { readTokenizer } from '../../../../src-main/activations/text/tokenizerFiles.ts'
import { checkpoints, readTextReference, readTexts, textFolder } from './reference.ts'

const { texts, words } = readTexts()

describe.each(checkpoints)('%s', (name) => {
  const tokenizer = readTokenizer(textFolder(name), 1000)

  test('hard texts have the very tokens that transformers gives them', async () => {
    const { tokens } = await readTextReference(name)
    expect(tokens).toHaveLength(texts.length)
    for (const [i, text] of texts.entries()) expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(tokens[i])
  })

  test('a story has the same tokens word by word as in one piece', async () => {
    const { stories } = await readTextReference(name)
    const apart = words.long.map((word, i) => tokenizer.encode(i === 0 ? word : ` ${word}`))
    expect(apart.flat()).toEqual(stories.long.ids)
    expect(apart.map(({ length }) => length)).toEqual(stories.long.counts)
    expect(tokenizer.encode(words.long.join(' '))).toEqual(stories.long.ids)
  })

  test('words of any characters have the same tokens apart and joined', () => {
    const word = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .map((text) => text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, ''))
      .filter((text) => text !== '')
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (story) => {
        const apart = story.flatMap((each, i) => tokenizer.encode(i === 0 ? each : ` ${each}`))
        expect(tokenizer.encode(story.join(' '))).toEqual(apart)
      }),
    )
  })
})

test('bytes that can be seen stand for themselves, and each has a character of its own', () => {
  expect(new Set(byteCharacters).size).toBe(256)
  expect(byteCharacters[0x41]).toBe('A')
  expect(byteCharacters[0x20]).toBe('Ġ')
  expect(byteCharacters[0x0a]).toBe('Ċ')
  expect(byteCharacters[0xad]).toBe('Ń')
})
