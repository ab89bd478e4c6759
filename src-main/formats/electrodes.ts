import { HeschlError } from '../errors.ts'
import { readTable } from './tableFile.ts'
import { parseTsv } from './tsv.ts'

/** More are no electrodes. */
const mostElectrodes = 10_000

/**
 * Names of the electrodes in a table as BIDS-iEEG's electrodes.tsv, in the order of its rows.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE; FORMAT_INVALID where there is no column `name`, a name is missing or
 *   given twice
 */
export async function readElectrodes(path: string): Promise<readonly string[]> {
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
  const seen = new Set<string>()
  return rows.map(({ line, values }) => {
    const name = values[column].trim()
    if (name === '' || name === 'n/a') throw refuse('a name in every row', 'none', line)
    if (seen.has(name)) throw refuse('names that differ', `"${name}" twice`, line)
    seen.add(name)
    return name
  })
}
