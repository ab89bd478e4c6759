/** What a file of neuroimaging holds, in a few numbers: what people look at before they name it in a study. */
import { HeschlError } from '../errors.ts'
import { describeHdf5, describeMat } from '../formats/arrayInfo.ts'
import { readCiftiHeader } from '../formats/cifti.ts'
import { readAnnot } from '../formats/freesurferAnnot.ts'
import { delimitedRecords, parseDelimited } from '../formats/delimited.ts'
import { readFreesurferLabel } from '../formats/freesurferLabel.ts'
import { readFreesurferMorph, readFreesurferWeights } from '../formats/freesurferMorph.ts'
import { readFreesurferPatch } from '../formats/freesurferPatch.ts'
import { readFreesurferSurface } from '../formats/freesurferSurface.ts'
import { readGifti } from '../formats/gifti.ts'
import { readMghHeader } from '../formats/mgh.ts'
import { readNiftiHeader } from '../formats/nifti.ts'
import { readNpyHeader } from '../formats/npy.ts'
import { readNpzHeaders } from '../formats/npz.ts'
import { readParquetHeader } from '../formats/parquet/parquet.ts'
import { formatNames, sniffFormat } from '../formats/sniff.ts'
import type { NeuroFormat } from '../formats/sniff.ts'
import { readText } from '../formats/text.ts'
import { parseTextGrid } from '../formats/textgrid.ts'
import { templates } from './templates.ts'

export interface FileInfo {
  readonly file: string
  readonly format: string
  /** In the order in which they are printed. */
  readonly facts: Readonly<Record<string, string | number>>
}

type Facts = FileInfo['facts']

const by = (sizes: readonly number[]) => sizes.join(' x ')

/** So many are told one by one. */
const mostTold = 50

function arraysIn(found: ReadonlyMap<string, string>): Facts {
  const told = [...found].slice(0, mostTold)
  return { ...Object.fromEntries(told), ...(found.size > mostTold ? { more: found.size - mostTold } : {}) }
}

/** Columns in words: their number, and, of not too many, each with its type. */
function columnFacts(columns: readonly { readonly name: string; readonly type: string }[]): Facts {
  const told = columns.slice(0, mostTold).map(({ name, type }) => `${name.slice(0, 60)} ${type}`)
  const more = columns.length > told.length ? `, … ${columns.length - told.length} more` : ''
  return { columns: columns.length, holds: told.join(', ') + more }
}

const isNumber = (text: string) => /^(n\/?a|nan)?$/i.test(text.trim()) || Number.isFinite(Number(text))

/** A table, a list of numbers or a TextGrid; undefined for what is neither, or no text. @throws HeschlError for a table that is not sound */
async function describeText(file: string): Promise<Pick<FileInfo, 'format' | 'facts'> | undefined> {
  const text = await readText(file).catch((error: unknown) => {
    if (HeschlError.from(error).code === 'FORMAT_INVALID') return undefined
    throw error
  })
  if (text?.slice(0, 200).includes('ooTextFile') === true) {
    const tiers = parseTextGrid(text, file)
    const told = tiers.slice(0, mostTold).map(({ name, kind, entries }) => `${name}, ${entries.length} (${kind})`)
    return { format: 'TextGrid', facts: { tiers: tiers.length, holds: told.join('; ') } }
  }
  const [header = ''] = text?.trim().split(/\r?\n/, 1) ?? []
  if (text === undefined || header === '') return undefined
  const separator = header.includes('\t') ? '\t' : ','
  if (!header.includes(separator)) return describeList(text)
  // Names of columns are no numbers: gentle's alignments, among others, begin with the first row.
  const cells = header.split(separator)
  const isBare = cells.some((cell) => cell.trim() !== '' && Number.isFinite(Number(cell)))
  const { columns, rows } = isBare
    ? { columns: cells.map((_, column) => `${column + 1}`), rows: delimitedRecords(text, separator, file) }
    : parseDelimited(text, file)
  if (rows.length === 0 || rows.some(({ values }) => values.length !== columns.length)) return undefined
  const types = columns.map((name, column) => ({
    name,
    type: rows.every(({ values }) => isNumber(values[column])) ? 'numbers' : 'text',
  }))
  const format = `a table with ${separator === '\t' ? 'tabs' : 'commas'}${isBare ? ', without names of its columns' : ''}`
  return { format, facts: { rows: rows.length, ...columnFacts(types) } }
}

