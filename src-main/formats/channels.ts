import { HeschlError } from '../errors.ts'
import { readTable } from './tableFile.ts'
import { parseTsv } from './tsv.ts'

/** A column of a recording of electrodes. */
export interface Channel {
  readonly name: string
  /** BIDS's word, as ECOG, SEEG, TRIG; empty where the table has none. */
  readonly type: string
  readonly bad: boolean
}

/** More are no channels. */
const mostChannels = 10_000

/**
 * A table as BIDS-iEEG's channels.tsv: a row a column of the data, in its order.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE; FORMAT_INVALID where there is no column `name`, a name is missing or
 *   given twice, or `status` is neither good nor bad
 */
export async function readChannels(path: string): Promise<readonly Channel[]> {
  const { columns, rows } = await readTable(path, parseTsv)
  const [name, type, status] = ['name', 'type', 'status'].map((column) => columns.indexOf(column))
  const refuse = (expected: string, found: string, line: number) =>
    new HeschlError('FORMAT_INVALID', 'This is not a table of channels', {
      where: { file: path, line },
      expected,
      found,
      remedy: 'Give BIDS-iEEG’s channels.tsv, with a row for each column of the data and in its order',
    })
  if (name === -1) throw refuse('a column `name`', columns.join(', ').slice(0, 200), 1)
  if (rows.length === 0 || rows.length > mostChannels)
    throw refuse(`1 to ${mostChannels.toLocaleString('en')} channels`, String(rows.length), 1)
  const seen = new Set<string>()
  return rows.map(({ line, values }) => {
    const own = values[name].trim()
    if (own === '' || own === 'n/a' || seen.has(own))
      throw refuse('a name in every row, all different', JSON.stringify(own.slice(0, 100)), line)
    seen.add(own)
    const said = status === -1 ? 'n/a' : values[status].trim().toLowerCase()
    if (!['good', 'bad', 'n/a', ''].includes(said)) throw refuse('`status` good, bad or n/a', said.slice(0, 100), line)
    return { name: own, type: type === -1 ? '' : values[type].trim().toUpperCase(), bad: said === 'bad' }
  })
}
