import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeschlError } from '../../../src-main/errors.ts'
import { parseTextGrid } from '../../../src-main/formats/textgrid.ts'
import type { TextGridTier } from '../../../src-main/formats/textgrid.ts'

/** The example of Praat's manual, "TextGrid file formats": long form. */
const long = `File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.3
tiers? <exists>
size = 3
item []:
    item [1]:
        class = "IntervalTier"
        name = "Mary"
        xmin = 0
        xmax = 2.3
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 2.3
            text = ""
    item [2]:
        class = "IntervalTier"
        name = "John"
        xmin = 0
        xmax = 2.3
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1.5
            text = "she said ""no"""
        intervals [2]:
            xmin = 1.5
            xmax = 2.3
            text = "ʃiː ! not a comment"
    item [3]:
        class = "TextTier"
        name = "bell"
        xmin = 0
        xmax = 2.3
        points: size = 1
        points [1]:
            number = 1.25
            mark = "ding"
`
/** The same in the short form, with a comment. */
const short = `File type = "ooTextFile"
"TextGrid"
! two speakers 7 and a bell
0 2.3
<exists>
3
"IntervalTier" "Mary" 0 2.3 1
0 2.3 ""
"IntervalTier"
"John"
0
2.3
2
0 1.5 "she said ""no"""
1.5 2.3 "ʃiː ! not a comment"
"TextTier" "bell" 0 2.3 1
1.25 "ding"
`
const parsed: readonly TextGridTier[] = [
  { name: 'Mary', kind: 'interval', entries: [{ start: 0, end: 2.3, text: '' }] },
  {
    name: 'John',
    kind: 'interval',
    entries: [
      { start: 0, end: 1.5, text: 'she said "no"' },
      { start: 1.5, end: 2.3, text: 'ʃiː ! not a comment' },
    ],
  },
  { name: 'bell', kind: 'point', entries: [{ start: 1.25, end: 1.25, text: 'ding' }] },
]

test.each([
  ['long', long],
  ['short', short],
  ['long, lines ended as on Windows', long.replaceAll('\n', '\r\n')],
])('%s form', (_, source) => {
  expect(parseTextGrid(source, 'a.TextGrid')).toEqual(parsed)
})

test('a grid without tiers', () => {
  expect(parseTextGrid('"ooTextFile" "TextGrid" 0 1 <absent>', 'a')).toEqual([])
  expect(parseTextGrid('"ooTextFile" "TextGrid" 0 1 <exists> 0', 'a')).toEqual([])
})

test('whatever the labels, they come back from both forms', () => {
  const entry = fc.record({
    start: fc.double({ min: 0, max: 1e4, noNaN: true }),
    length: fc.float({ min: 0, max: 9, noNaN: true }),
    text: fc.string({ unit: 'grapheme' }),
  })
  const tier = fc.record({ name: fc.string(), entries: fc.array(entry, { maxLength: 6 }) })
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  fc.assert(
    fc.property(fc.array(tier, { maxLength: 4 }), (tiers) => {
      const expected = tiers.map(({ name, entries }) => ({
        name,
        kind: 'interval',
        entries: entries.map(({ start, length, text }) => ({ start, end: start + length, text })),
      }))
      const words = [`"ooTextFile"`, `"TextGrid"`, '0', '1', '<exists>', `${tiers.length}`]
      for (const { name, entries } of expected) {
        words.push('"IntervalTier"', quote(name), '0', '1', `${entries.length}`)
        for (const { start, end, text } of entries) words.push(`${start}`, `${end}`, quote(text))
      }
      expect(parseTextGrid(words.join('\n'), 'a')).toEqual(expected)
      expect(parseTextGrid(words.map((word) => `x [1]: = ${word}`).join('\n'), 'a')).toEqual(expected)
    }),
  )
})

describe('files that are not sound', () => {
  test.each([
    ['nothing', '', 1],
    ['another Praat object', 'File type = "ooTextFile"\nObject class = "PitchTier"\n0 1', 1],
    ['a quote that is not closed', short.replace('"ding"', '"ding'), 17],
    ['an end before its start', short.replace('1.5 2.3', '1.5 1.2'), 15],
    ['more entries than there are', short.replace('2.3 1\n1.25', '2.3 1000000000000\n1.25'), 17],
    ['more tiers than there are', short.replace('\n3\n', '\n9e99\n'), 17],
    ['an unknown kind of tier', short.replace('TextTier', 'Tier'), 16],
    ['words for numbers', short.replace('1.25', 'x'), 17],
  ])('%s', (_, source, line) => {
    expect(() => parseTextGrid(source, 'a.TextGrid')).toThrow(
      expect.objectContaining({
        code: 'FORMAT_INVALID',
        parts: expect.objectContaining({ where: { file: 'a.TextGrid', line } }) as unknown,
      }),
    )
  })
  test('every truncation, and any damage, is refused or parsed', () => {
    const attempt = (source: string) => {
      try {
        parseTextGrid(source, 'a')
      } catch (error) {
        expect(error).toBeInstanceOf(HeschlError)
      }
    }
    for (let length = 0; length < long.length; length++) attempt(long.slice(0, length))
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => attempt(`"ooTextFile" "TextGrid" ${text}`)),
    )
  })
  test('a million digits take no time', () => {
    expect(() => parseTextGrid(`"ooTextFile" "TextGrid" ${'1'.repeat(1e6)}x`, 'a')).toThrow(/start time/)
  })
})
