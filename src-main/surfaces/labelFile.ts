/** Labels of vertices and their table, from GIFTI or FreeSurfer's annotations: the content tells which. */
import { HeschlError } from '../errors.ts'
import { readAnnot } from '../formats/freesurferAnnot.ts'
import { readGifti } from '../formats/gifti.ts'
import type { GiftiFile } from '../formats/gifti.ts'
import { formatNames, sniffFormat } from '../formats/sniff.ts'

export interface LabelEntry {
  readonly key: number
  readonly name: string
  /** 0–255; undefined where the file gives no colour. */
  readonly colour?: readonly [number, number, number]
}

export interface LabelFile {
  /** One a vertex: keys of the table, 0 or -1 where there is no label. */
  readonly keys: ArrayLike<number>
  readonly table: readonly LabelEntry[]
}

/** @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID */
export async function readLabelFile(file: string): Promise<LabelFile> {
  const format = await sniffFormat(file)
  if (format === 'freesurfer-annot') return fromAnnot(file)
  if (format === 'gifti') return fromGifti(await readGifti(file), file)
  throw invalid(
    file,
    'a GIFTI label file (.label.gii) or a FreeSurfer annotation (.annot)',
    format ? formatNames[format] : 'none of the formats that are known, by its content',
  )
}

async function fromAnnot(file: string): Promise<LabelFile> {
  const { labels, entries } = await readAnnot(file)
  const table = [...entries].map(([index, { name, rgb }]) => ({ key: index + 1, name, colour: rgb }))
  // Keys from 1: 0 is no label, and the first entry of an annotation is one
  return { keys: labels.map((index) => index + 1), table }
}

function fromGifti({ arrays, labels }: GiftiFile, file: string): LabelFile {
  const found = arrays.filter(({ intent }) => intent === 'NIFTI_INTENT_LABEL')
  const [array] = found
  const whole = array && !(array.data instanceof Float32Array) && !(array.data instanceof Float64Array)
  if (found.length !== 1 || !whole || array.data.length !== array.dims[0])
    throw invalid(file, 'one array of whole-number labels, one a vertex', `${found.length} label arrays`)
  const part = (value: number) => Math.round(value * 255)
  const table = labels.map(({ key, name, rgba: [red, green, blue, alpha] }) => ({
    key,
    name,
    ...(red + green + blue + alpha > 0 ? { colour: [part(red), part(green), part(blue)] as const } : {}),
  }))
  return { keys: array.data, table }
}

const invalid = (file: string, expected: string, found: string) =>
  new HeschlError('FORMAT_INVALID', 'This file is not a parcellation', {
    expected,
    found,
    where: { file },
    remedy: 'Name a .label.gii or an .annot file',
  })
