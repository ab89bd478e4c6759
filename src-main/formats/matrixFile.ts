/** A matrix with a sample a row, in a file of any format that can hold one: its content tells which. */
import { arrayPlace } from '../arrayPlace.ts'
import { HeschlError } from '../errors.ts'
import { readArrayColumns, readArrayHeader, readArrayRows } from './arrayFile.ts'
import { readCiftiHeader, readCiftiValues } from './cifti.ts'
import { parseDelimited } from './delimited.ts'
import { giftiHeader, readGiftiFunctional } from './gifti.ts'
import { readMghHeader, readMghValues } from './mgh.ts'
import { niftiFrames, readNiftiHeader, readNiftiValues } from './nifti.ts'
import type { NpyArray, NpyData } from './npy.ts'
import { readNpy, readNpyHeader, readNpyRows } from './npy.ts'
import { readNpyColumns } from './npyColumns.ts'
import type { NpyType } from './npyHeader.ts'
import { formatNames, sniffFormat } from './sniff.ts'
import type { NeuroFormat } from './sniff.ts'
import { readText } from './text.ts'

export interface MatrixHeader {
  readonly shape: readonly number[]
  readonly type: NpyType
  /** Columns lie together in the file: a few rows at a time are as slow as many. */
  readonly byColumns?: boolean
  /** Has no rows that are read by themselves: all of them are read for one. */
  readonly whole?: boolean
  /** Is parsed, or much of it, for any of its numbers. */
  readonly decodedWhole?: boolean
}

interface MatrixFormat {
  readonly header: (reference: string) => Promise<MatrixHeader>
  /** Columns `from` to `to`, exclusive: [rows, to - from], in C order. */
  readonly columns: (reference: string, from: number, to: number) => Promise<NpyArray>
  /** Where it can be read by rows. */
  readonly rows?: (reference: string, from: number, to: number) => Promise<NpyArray>
}

const float32 = (volumes: number, values: number): MatrixHeader => ({
  ...{ shape: [volumes, values], type: 'f4', whole: true },
})

const matrixOf = ({ data, rows, cols }: { data: Float32Array; rows: number; cols: number }): NpyArray => ({
  ...{ shape: [rows, cols], data: data as Float32Array<ArrayBuffer> },
})

const array: MatrixFormat = { header: readArrayHeader, columns: readArrayColumns, rows: readArrayRows }

const formats: Partial<Record<NeuroFormat, MatrixFormat>> = {
  npy: {
    async header(file) {
      const { shape, type, fortranOrder } = await readNpyHeader(file)
      return { shape, type, byColumns: fortranOrder }
    },
    async columns(file, from, to) {
      const { shape } = await readNpyHeader(file)
      // All at once is one read, and of some columns one a row
      return shape.length === 2 && from === 0 && to === shape[1] ? readNpy(file) : readNpyColumns(file, from, to)
    },
    rows: readNpyRows,
  },
  ...{ npz: array, hdf5: array, mat: array },
  parquet: {
    ...array,
    header: async (file) => ({ ...(await readArrayHeader(file)), byColumns: true, decodedWhole: true }),
  },
  gifti: {
    async header(file) {
      const { volumes, vertices } = await giftiHeader(file)
      return { ...float32(volumes, vertices), decodedWhole: true }
    },
    async columns(file, from, to) {
      const { data, rows, cols } = await readGiftiFunctional(file)
      return { shape: [rows, to - from], data: someColumns(data as Float32Array<ArrayBuffer>, cols, from, to) }
    },
  },
  cifti: {
    async header(file) {
      const { points, grayordinates } = await readCiftiHeader(file)
      return float32(points, grayordinates)
    },
    columns: async (file, from, to) => matrixOf(await readCiftiValues(file, from, to)),
  },
  mgh: {
    async header(file) {
      const { layout } = await readMghHeader(file)
      return float32(layout.frames, layout.values)
    },
    columns: async (file, from, to) => matrixOf(await readMghValues(file, { from, to })),
  },
  nifti: {
    async header(file) {
      const { frames, values } = niftiFrames(await readNiftiHeader(file))
      return float32(frames, values)
    },
    columns: async (file, from, to) => matrixOf(await readNiftiValues(file, { from, to })),
  },
}

const table: MatrixFormat = {
  async header(file) {
    const { rows, cols } = await readTable(file)
    return { shape: [rows, cols], type: 'f8', whole: true, decodedWhole: true }
  },
  async columns(file, from, to) {
    const { data, rows, cols } = await readTable(file)
    return { shape: [rows, to - from], data: someColumns(data, cols, from, to) }
  },
}

