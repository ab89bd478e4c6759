/** Arrays in files of several formats, told by content: NPY, NPZ, HDF5, MATLAB, Parquet. */
import { arrayPlace } from '../arrayPlace.ts'
import { HeschlError } from '../errors.ts'
import { runsOf } from './blocks.ts'
import { withFile } from './fileBytes.ts'
import type { FileBytes } from './fileBytes.ts'
import { openHdf5 } from './hdf5/file.ts'
import type { Hdf5File } from './hdf5/file.ts'
import type { Hdf5DataSet } from './hdf5/dataset.ts'
import { findMatrix, mat5Array, matVariables, noSuch, openMat5 } from './mat/mat5.ts'
import { findMat73, isMatlab, mat73Array, matClass } from './mat/mat73.ts'
import { decode, toCOrder } from './npy.ts'
import type { NpyArray } from './npy.ts'
import { parseNpyHeader } from './npyHeader.ts'
import { openNpzEntry } from './npz.ts'
import { parquetArray } from './parquet/parquet.ts'
import { formatNames, sniffFormat } from './sniff.ts'
import { readBlock } from './storedArray.ts'
import type { StoredArray } from './storedArray.ts'

/**
 * Opens an array, hands it to `use` and closes its file.
 * @param reference a file, or `file.h5:/group/data`; what is meant may be left out where there is one array
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, PICKLE_REFUSED; OPTION_INVALID for what is not there
 */
export async function withArray<Result>(
  reference: string,
  use: (array: StoredArray) => Promise<Result>,
): Promise<Result> {
  const { file: path, inside } = arrayPlace(reference)
  const format = await sniffFormat(path)
  return withFile(path, async (file) => {
    if (format === 'npz') return use(await npyArray(await openNpzEntry(file, inside)))
    if (format === 'mat') return use(await matArray(file, inside))
    if (format === 'hdf5') return use(await hdf5Array(await openHdf5(file), inside))
    if (format !== 'npy' && format !== 'parquet')
      throw new HeschlError('FORMAT_INVALID', 'This file holds no array', {
        where: { file: path },
        expected: 'NumPy (.npy, .npz), HDF5 (.h5, .hdf5, .hf5), MATLAB (.mat) or Parquet',
        found: format ? formatNames[format] : 'none of the formats that are known, by its content',
      })
    if (inside !== undefined)
      throw new HeschlError('OPTION_INVALID', `${formatNames[format]} holds one array, which has no name`, {
        where: { file: path },
        found: inside,
        remedy: 'Leave out what follows the colon',
      })
    return use(await (format === 'parquet' ? parquetArray(file) : npyArray(file)))
  })
}

/** A whole array. @throws HeschlError as `withArray` */
export const readArray = (reference: string): Promise<NpyArray> =>
  withArray(reference, (array) =>
    readBlock(
      array,
      reference,
      array.shape.map(() => 0),
      array.shape,
    ),
  )

/** Shape and type. @throws HeschlError as `withArray` */
export const readArrayHeader = (reference: string): Promise<Pick<StoredArray, 'shape' | 'type'>> =>
  withArray(reference, ({ shape, type }) => Promise.resolve({ shape, type }))

/**
 * Columns `from` to `to` (exclusive) of a matrix, reading no more than those where the format allows it. A vector is one
 * column.
 * @returns [rows, to − from], in C order
 * @throws HeschlError as `withArray`, and OPTION_INVALID for columns that are not there
 */
export const readArrayColumns = (reference: string, from: number, to: number): Promise<NpyArray> =>
  withArray(reference, async (array) => {
    const [rows = 0] = array.shape
    const isOnly = array.shape.length === 1 && from === 0 && to === 1
    const { data } = await (isOnly
      ? readBlock(array, reference, [0], [rows])
      : readBlock(array, reference, [0, from], [rows, to - from]))
    return { shape: [rows, to - from], data }
  })

