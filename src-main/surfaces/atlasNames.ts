/** Names of an atlas's whole numbers: a table, or FreeSurfer's colour table. */
import { HeschlError } from '../errors.ts'
import { parseDelimited } from '../formats/delimited.ts'
import { parquetTable } from '../formats/tableFile.ts'
import { readText } from '../formats/text.ts'
import type { Table } from '../formats/tsv.ts'
import type { LabelEntry } from './labelFile.ts'

/** Columns by the names that atlases give them: BIDS's `_dseg.tsv`, FSL's, nilearn's. */
const keyNames = ['index', 'value', 'key', 'label_id', 'id']
const labelNames = ['name', 'label', 'region', 'abbreviation']
const colourNames = ['color', 'colour', 'hex']

/** `4  Left-Lateral-Ventricle  120 18 134 0`: the form of FreeSurferColorLUT.txt. */
const freesurferLine = /^\s*(\d+)\s+(\S+)\s+(\d+)\s+(\d+)\s+(\d+)(\s+\d+)?\s*$/

/**
 * @returns in the file's order
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE; FORMAT_INVALID where a number or a name is missing or given twice
 */
export async function readAtlasNames(file: string): Promise<readonly LabelEntry[]> {
  const entries = await readEntries(file)
  const lines = new Set<number>()
  for (const { key } of entries) {
    if (lines.has(key)) throw invalid(file, 'numbers that differ', `${key} twice`)
    lines.add(key)
  }
  if (entries.length === 0) throw invalid(file, 'a row a region', 'none')
  return entries
}

async function readEntries(file: string): Promise<readonly LabelEntry[]> {
  const table = await parquetTable(file)
  if (table) return tableEntries(table, file)
  const text = await readText(file)
  return isFreesurfer(text) ? freesurferEntries(text, file) : tableEntries(parseDelimited(text, file), file)
}

const lines = (text: string) =>
  text.split(/\r?\n/).flatMap((line, index) => (/^\s*(#|$)/.test(line) ? [] : [{ line, number: index + 1 }]))

function isFreesurfer(text: string): boolean {
  const [first] = lines(text)
  return first !== undefined && freesurferLine.test(first.line)
}

function freesurferEntries(text: string, file: string): readonly LabelEntry[] {
  return lines(text).map(({ line, number }) => {
    const found = freesurferLine.exec(line)
    if (!found) throw invalid(file, 'a number, a name and a colour', line.slice(0, 60), number)
    const [, key, name, red, green, blue] = found
    return { key: Number(key), name, colour: [Number(red), Number(green), Number(blue)] }
  })
}

function tableEntries({ columns, rows }: Table, file: string): readonly LabelEntry[] {
  const [keys, names, colours] = [keyNames, labelNames, colourNames].map((wanted) =>
    columns.findIndex((column) => wanted.includes(column.toLowerCase())),
  )
  if (keys < 0 || names < 0)
    throw invalid(file, `columns named ${keyNames.join(' or ')}, and ${labelNames.join(' or ')}`, columns.join(', '), 1)
  return rows.map(({ values, line }) => {
    const [key, name] = [Number(values[keys]), values[names].trim()]
    if (values[keys].trim() === '' || !Number.isInteger(key)) throw invalid(file, 'a whole number', values[keys], line)
    if (name === '') throw invalid(file, 'a name in every row', 'none', line)
    const hex = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(colours < 0 ? '' : values[colours].trim())
    if (!hex) return { key, name }
    return { key, name, colour: [parseInt(hex[1], 16), parseInt(hex[2], 16), parseInt(hex[3], 16)] }
  })
}

const invalid = (file: string, expected: string, found: string, line?: number) =>
  new HeschlError('FORMAT_INVALID', 'This is not a table of an atlas’s regions', {
    where: { file, ...(line !== undefined && { line }) },
    expected,
    found,
    remedy: 'Give a table with columns `index` and `name`, as BIDS has it, or FreeSurfer’s colour table',
  })
