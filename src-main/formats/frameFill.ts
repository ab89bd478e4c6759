/** What stands in volumes of a file, piece by piece into a matrix. */
import { readSync } from 'node:fs'
import { endsEarly } from './fileBytes.ts'
import type { FramePiece, FramePieces } from './framePieces.ts'
import { isPicked, Picker } from './gatherModule.ts'
import { decode } from './npy.ts'
import type { NpyData, NumberLayout } from './npy.ts'

/** Volumes of equal size, one after the other in a file. */
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

/** Numbers of volumes `from` to `to` (exclusive). */
export interface FrameTask {
  readonly path: string
  /** The file, open. */
  readonly file: number
  readonly layout: FrameLayout
  readonly pieces: FramePieces
  readonly from: number
  readonly to: number
  /** [volumes from `from` to `to`, wanted numbers] */
  readonly into: Float32Array
}

/** Pieces of volumes as they come out of a file, scaled: float64 arithmetic, rounded once to float32. */
export class FrameFiller {
  readonly #layout: FrameLayout
  readonly #pieces: FramePieces
  readonly #path: string
  readonly #picker: Picker | undefined
  #room = new Uint8Array(0)

  constructor(layout: FrameLayout, pieces: FramePieces, path: string) {
    this.#layout = layout.slope === 1 && layout.intercept === 0 ? { ...layout, intercept: -0 } : layout
    this.#pieces = pieces
    this.#path = path
    this.#picker = isPicked(layout) ? (idle.pop() ?? new Picker()) : undefined
  }

  /** Where a piece is to be read to, and where it is in the file. */
  place({ at, count }: FramePiece, frame: number): { readonly room: Uint8Array<ArrayBuffer>; readonly start: number } {
    const { dataStart, values, itemBytes } = this.#layout
    const bytes = count * itemBytes
    const start = dataStart + (frame * values + at) * itemBytes
    if (this.#picker) return { room: this.#picker.room(bytes), start }
    if (this.#room.length < bytes) this.#room = new Uint8Array(bytes)
    return { room: this.#room.subarray(0, bytes), start }
  }

  /** @param row of the volume, as long as there are wanted numbers */
  take(piece: FramePiece, room: Uint8Array<ArrayBuffer>, row: Float32Array): void {
    const { col, cols, firstRun, endRun } = piece
    const into = row.subarray(col, col + cols)
    if (this.#picker) {
      this.#picker.pick(room, piece, this.#pieces, into, this.#layout)
      return
    }
    const data = decode(room, this.#layout, this.#path)
    let to = 0
    for (let run = firstRun; run < endRun; run++) {
      const [at, length] = this.#pieces.runs.subarray(2 * run, 2 * run + 2)
      scale(data.subarray(at, at + length), into.subarray(to, to + length), this.#layout)
      to += length
    }
  }

  /** The picker's memory is kept for the next one, since the engine reserves gigabytes of addresses for each. */
  close(): void {
    if (this.#picker) idle.push(this.#picker)
  }
}

const idle: Picker[] = []

/** @throws HeschlError FORMAT_INVALID when the file ends early, FILE_UNREADABLE */
export function fillFrames({ path, file, layout, pieces, from, to, into }: FrameTask): void {
  const filler = new FrameFiller(layout, pieces, path)
  try {
    for (let frame = from; frame < to; frame++) {
      const row = into.subarray((frame - from) * pieces.cols, (frame - from + 1) * pieces.cols)
      for (const piece of pieces.pieces) {
        const { room, start } = filler.place(piece, frame)
        readWhole(file, path, start, room)
        filler.take(piece, room, row)
      }
    }
  } finally {
    filler.close()
  }
}

/** Fills `target` from a place in an open file. @throws HeschlError FORMAT_INVALID where it ends before that */
function readWhole(file: number, path: string, position: number, target: Uint8Array): void {
  for (let done = 0; done < target.length;) {
    const bytes = readSync(file, target, done, target.length - done, position + done)
    if (bytes === 0) throw endsEarly(path, position + target.length, position + done)
    done += bytes
  }
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
