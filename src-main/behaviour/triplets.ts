/** The tables of an ABX experiment: stimuli, and triplets of them, in the layouts of the Perceptimatic datasets. */
import { HeschlError } from '../errors.ts'
import { parseDelimited } from '../formats/delimited.ts'
import { Columns } from './columns.ts'

/** A stretch of a recording. */
export interface Item {
  readonly id: string
  /** As the table names it, often without an extension. */
  readonly file: string
  /** Seconds from the recording's start. */
  readonly onset: number
  readonly offset: number
  readonly line: number
}

/** Target and X are of one phone, from different speakers; the other differs from both. */
export interface Triplet {
  readonly id: string
  readonly target: string
  readonly other: string
  readonly x: string
  readonly targetPhone: string
  readonly otherPhone: string
  /** The phones around it: "i_k"; empty where the table does not say. */
  readonly context: string
  /** Of target and other: "EN", "FR"; two, with a slash, where they differ. */
  readonly language: string
  /** Where several experiments share a table. */
  readonly dataset: string
  readonly targetFirst: boolean
  readonly line: number
}

/**
 * Columns `index` or `#file_extract`; `#file` or `#file_source`; `onset`; `offset`.
 * @param language put before the ids, "EN:28", where each language has a table of its own
 * @throws HeschlError FORMAT_INVALID
 */
export function parseItems(source: string, path: string, language = ''): ReadonlyMap<string, Item> {
  const table = parseDelimited(source, path)
  const columns = new Columns(table, path)
  const id = columns.need('#file_extract', 'index', 'item')
  const file = columns.need('#file_source', '#file', 'file')
  const [onset, offset] = [columns.need('onset'), columns.need('offset')]
  const items = new Map<string, Item>()
  for (const row of table.rows) {
    const name = language === '' ? columns.text(row, id) : `${language}:${columns.text(row, id)}`
    const item = {
      id: name,
      file: columns.text(row, file),
      onset: columns.number(row, onset),
      offset: columns.number(row, offset),
      line: row.line,
    }
    if (!(item.onset >= 0 && item.offset > item.onset)) {
      throw new HeschlError('FORMAT_INVALID', 'An item ends before it begins', {
        where: { file: path, line: row.line },
        expected: 'an onset of 0 or more, and an offset after it',
        found: `${item.onset} to ${item.offset} s`,
      })
    }
    const before = items.get(name)
    if (before && (before.file !== item.file || before.onset !== item.onset || before.offset !== item.offset)) {
      throw new HeschlError('FORMAT_INVALID', `The item "${name}" is there twice, with different times`, {
        where: { file: path, line: row.line },
        found: `lines ${before.line} and ${row.line}`,
      })
    }
    items.set(name, item)
  }
  return items
}

/**
 * Columns `filename` or `triplet_id`; `TGT_item`, `OTH_item`, `X_item`; `TGT_first`; `TGT`, `OTH` or `phone_TGT`,
 * `phone_OTH` where they are; `prev_phone`, `next_phone`; `language_TGT`, `language_OTH`; `dataset`. Without a language
 * column the letters that the id begins with are the language, as in FR1 and EN1.
 *
 * @param byLanguage whether the items' ids are those of `parseItems` with a language
 * @throws HeschlError FORMAT_INVALID
 */
export function parseTriplets(source: string, path: string, byLanguage: boolean): readonly Triplet[] {
  const table = parseDelimited(source, path)
  const columns = new Columns(table, path)
  const at = {
    id: columns.need('triplet_id', 'filename'),
    target: columns.need('TGT_item'),
    other: columns.need('OTH_item'),
    x: columns.need('X_item'),
    first: columns.need('TGT_first'),
    targetPhone: columns.find('phone_TGT', 'TGT'),
    otherPhone: columns.find('phone_OTH', 'OTH'),
    previous: columns.find('prev_phone'),
    next: columns.find('next_phone'),
    targetLanguage: columns.find('language_TGT'),
    otherLanguage: columns.find('language_OTH'),
    dataset: columns.find('dataset'),
  }
  const optional = (values: readonly string[], where: number | undefined) =>
    where === undefined ? '' : values[where].trim()
  return table.rows.map((row): Triplet => {
    const { values, line } = row
    const id = columns.text(row, at.id)
    const [own, others] = [optional(values, at.targetLanguage), optional(values, at.otherLanguage)]
    const language = own === '' ? languageOf(id) : others === '' || others === own ? own : `${own}/${others}`
    const prefix = byLanguage ? `${language}:` : ''
    const [previous, next] = [optional(values, at.previous), optional(values, at.next)]
    return {
      id,
      target: prefix + columns.text(row, at.target),
      other: prefix + columns.text(row, at.other),
      x: prefix + columns.text(row, at.x),
      targetPhone: optional(values, at.targetPhone),
      otherPhone: optional(values, at.otherPhone),
      context: previous === '' && next === '' ? '' : `${previous}_${next}`,
      language,
      dataset: optional(values, at.dataset),
      targetFirst: columns.truth(row, at.first),
      line,
    }
  })
}

/** The letters that an id begins with, which the Cogsci 2020 table means its language by. */
const languageOf = (id: string): string => /^[A-Z]+(?=\d)/.exec(id)?.[0] ?? ''

/** @throws HeschlError FORMAT_INVALID where a triplet names an item that is in no table */
export function checkItems(triplets: readonly Triplet[], items: ReadonlyMap<string, Item>, path: string): void {
  for (const { target, other, x, line } of triplets) {
    const missing = [target, other, x].find((id) => !items.has(id))
    if (missing === undefined) continue
    throw new HeschlError('FORMAT_INVALID', 'A triplet names an item that no table of stimuli has', {
      where: { file: path, line },
      expected: `an item "${missing}"`,
      found: `${items.size.toLocaleString('en')} items: ${[...items.keys()].slice(0, 3).join(', ')}, …`,
      remedy: 'Give the stimuli of every language: --items EN=english.csv FR=french.csv',
    })
  }
}
