/** How phones are articulated, after the chart of the International Phonetic Association (revised to 2020). */
import { arpabet, phoneOf } from './phones.ts'

/** The units, in order: the 14 phonetic features of Chen et al. 2023 (released code, `get_all_features`), without a unit. */
export const articulatoryFeatures = [
  ...['syllabic', 'sonorant', 'obstruent', 'voiced', 'plosive', 'fricative', 'nasal'],
  ...['labial', 'coronal', 'dorsal', 'high', 'low', 'front', 'back'],
] as const

type Feature = (typeof articulatoryFeatures)[number]

/**
 * Symbols by the features they share. Rows of vowels are the chart's heights (near-close with close, near-open with
 * open; the mid heights have neither), columns front, central, back. Coronal reaches from dental to postalveolar, dorsal
 * from palatal to uvular.
 */
const rows: readonly (readonly [string, string])[] = [
  ['syllabic sonorant voiced high front', 'i y ɪ ʏ'],
  ['syllabic sonorant voiced high', 'ɨ ʉ ᵻ'],
  ['syllabic sonorant voiced high back', 'ɯ u ʊ'],
  ['syllabic sonorant voiced front', 'e ø ɛ œ'],
  ['syllabic sonorant voiced', 'ə ɜ ɘ ɵ ɞ'],
  ['syllabic sonorant voiced back', 'ɤ o ʌ ɔ'],
  ['syllabic sonorant voiced low front', 'æ a ɶ'],
  ['syllabic sonorant voiced low', 'ɐ'],
  ['syllabic sonorant voiced low back', 'ɑ ɒ'],
  ['obstruent plosive labial', 'p'],
  ['obstruent plosive labial voiced', 'b'],
  ['obstruent plosive coronal', 't'],
  ['obstruent plosive coronal voiced', 'd'],
  ['obstruent plosive dorsal', 'c k q'],
  ['obstruent plosive dorsal voiced', 'ɟ ɡ g'],
  ['obstruent plosive', 'ʔ'],
  ['obstruent fricative labial', 'f ɸ'],
  ['obstruent fricative labial voiced', 'v β'],
  ['obstruent fricative coronal', 'θ s ʃ'],
  ['obstruent fricative coronal voiced', 'ð z ʒ'],
  ['obstruent fricative dorsal', 'ç x χ'],
  ['obstruent fricative dorsal voiced', 'ʝ ɣ ʁ'],
  ['obstruent fricative', 'h'],
  ['obstruent fricative voiced', 'ɦ'],
  ['obstruent fricative labial dorsal', 'ʍ'],
  ['sonorant voiced nasal labial', 'm'],
  ['sonorant voiced nasal coronal', 'n'],
  ['sonorant voiced nasal dorsal', 'ɲ ŋ'],
  ['sonorant voiced labial', 'ʋ'],
  ['sonorant voiced coronal', 'l ɫ ɹ ɾ r'],
  ['sonorant voiced dorsal', 'j ʎ'],
  ['sonorant voiced labial dorsal', 'w ɥ'],
]
const symbols: ReadonlyMap<string, readonly Feature[]> = new Map(
  rows.flatMap(([features, list]) => list.split(' ').map((symbol) => [symbol, features.split(' ') as Feature[]])),
)

/** CMUdict's phones, and those of its variants that have a symbol of their own. */
const fromArpabet: Readonly<Record<string, string>> = {
  ...{ AA: 'ɑ', AE: 'æ', AH: 'ʌ', AO: 'ɔ', AW: 'aʊ', AX: 'ə', AXR: 'əɹ', AY: 'aɪ', B: 'b', CH: 'tʃ', D: 'd', DH: 'ð' },
  ...{ DX: 'ɾ', EH: 'ɛ', EL: 'əl', EM: 'əm', EN: 'ən', ER: 'ɜɹ', EY: 'eɪ', F: 'f', G: 'ɡ', HH: 'h', IH: 'ɪ', IX: 'ɨ' },
  ...{ IY: 'i', JH: 'dʒ', K: 'k', L: 'l', M: 'm', N: 'n', NG: 'ŋ', OW: 'oʊ', OY: 'ɔɪ', P: 'p', Q: 'ʔ', R: 'ɹ', S: 's' },
  ...{ SH: 'ʃ', T: 't', TH: 'θ', UH: 'ʊ', UW: 'u', UX: 'ʉ', V: 'v', W: 'w', WH: 'ʍ', Y: 'j', Z: 'z', ZH: 'ʒ' },
}

/** Labels of several symbols that are one phone; so is a vowel with up to two glides and ɹ. */
const affricates = new Set(['pf', 'ts', 'dz', 'tʃ', 'dʒ'])
const glides = [...'ɪʊəɐʏiujw']
/** Some aligners write a diphthong's end as a consonant: `aj`, `ow`. */
const asVowel: Readonly<Record<string, string>> = { j: 'ɪ', w: 'ʊ' }
const syllabicConsonants = new Set(['əl', 'əm', 'ən'])

/** Lengths, aspiration, secondary articulations; the marks for nasal, syllabic, tied and dental. */
const passedOver = /[ːˑʰʲʷ]|\u0303|\u0329|\u0361|\u032a/g

/**
 * Indices into `articulatoryFeatures` of what a phone is at any time: a diphthong has the features of both its vowels,
 * an affricate those of stop and fricative, an r-coloured vowel those of vowel and ɹ. Lengths, stress, tie bars,
 * aspiration and secondary articulations are passed over. None for silence; undefined for a label that is not known.
 *
 * @param text a label in ARPAbet or IPA
 */
export function articulationOf(text: string): readonly number[] | undefined {
  const label = phoneOf(text)
  if (label === '') return []
  const capitals = arpabet.exec(label)
  const ipa = capitals ? (fromArpabet[capitals[1]] ?? '') : label
  const nasalised = ipa.normalize('NFD').includes('\u0303')
  const syllabic = ipa.includes('\u0329')
  // The cedilla of ç is part of the letter.
  const plain = [...ipa.normalize('NFD').replaceAll('c\u0327', 'ç').replaceAll(passedOver, '')]
  const parts = plain.flatMap((symbol) => (symbol === 'ɚ' ? ['ə', 'ɹ'] : symbol === 'ɝ' ? ['ɜ', 'ɹ'] : [symbol]))
  if (!parts.every((symbol) => symbols.has(symbol)) || !isOnePhone(parts)) return undefined
  const features = new Set<Feature>(
    parts.flatMap((symbol, i) => symbols.get(i > 0 ? (asVowel[symbol] ?? symbol) : symbol)!),
  )
  if (nasalised) features.add('nasal')
  if (syllabic) features.add('syllabic')
  return articulatoryFeatures.flatMap((feature, i) => (features.has(feature) ? [i] : []))
}

/** So that two phones in one label, or letters of another alphabet ("th", "iy"), are not taken for one. */
function isOnePhone(parts: readonly string[]): boolean {
  if (parts.length < 2) return parts.length === 1
  const label = parts.join('')
  if (affricates.has(label) || syllabicConsonants.has(label)) return true
  const vowel = symbols.get(parts[0])!.includes('syllabic')
  const rest = parts.at(-1) === 'ɹ' ? parts.slice(1, -1) : parts.slice(1)
  return vowel && rest.length <= 2 && rest.every((symbol) => glides.includes(symbol))
}
