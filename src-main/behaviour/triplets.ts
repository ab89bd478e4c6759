/** The tables of an ABX experiment: stimuli, and triplets of them, in the layouts of the Perceptimatic datasets. */
import { HeschlError } from '../errors.ts'
import type { Table, TableRow } from '../formats/tsv.ts'
import { Columns } from './columns.ts'

/** A stretch of a recording. */
export interface Item {
  readonly id: string
  /** As the table names it, often without an extension. */
  readonly file: string
  /** Seconds from the recording's start; null where the item is the whole of it. */
  readonly span: { readonly onset: number; readonly offset: number } | null
  /** The phone in its middle, and those around it; empty where the table does not say. */
  readonly phone: string
  readonly context: string
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
 * Columns `index` or `#file_extract`; `#file` or `#file_source`; `onset`; `offset`; `#phone`, `prev_phone`, `next_phone`
 * where they are. An item without onset and offset is a recording of its own, named as the item.
 * @param language put before the ids, "EN:28", where each language has a table of its own
 * @throws HeschlError FORMAT_INVALID
 */
export function parseItems(table: Table, path: string, language = ''): ReadonlyMap<string, Item> {
  const columns = new Columns(table, path)
  const id = columns.need('#file_extract', 'index', 'item')
  const file = columns.need('#file_source', '#file', 'file')
  const [onset, offset] = [columns.need('onset'), columns.need('offset')]
  const [phone, previous, next] = [
    columns.find('#phone', 'phone'),
    columns.find('prev_phone', 'prev-phone'),
    columns.find('next_phone', 'next-phone'),
  ]
  const items = new Map<string, Item>()
  for (const row of table.rows) {
    const own = columns.text(row, id)
    const name = language === '' ? own : `${language}:${own}`
    const whole = row.values[onset].trim() === '' && row.values[offset].trim() === ''
    const item: Item = {
      id: name,
      file: whole ? own : columns.text(row, file),
      span: whole ? null : { onset: columns.number(row, onset), offset: columns.number(row, offset) },
      phone: optional(row, phone),
      context: contextOf(optional(row, previous), optional(row, next)),
      line: row.line,
    }
    if (item.span && !(item.span.onset >= 0 && item.span.offset > item.span.onset)) {
      throw new HeschlError('FORMAT_INVALID', 'An item ends before it begins', {
        where: { file: path, line: row.line },
        expected: 'an onset of 0 or more, and an offset after it',
        found: `${item.span.onset} to ${item.span.offset} s`,
      })
    }
    const before = items.get(name)
    if (before && !sameStretch(before, item)) {
      throw new HeschlError('FORMAT_INVALID', `The item "${name}" is there twice, with different times`, {
        where: { file: path, line: row.line },
        found: `lines ${before.line} and ${row.line}`,
      })
    }
    items.set(name, item)
  }
  return items
}

const sameStretch = (a: Item, b: Item) =>
  a.file === b.file && a.span?.onset === b.span?.onset && a.span?.offset === b.span?.offset

const optional = ({ values }: TableRow, where: number | undefined) => (where === undefined ? '' : values[where].trim())

const contextOf = (previous: string, next: string) => (previous === '' && next === '' ? '' : `${previous}_${next}`)

/**
 * Columns `filename` or `triplet_id`; `TGT_item`, `OTH_item`, `X_item`; `TGT_first`; `TGT`, `OTH` or `phone_TGT`,
 * `phone_OTH` where they are; `prev_phone`, `next_phone`; `language_TGT`, `language_OTH`; `dataset`. Without a language
 * column the letters that the id begins with are the language, as in FR1 and EN1.
 *
 * @param byLanguage whether the items' ids are those of `parseItems` with a language
 * @throws HeschlError FORMAT_INVALID
 */
export function parseTriplets(table: Table, path: string, byLanguage: boolean): readonly Triplet[] {
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
  return table.rows.map((row): Triplet => {
    const { line } = row
    const id = columns.text(row, at.id)
    const [own, others] = [optional(row, at.targetLanguage), optional(row, at.otherLanguage)]
    const language = own === '' ? languageOf(id) : languageName(own, others)
    const prefix = byLanguage ? `${language}:` : ''
    return {
      id,
      target: prefix + columns.text(row, at.target),
      other: prefix + columns.text(row, at.other),
      x: prefix + columns.text(row, at.x),
      targetPhone: optional(row, at.targetPhone),
      otherPhone: optional(row, at.otherPhone),
      context: contextOf(optional(row, at.previous), optional(row, at.next)),
      language,
      dataset: optional(row, at.dataset),
      targetFirst: columns.truth(row, at.first),
      line,
    }
  })
}

/** Of a target and another: one, or two where they differ. */
export const languageName = (target: string, other: string): string =>
  other === '' || other === target ? target : `${target}/${other}`

/** A contrast of two phones, whichever of them is the target: "i-ɪ EN". */
export const contrastName = (target: string, other: string, language: string, dataset: string): string =>
  [[target, other].sort().join('-'), language, dataset].filter((part) => part !== '').join(' ')

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

/** Triplets with the phones of their items, where the table of triplets does not say them (as in the ACL 2022 release). */
export function withPhones(triplets: readonly Triplet[], items: ReadonlyMap<string, Item>): readonly Triplet[] {
  return triplets.map((triplet) => {
    const [target, other] = [items.get(triplet.target)!, items.get(triplet.other)!]
    return {
      ...triplet,
      targetPhone: triplet.targetPhone || target.phone,
      otherPhone: triplet.otherPhone || other.phone,
      context: triplet.context || target.context,
    }
  })
}
