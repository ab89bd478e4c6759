/** Listeners' answers in an ABX experiment, a row a trial, with models' deltas beside them. */
import { HeschlError } from '../errors.ts'
import type { Table } from '../formats/tsv.ts'
import { Columns } from './columns.ts'

/** All arrays are [trials]. */
export interface Answers {
  readonly count: number
  readonly participant: readonly string[]
  /** Of the listener: "FR", "EN", as the table has it. */
  readonly listener: readonly string[]
  readonly triplet: readonly string[]
  readonly targetPhone: readonly string[]
  readonly otherPhone: readonly string[]
  /** The phones before and after, with U+0001 between them. */
  readonly context: readonly string[]
  readonly targetLanguage: readonly string[]
  readonly otherLanguage: readonly string[]
  /** Empty where the table has one experiment. */
  readonly dataset: readonly string[]
  readonly targetFirst: Uint8Array
  /** Graded, within -1 to 1: scales of -3 to 3 are divided by 3. Negative where the other was chosen. */
  readonly answer: Float64Array
  /** 1 where the target was chosen. */
  readonly right: Uint8Array
  /** Trials that the listener had heard with this one. */
  readonly heard: Float64Array
  /** Deltas of models, by the name of their column. */
  readonly models: ReadonlyMap<string, Float64Array>
}

/** Experiments whose answers are -3 to 3 (PAPERS: Millet and Dunbar 2022). */
const gradedToThree: readonly string[] = ['WorldVowels', 'zerospeech']

/** Names that the published tables give to what is not a model. */
const known: readonly string[] = [
  ...['', 'individual', 'subject_id', 'language', 'subject_language', 'language_indiv', 'language_stimuli'],
  ...['filename', 'triplet_id', 'TGT', 'OTH', 'phone_TGT', 'phone_OTH', 'prev_phone', 'next_phone', 'context'],
  ...['TGT_item', 'OTH_item', 'X_item', 'TGT_first', 'TGT_first_code', 'language_TGT', 'language_OTH', 'language_X'],
  ...['speaker_tgt_oth', 'speaker_x', 'speaker_TGT', 'speaker_OTH', 'speaker_X', 'correct_answer', 'user_ans'],
  ...['binarized_answer', 'bin_user_ans', 'nb_stimuli', 'language_code', 'dataset', 'phone_X', 'Unnamed: 0'],
]

/**
 * The tables of Perceptimatic: `humans_and_model.csv` (Cogsci 2020) and `file_data.csv` (ACL 2022). Every other numeric
 * column is a model's delta.
 * @throws HeschlError FORMAT_INVALID
 */
export function parseAnswers(table: Table, path: string): Answers {
  const columns = new Columns(table, path)
  const { rows } = table
  if (rows.length === 0)
    throw new HeschlError('FORMAT_INVALID', 'The table has no trials', { where: { file: path, line: 1 } })
  const texts = (at: number) => rows.map((row) => columns.text(row, at))
  const optional = (at: number | undefined) => rows.map(({ values }) => (at === undefined ? '' : values[at].trim()))
  const triplet = texts(columns.need('triplet_id', 'filename'))
  const targetLanguage = columns.find('language_TGT')
  const otherLanguage = columns.find('language_OTH')
  const fromIds = triplet.map((id) => /^[A-Z]+(?=\d)/.exec(id)?.[0] ?? '')
  const dataset = optional(columns.find('dataset'))
  const answerAt = columns.need('user_ans', 'correct_answer')
  const heardAt = columns.need('nb_stimuli')
  const firstAt = columns.need('TGT_first', 'TGT_first_code')
  const raw = Float64Array.from(rows, (row) => columns.number(row, answerAt))
  const largest = raw.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const ofThree = (i: number) => (dataset[i] === '' ? largest === 3 : gradedToThree.includes(dataset[i]))
  const [previous, next] = [optional(columns.find('prev_phone')), optional(columns.find('next_phone'))]
  const models = new Map<string, Float64Array>()
  for (const [at, name] of table.columns.entries()) {
    if (known.includes(name)) continue
    if (rows.every(({ values }) => values[at].trim() !== '' && Number.isFinite(Number(values[at]))))
      models.set(
        name,
        Float64Array.from(rows, ({ values }) => Number(values[at])),
      )
  }
  return {
    count: rows.length,
    participant: texts(columns.need('subject_id', 'individual')),
    listener: texts(columns.need('subject_language', 'language_indiv', 'language')),
    triplet,
    targetPhone: texts(columns.need('phone_TGT', 'TGT')),
    otherPhone: texts(columns.need('phone_OTH', 'OTH')),
    context: previous.map((before, i) => `${before}\u0001${next[i]}`),
    targetLanguage: targetLanguage === undefined ? fromIds : optional(targetLanguage),
    otherLanguage: otherLanguage === undefined ? fromIds : optional(otherLanguage),
    dataset,
    targetFirst: Uint8Array.from(rows, (row) => (columns.truth(row, firstAt) ? 1 : 0)),
    answer: raw.map((value, i) => (ofThree(i) ? value / 3 : value)),
    right: Uint8Array.from(raw, (value) => (value > 0 ? 1 : 0)),
    heard: Float64Array.from(rows, (row) => columns.number(row, heardAt)),
    models,
  }
}
