/** Which stretches of a volume are read, so that little that is not wanted is, and each stays in a core's cache. */

/** Which numbers of a volume: a range, or their indices in rising order. */
export type Wanted = { readonly from: number; readonly to: number } | Int32Array

/** A stretch of a volume that is read at once. */
export interface FramePiece {
  /** Its first number's place in the volume, and how many are read. */
  readonly at: number
  readonly count: number
  /** Its runs: of those of all pieces, from and to (exclusive). */
  readonly firstRun: number
  readonly endRun: number
  /** The first of its numbers among those that are wanted, and how many are. */
  readonly col: number
  readonly cols: number
}

export interface FramePieces {
  readonly pieces: readonly FramePiece[]
  /** Of each run of wanted numbers that lie together: its place in its piece, and its length. */
  readonly runs: Int32Array
  readonly cols: number
}

/** Of one piece at most: together with what is made of it, it fits into a core's second cache (512 KiB, of many). */
export const pieceBytes = 1 << 17
export const mostNumbers = 1 << 16
export const mostRuns = 1 << 12
/** Numbers that are not wanted are read too where asking the system once more would take longer. */
const gapBytes = 1 << 13

/** @param itemBytes of a number in the file */
export function piecesOf(wanted: Wanted, itemBytes: number): FramePieces {
  const most = Math.min(mostNumbers, Math.floor(pieceBytes / itemBytes))
  const gap = gapBytes / itemBytes
  const runs: number[] = []
  const pieces: { -readonly [Key in keyof FramePiece]: FramePiece[Key] }[] = []
  let cols = 0
  for (let [start, length] of runsOf(wanted)) {
    while (length > 0) {
      let piece = pieces.at(-1)
      const fits =
        piece &&
        start - piece.at - piece.count <= gap &&
        start - piece.at < most &&
        piece.endRun - piece.firstRun < mostRuns
      if (!piece || !fits) {
        piece = { at: start, count: 0, firstRun: runs.length / 2, endRun: runs.length / 2, col: cols, cols: 0 }
        pieces.push(piece)
      }
      const taken = Math.min(length, piece.at + most - start)
      runs.push(start - piece.at, taken)
      piece.count = start + taken - piece.at
      piece.endRun++
      piece.cols += taken
      cols += taken
      start += taken
      length -= taken
    }
  }
  return { pieces, runs: Int32Array.from(runs), cols }
}

function* runsOf(wanted: Wanted): Generator<[start: number, length: number]> {
  if (!(wanted instanceof Int32Array)) {
    yield [wanted.from, wanted.to - wanted.from]
    return
  }
  for (let i = 0; i < wanted.length;) {
    let end = i + 1
    while (end < wanted.length && wanted[end] === wanted[end - 1] + 1) end++
    yield [wanted[i], end - i]
    i = end
  }
}
