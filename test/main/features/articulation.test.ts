import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { articulationOf, articulatoryFeatures } from '../../../src-main/features/articulation.ts'

type Feature = (typeof articulatoryFeatures)[number]
const featuresOf = (label: string) => articulationOf(label)?.map((i) => articulatoryFeatures[i])
const having = (feature: Feature, labels: readonly string[]) =>
  labels.filter((label) => featuresOf(label)?.includes(feature))

/** The 39 phones of CMUdict (its file cmudict.phones). */
const cmudict =
  'AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH'.split(' ')

/** Natural classes of English, read off the chart of the International Phonetic Association class by class. */
const classes: Readonly<Record<Feature, string>> = {
  syllabic: 'AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW',
  sonorant: 'AA AE AH AO AW AY EH ER EY IH IY L M N NG OW OY R UH UW W Y',
  obstruent: 'B CH D DH F G HH JH K P S SH T TH V Z ZH',
  voiced: 'AA AE AH AO AW AY B D DH EH ER EY G IH IY JH L M N NG OW OY R UH UW V W Y Z ZH',
  plosive: 'B CH D G JH K P T',
  fricative: 'CH DH F HH JH S SH TH V Z ZH',
  nasal: 'M N NG',
  labial: 'B F M P V W',
  coronal: 'CH D DH ER JH L N R S SH T TH Z ZH',
  dorsal: 'G K NG W Y',
  high: 'AW AY EY IH IY OW OY UH UW',
  low: 'AA AE AW AY',
  front: 'AE AW AY EH EY IH IY OY',
  back: 'AA AH AO AW OW OY UH UW',
}

test.each(articulatoryFeatures)('%s: the members of this class among CMUdict’s phones', (feature) => {
  expect(having(feature, cmudict)).toEqual(classes[feature].split(' '))
})

test('a phone has the same features in ARPAbet and in IPA, whatever its stress and length', () => {
  for (const [arpabet, ...ipa] of [
    ['IY1', 'i', 'iː', 'ˈiː'],
    ['CH', 'tʃ', 't͡ʃ'],
    ['NG', 'ŋ'],
    ['AY0', 'aɪ', 'ˌaɪ', 'aj'],
    ['OW', 'oʊ', 'ow'],
    ['ER', 'ɜːɹ', 'ɝ'],
    ['EL', 'əl'],
    ['T', 't', 'tʰ', 't̪', 'tʲ'],
  ])
    for (const label of ipa) expect(featuresOf(label), label).toEqual(featuresOf(arpabet))
})

test('nasal vowels, syllabic consonants and letters with marks of their own', () => {
  expect(featuresOf('ɑ̃')).toEqual(['syllabic', 'sonorant', 'voiced', 'nasal', 'low', 'back'])
  expect(featuresOf('n̩')).toEqual(['syllabic', 'sonorant', 'voiced', 'nasal', 'coronal'])
  for (const ç of ['ç', 'c\u0327']) expect(featuresOf(ç)).toEqual(['obstruent', 'fricative', 'dorsal'])
})

test('every phone of the demo study is known', () => {
  for (const run of [1, 2, 3]) {
    const url = new URL(`../../../resources/demo/stimuli/run-${run}.phones.tsv`, import.meta.url)
    const labels = readFileSync(url, 'utf8').trim().split('\n').slice(1)
    for (const line of labels) expect(featuresOf(line.split('\t')[2])?.length, line).toBeGreaterThan(0)
  }
})

test('silences have no features; what is not a phone of ARPAbet or IPA is not known', () => {
  for (const label of ['', 'sil', 'SIL', 'sp', 'spn', '<eps>']) expect(featuresOf(label)).toEqual([])
  // Small letters: TIMIT's alphabet, which must not be read as IPA.
  for (const label of ['iy', 'ih', 'eh', 'ae', 'aa', 'ah', 'ao', 'uh', 'ey', 'ay', 'oy', 'er', 'hh', 'sh', 'th', 'dh'])
    expect(featuresOf(label), label).toBeUndefined()
  for (const label of ['zz', 'XX', 'CONSTRUCTOR', '?', 'ab', 'ka', 'ʌʌ', '\u0303', 'n'.repeat(100_000)])
    expect(featuresOf(label), label.slice(0, 20)).toBeUndefined()
})
