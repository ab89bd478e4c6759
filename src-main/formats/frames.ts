/** Numbers of volumes of equal size, one after the other in a file, as NIfTI and MGH have them; read by parts. */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { isPicked, Picker } from './gatherModule.ts'
import type { ByteSource } from './gzipped.ts'
import { decode } from './npy.ts'
import type { NpyData, NumberLayout } from './npy.ts'

export interface FrameLayout extends NumberLayout {
  /** Where the first number is, bytes. */
  readonly dataStart: number
  /** Numbers of one volume. */
  readonly values: number
  readonly frames: number
  /** A number is `slope · stored + intercept`. */
  readonly slope: number
  readonly intercept: number
}

/** Which numbers of a volume: a range, or their indices in rising order. */
export type Wanted = { readonly from: number; readonly to: number } | Int32Array

/** What is read at once: a volume, or so many bytes of a larger one. */
const pieceBytes = 1 << 24

/**
 * Volumes `from` to `to` (exclusive), all of their numbers as they are stored.
 * @throws HeschlError FORMAT_INVALID where they are not there, OPTION_INVALID for volumes that are not in the layout
 */
export async function readFrames(source: ByteSource, layout: FrameLayout, from: number, to: number): Promise<NpyData> {
  checkFrames(source, layout, from, to)
  const frameBytes = layout.values * layout.itemBytes
  const bytes = allocate((to - from) * frameBytes, source.path)
  await source.read(layout.dataStart + from * frameBytes, bytes)
  if (to === layout.frames) await source.finish(endOf(layout))
  return decode(bytes, layout, source.path)
}

/**
 * Some numbers of volumes `from` to `to` (exclusive), scaled: [volumes, numbers]. In memory are the result and two
 * pieces of the file, of at most 16 MiB each. A gzipped file is read no further than that: `ByteSource.finish`.
 * @throws HeschlError as `readFrames`
 */
export async function readFrameValues(
  source: ByteSource,
  layout: FrameLayout,
  wanted: Wanted,
  from: number,
  to: number,
): Promise<Matrix32> {
  checkFrames(source, layout, from, to)
  const [first, end] = spanOf(wanted)
  if (first < 0 || end > layout.values || first > end)
    throw new HeschlError('OPTION_INVALID', 'These numbers are not in a volume', {
      where: { file: source.path },
      expected: `numbers within ${layout.values}`,
      found: `${first} to ${end}`,
    })
  const cols = wanted instanceof Int32Array ? wanted.length : end - first
  const out = new Float32Array(allocate((to - from) * cols * 4, source.path).buffer)
  const width = Math.max(1, Math.min(end - first, Math.floor(pieceBytes / layout.itemBytes)))
  const pieces = piecesOf({ from, to, first, end, width })
  const rowOf = ({ frame }: Piece) => out.subarray((frame - from) * cols, (frame - from + 1) * cols)
  if (wanted instanceof Int32Array && isPicked(layout))
    await Picker.with(width * layout.itemBytes, (picker) =>
      inTurn(source, layout, pieces, picker, (bytes, piece) => {
        const [begin, stop] = [firstAtLeast(wanted, piece.at), firstAtLeast(wanted, piece.at + piece.count)]
        picker.pick(bytes, piece.at, wanted.subarray(begin, stop), rowOf(piece).subarray(begin, stop), layout)
      }),
    )
  else
    await inTurn(source, layout, pieces, twoRooms(), (bytes, piece) => {
      const data = decode(bytes, layout, source.path)
      if (wanted instanceof Int32Array) gather(data, piece.at, wanted, rowOf(piece), layout)
      else scale(data, rowOf(piece).subarray(piece.at - first), layout)
    })
  return { data: out, rows: to - from, cols }
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

interface Piece {
  readonly frame: number
  /** The first number's place in its volume. */
  readonly at: number
  readonly count: number
}

interface Span {
  /** Of volumes, and of numbers in each; ends are exclusive. */
  readonly from: number
  readonly to: number
  readonly first: number
  readonly end: number
  /** Numbers at once. */
  readonly width: number
}

function* piecesOf({ from, to, first, end, width }: Span): Generator<Piece> {
  for (let frame = from; frame < to; frame++)
    for (let at = first; at < end; at += width) yield { frame, at, count: Math.min(width, end - at) }
}

/** Where pieces are read to, in turn. */
interface Rooms {
  readonly room: (turn: number, bytes: number) => Uint8Array<ArrayBuffer>
}

function twoRooms(): Rooms {
  const rooms: Uint8Array<ArrayBuffer>[] = []
  return {
    room: (turn, bytes) => {
      if (rooms[turn]?.length !== bytes) rooms[turn] = new Uint8Array(bytes)
      return rooms[turn]
    },
  }
}

/** While one piece is worked on, the next is being read. */
async function inTurn(
  source: ByteSource,
  { dataStart, values, itemBytes }: FrameLayout,
  pieces: Generator<Piece>,
  rooms: Rooms,
  use: (bytes: Uint8Array<ArrayBuffer>, piece: Piece) => void,
): Promise<void> {
  let turn = 0
  const start = () => {
    const step = pieces.next()
    if (step.done === true) return undefined
    const piece = step.value
    const bytes = rooms.room(turn, piece.count * itemBytes)
    turn = 1 - turn
    const reading = source.read(dataStart + (piece.frame * values + piece.at) * itemBytes, bytes)
    // A failure is told where the piece is awaited; until then it is nobody's
    reading.catch(() => undefined)
    return { piece, bytes, reading }
  }
  for (let now = start(); now;) {
    await now.reading
    const next = start()
    try {
      use(now.bytes, now.piece)
    } catch (error) {
      // Nothing is read into a room that somebody else may be given
      await next?.reading.catch(() => undefined)
      throw error
    }
    now = next
  }
}

function spanOf(wanted: Wanted): [number, number] {
  if (!(wanted instanceof Int32Array)) return [wanted.from, wanted.to]
  return wanted.length === 0 ? [0, 0] : [wanted[0], wanted[wanted.length - 1] + 1]
}

/** A volume in pieces is gathered in pieces: only indices within this one are taken. */
function gather(data: NpyData, at: number, indices: Int32Array, into: Float32Array, scaling: FrameLayout): void {
  const { slope, intercept } = scaling
  const end = at + data.length
  for (let i = firstAtLeast(indices, at); i < indices.length && indices[i] < end; i++)
    into[i] = data[indices[i] - at] * slope + intercept
}

function firstAtLeast(sorted: Int32Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/** float64 arithmetic, rounded once to what `into` holds. */
export function scale(
  data: NpyData,
  into: Float32Array | Float64Array,
  { slope, intercept }: Pick<FrameLayout, 'slope' | 'intercept'>,
): void {
  if (slope === 1 && intercept === 0) into.set(data)
  else for (let i = 0; i < data.length; i++) into[i] = data[i] * slope + intercept
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
function allocate(bytes: number, path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes)
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
