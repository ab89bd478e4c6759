/** The table of what is planted in simulated listeners: a row for each part of each region's response. */
import { HeschlError } from '../../errors.ts'
import { columnsParquet } from '../../formats/columns.ts'
import type { Column as TableColumn } from '../../formats/columns.ts'
import type { Table } from '../../formats/tsv.ts'

/** Responses that recordings may be made with; features/hrf.ts says what each is. `none`: the means over each volume. */
export const generatingHrfs = ['glover', 'spm', 'none'] as const
export type GeneratingHrf = (typeof generatingHrfs)[number]
const hemispheres = ['both', 'left', 'right'] as const

/** One row, with every value. */
export interface TruthRow {
  /** `*`: every region that the table does not name. */
  readonly region: string
  readonly hemisphere: (typeof hemispheres)[number]
  /** Of the listeners; `*`: all. */
  readonly language: string
  /** A model of the study, or a regime: each listener's own model of it. */
  readonly model: string
  /** A layer of the model by name, or its place among them: 0 (the first) to 1 (the last). */
  readonly layer: string
  /** Of this row among those of its region, which are mixed: shares of the signal's variance. */
  readonly weight: number
  readonly hrf: GeneratingHrf
  /** Seconds by which the response is late. */
  readonly delay: number
  /** Share of the responses' variance that is signal, in the middle of the region: 0 to below 1. */
  readonly signal: number
  /** SD over listeners of the logit of `signal`; half of its variance is the listener's, half the region's. */
  readonly signal_sd: number
  /** SD over listeners of the logarithm of `weight`, shared in the same way. */
  readonly weight_sd: number
  /** SD of a listener's own mixture of a layer's time courses, where the mixture that all share has SD 1. */
  readonly individual: number
  /** Of the noise, from one volume to the next. */
  readonly autocorrelation: number
  /** Rounds of averaging the noise over neighbouring vertices. */
  readonly smoothing: number
}

/** What a table says: the region and whatever else is given. */
export interface GivenRow extends Partial<TruthRow> {
  readonly region: string
  /** Counted from 1; the header is line 1. Of rows that no file gave: 0. */
  readonly line: number
}

type Column = keyof TruthRow
type Parse = (text: string) => string | number | undefined

const word: Parse = (text) => text
const among =
  (values: readonly string[]): Parse =>
  (text) =>
    values.find((value) => value === text.toLowerCase())
const number =
  (low: number, high: number, open = false): Parse =>
  (text) => {
    const value = Number(text)
    return Number.isFinite(value) && value >= low && (open ? value < high : value <= high) ? value : undefined
  }
const whole =
  (high: number): Parse =>
  (text) =>
    /^\d{1,6}$/.test(text) && Number(text) <= high ? Number(text) : undefined

/** How each column is read, and what of. */
const columns: Readonly<Record<Column, readonly [parse: Parse, expected: string]>> = {
  region: [word, 'a region of the parcellation, or *'],
  hemisphere: [among(hemispheres), 'both, left or right'],
  language: [word, 'a language of the subjects, or *'],
  model: [word, 'a model of the study, or a regime'],
  layer: [word, 'a layer of the model, or a place from 0 to 1'],
  weight: [number(1e-6, 1e6), 'a number from 0.000001 to 1000000'],
  hrf: [among(generatingHrfs), generatingHrfs.join(', ')],
  delay: [number(-30, 30), 'seconds, from -30 to 30'],
  signal: [number(0, 1, true), 'a share from 0 to below 1'],
  signal_sd: [number(0, 10), 'a number from 0 to 10'],
  weight_sd: [number(0, 10), 'a number from 0 to 10'],
  individual: [number(0, 100), 'a number from 0 to 100'],
  autocorrelation: [number(0, 1, true), 'a correlation from 0 to below 1'],
  smoothing: [whole(20), 'a whole number of rounds, up to 20'],
}

const truthColumns = Object.keys(columns) as readonly Column[]
/** Values that belong to a region, not to one of its rows: where several rows give one, they must agree. */
export const regionColumns = ['signal', 'signal_sd', 'individual', 'autocorrelation', 'smoothing'] as const
/** A table is of hundreds of regions and a handful of models. */
const mostRows = 20_000

/**
 * @param table of which an empty value or `n/a` is left to its default
 * @param file for errors
 * @throws HeschlError FORMAT_INVALID with line, column and what was expected
 */
export function parseTruth({ columns: names, rows }: Table, file: string): readonly GivenRow[] {
  const unknown = names.find((name) => !truthColumns.includes(name as Column))
  if (unknown !== undefined || !names.includes('region'))
    throw new HeschlError('FORMAT_INVALID', 'The table of what to plant has other columns than it may', {
      where: { file, line: 1 },
      expected: `region, and any of ${truthColumns.slice(1).join(', ')}`,
      found: unknown ?? 'no column region',
      remedy: 'Correct the header line; docs/simulate.md says what each column is',
    })
  if (rows.length === 0 || rows.length > mostRows)
    throw new HeschlError('FORMAT_INVALID', 'The table of what to plant has no rows, or too many', {
      where: { file },
      expected: `1 to ${mostRows.toLocaleString('en')} rows`,
      found: `${rows.length.toLocaleString('en')}`,
      remedy: 'Give a row for each region in which something is planted',
    })
  return rows.map(({ line, values }) => {
    const given: Record<string, string | number> = {}
    names.forEach((name, place) => {
      const value = values[place].trim()
      if (value === '' || value === 'n/a') return
      const [parse, expected] = columns[name as Column]
      const parsed = parse(value)
      if (parsed === undefined) throw badValue(file, line, name, expected, value)
      given[name] = parsed
    })
    if (given.region === undefined) throw badValue(file, line, 'region', columns.region[1], 'nothing')
    return { ...given, line } as unknown as GivenRow
  })
}

/** Of one value in the table. @param column its name */
export function badValue(file: string, line: number, column: string, expected: string, found: string): HeschlError {
  return new HeschlError('FORMAT_INVALID', `A value of the column "${column}" cannot be planted`, {
    where: { file, line },
    expected,
    found: found === 'nothing' ? found : `"${found.slice(0, 80)}"`,
    remedy: 'Correct the table; docs/simulate.md says what each column is',
  })
}

/** The table in full, as it was planted. */
export function truthText(rows: readonly TruthRow[]): string {
  const lines = rows.map((row) => truthColumns.map((column) => String(row[column])).join('\t'))
  return `${[truthColumns.join('\t'), ...lines].join('\n')}\n`
}

/** The same as Parquet: STRING and DOUBLE; `about` is its metadata. */
export function truthParquet(rows: readonly TruthRow[], about: Readonly<Record<string, string>>): Uint8Array {
  const made = truthColumns.map((name): TableColumn => {
    const values = rows.map((row) => row[name])
    const numbers = values.filter((value) => typeof value === 'number')
    return {
      ...{ name, title: columns[name][1] },
      values: numbers.length === values.length ? Float64Array.from(numbers) : values.map(String),
    }
  })
  return columnsParquet(made, about)
}
