/** Writes GIFTI 1.0 (GZipBase64Binary), which nibabel, Workbench and FreeSurfer read. */
import { endianness } from 'node:os'
import { deflateSync, gzipSync } from 'node:zlib'
import type { Matrix32 } from '../linalg/matrix.ts'
import { writeFileAtomic } from './atomic.ts'
import type { GiftiFile } from './gifti.ts'
import { giftiTypes } from './giftiAttributes.ts'
import type { GiftiLabel } from './giftiAttributes.ts'
import type { GiftiArray } from './giftiParse.ts'
import { typeOf } from './npy.ts'

const dataType = (data: GiftiArray['data']): string => {
  const type = typeOf(data)
  return [...giftiTypes].find(([, name]) => name === type)![0]
}

/**
 * Writes `file` to `path`, whole or not at all; the file is gzipped when its name ends in `.gz`.
 * @throws HeschlError DISK_FULL, FILE_UNREADABLE
 */
export async function writeGifti(path: string, file: GiftiFile): Promise<void> {
  const bytes = Buffer.from(giftiText(file), 'utf8')
  await writeFileAtomic(path, path.endsWith('.gz') ? gzipSync(bytes) : bytes)
}

/** A mesh: `points` float32 [vertices, 3] in millimetres, `triangles` [n, 3]. */
export function giftiSurface(points: Float32Array, triangles: Uint32Array): GiftiFile {
  return {
    arrays: [
      array('NIFTI_INTENT_POINTSET', [points.length / 3, 3], points),
      array('NIFTI_INTENT_TRIANGLE', [triangles.length / 3, 3], Int32Array.from(triangles)),
    ],
    labels: [],
  }
}

/** One value a vertex. */
export const giftiShape = (values: Float32Array): GiftiFile => ({
  arrays: [array('NIFTI_INTENT_SHAPE', [values.length], values)],
  labels: [],
})

/** Maps of one hemisphere, [vertices] each, with their names. */
export const giftiMaps = (
  names: readonly string[],
  values: readonly Float32Array[],
  side: 'left' | 'right',
  intent: 'NIFTI_INTENT_SHAPE' | 'NIFTI_INTENT_NONE',
): GiftiFile => ({
  arrays: values.map((map, i) => array(intent, [map.length], map, [['Name', names[i]]])),
  labels: [],
  metadata: structureOf(side),
})

/** One label a vertex: `keys` are keys of `labels`. @param name of the map */
export const giftiLabels = (
  keys: Int32Array,
  labels: readonly GiftiLabel[],
  side?: 'left' | 'right',
  name?: string,
): GiftiFile => ({
  arrays: [array('NIFTI_INTENT_LABEL', [keys.length], keys, name === undefined ? [] : [['Name', name]])],
  labels,
  ...(side && { metadata: structureOf(side) }),
})

/** Workbench asks which cortex a map is of. */
const structureOf = (side: 'left' | 'right') =>
  new Map([['AnatomicalStructurePrimary', side === 'left' ? 'CortexLeft' : 'CortexRight']])

/** One run, float32 [volumes, vertices], as one array a volume; `tr` in seconds. */
export const giftiFunctional = ({ data, rows, cols }: Matrix32, tr: number): GiftiFile => ({
  arrays: Array.from({ length: rows }, (_, row) =>
    array('NIFTI_INTENT_TIME_SERIES', [cols], data.subarray(row * cols, (row + 1) * cols), [
      ['TimeStep', (tr * 1000).toFixed(3)],
    ]),
  ),
  labels: [],
})

const array = (
  intent: string,
  dims: readonly number[],
  data: GiftiArray['data'],
  metadata: readonly (readonly [string, string])[] = [],
): GiftiArray => ({ intent, dims, data, metadata: new Map(metadata) })

function giftiText({ arrays, labels, metadata }: GiftiFile): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE GIFTI SYSTEM "http://gifti.projects.nitrc.org/gifti.dtd">',
    `<GIFTI Version="1.0" NumberOfDataArrays="${arrays.length}">`,
    metadataText(metadata ?? new Map()),
    labels.length === 0 ? '<LabelTable/>' : `<LabelTable>\n${labels.map(labelText).join('\n')}\n</LabelTable>`,
    ...arrays.map(arrayText),
    '</GIFTI>',
    '',
  ].join('\n')
}

export const labelText = ({ key, name, rgba: [red, green, blue, alpha] }: GiftiLabel) =>
  `<Label Key="${key}" Red="${red}" Green="${green}" Blue="${blue}" Alpha="${alpha}">${escapeXml(name)}</Label>`

function arrayText({ intent, dims, data, metadata }: GiftiArray): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const sizes = dims.map((n, d) => `Dim${d}="${n}"`).join(' ')
  return [
    `<DataArray Intent="${intent}" DataType="${dataType(data)}" ArrayIndexingOrder="RowMajorOrder"`,
    `  Dimensionality="${dims.length}" ${sizes} Encoding="GZipBase64Binary"`,
    `  Endian="${endianness() === 'LE' ? 'LittleEndian' : 'BigEndian'}" ExternalFileName="" ExternalFileOffset="">`,
    metadataText(metadata),
    ...(intent === 'NIFTI_INTENT_POINTSET' ? [identityTransform] : []),
    `<Data>${deflateSync(bytes).toString('base64')}</Data>`,
    '</DataArray>',
  ].join('\n')
}

function metadataText(metadata: ReadonlyMap<string, string>): string {
  const pairs = [...metadata].map(
    ([name, value]) => `<MD><Name>${escapeXml(name)}</Name><Value>${escapeXml(value)}</Value></MD>`,
  )
  return pairs.length === 0 ? '<MetaData/>' : `<MetaData>${pairs.join('')}</MetaData>`
}

const identityTransform = [
  '<CoordinateSystemTransformMatrix>',
  '<DataSpace>NIFTI_XFORM_UNKNOWN</DataSpace><TransformedSpace>NIFTI_XFORM_UNKNOWN</TransformedSpace>',
  '<MatrixData>1 0 0 0  0 1 0 0  0 0 1 0  0 0 0 1</MatrixData>',
  '</CoordinateSystemTransformMatrix>',
].join('\n')

export const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
