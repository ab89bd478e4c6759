/** A map on both hemispheres of a surface, from files of any format. */
import { HeschlError } from '../errors.ts'
import { cortexOf, readCiftiHeader, readCiftiValues } from '../formats/cifti.ts'
import { readFreesurferMorph } from '../formats/freesurferMorph.ts'
import { sniffFormat } from '../formats/sniff.ts'
import { readMapFile } from './mapFile.ts'
import type { Side } from './types.ts'

export interface MapOnSurface {
  readonly left: Float32Array
  readonly right: Float32Array
  /** As the file names it; empty where it does not. */
  readonly name: string
}

export interface MapFiles {
  /** One of both hemispheres (CIFTI, or left before right), one of each, left first, or one of `hemisphere` alone. */
  readonly files: readonly string[]
  readonly hemisphere?: Side | undefined
  /** Of several maps in a file, from 1. */
  readonly index: number
}

/**
 * @param vertices of the surface's hemispheres
 * @returns values; NaN where the files have none
 * @throws HeschlError as `readMapFile`; SHAPE_MISMATCH for a map of another surface; OPTION_INVALID for one that is not there
 */
export async function readMapOnSurface(
  { files, hemisphere, index }: MapFiles,
  vertices: Readonly<Record<Side, number>>,
): Promise<MapOnSurface> {
  const [first, second] = files
  const empty = (side: Side) => new Float32Array(vertices[side]).fill(NaN)
  if (second !== undefined) {
    const left = await one(first, index, vertices.left, 'left')
    const right = await one(second, index, vertices.right, 'right')
    return { left: left.values, right: right.values, name: left.name }
  }
  if (hemisphere !== undefined) {
    const { values, name } = await one(first, index, vertices[hemisphere], hemisphere)
    return { left: empty('left'), right: empty('right'), name, [hemisphere]: values }
  }
  if ((await sniffFormat(first)) === 'cifti') return fromCifti(first, index, vertices)
  const { values, name } = await one(first, index, vertices.left + vertices.right)
  return { left: values.slice(0, vertices.left), right: values.slice(vertices.left), name }
}

async function one(file: string, index: number, expected: number, hemisphere?: Side) {
  const { values, names = [] } =
    (await sniffFormat(file)) === 'freesurfer-curv' ? await curvature(file) : await readMapFile(file)
  // A vector of values is one map, as a column of them is.
  const { data, rows, cols } = values.cols === 1 ? { ...values, rows: 1, cols: values.rows } : values
  if (index > rows) throw noMap(file, index, rows)
  if (cols !== expected) throw otherSurface(file, expected, cols, hemisphere)
  return { values: data.slice((index - 1) * cols, index * cols), name: names[index - 1] ?? '' }
}

async function curvature(file: string): Promise<Awaited<ReturnType<typeof readMapFile>>> {
  const data = await readFreesurferMorph(file)
  return { values: { data, rows: 1, cols: data.length } }
}

/** Vertices that the file leaves out, as the medial wall, have no value. */
async function fromCifti(file: string, index: number, vertices: Readonly<Record<Side, number>>): Promise<MapOnSurface> {
  const header = await readCiftiHeader(file)
  if (index > header.points) throw noMap(file, index, header.points)
  const values = await readCiftiValues(file)
  const [left, right] = (['left', 'right'] as const).map((side) => {
    const model = cortexOf(header, side, file)
    if (model.vertexCount !== vertices[side]) throw otherSurface(file, vertices[side], model.vertexCount, side)
    const map = new Float32Array(vertices[side]).fill(NaN)
    model.vertices.forEach((vertex, i) => (map[vertex] = values.data[(index - 1) * values.cols + model.offset + i]))
    return map
  })
  return { left, right, name: '' }
}

function otherSurface(file: string, expected: number, found: number, hemisphere?: Side): HeschlError {
  return new HeschlError('SHAPE_MISMATCH', 'A map is not of this surface', {
    where: { file, ...(hemisphere === undefined ? {} : { hemisphere }) },
    expected: `${expected.toLocaleString('en')} values`,
    found: found.toLocaleString('en'),
    remedy: 'Name the surface that the map is of; a file of one hemisphere with --hemisphere, or both files',
  })
}

const noMap = (file: string, index: number, count: number) =>
  new HeschlError('OPTION_INVALID', `There is no map ${index} in this file`, {
    where: { file },
    expected: count === 1 ? 'the one map' : `a map from 1 to ${count}`,
    found: String(index),
  })