/** Rows `from` to `to` (exclusive) of a matrix or a vector, in C order. @throws HeschlError as `readArrayColumns` */
export const readArrayRows = (reference: string, from: number, to: number): Promise<NpyArray> =>
  withArray(reference, (array) => {
    const rest = array.shape.slice(1)
    return readBlock(array, reference, [from, ...rest.map(() => 0)], [to - from, ...rest])
  })

async function npyArray(file: FileBytes): Promise<StoredArray> {
  const header = await parseNpyHeader(file)
  const { shape, type, fortranOrder, itemBytes, dataStart } = header
  const stored = fortranOrder ? shape.toReversed() : shape
  return {
    ...{ shape, type },
    async block(from, sizes) {
      const turned = (places: readonly number[]) => (fortranOrder ? places.toReversed() : places)
      const bytes = new Uint8Array(sizes.reduce((product, n) => product * n, itemBytes))
      const block = { from: turned(from), sizes: turned(sizes) }
      if (bytes.length > 0)
        for (const run of runsOf(stored, block, itemBytes))
          await file.read(dataStart + run.at, bytes.subarray(run.to, run.to + run.bytes))
      const data = decode(bytes, header, file.path)
      return fortranOrder ? toCOrder(data, sizes) : data
    },
  }
}

async function matArray(file: FileBytes, inside: string | undefined): Promise<StoredArray> {
  const bytes = await openMat5(file)
  const name =
    inside ??
    onlyOne(
      file,
      [...(await matVariables(bytes))].flatMap(([own, { type }]) => (type ? [own] : [])),
    )
  return mat5Array(await findMatrix(bytes, name), name)
}

async function hdf5Array(file: Hdf5File, inside: string | undefined): Promise<StoredArray> {
  const path = inside ?? onlyOne(file.source, await numberSets(file))
  if (await isMatlab(file, path)) return mat73Array(file, await findMat73(file, path), path)
  const object = await file.find(path)
  if (!object) throw noSuch(file.source, path, await numberSets(file))
  const dataSet = await file.dataSet(object)
  if (!dataSet) throw noSuch(file.source, `${path}, a group`, await numberSets(file))
  // A cell of MATLAB's may be named by where HDF5 has it
  if ((await matClass(file, object)) !== undefined) return mat73Array(file, object, path)
  return plainArray(dataSet, path)
}

function plainArray(dataSet: Hdf5DataSet, what: string): StoredArray {
  const { shape, type, source } = dataSet
  if (type.kind !== 'number')
    throw new HeschlError('FORMAT_INVALID', 'This data set does not hold real numbers', {
      where: { file: source.path },
      expected: 'integers of 8 to 64 bits, float16, float32 or float64',
      found: `${type.name} in ${what}`,
      remedy: 'Name another data set, or write it as float32',
    })
  return {
    ...{ shape, type: type.layout.type },
    block: async (from, sizes) => decode(await dataSet.read(from, sizes), type.layout, source.path),
  }
}

/** Data sets of numbers with one dimension or more; MATLAB's own groups begin with `#`. */
async function numberSets(file: Hdf5File): Promise<readonly string[]> {
  const found: string[] = []
  for (const [path, { dataSet }] of await file.list()) {
    const { shape, type } = dataSet
    if (!path.startsWith('/#') && type.kind === 'number' && shape.length > 0) found.push(path)
  }
  return found
}

function onlyOne({ path: file }: { readonly path: string }, names: readonly string[]): string {
  if (names.length === 1) return names[0]
  throw new HeschlError(
    'OPTION_INVALID',
    names.length === 0 ? 'This file holds no array' : 'This file holds several arrays',
    {
      where: { file },
      expected: names.length === 0 ? 'an array of numbers' : `one of ${names.slice(0, 20).join(', ')}`,
      found: 'no name',
      ...(names.length > 0 && { remedy: `Name it behind a colon: ${file.replace(/^.*[\\/]/, '')}:${names[0]}` }),
    },
  )
}
