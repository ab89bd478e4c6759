/**
 * Volumes of a file, whole or a few at a time in a block that is used again. One thread reads: what takes the time is memory
 * that is written for the first time, and data that go from one core to another, and several threads made both slower.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { FrameFiller, fillFrames } from './frameFill.ts'
import type { FrameLayout } from './frameFill.ts'
import type { FramePieces } from './framePieces.ts'
import type { ByteSource } from './gzipped.ts'

export interface FrameRange {
  readonly source: ByteSource
  readonly layout: FrameLayout
  readonly pieces: FramePieces
  /** Volumes; `to` is exclusive. */
  readonly from: number
  readonly to: number
}

/** What is read of a file before others get a turn. */
const turnBytes = 1 << 23

const bytesOf = ({ pieces: { pieces }, layout }: FrameRange) =>
  pieces.reduce((sum, { count }) => sum + count * layout.itemBytes, 0)

/**
 * All of a range, `step` volumes at a time and in their order.
 * @param use is given [volumes, wanted numbers], which are written over afterwards, and the first volume's number
 * @throws HeschlError as `ByteSource.read`; what `use` throws
 */
export async function eachBlock(
  range: FrameRange,
  step: number,
  use: (values: Float32Array, first: number, end: number) => void,
): Promise<void> {
  const { from, to, pieces } = range
  const block = new Float32Array(Math.min(step, to - from) * pieces.cols)
  let sinceTurn = 0
  for (let first = from; first < to; first += step) {
    const end = Math.min(to, first + step)
    const into = block.subarray(0, (end - first) * pieces.cols)
    await fill({ ...range, from: first, to: end }, into)
    use(into, first, end)
    sinceTurn += (end - first) * bytesOf(range)
    if (sinceTurn < turnBytes) continue
    sinceTurn = 0
    await turn()
  }
}

/** @param into [volumes, wanted numbers] */
export async function fill(range: FrameRange, into: Float32Array): Promise<void> {
  const { source, layout, pieces, from, to } = range
  const { path, file } = source
  if (file === undefined) {
    await unpack(range, into)
    return
  }
  const step = Math.max(1, Math.floor(turnBytes / Math.max(1, bytesOf(range))))
  for (let first = from; first < to; first += step) {
    const end = Math.min(to, first + step)
    const rows = into.subarray((first - from) * pieces.cols, (end - from) * pieces.cols)
    fillFrames({ path, file, layout, pieces, from: first, to: end, into: rows })
    if (to - from > step) await turn()
  }
}

/** A range of a file that is one stream. */
async function unpack({ source, layout, pieces, from, to }: FrameRange, into: Float32Array): Promise<void> {
  const filler = new FrameFiller(layout, pieces, source.path)
  try {
    for (let frame = from; frame < to; frame++) {
      const row = into.subarray((frame - from) * pieces.cols, (frame - from + 1) * pieces.cols)
      for (const piece of pieces.pieces) {
        const { room, start } = filler.place(piece, frame)
        await source.read(start, room)
        filler.take(piece, room, row)
      }
    }
  } finally {
    filler.close()
  }
}