/** Numbers, one a line, as labels of vertices come; undefined for anything else. */
function describeList(text: string): Pick<FileInfo, 'format' | 'facts'> | undefined {
  const lines = text.trim().split(/\r?\n/)
  if (!lines.every(isNumber)) return undefined
  let [low, high] = [Infinity, -Infinity]
  for (const line of lines) {
    const value = line.trim() === '' ? NaN : Number(line)
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low > high) return undefined
  const range = { smallest: low, largest: high }
  return { format: 'a list of numbers', facts: { numbers: lines.length, ...range, ...template(lines.length) } }
}

const describe: Readonly<Record<NeuroFormat, (file: string) => Promise<Facts>>> = {
  async nifti(file) {
    const { version, shape, type, bigEndian, slope, intercept, voxel, tr } = await readNiftiHeader(file)
    return {
      version,
      size: by(shape),
      type: `${type}, ${bigEndian ? 'big' : 'little'}-endian`,
      scaling: `${slope} x + ${intercept}`,
      'voxel, mm': by(voxel.map((size) => Number(size.toPrecision(6)))),
      ...(tr > 0 ? { 'TR, s': Number(tr.toPrecision(6)) } : {}),
    }
  },
  async cifti(file) {
    const { along, points, grayordinates, models } = await readCiftiHeader(file)
    return {
      holds:
        along.kind === 'series'
          ? `a series of ${points} points, ${along.step} ${along.unit.toLowerCase()} apart`
          : `${points} ${along.kind}`,
      grayordinates,
      structures: models
        .map(
          ({ structure, count, vertexCount }) =>
            `${structure} ${count}${vertexCount === undefined ? '' : ` of ${vertexCount}`}`,
        )
        .join(', '),
    }
  },
  async gifti(file) {
    const { arrays, labels } = await readGifti(file)
    const points = arrays.find(({ intent }) => intent === 'NIFTI_INTENT_POINTSET')
    const kinds = new Map<string, number>()
    for (const { intent, dims } of arrays) {
      const kind = `${intent.replace('NIFTI_INTENT_', '')} ${by(dims)}`
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    return {
      arrays: [...kinds]
        .slice(0, 10)
        .map(([kind, count]) => (count === 1 ? kind : `${count} of ${kind}`))
        .join(', '),
      ...(labels.length > 0 ? { labels: labels.length } : {}),
      ...(points ? template(points.dims[0]) : {}),
    }
  },
  async mgh(file) {
    const { shape, layout } = await readMghHeader(file)
    return { size: by(shape), type: layout.type }
  },
  async npy(file) {
    const { shape, type } = await readNpyHeader(file)
    return { shape: by(shape), type }
  },
  async npz(file) {
    return {
      arrays: [...(await readNpzHeaders(file))]
        .map(([name, { shape, type }]) => `${name} ${by(shape)} ${type}`)
        .join(', '),
    }
  },
  async hdf5(file) {
    return arraysIn(await describeHdf5(file))
  },
  async mat(file) {
    return arraysIn(await describeMat(file))
  },
  async parquet(file) {
    const { rows, columns } = await readParquetHeader(file)
    return { rows, ...columnFacts(columns) }
  },
  async 'freesurfer-surface'(file) {
    const { points, triangles } = await readFreesurferSurface(file)
    return { vertices: points.length / 3, triangles: triangles.length / 3, ...template(points.length / 3) }
  },
  async 'freesurfer-patch'(file) {
    return { vertices: (await readFreesurferPatch(file)).vertices.length }
  },
  async 'freesurfer-curv'(file) {
    const values = await readFreesurferMorph(file)
    return { vertices: values.length, ...template(values.length) }
  },
  async 'freesurfer-annot'(file) {
    const { labels, entries } = await readAnnot(file)
    return { vertices: labels.length, regions: entries.size, ...template(labels.length) }
  },
  async 'freesurfer-label'(file) {
    return { vertices: (await readFreesurferLabel(file)).vertices.length }
  },
  async 'freesurfer-weights'(file) {
    return { vertices: (await readFreesurferWeights(file)).vertices.length }
  },
}

/** The templates that have so many vertices. */
function template(vertices: number): { readonly template?: string } {
  const names = [...templates].filter(([, known]) => known.vertices === vertices).map(([name]) => name)
  return names.length > 0 ? { template: `as many vertices as ${names.join(' or ')}` } : {}
}

/** @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID */
export async function describeFile(file: string): Promise<FileInfo> {
  const format = await sniffFormat(file)
  if (format) return { file, format: formatNames[format], facts: await describe[format](file) }
  const text = await describeText(file)
  if (text) return { file, ...text }
  throw new HeschlError('FORMAT_INVALID', 'Heschl does not know this format', {
    where: { file },
    expected: `${Object.values(formatNames).join(', ')}, a table (TSV, CSV), a list of numbers, a TextGrid`,
    found: 'none of them, by its content',
  })
}
