import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { HeschlError } from '../errors.ts'
import { readTable } from './tableFile.ts'
import { readText } from './text.ts'
import { parseTsv } from './tsv.ts'

/** More are no electrodes. */
const mostElectrodes = 10_000

export interface Electrode {
  readonly name: string
  /** As the table has them; null where one of them is missing. */
  readonly place: readonly [number, number, number] | null
  /** What stands in place of numbers: "n/a, 3, 4"; null where there are numbers. */
  readonly written: string | null
  /** By the table's column `hemisphere` (L, R); null where it does not say. */
  readonly hemisphere: 'left' | 'right' | null
}

/** What coordinates are in, by BIDS-iEEG's coordsystem.json. */
export interface CoordinateSystem {
  readonly file: string
  /** null where the file does not say. */
  readonly system: string | null
  readonly units: string | null
}

/**
 * Electrodes of a table as BIDS-iEEG's electrodes.tsv, in the order of its rows.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE; FORMAT_INVALID where there is no column `name`, a name is missing or
 *   given twice
 */
export async function readElectrodeTable(path: string): Promise<readonly Electrode[]> {
  const { columns, rows } = await readTable(path, parseTsv)
  const column = columns.indexOf('name')
  const refuse = (expected: string, found: string, line: number) =>
    new HeschlError('FORMAT_INVALID', 'This is not a table of electrodes', {
      where: { file: path, line },
      expected,
      found,
      remedy: 'Give BIDS-iEEG’s electrodes.tsv, with a row for each channel of the data and in its order',
    })
  if (column === -1) throw refuse('a column `name`', columns.join(', '), 1)
  if (rows.length === 0 || rows.length > mostElectrodes)
    throw refuse(`1 to ${mostElectrodes.toLocaleString('en')} electrodes`, String(rows.length), 1)
  const axes = ['x', 'y', 'z'].map((axis) => columns.indexOf(axis))
  const side = columns.indexOf('hemisphere')
  const seen = new Set<string>()
  return rows.map(({ line, values }) => {
    const name = values[column].trim()
    if (name === '' || name === 'n/a') throw refuse('a name in every row', 'none', line)
    if (seen.has(name)) throw refuse('names that differ', `"${name}" twice`, line)
    seen.add(name)
    const words = axes.map((at) => (at === -1 ? '' : values[at].trim()))
    const numbers = words.map((text) => (text === '' ? NaN : Number(text)))
    const sound = numbers.every(Number.isFinite)
    return {
      name,
      place: sound ? [numbers[0], numbers[1], numbers[2]] : null,
      written: sound ? null : words.map((text) => text.slice(0, 20) || 'nothing').join(', '),
      hemisphere: side === -1 ? null : hemisphereOf(values[side].trim()),
    }
  })
}

const hemisphereOf = (text: string) => (/^l(eft)?$/i.test(text) ? 'left' : /^r(ight)?$/i.test(text) ? 'right' : null)

/**
 * Numbers of one of the table's columns, a row an electrode.
 * @returns float32 [electrodes]; NaN for what is empty or `n/a`
 * @throws HeschlError as `readElectrodeTable`; OPTION_INVALID where there is no such column; FORMAT_INVALID for what is no
 *   number
 */
export async function readElectrodeValues(path: string, column: string): Promise<Float32Array> {
  const { columns, rows } = await readTable(path, parseTsv)
  const at = columns.indexOf(column)
  if (at === -1)
    throw new HeschlError('OPTION_INVALID', 'The table has no such column', {
      where: { file: path },
      expected: `one of ${columns.join(', ')}`.slice(0, 2000),
      found: column,
    })
  return Float32Array.from(rows, ({ line, values }) => {
    const text = values[at].trim()
    if (text === '' || /^n\/?an?$/i.test(text)) return NaN
    const value = Number(text)
    if (Number.isFinite(value)) return value
    throw new HeschlError('FORMAT_INVALID', 'This is not a value of an electrode', {
      where: { file: path, line },
      expected: `a number or n/a in ${column}`,
      found: text.slice(0, 60),
    })
  })
}

/** Names of the electrodes of a table. @throws HeschlError as `readElectrodeTable` */
export const readElectrodes = async (path: string): Promise<readonly string[]> =>
  (await readElectrodeTable(path)).map(({ name }) => name)

/** The coordsystem.json that goes with a table of electrodes: of its name, or of its name without the last entities. */
export function coordinateSystemFile(table: string): string | null {
  const parts = basename(table)
    .replace(/\.tsv$/, '')
    .split('_')
  if (parts.pop() !== 'electrodes') return null
  for (let count = parts.length; count >= 0; count--) {
    const file = join(dirname(table), [...parts.slice(0, count), 'coordsystem.json'].join('_'))
    if (existsSync(file)) return file
  }
  return null
}

/** @throws HeschlError FILE_MISSING, FILE_UNREADABLE; FORMAT_INVALID for what is no JSON object */
export async function readCoordinateSystem(file: string): Promise<CoordinateSystem> {
  const text = await readText(file)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new HeschlError('FORMAT_INVALID', 'This is not a description of coordinates', {
      where: { file },
      expected: 'BIDS-iEEG’s coordsystem.json: a JSON object with iEEGCoordinateSystem and iEEGCoordinateUnits',
      found: text.slice(0, 60),
    })
  const word = (key: string) => {
    const found = (value as Record<string, unknown>)[key]
    return typeof found === 'string' && found.trim() !== '' ? found.trim().slice(0, 200) : null
  }
  return { file, system: word('iEEGCoordinateSystem'), units: word('iEEGCoordinateUnits') }
}
