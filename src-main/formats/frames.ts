/** Numbers of volumes of equal size, one after the other in a file, as NIfTI and MGH have them; read by parts. */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { eachBlock, fill } from './frameBlocks.ts'
import type { FrameRange } from './frameBlocks.ts'
import type { FrameLayout } from './frameFill.ts'
import { piecesOf } from './framePieces.ts'
import type { Wanted } from './framePieces.ts'
import type { ByteSource } from './gzipped.ts'
import { decode } from './npy.ts'
import type { NpyData } from './npy.ts'

export type { FrameLayout } from './frameFill.ts'
export type { Wanted } from './framePieces.ts'

/**
 * Volumes `from` to `to` (exclusive), all of their numbers as they are stored.
 * @throws HeschlError FORMAT_INVALID where they are not there, OPTION_INVALID for volumes that are not in the layout
 */
export async function readFrames(source: ByteSource, layout: FrameLayout, from: number, to: number): Promise<NpyData> {
  checkFrames(source, layout, from, to)
  const frameBytes = layout.values * layout.itemBytes
  const bytes = new Uint8Array(allocate((to - from) * frameBytes, source.path))
  await source.read(layout.dataStart + from * frameBytes, bytes)
  if (to === layout.frames) await source.finish(endOf(layout))
  return decode(bytes, layout, source.path)
}

/**
 * Some numbers of volumes `from` to `to` (exclusive), scaled: [volumes, numbers]. In memory are the result and
 * pieces of the file that fit into a core's cache. A gzipped file is read no further than that: `ByteSource.finish`.
 * @throws HeschlError as `readFrames`
 */
export async function readFrameValues(
  source: ByteSource,
  layout: FrameLayout,
  wanted: Wanted,
  from: number,
  to: number,
): Promise<Matrix32> {
  const range = rangeOf(source, layout, wanted, from, to)
  const { cols } = range.pieces
  const data = new Float32Array(allocate((to - from) * cols * 4, source.path))
  await fill(range, data)
  return { data, rows: to - from, cols }
}

function rangeOf(source: ByteSource, layout: FrameLayout, wanted: Wanted, from: number, to: number): FrameRange {
  checkFrames(source, layout, from, to)
  const [first, end] = spanOf(wanted)
  if (first < 0 || end > layout.values || first > end)
    throw new HeschlError('OPTION_INVALID', 'These numbers are not in a volume', {
      where: { file: source.path },
      expected: `numbers within ${layout.values}`,
      found: `${first} to ${end}`,
    })
  return { source, layout, pieces: piecesOf(wanted, layout.itemBytes), from, to }
}

/**
 * Some numbers of all volumes, scaled, a few volumes at a time; a gzipped file is read to its end.
 * @param bytes of float32 at a time, at most, or one volume
 * @param use is given [some volumes, numbers], which are written over afterwards, and the first volume's number
 * @throws HeschlError as `readFrames`; what `use` throws
 */
export async function eachFrameBlock(
  source: ByteSource,
  layout: FrameLayout,
  wanted: Wanted,
  bytes: number,
  use: (values: Matrix32, first: number) => void,
): Promise<void> {
  const range = rangeOf(source, layout, wanted, 0, layout.frames)
  const { cols } = range.pieces
  const step = Math.max(1, Math.floor(bytes / 4 / Math.max(1, cols)))
  await eachBlock(range, step, (data, first, end) => use({ data, rows: end - first, cols }, first))
  await source.finish(endOf(layout))
}

/**
 * As `readFrameValues`; after the last volume a gzipped file is read to its end and its checksum looked at.
 * @throws HeschlError as `readFrames`
 */
export async function readFramesToEnd(
  source: ByteSource,
  layout: FrameLayout,
  wanted: Wanted,
  from = 0,
  to = layout.frames,
): Promise<Matrix32> {
  const values = await readFrameValues(source, layout, wanted, from, to)
  if (to === layout.frames) await source.finish(endOf(layout))
  return values
}

function spanOf(wanted: Wanted): [number, number] {
  if (!(wanted instanceof Int32Array)) return [wanted.from, wanted.to]
  return wanted.length === 0 ? [0, 0] : [wanted[0], wanted[wanted.length - 1] + 1]
}

/** Where the last number ends, bytes. */
export const endOf = ({ dataStart, frames, values, itemBytes }: FrameLayout) => dataStart + frames * values * itemBytes

function checkFrames(source: ByteSource, layout: FrameLayout, from: number, to: number): void {
  const { frames, values } = layout
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to < from || to > frames)
    throw new HeschlError('OPTION_INVALID', 'These volumes are not in the file', {
      where: { file: source.path },
      expected: `volumes within ${frames}`,
      found: `volumes ${from} to ${to}`,
    })
  const needed = endOf(layout)
  if (!(needed <= source.most))
    throw new HeschlError('FORMAT_INVALID', 'The file ends too early', {
      where: { file: source.path },
      expected: `${needed.toLocaleString('en')} bytes (${frames} x ${values} numbers)`,
      found: `${source.gzipped ? 'at most ' : ''}${source.most.toLocaleString('en')} bytes`,
      remedy: 'Copy or download the file again',
    })
}

/** Room for what the file's size allows; the system gives it a page at a time, as it is filled. */
function allocate(bytes: number, path: string): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes)
  } catch (error) {
    throw new HeschlError('FORMAT_INVALID', 'A file is too large to be read at once', {
      where: { file: path },
      expected: 'numbers that fit into memory',
      found: `${bytes.toLocaleString('en')} bytes`,
      remedy: 'Read fewer volumes or fewer vertices at a time',
      cause: error,
    })
  }
}
