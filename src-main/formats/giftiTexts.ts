/** Texts of a GIFTI file's arrays, by the thread that decodes them. */
import { decodeNow } from './giftiData.ts'
import type { GiftiLayout } from './giftiData.ts'
import { readWhole } from './frameFill.ts'

export interface GiftiText {
  readonly at: number
  readonly length: number
  readonly layout: GiftiLayout
  readonly line?: number
  /** As many numbers as the layout says, rounded once to float32. */
  readonly into: Float32Array
}

export interface GiftiTask {
  readonly path: string
  /** The file, open. */
  readonly file: number
  readonly texts: readonly GiftiText[]
}

let room = Buffer.alloc(0)
/** Texts up to so long share the room that is kept. */
const mostKept = 1 << 22

/** @throws HeschlError FORMAT_INVALID with file and line */
export function decodeTexts({ path, file, texts }: GiftiTask): void {
  for (const { at, length, layout, line, into } of texts) {
    if (room.length < length && length <= mostKept) room = Buffer.alloc(length)
    const bytes = length <= room.length ? room.subarray(0, length) : Buffer.alloc(length)
    readWhole(file, path, at, bytes)
    into.set(decodeNow(bytes.toString('latin1'), layout, { file: path, ...(line !== undefined && { line }) }))
  }
}
