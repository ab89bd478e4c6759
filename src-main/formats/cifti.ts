/** CIFTI-2, dense files: series, scalars and labels of grayordinates (.dtseries.nii, .dscalar.nii, .dlabel.nii). */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'
import { parseCiftiXml } from './ciftiXml.ts'
import type { CiftiAxes, CiftiModel } from './ciftiXml.ts'
import { endOf, readFrameValues } from './frames.ts'
import type { FrameLayout } from './frames.ts'
import { withBytes } from './gzipped.ts'
import type { ByteSource } from './gzipped.ts'
import { headerBytes, parseNiftiHeader } from './niftiHeader.ts'
import type { NiftiHeader } from './niftiHeader.ts'

export type { CiftiAxes, CiftiModel } from './ciftiXml.ts'

export interface CiftiHeader extends CiftiAxes {
  readonly nifti: NiftiHeader
  /** Points or maps, which vary fastest in the file. */
  readonly points: number
  readonly grayordinates: number
}

/** NIfTI's codes of intents that are CIFTI's. */
export const isCiftiIntent = (intent: number) => intent >= 3000 && intent < 3100

/** CIFTI's extension among those of NIfTI. */
const extensionCode = 32
/** 164k vertices a hemisphere and 32k voxels take 3 MB. */
const mostXml = 1 << 26
/** What is read and turned at once. */
const pieceBytes = 1 << 24

/** @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID; also for CIFTI-1 and files that are not dense */
export async function readCiftiHeader(path: string): Promise<CiftiHeader> {
  return withBytes(path, headerOf)
}

/**
 * Grayordinates `from` to `to` (exclusive; all where they are left out), scaled: float32 [points, grayordinates]. In
 * memory are the result and 32 MiB.
 * @throws HeschlError as `readCiftiHeader`, and OPTION_INVALID for grayordinates that are not there
 */
export async function readCiftiValues(path: string, from = 0, to?: number): Promise<Matrix32> {
  return withBytes(path, async (source) => {
    const header = await headerOf(source)
    return valuesOf(source, header, from, to ?? header.grayordinates)
  })
}

/** A cortex's model, or an error that tells which structures there are. @throws HeschlError FORMAT_INVALID */
export function cortexOf({ models }: CiftiAxes, side: 'left' | 'right', path: string): CiftiModel & CortexModel {
  const structure = side === 'left' ? 'CORTEX_LEFT' : 'CORTEX_RIGHT'
  const model = models.find((candidate) => candidate.structure === structure)
  if (model?.vertices && model.vertexCount !== undefined)
    return { ...model, vertices: model.vertices, vertexCount: model.vertexCount }
  throw new HeschlError('FORMAT_INVALID', `This CIFTI file has no surface of the ${side} cortex`, {
    where: { file: path, hemisphere: side },
    expected: `a brain model ${structure} of vertices`,
    found: models
      .map((candidate) => candidate.structure)
      .join(', ')
      .slice(0, 200),
    remedy: 'Name a file of grayordinates with both cortices',
  })
}

interface CortexModel {
  readonly vertexCount: number
  readonly vertices: Int32Array
}

async function headerOf(source: ByteSource): Promise<CiftiHeader> {
  const nifti = parseNiftiHeader(await source.first(headerBytes), source.path)
  if (nifti.version !== 2 || !isCiftiIntent(nifti.intent))
    throw invalid(source, 'NIfTI-2 with an intent of CIFTI (3000 to 3099)', `NIfTI-${nifti.version}, ${nifti.intent}`)
  const axes = parseCiftiXml(await readXml(source, nifti), source.path)
  const [points, grayordinates] = nifti.shape.slice(4)
  if (nifti.shape.length !== 6 || nifti.shape.slice(0, 4).some((n) => n !== 1))
    throw invalid(source, 'sizes 1 x 1 x 1 x 1 x points x grayordinates', nifti.shape.join(' x '))
  const last = axes.models[axes.models.length - 1]
  if (axes.along.count !== points || last.offset + last.count !== grayordinates)
    throw invalid(
      source,
      `${points} points or maps of ${grayordinates} grayordinates, by the sizes`,
      `${axes.along.count} of ${last.offset + last.count} in the XML`,
    )
  return { ...axes, nifti, points, grayordinates }
}

async function readXml(source: ByteSource, nifti: NiftiHeader): Promise<string> {
  const head = new Uint8Array(8)
  const view = new DataView(head.buffer)
  for (let at = headerBytes; at + 8 <= nifti.dataStart;) {
    await source.read(at, head)
    const [size, code] = [view.getInt32(0, !nifti.bigEndian), view.getInt32(4, !nifti.bigEndian)]
    if (size < 16 || at + size > nifti.dataStart || at + size > source.most)
      throw invalid(source, 'extensions that end before the numbers', `one of ${size} bytes at ${at}`)
    if (code === extensionCode) {
      if (size > mostXml) throw invalid(source, `at most ${mostXml} bytes of XML`, `${size}`)
      const bytes = new Uint8Array(size - 8)
      await source.read(at + 8, bytes)
      const end = bytes.indexOf(0)
      return Buffer.from(bytes.buffer, 0, end < 0 ? bytes.length : end).toString('utf8')
    }
    at += size
  }
  throw invalid(source, 'CIFTI-2, with its XML in an extension', 'none')
}

async function valuesOf(source: ByteSource, header: CiftiHeader, from: number, to: number): Promise<Matrix32> {
  const { nifti, points, grayordinates } = header
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to < from || to > grayordinates)
    throw new HeschlError('OPTION_INVALID', 'These grayordinates are not in the file', {
      where: { file: source.path },
      expected: `grayordinates within ${grayordinates}`,
      found: `${from} to ${to}`,
    })
  const layout: FrameLayout = { ...nifti, values: points * grayordinates, frames: 1 }
  if (!(endOf(layout) <= source.most))
    throw invalid(source, `${endOf(layout)} bytes`, `${source.most}, by the size of the file`)
  const out = zeros32(points, to - from)
  const width = Math.max(1, Math.floor(pieceBytes / (points * nifti.itemBytes)))
  for (let first = from; first < to; first += width) {
    const end = Math.min(to, first + width)
    const { data } = await readFrameValues(source, layout, { from: first * points, to: end * points }, 0, 1)
    for (let g = first; g < end; g++)
      for (let point = 0; point < points; point++)
        out.data[point * out.cols + g - from] = data[(g - first) * points + point]
  }
  if (to === grayordinates) await source.finish(endOf(layout))
  return out
}

const invalid = (source: ByteSource, expected: string, found: string) =>
  new HeschlError('FORMAT_INVALID', 'This is not a sound CIFTI-2 file', {
    where: { file: source.path },
    expected,
    found,
    remedy: 'Write the file again with Connectome Workbench (CIFTI-1: wb_command -file-convert), or fetch it again',
  })
