import { expect, test } from 'vitest'
import { missingLetters, runsOf } from '../../../../src-main/jobs/host/letters.ts'

const drawn = (text: string) => `<svg><title>${text}</title><text x="1">${text}</text></svg>`

test('the fonts have Greek, Cyrillic and all phones; what both lack is named once', () => {
  expect(missingLetters(drawn('δ ρ Δ σ − ≥ Ж ʃ ŋ ə ɔ ɛ ʁ ʒ θ ð ɹ ˈ ː ɲ ʂ ʐ tʃ ɑ\u0303'))).toEqual([])
  expect(missingLetters(drawn('ɕa 语 ʑ ɕ语'))).toEqual(['语'])
  expect(missingLetters('<svg id="语"><path d="M0 0"/></svg>')).toEqual([])
})

test('all letters of the phonetic alphabet are there', () => {
  const block = (from: number, to: number) =>
    String.fromCodePoint(...Array.from({ length: to - from }, (_, i) => from + i))
  expect(missingLetters(drawn(block(0x250, 0x2b0) + block(0x2b0, 0x300) + block(0x300, 0x370)))).toEqual([])
})

test('what Inter lacks is a run of its own, marks with the letters they stand on', () => {
  expect(runsOf('tɕʰ: ɕ\u0303ʑ 0.1')).toEqual([
    { words: 't', fallback: false },
    { words: 'ɕ', fallback: true },
    { words: 'ʰ: ', fallback: false },
    { words: 'ɕ\u0303ʑ ', fallback: true },
    { words: '0.1', fallback: false },
  ])
  expect(runsOf('语ə')).toEqual([{ words: '语ə', fallback: false }])
})
