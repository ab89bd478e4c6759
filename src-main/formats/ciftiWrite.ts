/** Writes dense CIFTI-2 files: scalars, labels and series of grayordinates. */
import type { Matrix32 } from '../linalg/matrix.ts'
import { HeschlError } from '../errors.ts'
import type { CiftiAlong, CiftiAxes, CiftiMap, CiftiModel } from './ciftiXml.ts'
import { labelText, escapeXml } from './giftiWrite.ts'
import { writeNifti } from './niftiWrite.ts'

/** NIfTI's intents and their names, by what lies along the first dimension. */
const intents = {
  series: [3002, 'ConnDenseSeries'],
  scalars: [3006, 'ConnDenseScalar'],
  labels: [3007, 'ConnDenseLabel'],
} as const

/** Models of both cortices, or of the one that there is, in which every vertex has a value. */
export function cortexModels(left: number, right: number): readonly CiftiModel[] {
  const all = (count: number) => Int32Array.from({ length: count }, (_, vertex) => vertex)
  const models = [
    { structure: 'CORTEX_LEFT', offset: 0, count: left, vertexCount: left, vertices: all(left) },
    { structure: 'CORTEX_RIGHT', offset: left, count: right, vertexCount: right, vertices: all(right) },
  ]
  return models.filter(({ count }) => count > 0)
}

/**
 * Writes a file, whole or not at all.
 * @param values [points, grayordinates]; of labels their keys
 * @throws HeschlError SHAPE_MISMATCH, DISK_FULL, FILE_UNREADABLE
 */
export async function writeCifti(path: string, axes: CiftiAxes, values: Matrix32): Promise<void> {
  const { data, rows, cols } = values
  const last = axes.models.at(-1)
  const counted = last ? last.offset + last.count : 0
  if (rows !== axes.along.count || cols !== counted)
    throw new HeschlError('SHAPE_MISMATCH', 'A CIFTI file cannot be written: its axes do not match its numbers', {
      where: { file: path },
      expected: `${axes.along.count} x ${counted} numbers`,
      found: `${rows} x ${cols}`,
    })
  // In the file, what is along the first dimension varies fastest
  const turned = new Float32Array(data.length)
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) turned[col * rows + row] = data[row * cols + col]
  const [intent, intentName] = intents[axes.along.kind]
  await writeNifti(path, {
    shape: [1, 1, 1, 1, rows, cols],
    data: turned,
    affine: new Float64Array([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
    space: 0,
    intent,
    intentName,
    extension: { code: 32, text: ciftiXml(axes) },
  })
}

function ciftiXml({ along, models, volume }: CiftiAxes): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<CIFTI Version="2"><Matrix>',
    '<MetaData><MD><Name>Provenance</Name><Value>Heschl</Value></MD></MetaData>',
    alongText(along),
    '<MatrixIndicesMap AppliesToMatrixDimension="1" IndicesMapToDataType="CIFTI_INDEX_TYPE_BRAIN_MODELS">',
    ...(volume
      ? [
          `<Volume VolumeDimensions="${volume.shape.join(',')}">`,
          '<TransformationMatrixVoxelIndicesIJKtoXYZ MeterExponent="-3">',
          volume.affine.join(' '),
          '</TransformationMatrixVoxelIndicesIJKtoXYZ></Volume>',
        ]
      : []),
    ...models.map(modelText),
    '</MatrixIndicesMap></Matrix></CIFTI>',
  ].join('\n')
}

function alongText(along: CiftiAlong): string {
  const open = (type: string, rest = '') =>
    `<MatrixIndicesMap AppliesToMatrixDimension="0" IndicesMapToDataType="CIFTI_INDEX_TYPE_${type}"${rest}>`
  if (along.kind === 'series') {
    const { count, start, step, unit } = along
    const points = `NumberOfSeriesPoints="${count}" SeriesExponent="0" SeriesStart="${start}"`
    return `${open('SERIES', ` ${points} SeriesStep="${step}" SeriesUnit="${unit}"`)}</MatrixIndicesMap>`
  }
  return `${open(along.kind.toUpperCase())}\n${along.maps.map((map) => mapText(map, along.kind)).join('\n')}\n</MatrixIndicesMap>`
}

const mapText = ({ name, labels }: CiftiMap, kind: 'scalars' | 'labels') => {
  const table = kind === 'labels' ? `<LabelTable>\n${labels.map(labelText).join('\n')}\n</LabelTable>` : ''
  return `<NamedMap><MapName>${escapeXml(name)}</MapName>${table}</NamedMap>`
}

function modelText({ structure, offset, count, vertexCount, vertices, voxels }: CiftiModel): string {
  const name = `BrainStructure="CIFTI_STRUCTURE_${escapeXml(structure)}"`
  const open = `<BrainModel IndexOffset="${offset}" IndexCount="${count}" ModelType="CIFTI_MODEL_TYPE_`
  if (vertices)
    return `${open}SURFACE" ${name} SurfaceNumberOfVertices="${vertexCount}"><VertexIndices>${vertices.join(' ')}</VertexIndices></BrainModel>`
  return `${open}VOXELS" ${name}><VoxelIndicesIJK>${(voxels ?? []).join(' ')}</VoxelIndicesIJK></BrainModel>`
}
