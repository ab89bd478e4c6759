/** Where a data set's numbers are. */
import type { ChunkIndexForm } from './chunkIndex.ts'
import type { Cursor } from './source.ts'

export type StoredLayout =
  | { readonly kind: 'compact'; readonly data: Buffer }
  | { readonly kind: 'contiguous'; readonly address: number | undefined }
  | {
      readonly kind: 'chunked'
      readonly sizes: readonly number[]
      /** Undefined where nothing was written. */
      readonly index: ChunkIndexForm | undefined
    }

const repack = 'Write its numbers into this file: h5repack in.h5 out.h5'
const mostDimensions = 33

/** @throws HeschlError FORMAT_INVALID for virtual data sets, and for numbers in another file */
export function readLayout(cursor: Cursor, external: boolean): StoredLayout {
  const { source } = cursor
  if (external) throw source.unsupported('a data set whose numbers are in another file', repack)
  const version = cursor.u8()
  if (version === 1 || version === 2) return oldLayout(cursor)
  if (version < 3 || version > 5) throw source.unsupported(`a layout of version ${version}`, repack)
  const kind = cursor.u8()
  if (kind === 0) return { kind: 'compact', data: cursor.bytes(cursor.u16()) }
  if (kind === 1) return { kind: 'contiguous', address: cursor.address() }
  if (kind !== 2) throw source.unsupported('a virtual data set, which is made of others', repack)
  if (version > 3) return newChunks(cursor, version > 4)
  const rank = rankOf(cursor, cursor.u8())
  const address = cursor.address()
  const sizes = Array.from({ length: rank }, () => cursor.u32()).slice(0, -1)
  return { kind: 'chunked', sizes, index: address === undefined ? undefined : { kind: 'tree', address } }
}

/** Dimensions and, last, the size of an element. */
function rankOf(cursor: Cursor, rank: number): number {
  if (rank < 2 || rank > mostDimensions) throw cursor.source.invalid('chunks of 1 to 32 dimensions', `${rank - 1}`)
  return rank
}

function oldLayout(cursor: Cursor): StoredLayout {
  const [rank, kind] = [cursor.u8(), cursor.u8()]
  cursor.skip(5)
  if (kind === 0) {
    cursor.skip(4 * rank)
    return { kind: 'compact', data: cursor.bytes(cursor.u32()) }
  }
  const address = cursor.address()
  if (kind === 1) return { kind: 'contiguous', address }
  const sizes = Array.from({ length: rankOf(cursor, rank) }, () => cursor.u32()).slice(0, -1)
  return { kind: 'chunked', sizes, index: address === undefined ? undefined : { kind: 'tree', address } }
}

/** One chunk that is filtered, and whose size stands in the message. */
const singleFiltered = 2

/** By number, with the bytes of what the message says of them, which their own headers say again. */
const laterIndices = new Map([
  [2, { kind: 'implicit', parameters: 0 }],
  [3, { kind: 'fixed', parameters: 1 }],
  [4, { kind: 'extensible', parameters: 5 }],
  [5, { kind: 'tree2', parameters: 6 }],
] as const)

function newChunks(cursor: Cursor, wide: boolean): StoredLayout {
  const [flags, dimensions, width] = [cursor.u8(), cursor.u8(), cursor.u8()]
  const rank = rankOf(cursor, dimensions)
  if (width < 1 || width > 8) throw cursor.source.invalid('sizes of 1 to 8 bytes', `${width}`)
  const sizes = Array.from({ length: rank }, () => cursor.uint(width)).slice(0, -1)
  const kind = cursor.u8()
  if (kind === 1) {
    const filtered = (flags & singleFiltered) !== 0
    const stored = filtered ? { bytes: cursor.length(), skipped: cursor.u32() } : {}
    const address = cursor.address()
    return { kind: 'chunked', sizes, index: address === undefined ? undefined : { kind: 'single', address, ...stored } }
  }
  const named = laterIndices.get(kind as 2 | 3 | 4 | 5)
  if (named === undefined) throw cursor.source.invalid('an index of chunks', `one of kind ${kind}`)
  cursor.skip(named.parameters)
  const address = cursor.address()
  return { kind: 'chunked', sizes, index: address === undefined ? undefined : { kind: named.kind, address, wide } }
}
