/** Labels of phones as forced aligners and synthesisers write them. */
import type { TimedToken } from './tokens.ts'

/** What aligners write for silence and noise, in small letters. */
const silences = new Set(['', 'sil', 'sp', 'spn', 'pau', '<sil>', '<eps>'])

/** ARPAbet has capitals, and a digit for a vowel's stress. */
export const arpabet = /^([A-Z]{1,3})[0-2]?$/

/**
 * A phone without its stress: `AH0` and `AH1` are `AH`, `ˈæ` is `æ`; lengths stay. Empty for silence.
 * @param text a label in ARPAbet or IPA
 */
export function phoneOf(text: string): string {
  const label = text.normalize('NFC').replaceAll(/[ˈˌ]/g, '')
  if (silences.has(label.toLowerCase())) return ''
  return arpabet.exec(label)?.[1] ?? label
}

/** The phones that occur, each once, in the order of their code points. */
export function phonesIn(tokens: readonly TimedToken[]): readonly string[] {
  return [...new Set(tokens.map(({ text }) => phoneOf(text)))].filter((phone) => phone !== '').toSorted()
}
