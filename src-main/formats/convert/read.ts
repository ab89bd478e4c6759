/** Any file of numbers as one array in C order, with what its format says of it. */
import { arrayPlace } from '../../arrayPlace.ts'
import { HeschlError } from '../../errors.ts'
import { readArray } from '../arrayFile.ts'
import { cortexOf, readCiftiHeader, readCiftiValues } from '../cifti.ts'
import { scale } from '../frameFill.ts'
import { readGifti, readGiftiFunctional } from '../gifti.ts'
import { readMghFrames } from '../mgh.ts'
import { readNiftiVolumes } from '../nifti.ts'
import type { NiftiImage } from '../niftiWrite.ts'
import { toCOrder } from '../npy.ts'
import type { NpyArray, NpyData } from '../npy.ts'
import { formatNames, sniffFormat } from '../sniff.ts'
import type { NeuroFormat } from '../sniff.ts'

export interface Held extends NpyArray {
  /** Of maps, one a row. */
  readonly names?: readonly string[]
  /** Of an image in space: 4 x 4, row-major, voxel to millimetres; NIfTI's code of the space; seconds between volumes; NIfTI-2. */
  readonly image?: Pick<NiftiImage, 'affine' | 'space' | 'tr' | 'wide'>
  /** Of maps on both cortices, left before right: vertices of each. */
  readonly sides?: { readonly left: number; readonly right: number }
  readonly notes: readonly string[]
}

type Reader = (file: string) => Promise<Held>

const array: Reader = async (file) => ({ ...(await readArray(file)), notes: [] })

const readers: Partial<Record<NeuroFormat, Reader>> = {
  ...{ npy: array, npz: array, hdf5: array, mat: array, parquet: array },
  async nifti(file) {
    const { header, data } = await readNiftiVolumes(file)
    const { shape, slope, intercept, affine, space, tr } = header
    let values: NpyData = data
    if (slope !== 1 || intercept !== 0) {
      values = new Float64Array(data.length)
      scale(data, values, header)
    }
    return { shape, data: toCOrder(values, shape), image: { affine, space, tr, wide: header.version === 2 }, notes: [] }
  },
  async mgh(file) {
    const { header, data } = await readMghFrames(file)
    return { shape: header.shape, data: toCOrder(data, header.shape), image: { affine: header.affine }, notes: [] }
  },
  gifti: giftiMaps,
  async cifti(file) {
    const header = await readCiftiHeader(file)
    const [left, right] = (['left', 'right'] as const).map((side) => cortexOf(header, side, file))
    const vertices = left.vertexCount + right.vertexCount
    const { data: values } = await readCiftiValues(file)
    const data = new Float32Array(header.points * vertices).fill(NaN)
    for (const [model, before] of [
      [left, 0],
      [right, left.vertexCount],
    ] as const)
      for (const [i, vertex] of model.vertices.entries())
        for (let point = 0; point < header.points; point++)
          data[point * vertices + before + vertex] = values[point * header.grayordinates + model.offset + i]
    const rest = header.models.length - 2
    return {
      ...{ shape: [header.points, vertices], data, sides: { left: left.vertexCount, right: right.vertexCount } },
      ...(header.along.kind !== 'series' && { names: header.along.maps.map(({ name }) => name) }),
      notes: rest > 0 ? [`${rest} structures other than the two cortices are left out`] : [],
    }
  },
}

async function giftiMaps(file: string): Promise<Held> {
  const { arrays } = await readGifti(file)
  const [first] = arrays
  if (arrays.some(({ intent }) => intent === 'NIFTI_INTENT_POINTSET' || intent === 'NIFTI_INTENT_TRIANGLE'))
    throw new HeschlError('FORMAT_INVALID', 'This GIFTI file is a mesh', {
      where: { file },
      expected: 'maps: one value a vertex',
      found: 'points and triangles',
    })
  const alike = arrays.every(
    ({ dims, data }) =>
      dims.length === 1 && data.length === first.data.length && data.constructor === first.data.constructor,
  )
  if (arrays.length === 0 || !alike) {
    const { data, rows, cols } = await readGiftiFunctional(file)
    return { shape: [rows, cols], data: Float32Array.from(data), notes: [] }
  }
  const data = new (first.data.constructor as new (length: number) => NpyData)(arrays.length * first.data.length)
  arrays.forEach((each, i) => data.set(each.data, i * first.data.length))
  const names = arrays.map(({ metadata }, i) => metadata.get('Name') ?? `map ${i + 1}`)
  return { shape: [arrays.length, first.data.length], data, names, notes: [] }
}

/**
 * @param reference a file, or `file.h5:/group/data`
 * @throws HeschlError as the format's reader; FORMAT_INVALID for files that hold no numbers by themselves
 */
export async function readHeld(reference: string): Promise<Held> {
  const format = await sniffFormat(arrayPlace(reference).file)
  const read = format && readers[format]
  if (read) return read(reference)
  throw new HeschlError('FORMAT_INVALID', 'This file cannot be converted', {
    where: { file: reference },
    expected: (Object.keys(readers) as NeuroFormat[]).map((name) => formatNames[name]).join(', '),
    found: format ? formatNames[format] : 'none of the formats that are known, by its content',
  })
}
