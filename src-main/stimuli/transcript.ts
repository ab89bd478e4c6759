import { HeschlError } from '../errors.ts'
import { delimitedRecords, parseDelimited } from '../formats/delimited.ts'
import { parquetTable } from '../formats/tableFile.ts'
import { readText } from '../formats/text.ts'
import { parseTextGrid } from '../formats/textgrid.ts'
import type { TextGridTier } from '../formats/textgrid.ts'
import { parseTsv } from '../formats/tsv.ts'
import type { Table } from '../formats/tsv.ts'

/** A word or a phone and when it was said: seconds from the audio's first sample. */
export interface TimedToken {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Column names that are understood, besides `words` or `phones` itself for the text. */
const startColumns = ['onset', 'start']
const durationColumns = ['duration']
const endColumns = ['offset', 'end']
const textColumns = ['text', 'label', 'word', 'phone', 'words', 'phones']

/**
 * The words or phones of a stimulus, in order of time, from a table (a header with onset, duration or offset, text; tabs
 * or commas between; or Parquet), gentle's `align.csv`, or a Praat TextGrid (an interval tier named `words` or `phones`, or the only interval tier). Intervals without
 * a label are silence and left out.
 *
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID with the line
 */
export async function readTokens(path: string, kind: 'words' | 'phones'): Promise<readonly TimedToken[]> {
  const table = await parquetTable(path)
  if (table) return fromTable(table, kind, path)
  const text = await readText(path)
  const isTextGrid = text.slice(0, 200).includes('ooTextFile')
  if (isTextGrid) return fromTier(tierFor(parseTextGrid(text, path), kind, path))
  const gentle = kind === 'words' ? gentleWords(text, path) : null
  return gentle ?? fromTable(parseTable(text, path), kind, path)
}

/**
 * The words of a stimulus, in order of time, without rows that have none.
 * @throws HeschlError as `readTokens`
 */
export async function readWords(path: string): Promise<readonly TimedToken[]> {
  return (await readTokens(path, 'words')).filter(({ text }) => text !== '')
}

function fromTier({ entries }: TextGridTier): readonly TimedToken[] {
  return entries.map(({ text, start, end }) => ({ text: text.trim(), start, end })).filter(({ text }) => text !== '')
}

/** `words`, `word`, or as forced aligners name the tiers of several speakers, `anna - words`. */
function tierFor(tiers: readonly TextGridTier[], kind: 'words' | 'phones', path: string): TextGridTier {
  const intervals = tiers.filter((tier) => tier.kind === 'interval')
  const named = intervals.filter((tier) => new RegExp(`(^|\\s)${kind.slice(0, -1)}s?$`, 'i').test(tier.name))
  const [tier, another] = named.length > 0 ? named : intervals
  if (tier && !another) return tier
  throw new HeschlError('FORMAT_INVALID', `It is not clear which tier of this TextGrid holds the ${kind}`, {
    where: { file: path },
    expected: `one interval tier named "${kind}"`,
    found: intervals.length === 0 ? 'no interval tiers' : intervals.map(({ name }) => `"${name}"`).join(', '),
    remedy: `Rename the tier to "${kind}" in Praat`,
  })
}

/**
 * gentle's `align.csv`: word, word as aligned, onset, offset, without a header. A word that it did not find in the audio has
 * no times and is left out.
 * @returns null where the first line is not of that kind
 */
function gentleWords(text: string, path: string): readonly TimedToken[] | null {
  const number = String.raw`\d+(\.\d+)?`
  const first = new RegExp(String.raw`^\uFEFF?("[^"]*"|[^,\n]*),[^,\n]*,(${number},${number}|,)\r?(\n|$)`)
  if (!first.test(text)) return null
  const words: TimedToken[] = []
  for (const { line, values } of delimitedRecords(text.replace(/^\uFEFF/, ''), ',', path)) {
    const [word, , onset = '', offset = ''] = values
    if (onset.trim() === '' && offset.trim() === '') continue
    const [start, end] = [Number(onset), Number(offset)]
    const before = words.at(-1)?.start ?? -Infinity
    if (!(start >= before && start < Infinity)) throw badTime(path, line, 'the onset', onset, before)
    if (!(end >= start && end < Infinity)) throw badTime(path, line, 'the offset', offset, start)
    words.push({ text: word.trim(), start, end })
  }
  return words
}

function parseTable(text: string, path: string): Table {
  const tabs = /^[^\r\n]*/.exec(text.trimStart())![0].includes('\t')
  return tabs ? parseTsv(text, path) : parseDelimited(text, path)
}

function fromTable({ columns, rows }: Table, kind: 'words' | 'phones', path: string): readonly TimedToken[] {
  const find = (names: readonly string[]) => columns.findIndex((name) => names.includes(name.toLowerCase()))
  const [start, duration, end] = [startColumns, durationColumns, endColumns].map(find)
  const own = [kind, kind.slice(0, -1)]
  const label = find(own) >= 0 ? find(own) : find(textColumns)
  if (start < 0 || (duration < 0 && end < 0) || label < 0)
    throw new HeschlError('FORMAT_INVALID', `This table cannot be read as ${kind} with their times`, {
      where: { file: path, line: 1 },
      expected: 'columns onset, duration (or offset) and text',
      found: columns
        .map((name) => `"${name.slice(0, 40)}"`)
        .slice(0, 20)
        .join(', '),
      remedy: 'Rename the columns in the header line',
    })
  let before = -Infinity
  return rows.map(({ line, values }) => {
    const seconds = (column: number, least: number) => {
      const value = values[column].trim() === '' ? NaN : Number(values[column])
      if (!(value >= least && value < Infinity)) throw badTime(path, line, columns[column], values[column], least)
      return value
    }
    const from = seconds(start, before)
    before = from
    const to = duration >= 0 ? from + seconds(duration, 0) : seconds(end, from)
    return { text: values[label].trim(), start: from, end: to }
  })
}

function badTime(path: string, line: number, column: string, value: string, least: number): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'A time in this table cannot be right', {
    where: { file: path, line },
    expected: `${column} in seconds${least > -Infinity ? `, at least ${least} (rows are in order of time)` : ''}`,
    found: JSON.stringify(value.slice(0, 40)),
    remedy: 'Correct the row; onsets count from the first sample of the audio',
  })
}