/**
 * Shape and type, from the header alone where the format has one. Of volumes, [volumes, voxels], x fastest; of CIFTI-2
 * [points, grayordinates]; of a table with a header line, [lines, columns].
 * @param reference a file, or `file.h5:/group/data`
 * @throws HeschlError as the format's reader; FORMAT_INVALID for what holds no matrix
 */
export const matrixHeader = async (reference: string): Promise<MatrixHeader> =>
  (await formatOf(reference)).header(reference)

/**
 * Columns `from` to `to` (exclusive), reading no more than those where the format allows it: [rows, to - from] in C order.
 * @throws HeschlError as `matrixHeader`, and OPTION_INVALID for columns that are not there
 */
export const matrixColumns = async (reference: string, from: number, to: number): Promise<NpyArray> =>
  (await formatOf(reference)).columns(reference, from, to)

/** What is kept of a file between readings of its columns. */
const mostKept = 256 * 1024 * 1024

/**
 * As `matrixColumns`, of a file of which some columns after others are wanted: one that is decoded whole for any of them is
 * read once, where it takes at most 256 MiB.
 * @throws HeschlError as `matrixHeader`; what it gives, as `matrixColumns`
 */
export async function columnReader(reference: string): Promise<(from: number, to: number) => Promise<NpyArray>> {
  const { shape, type, decodedWhole = false } = await matrixHeader(reference)
  const [rows = 0, cols = 1] = shape
  if (!decodedWhole || rows * cols * Number(type.slice(1)) > mostKept)
    return (from, to) => matrixColumns(reference, from, to)
  let whole: Promise<NpyArray> | undefined
  return async (from, to) => {
    const { data } = await (whole ??= matrixColumns(reference, 0, cols))
    return { shape: [rows, to - from], data: someColumns(data, cols, from, to) }
  }
}

/**
 * Rows `from` to `to` (exclusive), as `matrixColumns`; formats that have no rows are read whole each time.
 * @throws HeschlError as `matrixHeader`, and OPTION_INVALID for rows that are not there
 */
export async function matrixRows(reference: string, from: number, to: number): Promise<NpyArray> {
  const format = await formatOf(reference)
  if (format.rows) return format.rows(reference, from, to)
  const { shape } = await format.header(reference)
  const { data } = await format.columns(reference, 0, shape[1])
  return { shape: [to - from, shape[1]], data: data.subarray(from * shape[1], to * shape[1]) }
}

async function formatOf(reference: string): Promise<MatrixFormat> {
  const { file, inside } = arrayPlace(reference)
  const name = await sniffFormat(file)
  if (name === undefined && inside === undefined) return table
  const format = name && formats[name]
  if (format && (inside === undefined || format === array)) return format
  throw new HeschlError(
    format ? 'OPTION_INVALID' : 'FORMAT_INVALID',
    format ? 'This file holds one matrix, which has no name' : 'This file holds no matrix',
    {
      where: { file },
      expected:
        'an array (NPY, NPZ, HDF5, MATLAB), a run (GIFTI, CIFTI-2, MGH, NIfTI) or a table of numbers (TSV, CSV, Parquet)',
      found: inside ?? (name ? formatNames[name] : 'none of the formats that are known, by its content'),
      ...(format && { remedy: 'Leave out what follows the colon' }),
    },
  )
}

function someColumns<Data extends NpyData>(data: Data, cols: number, from: number, to: number): Data {
  if (from === 0 && to === cols) return data
  const rows = cols === 0 ? 0 : data.length / cols
  const out = new (data.constructor as new (length: number) => Data)(rows * (to - from))
  for (let row = 0; row < rows; row++) out.set(data.subarray(row * cols + from, row * cols + to), row * (to - from))
  return out
}

const notThere = new Set(['', 'n/a', 'na', 'nan'])

/** Tabs or commas, one line of names; what is not there is NaN. @throws HeschlError FORMAT_INVALID with the line */
async function readTable(file: string) {
  const { columns, rows } = parseDelimited(await readText(file), file)
  if (rows.length === 0)
    throw new HeschlError('FORMAT_INVALID', 'This file holds no matrix', {
      where: { file },
      expected: 'an array, or a table of numbers under a line of names',
      found: 'one line of text',
    })
  const data = new Float64Array(rows.length * columns.length)
  for (const [row, { line, values }] of rows.entries())
    for (const [column, text] of values.entries()) {
      const missing = notThere.has(text.trim().toLowerCase())
      const value = missing ? NaN : Number(text)
      if (!missing && Number.isNaN(value))
        throw new HeschlError('FORMAT_INVALID', 'This table has a value that is not a number', {
          where: { file, line },
          expected: 'numbers, or n/a',
          found: `"${text.slice(0, 40)}" in the column ${columns[column]}`,
          remedy: 'Leave out columns of text, or name another file',
        })
      data[row * columns.length + column] = value
    }
  return { data, rows: rows.length, cols: columns.length }
}
