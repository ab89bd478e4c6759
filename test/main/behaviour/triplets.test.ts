import { describe, expect, test } from 'vitest'
import { parseDelimited } from '../../../src-main/formats/delimited.ts'
import { parseItems, parseTriplets, withPhones } from '../../../src-main/behaviour/triplets.ts'

const itemsOf = (text: string) => parseItems(parseDelimited(text, 'i.csv'), 'i.csv')

describe('the layout of the ACL 2022 release', () => {
  const items = itemsOf(
    [
      ',#file_source,#file_extract,onset,offset,#phone,context,language,speaker,prev_phone,next_phone,dataset',
      '216,clean.wav,eng_1.wav,1.784,2.135,ʊ,z_p,EN,m,z,p,cogsci-2019',
      '217,clean.wav,eng_2.wav,3.754,4.107,u,z_p,EN,m,z,p,cogsci-2019',
      '3,S04F_V6,GLO0.wav,,,e,g_g,GL,S04F,g,g,WorldVowels',
      '218,clean.wav,eng_1.wav,1.784,2.135,ʊ,z_p,EN,m,z,p,cogsci-2019',
    ].join('\n'),
  )
  const triplets = parseTriplets(
    parseDelimited(
      [
        ',triplet_id,TGT_item,OTH_item,X_item,speaker_TGT,speaker_OTH,speaker_X,language_TGT,language_OTH,language_X,TGT_first,dataset',
        '0,triplet_83_B,eng_1.wav,eng_2.wav,GLO0.wav,m,m,e,EN,GL,EN,False,pilot',
      ].join('\n'),
      'triplet_data.csv',
    ),
    'triplet_data.csv',
    false,
  )

  test('an item without times is a recording of its own; a repeated row is one item', () => {
    expect([...items.keys()]).toEqual(['eng_1.wav', 'eng_2.wav', 'GLO0.wav'])
    expect(items.get('GLO0.wav')).toMatchObject({ file: 'GLO0.wav', span: null, phone: 'e' })
    expect(items.get('eng_1.wav')).toMatchObject({ file: 'clean.wav', span: { onset: 1.784, offset: 2.135 } })
  })

  test('triplets have the phones of their items, and both languages', () => {
    expect(triplets[0].targetPhone).toBe('')
    expect(withPhones(triplets, items)).toMatchObject([
      { targetPhone: 'ʊ', otherPhone: 'u', context: 'z_p', language: 'EN/GL', targetFirst: false },
    ])
  })

  test('phones that the triplets say stay', () => {
    const own = triplets.map((triplet) => ({ ...triplet, targetPhone: 'a', otherPhone: 'b', context: 'x_y' }))
    expect(withPhones(own, items)).toEqual(own)
  })
})

test('one time of two is not enough', () => {
  const table = (onset: string, offset: string) => `index\t#file\tonset\toffset\n1\ts\t${onset}\t${offset}`
  expect(() => itemsOf(table('0.1', ''))).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }))
  expect(() => itemsOf(table('0.3', '0.2'))).toThrow(/ends before it begins/)
})
