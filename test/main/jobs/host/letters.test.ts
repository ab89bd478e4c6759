import { expect, test } from 'vitest'
import { missingLetters } from '../../../../src-main/jobs/host/letters.ts'

const drawn = (text: string) => `<svg><title>${text}</title><text x="1">${text}</text></svg>`

test('Inter has Greek, Cyrillic and the phones that speech needs; what it lacks is named once', () => {
  expect(missingLetters(drawn('δ ρ Δ σ − ≥ Ж ʃ ŋ ə ɔ ɛ ʁ ʒ θ ð ɹ ˈ ː ɲ ʂ ʐ tʃ ɑ\u0303'))).toEqual([])
  expect(missingLetters(drawn('ɕa 语 ʑ ɕ'))).toEqual(['ɕ', '语', 'ʑ'])
  expect(missingLetters('<svg id="语"><path d="M0 0"/></svg>')).toEqual([])
})
